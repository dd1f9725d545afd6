package corewasm

// step checks the instruction in c.r.
func (c *bodyChecker) step() {
	info := c.r.info
	if c.constant && !c.isConstant() {
		return
	}
	if info.sig != nil {
		c.regular(info)
		return
	}
	switch in := &c.r.Instr; in.Op {
	case OpLocalGet:
		if c.in("local", in.Index, len(c.locals)) {
			c.localGet(in.Index)
		}
	case OpLocalSet:
		if c.in("local", in.Index, len(c.locals)) {
			c.pop(c.locals[in.Index])
			c.localSet(in.Index)
		}
	case OpLocalTee:
		if c.in("local", in.Index, len(c.locals)) {
			c.pop(c.locals[in.Index])
			c.localSet(in.Index)
			c.push(c.locals[in.Index])
		}
	case OpGlobalGet, OpGlobalSet:
		c.global(in)
	case OpDrop:
		c.popAny()
	case OpBlock, OpLoop:
		c.open(in.Op, in.Block)
	case OpIf:
		c.pop(I32)
		c.open(OpIf, in.Block)
	case OpElse:
		c.elseBranch()
	case OpEnd:
		c.end()
	case OpBr, OpBrIf, OpBrTable, OpReturn, OpUnreachable:
		c.branch(in)
	case OpCall:
		if t, ok := c.callee(in.Index); ok {
			c.apply(t)
		}
	default:
		c.rare(in)
	}
}

// regular checks an instruction that has a signature.
func (c *bodyChecker) regular(info *opInfo) {
	sig := info.sig
	address := I32
	if sig.address {
		address = c.memArg(info)
	}
	for i := len(sig.in) - 1; i >= 0; i-- {
		c.pop(sig.in[i])
	}
	if sig.address {
		c.pop(address)
	}
	if info.imm == ImmLane || info.imm == ImmMemArgLane || info.imm == ImmShuffle {
		c.lanes(info)
	}
	c.stack = append(c.stack, sig.out...)
}

func (c *bodyChecker) rare(in *Instr) {
	switch in.Op {
	case OpCallIndirect, OpReturnCall, OpReturnCallIndirect, OpCallRef, OpReturnCallRef:
		c.call(in)
	case OpThrow, OpThrowRef, OpTryTable:
		c.exception(in)
	case OpSelect:
		c.selection()
	case OpSelectT:
		c.typedSelection(in.Types)
	case opRefI31Shared:
		c.refI31Shared()
	case OpRefNull, OpRefIsNull, OpRefFunc, OpRefEq, OpRefAsNonNull, OpBrOnNull, OpBrOnNonNull:
		c.reference(in)
	default:
		switch {
		case c.r.info.feature != "" && c.r.info.feature != featureGC:
			c.r.unsupported(in.Pos, c.r.info.feature, "%s: %s is not supported%s", in.Op, c.r.info.feature, remedies[c.r.info.feature])
		case in.Op>>16 == 0xfb:
			c.gc(in)
		default:
			c.storage(in)
		}
	}
}

func (c *bodyChecker) localGet(l uint32) {
	if len(c.unset) > 0 && c.unset[l] {
		c.fail("uninitialized local %d", l)
	}
	c.push(c.locals[l])
}

func (c *bodyChecker) localSet(l uint32) {
	if len(c.unset) > 0 && c.unset[l] {
		c.unset[l] = false
		c.set = append(c.set, l)
	}
}

func (c *bodyChecker) global(in *Instr) {
	t, ok := c.m.GlobalType(in.Index)
	if ok {
		c.access("global", in.Index, t.Shared)
	}
	switch {
	case !ok:
		c.in("global", in.Index, c.m.Count(KindGlobal))
	case in.Op == OpGlobalGet:
		c.push(t.Type)
	case !t.Mutable:
		c.fail("immutable global %d in global.set", in.Index)
	default:
		c.pop(t.Type)
	}
}

func (c *bodyChecker) elseBranch() {
	if c.frames[len(c.frames)-1].op != uint8(OpIf) {
		c.fail("else without an if")
		return
	}
	f := c.leave()
	params, _ := c.blockTypes(f.typ)
	c.enter(OpElse, f.typ, params)
}

