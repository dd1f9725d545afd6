package wat

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// coreTypeDefinition parses what stands behind `(core type`, or in a module type
// behind `(type`. If that is the type of a function, it is returned.
//
// Spec: Explainer.md#type-definitions, production `core:type`.
func (c *componentParser) coreTypeDefinition() *corewasm.FuncType {
	l := c.label()
	switch {
	case c.inverted(component.SortCoreType, l, nil):
		return nil
	case c.gotOpen("module"):
		def := c.moduleType(l.id.name)
		c.close()
		c.define(component.SortCoreType, &component.CoreType{Def: def}, l)
		return nil
	}
	var t corewasm.Type
	c.withCoreTypes([]ident{l.id}, func(types indexOf) { t = c.coreTypeDef(types) })
	def := c.coreDefType(t)
	c.define(component.SortCoreType, &component.CoreType{Def: def}, l)
	if _, plain := def.(*component.CoreFuncType); plain {
		return &t.FuncType
	}
	return nil
}

// coreRecDefinition parses what stands behind `(core rec`, or in a module type
// behind `(rec`.
func (c *componentParser) coreRecDefinition() {
	ids := c.coreRecIDs()
	var ts []corewasm.Type
	c.withCoreTypes(ids, func(types indexOf) { ts = c.coreRec(types) })
	bytes := corewasm.AppendGroup(nil, ts)
	if len(ts) == 0 {
		bytes = []byte{0x4e, 0}
	}
	c.add(&component.CoreType{Def: &component.CoreOtherType{Keyword: "rec", Types: uint32(len(ts)), Bytes: bytes}})
	for _, id := range ids {
		c.bind(component.SortCoreType, defName{id: id, name: id.name})
	}
}

// coreDefType is a core type as package component has it.
func (c *componentParser) coreDefType(t corewasm.Type) component.CoreDefType {
	if isPlainFunc(&t) {
		return &component.CoreFuncType{Params: componentCoreValTypes(t.Params), Results: componentCoreValTypes(t.Results)}
	}
	bytes := corewasm.AppendGroup(nil, []corewasm.Type{t})
	keyword := t.Kind.String()
	if t.Open || len(t.Supers) > 0 {
		keyword = "sub"
	}
	if bytes[0] == 0x50 && c.scope.what != inModuleType { // which would be a module type
		bytes = append([]byte{0}, bytes...)
	}
	return &component.CoreOtherType{Keyword: keyword, Types: 1, Bytes: bytes}
}

// isPlainFunc reports whether t is the type of a function and nothing more.
func isPlainFunc(t *corewasm.Type) bool {
	return t.Kind == corewasm.TypeFunc && !t.Open && !t.Shared && len(t.Supers) == 0
}

func componentCoreValTypes(ts []corewasm.ValType) (list []component.CoreValType) {
	for _, t := range ts {
		list = append(list, componentCoreValType(t))
	}
	return list
}

// componentCoreValType is a core value type as package component has it.
func componentCoreValType(t corewasm.ValType) component.CoreValType {
	if !t.IsRef() {
		return component.CoreValType{Code: component.CoreTypeCode(t)}
	}
	v := component.CoreValType{Code: component.CoreRef}
	if t.Nullable() {
		v.Code = component.CoreRefNull
	}
	h := t.Heap()
	if h >= 0 {
		v.Heap.Index = uint32(h)
		return v
	}
	v.Heap = component.CoreHeapType{Abstract: uint8(h.Unshared() & 0x7f), Shared: h.IsShared(), Short: t.Nullable()}
	return v
}

// coreIndex parses the index of a core type.
func (c *componentParser) coreIndex(*parser) uint32 {
	return c.resolve(c.index(component.SortCoreType))
}

// withCoreTypes parses definitions of core types, which may refer to one another by
// the identifiers in own. Since their indices are known before the definitions are,
// identifiers of enclosing scopes can't become outer aliases.
func (c *componentParser) withCoreTypes(own []ident, parse func(types indexOf)) {
	known := map[string]uint32{}
	for i, id := range own {
		if !id.isZero() {
			known[id.name] = c.scope.counts[component.SortCoreType] + uint32(i)
		}
	}
	parse(func(*parser) uint32 {
		r := c.index(component.SortCoreType)
		if r.id.isZero() {
			return r.index
		}
		if i, ok := known[r.id.name]; ok {
			return i
		}
		if b, ok := c.scope.ids[symbol{r.sort, r.id.name}]; ok {
			return b.index
		}
		c.unknown(r)
		return 0
	})
}
