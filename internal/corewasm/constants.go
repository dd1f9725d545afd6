package corewasm

import (
	"bytes"
)

// maxInlined bounds what a constant expression may become: globals that add up others
// double with each of them.
const maxInlined = 4096

// inlineConstants gives m with constant expressions that read no globals of m's own, which
// the engine can't evaluate: their values stand there instead. It changes nothing in m.
func (m *Module) inlineConstants() (*Module, error) {
	in := constantInliner{first: uint32(m.NumImported(KindGlobal))}
	if !in.neededBy(m) {
		return m, nil
	}
	out := *m
	out.Globals = append([]Global(nil), m.Globals...)
	for i := range out.Globals {
		in.expr(&out.Globals[i].Init)
		in.values = append(in.values, fold(out.Globals[i].Init))
	}
	out.Tables = append([]Table(nil), m.Tables...)
	for i := range out.Tables {
		in.expr(&out.Tables[i].Init)
	}
	out.Data = append([]Data(nil), m.Data...)
	for i := range out.Data {
		in.expr(&out.Data[i].Offset)
	}
	out.Elements = append([]Element(nil), m.Elements...)
	for i := range out.Elements {
		e := &out.Elements[i]
		in.expr(&e.Offset)
		e.Exprs = append([]ConstExpr(nil), e.Exprs...)
		for k := range e.Exprs {
			in.expr(&e.Exprs[k])
		}
	}
	return &out, in.err
}

// constantInliner has the values of the globals so far.
type constantInliner struct {
	first  uint32 // global that is the module's own
	values []ConstExpr
	err    error
}

func (in *constantInliner) neededBy(m *Module) bool {
	for i := range m.Globals {
		if in.reads(m.Globals[i].Init) {
			return true
		}
	}
	for i := range m.Tables {
		if in.reads(m.Tables[i].Init) {
			return true
		}
	}
	for i := range m.Data {
		if in.reads(m.Data[i].Offset) {
			return true
		}
	}
	for i := range m.Elements {
		if in.reads(m.Elements[i].Offset) {
			return true
		}
		for _, x := range m.Elements[i].Exprs {
			if in.reads(x) {
				return true
			}
		}
	}
	return false
}

// reads reports whether an expression reads one of the module's own globals.
func (in *constantInliner) reads(c ConstExpr) bool {
	if bytes.IndexByte(c, byte(OpGlobalGet)) < 0 {
		return false
	}
	for r := (instrReader{reader: reader{b: c, base: -1}}); r.next(); {
		if r.Op == OpGlobalGet && r.Index >= in.first {
			return true
		}
	}
	return false
}

// expr replaces an expression.
func (in *constantInliner) expr(c *ConstExpr) {
	if !in.reads(*c) {
		return
	}
	var out ConstExpr
	start := 0
	for r := (instrReader{reader: reader{b: *c, base: -1}}); r.next(); start = r.pos {
		if r.Op == OpGlobalGet && r.Index >= in.first {
			v := in.values[r.Index-in.first]
			out = append(out, v[:len(v)-1]...)
		} else {
			out = append(out, (*c)[start:r.pos]...)
		}
		if len(out) > maxInlined {
			in.err = &Error{-1, "global section", "constant expressions that read one another become too long"}
			return
		}
	}
	*c = out
}

// fold evaluates an expression that consists of integers and arithmetic.
func fold(c ConstExpr) ConstExpr {
	if len(c) == 0 || c[0] != byte(OpI32Const) && c[0] != byte(OpI64Const) {
		return c
	}
	v, ok := c.Address()
	switch {
	case !ok:
		return c
	case c[0] == byte(OpI32Const):
		return ConstI32(int32(v))
	}
	return ConstI64(int64(v))
}
