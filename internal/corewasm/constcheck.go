package corewasm

// constExpr checks that x is a constant expression of a type, in which the first so
// many globals may be read.
//
// Spec: core 3.0, section 3.4.16 "Constant expressions".
func (c *bodyChecker) constExpr(x ConstExpr, want ValType, globals int) error {
	c.constant, c.globals, c.shared = true, globals, false
	c.r.reader = reader{b: x, base: c.m.offsetOfBytes(x)}
	c.locals, c.unset = c.locals[:0], c.unset[:0]
	c.start(c.single(want))
	c.run()
	if c.r.err == nil && c.r.more() {
		c.fail("instructions remain after the end of a constant expression")
	}
	return c.r.err
}

// isConstant reports whether the current instruction is one that constant
// expressions may have.
func (c *bodyChecker) isConstant() bool {
	in := &c.r.Instr
	switch {
	case !allowedInConst(in.Op):
		c.fail("constant expression required: %s is not allowed", in.Op)
	case in.Op == OpGlobalGet && !c.in("global", in.Index, c.globals):
	case in.Op == OpGlobalGet && c.isMutable(in.Index):
		c.fail("constant expression required: global %d is mutable", in.Index)
	default:
		return true
	}
	return false
}

func (c *bodyChecker) isMutable(global uint32) bool {
	t, ok := c.m.GlobalType(global)
	return ok && t.Mutable
}