func (c *bodyChecker) end() {
	f := c.leave()
	results := c.endTypes(&f)
	if f.op == uint8(OpIf) {
		if params, _ := c.blockTypes(f.typ); !c.types.allMatch(params, results) {
			c.fail("type mismatch in an if without an else: it takes [%s] and leaves [%s]", joinTypes(params), joinTypes(results))
		}
	}
	c.pushAll(results)
}

func (c *bodyChecker) branch(in *Instr) {
	switch in.Op {
	case OpBr:
		if ts, ok := c.labelTypes(in.Index); ok {
			c.popAll(ts)
			c.unreachable()
		}
	case OpBrIf:
		c.pop(I32)
		if ts, ok := c.labelTypes(in.Index); ok {
			c.retype(ts)
		}
	case OpBrTable:
		c.brTable(in.Labels)
	case OpReturn:
		c.popAll(c.results)
		c.unreachable()
	case OpUnreachable:
		c.unreachable()
	}
}

// retype takes operands and leaves them with just these types.
func (c *bodyChecker) retype(ts []ValType) {
	if len(ts) > 0 {
		c.popAll(ts)
		c.pushAll(ts)
	}
}

func (c *bodyChecker) brTable(labels []uint32) {
	c.pop(I32)
	last := labels[len(labels)-1]
	def, ok := c.labelTypes(last)
	if !ok {
		return
	}
	for _, l := range labels {
		ts, ok := c.labelTypes(l)
		if !ok {
			return
		}
		if len(ts) != len(def) {
			c.fail("type mismatch in br_table: label %d takes %d operands, the default label %d takes %d", l, len(ts), last, len(def))
			return
		}
		if len(ts) > 0 {
			c.peekAll(ts, 0)
		}
	}
	c.unreachable()
}

// callee is the type of function f.
func (c *bodyChecker) callee(f uint32) (FuncType, bool) {
	i, ok := c.m.FuncTypeIndex(f)
	if !ok {
		c.in("function", f, c.m.Count(KindFunc))
		return FuncType{}, false
	}
	t := &c.types.types[i]
	c.access("function", f, t.Shared)
	return t.FuncType, true
}

// access checks that a shared function uses nothing that isn't.
func (c *bodyChecker) access(what string, i uint32, shared bool) {
	if c.shared && !shared {
		c.fail("shared functions cannot access unshared %ss: %s %d in %s", what, what, i, c.r.Op)
	}
}

// apply takes and leaves what a function type says.
func (c *bodyChecker) apply(t FuncType) {
	c.popAll(t.Params)
	c.pushAll(t.Results)
}

// call checks the calls that aren't as simple as call.
func (c *bodyChecker) call(in *Instr) {
	var t FuncType
	var ok bool
	switch in.Op {
	case OpReturnCall:
		t, ok = c.callee(in.Index)
	case OpCallIndirect, OpReturnCallIndirect:
		t, ok = c.indirectCallee(in)
	default:
		if ok = c.funcType(in.Index); ok {
			t = c.types.types[in.Index].FuncType
			c.pop(RefType(HeapType(in.Index), true))
		}
	}
	switch {
	case !ok:
	case in.Op == OpCallIndirect || in.Op == OpCallRef:
		c.apply(t)
	default:
		c.tailCall(t)
	}
}

func (c *bodyChecker) indirectCallee(in *Instr) (FuncType, bool) {
	table, ok := c.table(in.Index2)
	if !ok || !c.funcType(in.Index) {
		return FuncType{}, false
	}
	if c.types.top(table.Elem.Heap()).Unshared() != HeapFunc {
		c.fail("type mismatch in %s: table %d holds %s, not functions", in.Op, in.Index2, table.Elem)
	}
	c.pop(table.Limits.Address())
	return c.types.types[in.Index].FuncType, true
}

func (c *bodyChecker) tailCall(t FuncType) {
	c.spend(len(t.Results))
	if !c.types.allMatch(t.Results, c.results) {
		c.fail("type mismatch in %s: the callee leaves [%s], the function [%s]", c.r.Op, joinTypes(t.Results), joinTypes(c.results))
	}
	c.popAll(t.Params)
	c.unreachable()
}

func (c *bodyChecker) exception(in *Instr) {
	switch in.Op {
	case OpThrow:
		if t, ok := c.tag(in.Index); ok {
			c.popAll(t.Params)
			c.unreachable()
		}
	case OpThrowRef:
		c.pop(ExnRef)
		c.unreachable()
	case OpTryTable:
		for _, clause := range in.Catches {
			c.catch(clause)
		}
		c.open(OpTryTable, in.Block)
	}
}

