package corewasm

// deferredElements tells which element segments the engine would not apply as it
// should: those that may be out of bounds or of a type that it doesn't know, and all
// behind them.
func (m *Module) deferredElements() []bool {
	deferred := make([]bool, len(m.Elements))
	from := false
	for i := range m.Elements {
		e := &m.Elements[i]
		if e.Mode != Active {
			continue
		}
		t, _ := m.TableType(e.Table)
		from = from || !inRange(e.Offset, uint64(e.len()), t.Limits.Min) || !e.isKnown()
		deferred[i] = from
	}
	return deferred
}

func (e *Element) len() int {
	if e.Exprs != nil {
		return len(e.Exprs)
	}
	return len(e.Funcs)
}

// isFuncs reports whether the entries are functions. All others are null, because
// nothing else is constant.
func (e *Element) isFuncs() bool {
	h := e.Type.Heap()
	return h == HeapFunc || h >= 0
}

// isKnown reports whether the engine has segments of the type.
func (e *Element) isKnown() bool { return e.isFuncs() || e.Type.Heap() == HeapExtern }

// inRange reports whether n things at a constant offset are certain to be among the
// first size.
func inRange(offset ConstExpr, n, size uint64) bool {
	at, ok := offset.Address()
	return ok && n <= size && at <= size-n
}

// deferData decides which data segments the start function applies: those that may
// be out of bounds, those that go to an import of a side part, and all behind them.
func (l *lowerer) deferData() {
	from := false
	for i := range l.m.Data {
		d := &l.m.Data[i]
		if d.Mode != Active {
			continue
		}
		u := &l.memories[d.Memory]
		from = from || !inRange(d.Offset, uint64(len(d.Init)), u.typ.Limits.Min*pageSize) ||
			u.imported >= 0 && d.Memory != l.direct
		l.data[i] = from
	}
}

// narrowSegment is an active segment, whose offset fits, for a memory that is memory 0.
func narrowSegment(d *Data) Data {
	at, _ := d.Offset.Address()
	return Data{Mode: Active, Offset: ConstI32(int32(at)), Init: d.Init}
}

// segments writes the main part's segments. They keep their indices.
func (l *lowerer) segments() {
	elements := make([]Element, len(l.out.Elements))
	copy(elements, l.out.Elements)
	for i := range elements {
		if e := &elements[i]; l.elements[i] && !e.isKnown() {
			*e = Element{Mode: Passive, Type: FuncRef, Funcs: []uint32{}}
		} else if l.elements[i] {
			*e = Element{Mode: Passive, Type: e.Type, Funcs: e.Funcs, Exprs: e.Exprs}
		} else if t, _ := l.m.TableType(e.Table); e.Mode == Active && t.Limits.Is64 {
			at, _ := e.Offset.Address()
			e.Offset = ConstI32(int32(at))
		}
	}
	l.out.Elements = elements
	if !l.bodies {
		return
	}
	data := make([]Data, len(l.m.Data))
	for i := range l.m.Data {
		data[i] = l.mainSegment(uint32(i))
	}
	l.out.Data = data
	if len(l.inits) == 0 && len(l.dropped) == 0 && !anyOf(l.data) {
		l.out.Data = nil // of nobody's interest
		for i := range data {
			if data[i].Mode == Active {
				l.out.Data = append(l.out.Data, data[i])
			}
		}
		l.out.DataCount = nil
		return
	}
	n := uint32(len(data))
	l.out.DataCount = &n
}

func (l *lowerer) mainSegment(i uint32) Data {
	d := &l.m.Data[i]
	switch {
	case d.Mode == Active && d.Memory != l.direct:
		return Data{Mode: Passive}
	case d.Mode == Active && !l.data[i]:
		return narrowSegment(d)
	case d.Mode == Active, l.inits[access{op: OpMemoryInit, index: i, index2: l.direct}]:
		return Data{Mode: Passive, Init: d.Init}
	}
	return Data{Mode: Passive}
}

func anyOf(bs []bool) bool {
	for _, b := range bs {
		if b {
			return true
		}
	}
	return false
}

// start makes a start function that applies segments, if there are any to apply,
// and calls the original one.
func (l *lowerer) start() {
	if !anyOf(l.elements) && !anyOf(l.data) && len(l.i31Fills) == 0 {
		return
	}
	c := NewCode()
	l.fillI31(c)
	for i := range l.m.Elements {
		if l.elements[i] {
			l.applyElement(c, uint32(i))
		}
	}
	for i := range l.m.Data {
		if l.data[i] {
			l.applyData(c, uint32(i))
		}
	}
	if s := l.out.Start; s != nil {
		c.Call(*s)
	}
	body := appendLocals(nil, []LocalGroup{{1, I64}})
	f := l.first + l.by + uint32(len(l.out.Functions))
	l.out.Functions = append(l.out.Functions, Function{l.types.index(FuncType{}), append(body, c.End().b...), -1})
	l.out.Start = &f
}

// pushOffset appends an offset expression's value, narrowed.
func pushOffset(c *Code, offset ConstExpr, address ValType) {
	c.Raw(offset[:len(offset)-1]...)
	if address == I64 {
		narrow(c.Set(0), 0)
	}
}

func (l *lowerer) applyElement(c *Code, i uint32) {
	e := &l.m.Elements[i]
	pushOffset(c, e.Offset, l.tableAddress(e.Table))
	if e.isFuncs() {
		c.I32(0).I32(int32(e.len())).Idx(OpTableInit, i, e.Table)
	} else {
		c.Op(OpRefNull).Raw(e.Type.Heap().Append(nil)...).I32(int32(e.len())).Idx(OpTableFill, e.Table)
	}
	c.Idx(OpElemDrop, i)
}

func (l *lowerer) applyData(c *Code, i uint32) {
	d := &l.m.Data[i]
	if d.Memory != l.direct {
		c.Raw(d.Offset[:len(d.Offset)-1]...).I32(0).I32(int32(len(d.Init)))
		c.Call(l.funcs[access{op: OpMemoryInit, index: i, index2: d.Memory}])
		c.Call(l.funcs[access{op: OpDataDrop, index: i, index2: d.Memory}])
		return
	}
	pushOffset(c, d.Offset, l.memoryAddress(d.Memory))
	c.I32(0).I32(int32(len(d.Init))).Idx(OpMemoryInit, i, 0)
	c.Idx(OpDataDrop, i)
}

// Address evaluates an offset expression that consists of constants and
// arithmetic on them alone: an unsigned number of 32 or 64 bits.
func (c ConstExpr) Address() (uint64, bool) {
	if v, ok := c.I32(); ok {
		return uint64(uint32(v)), true
	}
	var stack []uint64
	for in := (instrReader{reader: reader{b: c, base: -1}}); in.next(); {
		n := len(stack)
		switch {
		case in.Op == OpI64Const:
			stack = append(stack, in.Imm)
		case in.Op == OpEnd && n == 1:
			return stack[0], true
		case n < 2:
			return 0, false
		case in.Op == OpI64Add:
			stack = append(stack[:n-2], stack[n-2]+stack[n-1])
		case in.Op == OpI64Sub:
			stack = append(stack[:n-2], stack[n-2]-stack[n-1])
		case in.Op == OpI64Mul:
			stack = append(stack[:n-2], stack[n-2]*stack[n-1])
		default:
			return 0, false
		}
	}
	return 0, false
}
