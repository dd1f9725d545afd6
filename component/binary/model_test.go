package binary

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
)

func ptr[T any](v T) *T { return &v }

func prim(k types.Kind) *component.ValType { return ptr(component.Prim(k)) }

var module = []byte("\x00asm\x01\x00\x00\x00")

// everything has each production of the grammar at least once. It is not valid.
func everything() *component.Component {
	c := &component.Component{}
	for _, ds := range [][]component.Definition{
		{&component.Custom{Name: "before", Data: []byte{1, 2, 3}}, &component.CoreModule{Bytes: module}, &component.Component{}},
		coreDefinitions(), instances(), aliases(), typeDefinitions(), externs(), canons(),
		{
			&component.Start{Func: 3, Args: []uint32{0, 300}, Results: 2},
			&component.Value{Type: component.Prim(types.KindU32), Data: []byte{0x80, 0x01}},
			&component.Component{Sections: []component.Section{{ID: component.SectionType}}}, // a section without definitions
			&component.Custom{Name: "behind", Data: []byte{}},
		},
	} {
		for _, d := range ds {
			c.Append(d)
		}
	}
	return c
}

func coreDefinitions() []component.Definition {
	ref := component.CoreValType{Code: component.CoreRef, Heap: component.CoreHeapType{Index: 200}}
	null := component.CoreValType{Code: component.CoreRefNull, Heap: component.CoreHeapType{Abstract: 0x70}}
	shared := component.CoreValType{Code: component.CoreRef, Heap: component.CoreHeapType{Abstract: 0x6e, Shared: true}}
	sharedShort := component.CoreValType{Code: component.CoreRefNull, Heap: component.CoreHeapType{Abstract: 0x70, Shared: true, Short: true}}
	return []component.Definition{
		&component.CoreType{Def: &component.CoreFuncType{
			Params:  []component.CoreValType{component.I32, component.I64, component.F32, component.F64, component.V128},
			Results: []component.CoreValType{component.FuncRef, component.ExternRef, ref, null, shared, sharedShort},
		}},
		&component.CoreType{Def: &component.CoreFuncType{}},
		&component.CoreType{Def: component.CoreModuleType{
			&component.CoreType{Def: &component.CoreFuncType{}},
			&component.CoreType{Def: &component.CoreOtherType{Keyword: "sub", Types: 1, Bytes: []byte{0x50, 0x00, 0x60, 0x00, 0x00}}},
			&component.CoreAlias{Count: 1, Index: 2},
			&component.CoreImport{Module: "m", Name: "f", Type: component.CoreExternType{Sort: component.SortCoreFunc, Type: 1}},
			&component.CoreImport{Module: "m", Name: "t", Type: component.CoreExternType{Sort: component.SortCoreTable,
				Table: component.CoreTableType{Elem: component.FuncRef, Limits: component.CoreLimits{Min: 1, Max: 2, HasMax: true}}}},
			&component.CoreExportDecl{Name: "mem", Type: component.CoreExternType{Sort: component.SortCoreMemory,
				Memory: component.CoreLimits{Min: 1 << 40, Is64: true, PageSize: ptr(uint32(0))}}},
			&component.CoreExportDecl{Name: "shared", Type: component.CoreExternType{Sort: component.SortCoreMemory,
				Memory: component.CoreLimits{Max: 9, HasMax: true, Shared: true}}},
			&component.CoreExportDecl{Name: "g", Type: component.CoreExternType{Sort: component.SortCoreGlobal,
				Global: component.CoreGlobalType{Type: component.I64, Mutable: true}}},
			&component.CoreExportDecl{Name: "sg", Type: component.CoreExternType{Sort: component.SortCoreGlobal,
				Global: component.CoreGlobalType{Type: component.I64, Shared: true}}},
			&component.CoreExportDecl{Name: "tag", Type: component.CoreExternType{Sort: component.SortCoreTag, Type: 4}},
		}},
		&component.CoreType{Def: &component.CoreOtherType{Keyword: "sub", Types: 1, Bytes: []byte{0x00, 0x50, 0x01, 0x00, 0x5f, 0x01, 0x78, 0x01}}},
		&component.CoreType{Def: &component.CoreOtherType{Keyword: "func", Types: 1, Bytes: []byte{0x65, 0x60, 0x00, 0x01, 0x65, 0x70}}},
		&component.CoreType{Def: &component.CoreOtherType{Keyword: "cont", Types: 1, Bytes: []byte{0x5d, 0x00}}},
		&component.CoreType{Def: &component.CoreOtherType{Keyword: "array", Types: 1, Bytes: []byte{0x5e, 0x7f, 0x00}}},
		&component.CoreType{Def: &component.CoreOtherType{Keyword: "rec", Types: 2, Bytes: []byte{0x4e, 0x02, 0x60, 0x00, 0x00, 0x4f, 0x00, 0x5f, 0x00}}},
		&component.CoreInstance{Expr: &component.CoreInstantiate{}},
		&component.CoreInstance{Expr: &component.CoreInstantiate{
			Module: 128, Args: []component.CoreInstantiateArg{{Name: "", Instance: 0}, {Name: "☃", Instance: 1}},
		}},
		&component.CoreInstance{Expr: component.CoreInlineExports{
			{Name: "a", Def: component.SortIndex{Sort: component.SortCoreTag, Index: 1}},
			{Name: "b", Def: component.SortIndex{Sort: component.SortCoreGlobal}},
		}},
		&component.CoreInstance{Expr: component.CoreInlineExports(nil)},
	}
}