func (c *bodyChecker) tag(i uint32) (FuncType, bool) {
	t, ok := c.m.TagType(i)
	if !ok {
		c.in("tag", i, c.m.Count(KindTag))
	}
	return t, ok
}

// catch checks that a clause gives its label what that takes.
func (c *bodyChecker) catch(clause Catch) {
	var gives FuncType
	if clause.Kind <= CatchTagRef {
		t, ok := c.tag(clause.Tag)
		if !ok {
			return
		}
		gives = t
	}
	ts, ok := c.labelTypes(clause.Label)
	if !ok {
		return
	}
	c.spend(len(ts))
	takes := ts
	if clause.Kind == CatchTagRef || clause.Kind == CatchAllRef {
		n := len(ts) - 1
		if n < 0 || !c.types.matches(RefType(HeapExn, false), ts[n]) {
			c.fail("type mismatch in try_table: a catch clause gives (ref exn) last, its label takes [%s]", joinTypes(takes))
			return
		}
		ts = ts[:n]
	}
	if !c.types.allMatch(gives.Params, ts) {
		c.fail("type mismatch in try_table: a catch clause gives [%s], its label takes [%s]", joinTypes(gives.Params), joinTypes(takes))
	}
}

func (c *bodyChecker) selection() {
	c.pop(I32)
	t, u := c.popAny(), c.popAny()
	if t.IsRef() || u.IsRef() {
		c.fail("type mismatch in select: references need a select with a type")
		return
	}
	if t != u && t != bottom && u != bottom {
		c.fail("type mismatch in select: operands of types %s and %s", u, t)
	}
	if t = max(t, u); c.onSelect != nil {
		c.onSelect(c.r.Pos, t)
	}
	c.push(t)
}

func (c *bodyChecker) typedSelection(ts []ValType) {
	if len(ts) != 1 {
		c.fail("invalid result arity: a typed select has one type")
		return
	}
	if t := ts[0]; c.valType(t) {
		c.pop(I32)
		c.pop(t)
		c.pop(t)
		c.push(t)
	}
}

// reference checks instructions on references that don't need the heap.
func (c *bodyChecker) reference(in *Instr) {
	switch in.Op {
	case OpRefNull:
		if t := RefType(in.Heap, true); c.valType(t) {
			c.push(t)
		}
	case OpRefIsNull:
		c.popRef()
		c.push(I32)
	case OpRefEq:
		c.refEq()
	case OpRefAsNonNull:
		c.push(nonNull(c.popRef()))
	case OpRefFunc:
		c.refFunc(in.Index)
	case OpBrOnNull:
		t := c.popRef()
		if ts, ok := c.labelTypes(in.Index); ok {
			c.retype(ts)
			c.push(nonNull(t))
		}
	case OpBrOnNonNull:
		c.brOnNonNull(in.Index)
	}
}

// nonNull is the type of what is left of t's values without null.
func nonNull(t ValType) ValType {
	if t == bottom {
		return RefType(heapBottom, false)
	}
	return RefType(t.Heap(), false)
}

// refEq compares two references, both shared or both not.
func (c *bodyChecker) refEq() {
	t, u := c.popAny(), c.popAny()
	both := func(eq ValType) bool { return c.types.matches(t, eq) && c.types.matches(u, eq) }
	if !both(EqRef) && !both(RefType(HeapEq.Shared(), true)) {
		c.fail("type mismatch in ref.eq: expected eqref twice, found %s and %s", u, t)
	}
	c.push(I32)
}

func (c *bodyChecker) refFunc(f uint32) {
	t, ok := c.m.FuncTypeIndex(f)
	if !ok {
		c.in("function", f, c.m.Count(KindFunc))
		return
	}
	if c.constant {
		c.declared[f] = true
	} else if !c.declared[f] {
		c.fail("undeclared function reference %d: it occurs in no export, segment or global", f)
	}
	c.push(RefType(HeapType(t), false))
}

func (c *bodyChecker) brOnNonNull(l uint32) {
	ts, ok := c.labelTypes(l)
	if !ok {
		return
	}
	n := len(ts) - 1
	if n < 0 || !ts[n].IsRef() {
		c.fail("type mismatch in br_on_non_null: label %d takes [%s], which doesn't end with a reference", l, joinTypes(ts))
		return
	}
	c.pop(RefType(ts[n].Heap(), true))
	c.retype(ts[:n])
}
