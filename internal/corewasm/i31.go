package corewasm

// References to 31-bit numbers.
//
// Of the types of garbage collection these can be had cheaply: an i31ref becomes an
// externref, which is a number to the engine, and the host makes one of an i32 and the
// other way round. That is worth it where tables, globals or functions have the
// type; code that uses it in passing is refused with the rest.

func isI31(t ValType) bool { return t.IsRef() && t.Heap() == HeapI31 }

// i31AsExtern gives a reference to 31-bit numbers as the engine can have it, and any
// other type as it is.
func i31AsExtern(t ValType) ValType {
	if isI31(t) {
		return ExternRef
	}
	return t
}

func i31sAsExtern(ts []ValType) []ValType {
	out := make([]ValType, len(ts))
	for i, t := range ts {
		out[i] = i31AsExtern(t)
	}
	return out
}

// declaresI31 reports whether something outside of function bodies has the type.
func (m *Module) declaresI31() bool {
	has := false
	check := func(ts ...ValType) {
		for _, t := range ts {
			has = has || isI31(t)
		}
	}
	for i := range m.Types {
		check(m.Types[i].Params...)
		check(m.Types[i].Results...)
	}
	for i := range m.Imports {
		check(m.Imports[i].Table.Elem, m.Imports[i].Global.Type)
	}
	for i := range m.Tables {
		check(m.Tables[i].Elem)
	}
	for i := range m.Globals {
		check(m.Globals[i].Type)
	}
	return has
}

// withoutI31 gives m with all that stands outside of bodies changed, and what tables are
// to be filled with when the module starts: expressions of type i32, by the table's
// index. Globals and segments with such values are refused.
func (m *Module) withoutI31() (*Module, map[uint32]ConstExpr, error) {
	r := &refusal{where: "global section"}
	out := *m
	out.Types = append([]Type(nil), m.Types...)
	for i := range out.Types {
		if t := &out.Types[i]; t.Kind == TypeFunc {
			t.Params, t.Results = i31sAsExtern(t.Params), i31sAsExtern(t.Results)
		}
	}
	out.Imports = append([]Import(nil), m.Imports...)
	for i := range out.Imports {
		im := &out.Imports[i]
		im.Table.Elem, im.Global.Type = i31AsExtern(im.Table.Elem), i31AsExtern(im.Global.Type)
	}
	out.Globals = append([]Global(nil), m.Globals...)
	for i := range out.Globals {
		g := &out.Globals[i]
		g.Type, g.Init = i31AsExtern(g.Type), nullI31(g.Init)
		r.constExpr(g.Init)
	}
	r.where = "element section"
	out.Elements = append([]Element(nil), m.Elements...)
	for i := range out.Elements {
		e := &out.Elements[i]
		e.Type, e.Exprs = i31AsExtern(e.Type), append([]ConstExpr(nil), e.Exprs...)
		for k := range e.Exprs {
			e.Exprs[k] = nullI31(e.Exprs[k])
			r.constExpr(e.Exprs[k])
		}
	}
	fills := map[uint32]ConstExpr{}
	out.Tables = append([]Table(nil), m.Tables...)
	for i := range out.Tables {
		t := &out.Tables[i]
		t.Elem, t.Init = i31AsExtern(t.Elem), nullI31(t.Init)
		if n, ok := numberOfI31(t.Init); ok {
			t.Init, fills[uint32(m.NumImported(KindTable)+i)] = nil, n
		}
	}
	out.spaces = newSpaces(out.Imports)
	return &out, fills, r.err
}

// nullI31 changes a null reference's type.
func nullI31(c ConstExpr) ConstExpr {
	r := instrReader{reader: reader{b: c, base: -1}}
	if r.next() && r.Op == OpRefNull && r.Heap == HeapI31 {
		return ConstNull(HeapExtern)
	}
	return c
}

// numberOfI31 gives the expression of the number that ref.i31 at the end of an expression
// takes.
func numberOfI31(c ConstExpr) (ConstExpr, bool) {
	for r := (instrReader{reader: reader{b: c, base: -1}}); r.next(); {
		if r.Op == opRefI31 {
			return append(append(ConstExpr(nil), c[:r.Pos]...), byte(OpEnd)), true
		}
	}
	return nil, false
}

// i31Funcs are the function indices of the host's functions.
type i31Funcs struct{ make, getS, getU uint32 }

func (l *lowerer) importI31() {
	one, ref := []ValType{I32}, []ValType{ExternRef}
	l.i31Funcs.make = l.importFunc(Link{Kind: LinkI31Make, Name: "i31"}, FuncType{one, ref})
	l.i31Funcs.getS = l.importFunc(Link{Kind: LinkI31GetS, Name: "get_s"}, FuncType{ref, one})
	l.i31Funcs.getU = l.importFunc(Link{Kind: LinkI31GetU, Name: "get_u"}, FuncType{ref, one})
}

// i31 changes an instruction on references to 31-bit numbers, or with their type as
// an immediate. It reports whether in is one.
func (e *bodyLowerer) i31(in *Instr, end int) bool {
	f := &e.l.i31Funcs
	c := NewCode()
	switch in.Op {
	case opRefI31:
		c.Call(f.make)
	case opI31GetS:
		c.Call(f.getS)
	case opI31GetU:
		c.Call(f.getU)
	case OpRefNull:
		if in.Heap != HeapI31 {
			return false
		}
		c.Idx(OpRefNull).Raw(HeapExtern.Append(nil)...)
	case OpSelectT:
		if !isI31(in.Types[0]) {
			return false
		}
		c.Op(OpSelectT).Raw(1, byte(ExternRef))
	case OpBlock, OpLoop, OpIf, OpTryTable:
		t, ok := in.Block.Result()
		if !ok || !isI31(t) {
			return false
		}
		changed := *in
		changed.Block = BlockOf(ExternRef)
		c.Raw(changed.Append(nil)...)
	default:
		return false
	}
	e.replace(in, end, c)
	return true
}

// fillI31 fills tables that begin with numbers.
func (l *lowerer) fillI31(c *Code) {
	for i := range uint32(l.m.Count(KindTable)) {
		if n, ok := l.i31Fills[i]; ok {
			c.I32(0).Raw(n[:len(n)-1]...).Call(l.i31Funcs.make).Idx(OpTableSize, i).Idx(OpTableFill, i)
		}
	}
}