func instances() []component.Definition {
	return []component.Definition{
		&component.Instance{Expr: &component.Instantiate{Component: 1, Args: []component.InstantiateArg{
			{Name: "any name", Def: component.SortIndex{Sort: component.SortComponent, Index: 7}},
		}}},
		&component.Instance{Expr: component.InlineExports{
			{Name: component.Named("f"), Def: component.SortIndex{Sort: component.SortFunc, Index: 1}},
			{Name: component.Named("m"), Def: component.SortIndex{Sort: component.SortCoreModule, Index: 2}},
			{Name: component.Named("v"), Def: component.SortIndex{Sort: component.SortValue, Index: 3}},
		}},
	}
}

func aliases() (out []component.Definition) {
	for s := range component.NumSorts {
		out = append(out,
			&component.Alias{Sort: s, Target: &component.AliasExport{Instance: 1, Name: "x"}},
			&component.Alias{Sort: s, Target: &component.AliasCoreExport{Instance: 2, Name: ""}})
		if s.IsOuter() {
			out = append(out, &component.Alias{Sort: s, Target: &component.AliasOuter{Count: 1, Index: 129}})
		}
	}
	return out
}

func typeDefinitions() (out []component.Definition) {
	u8, i := component.Prim(types.KindU8), component.TypeIndex(5000)
	fields := []component.LabelValType{{Name: "a", Type: u8}, {Name: "b", Type: i}}
	labels := []component.Label{{Name: "x"}, {Name: "y-z"}}
	for k := types.KindBool; k.IsPrimitive(); k++ {
		out = append(out, &component.Type{Def: component.PrimType(k)})
	}
	for _, def := range []component.DefType{
		component.RecordType(fields), component.VariantType{{Name: "a"}, {Name: "b", Type: &i}}, component.RecordType(nil),
		&component.ListType{Elem: i}, &component.ListType{Elem: u8, Length: ptr(uint32(77))}, &component.MapType{Key: u8, Value: i},
		component.TupleType{u8, i}, component.FlagsType(labels), component.EnumType(labels), &component.OptionType{Elem: i},
		&component.ResultType{}, &component.ResultType{Ok: &i}, &component.ResultType{Err: prim(types.KindString)},
		&component.ResultType{Ok: prim(types.KindErrorContext), Err: &i}, component.OwnType(3), component.BorrowType(4),
		&component.StreamType{}, &component.StreamType{Elem: &i}, &component.FutureType{}, &component.FutureType{Elem: &u8},
		&component.FuncType{}, &component.FuncType{Async: true, Params: fields, Result: &i},
		&component.ResourceType{Rep: component.I32}, &component.ResourceType{Rep: component.I64, Dtor: ptr(uint32(9))},
		declarators(), component.InstanceType(nil),
		component.InstanceType{&component.ExportDecl{Name: component.Named("e"), Type: &component.FuncExtern{Type: 1}}},
	} {
		out = append(out, &component.Type{Def: def})
	}
	return out
}

