package corewasm

import "fmt"

// Features that the engine can't run, under the names that errors give them.
const (
	featureGC             = "garbage collection"
	featureLegacyEH       = "legacy exception handling"
	featureMemory64       = "memory64"
	featurePageSize       = "custom page sizes"
	featureStackSwitching = "stack switching"
	featureMemoryControl  = "memory control"
	featureWide           = "wide arithmetic"
	featureShared         = "shared-everything threads"
	featureTypedTables    = "calls through typed tables"
)

var remedies = map[string]string{
	featureLegacyEH: "; compile for try_table, the standard exception handling",
}

// refusal looks for what the engine can't run: it keeps the first thing it finds.
type refusal struct {
	where string
	err   error
}

func (r *refusal) because(feature, format string, args ...any) {
	if r.err == nil {
		r.err = &UnsupportedError{&Error{-1, r.where, fmt.Sprintf(format, args...)}, feature}
	}
}

// refuseSections is the [*UnsupportedError] about the first thing outside of
// function bodies that the engine can't run.
func (m *Module) refuseSections() error {
	r := &refusal{}
	r.types(m)
	r.imports(m)
	r.definitions(m)
	return r.err
}

func (r *refusal) types(m *Module) {
	r.where = "type section"
	for i := range m.Types {
		t := &m.Types[i]
		switch {
		case t.Kind == TypeCont:
			r.because(featureStackSwitching, "continuation types are not supported")
		case t.Shared:
			r.because(featureShared, "shared types are not supported")
		case t.Kind != TypeFunc:
			r.because(featureGC, "%s type: garbage-collected types are not supported", t.Kind)
		case t.Open:
			r.because(featureGC, "sub type: garbage-collected types are not supported")
		case len(t.Supers) > 0:
			r.because(featureGC, "sub final type: garbage-collected types are not supported")
		}
		r.valTypes(t.Params)
		r.valTypes(t.Results)
	}
}

func (r *refusal) valTypes(ts []ValType) {
	for _, t := range ts {
		r.valType(t)
	}
}

func (r *refusal) valType(t ValType) {
	if !t.IsRef() {
		return
	}
	switch h := t.Heap(); {
	case h >= 0 || h == HeapFunc || h == HeapExtern || h == HeapExn:
	case h.IsShared():
		r.because(featureShared, "value type %s: shared types are not supported", t)
	case h == HeapCont || h == HeapNoCont:
		r.because(featureStackSwitching, "value type %s: continuation types are not supported", t)
	default:
		r.because(featureGC, "value type %s: garbage-collected types are not supported", t)
	}
}

func (r *refusal) imports(m *Module) {
	r.where = "import section"
	for i := range m.Imports {
		switch im := &m.Imports[i]; im.Kind {
		case KindTable:
			r.table(&im.Table)
		case KindMemory:
			r.memory(&im.Memory)
		case KindGlobal:
			r.global(&im.Global)
		}
	}
}

func (r *refusal) definitions(m *Module) {
	r.where = "table section"
	for i := range m.Tables {
		r.table(&m.Tables[i].TableType)
		if n := m.Tables[i].Limits.Min; n > MaxTableSize {
			r.because("large tables", "table of %d entries, at most %d are supported", n, MaxTableSize)
		}
		r.constExpr(m.Tables[i].Init)
	}
	r.where = "memory section"
	for i := range m.Memories {
		r.memory(&m.Memories[i])
	}
	r.where = "global section"
	for i := range m.Globals {
		r.global(&m.Globals[i].GlobalType)
		r.constExpr(m.Globals[i].Init)
	}
	r.where = "element section"
	for i := range m.Elements {
		e := &m.Elements[i]
		r.valType(e.Type)
		for _, x := range e.Exprs {
			r.constExpr(x)
		}
	}
}

func (r *refusal) table(t *TableType) {
	r.valType(t.Elem)
	if t.Limits.Is64 {
		r.because(featureMemory64, "64-bit tables are not supported")
	}
	if t.Shared {
		r.because(featureShared, "shared tables are not supported")
	}
}

func (r *refusal) memory(t *MemoryType) {
	if t.Limits.Is64 {
		r.because(featureMemory64, "64-bit memories are not supported")
	}
	if t.PageSize != 0 {
		r.because(featurePageSize, "memories with custom page sizes are not supported")
	}
}

func (r *refusal) global(t *GlobalType) {
	r.valType(t.Type)
	if t.Shared {
		r.because(featureShared, "shared globals are not supported")
	}
}

func (r *refusal) constExpr(x ConstExpr) {
	for in := (instrReader{reader: reader{b: x, base: -1}}); in.next(); {
		r.instr(&in.Instr)
	}
}

// instr refuses an instruction, or the types that are its immediates.
func (r *refusal) instr(in *Instr) {
	info := in.Op.info()
	switch {
	case info.feature == "":
	case in.Op>>16 == 0xfb:
		r.because(featureGC, "%s: garbage-collection instructions are not supported", in.Op)
	default:
		r.because(info.feature, "%s: %s is not supported%s", in.Op, info.feature, remedies[info.feature])
	}
	switch info.imm {
	case ImmHeapType:
		r.valType(RefType(in.Heap, true))
	case ImmSelect:
		r.valTypes(in.Types)
	case ImmBlock, ImmTryTable:
		if t, ok := in.Block.Result(); ok {
			r.valType(t)
		}
	}
}

// refuseInstr is the [*UnsupportedError] about the instruction that b has just read, if
// the engine can't run it.
func (b *Body) refuseInstr() error {
	r := refusal{}
	if r.instr(&b.r.Instr); r.err != nil {
		r.err.(*UnsupportedError).Cause.Offset = b.r.at(b.r.Pos)
	}
	return r.err
}

// refuseLocals does the same for local declarations.
func (b *Body) refuseLocals() error {
	r := refusal{}
	for _, g := range b.Locals {
		r.valType(g.Type)
	}
	return r.err
}
