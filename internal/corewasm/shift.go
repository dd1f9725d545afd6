package corewasm

// funcShift moves the indices of defined functions up, to make room for functions
// that are imported behind those that the module imports itself.
type funcShift struct {
	first uint32 // index of the first defined function
	by    uint32
}

func (s funcShift) index(i uint32) uint32 {
	if i >= s.first {
		return i + s.by
	}
	return i
}

// definitions moves what m has outside of bodies, other than exports. It replaces
// slices and leaves those that were there as they are.
func (s funcShift) definitions(m *Module) {
	if s.by == 0 {
		return
	}
	if m.Start != nil {
		i := s.index(*m.Start)
		m.Start = &i
	}
	m.Globals = append([]Global(nil), m.Globals...)
	for i := range m.Globals {
		m.Globals[i].Init = s.expr(m.Globals[i].Init)
	}
	m.Tables = append([]Table(nil), m.Tables...)
	for i := range m.Tables {
		m.Tables[i].Init = s.expr(m.Tables[i].Init)
	}
	m.Elements = append([]Element(nil), m.Elements...)
	for i := range m.Elements {
		s.element(&m.Elements[i])
	}
}

func (s funcShift) expr(c ConstExpr) ConstExpr {
	if len(c) == 0 || c[0] != byte(OpRefFunc) {
		return c // ref.func stands alone in every valid expression that has it
	}
	return c.mapFuncs(nil, s.index)
}

func (s funcShift) element(e *Element) {
	if e.Exprs != nil {
		exprs := make([]ConstExpr, len(e.Exprs))
		for i, x := range e.Exprs {
			exprs[i] = s.expr(x)
		}
		e.Exprs = exprs
		return
	}
	funcs := make([]uint32, len(e.Funcs))
	for i, f := range e.Funcs {
		funcs[i] = s.index(f)
	}
	e.Funcs = funcs
}

// exports gives the exports of m with function indices moved.
func (s funcShift) exports(m *Module) []Export {
	exports := make([]Export, len(m.Exports))
	copy(exports, m.Exports)
	for i := range exports {
		if exports[i].Kind == KindFunc {
			exports[i].Index = s.index(exports[i].Index)
		}
	}
	return exports
}