func declarators() component.ComponentType {
	return component.ComponentType{
		&component.CoreType{Def: &component.CoreFuncType{}},
		&component.Type{Def: component.InstanceType{&component.Type{Def: component.PrimType(types.KindF32)}}},
		&component.Alias{Sort: component.SortType, Target: &component.AliasOuter{Count: 2, Index: 3}},
		&component.Import{Name: component.Named("i"), Type: &component.TypeExtern{}},
		&component.ExportDecl{Name: component.Named("e"), Type: &component.TypeExtern{Eq: ptr(uint32(0))}},
	}
}

func externs() (out []component.Definition) {
	attributed := component.ExternName{Form: component.NameAttributed, Name: "a:b/c@0.2", Attributes: []component.Attribute{
		{Kind: component.AttrImplements, Value: "a:b/c"}, {Kind: component.AttrVersionSuffix, Value: ".1"}, {Kind: component.AttrExternalID, Value: "any"},
	}}
	names := []component.ExternName{
		component.Named("plain"), {Form: component.NameInterface, Name: "a:b/c"}, attributed, {Form: component.NameAttributed, Name: "none"},
	}
	for i, t := range []component.ExternType{
		&component.CoreModuleExtern{Type: 1}, &component.FuncExtern{Type: 2}, &component.ValueExtern{Eq: ptr(uint32(1))},
		&component.ValueExtern{Type: component.TypeIndex(64)}, &component.TypeExtern{}, &component.TypeExtern{Eq: ptr(uint32(130))},
		&component.ComponentExtern{Type: 3}, &component.InstanceExtern{Type: 4},
	} {
		n := names[i%len(names)]
		out = append(out, &component.Import{Name: n, Type: t},
			&component.Export{Name: n, Def: component.SortIndex{Sort: component.SortFunc, Index: 1}, Type: t},
			&component.Export{Name: n, Def: component.SortIndex{Sort: component.SortInstance, Index: 200}})
	}
	return out
}

func canons() (out []component.Definition) {
	for op := range component.CanonOp(0x50) {
		if imms, ok := op.Immediates(); ok {
			c := &component.Canon{Op: op}
			for _, imm := range imms {
				fill(c, imm)
			}
			out = append(out, c)
		}
	}
	return append(out, &component.Canon{Op: component.CanonTaskReturn})
}

func fill(c *component.Canon, imm component.Immediate) {
	switch imm {
	case component.ImmFunc:
		c.Func = 1
	case component.ImmType:
		c.Type = 200
	case component.ImmOptions:
		for k := component.OptionUTF8; k <= component.OptionCallback; k++ {
			o := component.CanonOption{Kind: k}
			if k.HasIndex() {
				o.Index = 300 + uint32(k)
			}
			c.Options = append(c.Options, o)
		}
	case component.ImmResult:
		c.Result = ptr(component.TypeIndex(1))
	case component.ImmAsync:
		c.Async = true
	case component.ImmCancellable:
		c.Cancellable = true
	case component.ImmShared:
		c.Shared = true
	case component.ImmMemory:
		c.Memory = 1
	case component.ImmTable:
		c.Table = 2
	case component.ImmCoreType:
		c.CoreType = 3
	case component.ImmContext:
		c.Context = component.I32
	case component.ImmSlot:
		c.Slot = 1
	}
}
