package bindgen

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/gosource"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

// scalar is the expression that makes a value of t, which has one flat value without a pointer, of a core value.
func (a *abi) scalar(t *goType, core string) string {
	switch t.kind {
	case types.KindBool:
		return paren(core) + " != 0"
	case types.KindU32, types.KindU64, types.KindF32, types.KindF64:
		return core
	case types.KindOwn:
		return fmt.Sprintf("%s(%s)", a.resourceFunc(t.decl, t.decl.lift), core)
	case types.KindBorrow:
		if t.decl.unit.exported {
			return fmt.Sprintf("%s(%s)", a.resourceFunc(t.decl, t.decl.lend), core)
		}
		return fmt.Sprintf("%s(%s, %s)", a.resourceFunc(t.decl, t.decl.lend), a.task, core)
	case types.KindStream:
		if t.elem.isByte() {
			return fmt.Sprintf("%s.LiftByteStream(&%s, %s)", a.rt(), a.unit.streamVar(a.source, t), core)
		}
		return fmt.Sprintf("%s.LiftStream(&%s, %s)", a.rt(), a.unit.streamVar(a.source, t), core)
	case types.KindFuture:
		return fmt.Sprintf("%s.LiftFuture(&%s, %s)", a.rt(), a.unit.streamVar(a.source, t), core)
	case types.KindErrorContext:
		return fmt.Sprintf("%s.LiftErrorContext(%s)", a.rt(), core)
	}
	return fmt.Sprintf("%s(%s)", a.text(t), core)
}

func paren(expr string) string {
	if strings.ContainsAny(expr, " ") && !strings.HasSuffix(expr, ")") {
		return "(" + expr + ")"
	}
	return expr
}

// resourceFunc is a function of the package that declares d.
func (a *abi) resourceFunc(d *typeDecl, name string) string { return a.foreign(d, name) }

// isScalar reports whether t is one core value that scalar understands.
func (t *goType) isScalar() bool {
	return t.kind != types.KindString && t.kind.IsPrimitive() || t.kind == types.KindEnum || t.kind == types.KindFlags || t.isHandle()
}

// load is the expression of the value of t at p.
func (a *abi) load(t *goType, p addr) string {
	switch {
	case t.kind == types.KindBool:
		return fmt.Sprintf("%s.LoadBool(%s)", a.rt(), p)
	case t.isNumber():
		return fmt.Sprintf("%s.Load[%s](%s)", a.rt(), a.text(t), p)
	case t.isScalar():
		return a.scalar(t, fmt.Sprintf("%s.Load[uint32](%s)", a.rt(), p))
	case t.kind == types.KindString, t.isSlice(), t.kind == types.KindMap:
		return a.lift(t, []string{
			fmt.Sprintf("%s.Load[uint32](%s)", a.rt(), p),
			fmt.Sprintf("%s.Load[uint32](%s)", a.rt(), p.plus(4)),
		})
	}
	return fmt.Sprintf("%s(%s%s)", a.helper("load", t), a.taskArg(t), p)
}

// taskArg is the argument of a helper that lifts borrowed handles.
func (a *abi) taskArg(t *goType) string {
	if t.needsTask() {
		return a.task + ", "
	}
	return ""
}

// taskParam is the parameter of such a helper.
func (a *abi) taskParam(t *goType) string {
	if t.needsTask() {
		return "t *" + a.rt() + ".Task, "
	}
	return ""
}

// lift is the expression of the value of t that flats, core values, stand for.
func (a *abi) lift(t *goType, flats []string) string {
	switch {
	case t.isScalar():
		return a.scalar(t, flats[0])
	case t.kind == types.KindString:
		return fmt.Sprintf("%s.TakeString(%s, %s)", a.rt(), flats[0], flats[1])
	case t.isSlice() && t.elem.isByte():
		return fmt.Sprintf("%s.TakeBytes(%s, %s)", a.rt(), flats[0], flats[1])
	case t.isSlice() && t.elem.isNumber():
		return fmt.Sprintf("%s.TakeSlice[%s](%s, %s)", a.rt(), a.text(t.elem), flats[0], flats[1])
	}
	return fmt.Sprintf("%s(%s%s)", a.helper("lift", t), a.taskArg(t), strings.Join(flats, ", "))
}

// writeHelper writes the function h.
func (a *abi) writeHelper(h helper) {
	a.scope = gosource.NewScope(a.unit.pkg.Scope)
	a.scope.Reserve("c", "t", "v", "p", "n")
	a.task = "t"
	switch h.verb {
	case "load":
		a.p("func %s(%sp uint32) %s {", h.name, a.taskParam(h.typ), a.text(h.typ))
		a.writeLoad(h.typ)
	case "lift":
		a.writeLift(h)
	case "store":
		a.p("func %s(%sp uint32, v %s) {", h.name, a.scopeParam(h.typ), a.text(h.typ))
		a.writeStore(h.typ)
	case "lower":
		a.writeLower(h)
	case "drop":
		a.p("func %s(v %s) {", h.name, a.text(h.typ))
		a.writeDrop(h.typ)
	}
	a.p("}\n")
}

func (a *abi) writeLoad(t *goType) {
	l := t.layout()
	switch t.kind {
	case types.KindRecord, types.KindTuple:
		a.p("return %s{", a.text(t))
		for i, part := range t.parts {
			a.p("%s: %s,", t.field(i), a.load(part, addr{"p", l.Offsets[i]}))
		}
		a.p("}")
	case types.KindList: // of fixed length
		a.p("var v %s", a.text(t))
		a.p("for i := range v {")
		a.p("v[i] = %s", a.load(t.elem, a.element(t)))
		a.p("}")
		a.p("return v")
	default:
		tag := fmt.Sprintf("%s.Load[%s](p)", a.rt(), intType(l.DiscSize))
		a.writeCases(t, tag, func(_ int, payload *goType) string {
			return a.load(payload, addr{"p", l.PayloadOffset})
		})
	}
}

// element is the address of element i of a list at p.
func (a *abi) element(t *goType) addr {
	return addr{fmt.Sprintf("p+uint32(i)*%d", t.elem.layout().Size), 0}
}

// field is the Go name of a record's or tuple's field.
func (t *goType) field(i int) string {
	if t.kind == types.KindTuple {
		return fmt.Sprintf("F%d", i)
	}
	return t.decl.members[i]
}

// writeCases writes the making of an option, result or variant: payload is the expression of a case's payload.
func (a *abi) writeCases(t *goType, tag string, payload func(i int, t *goType) string) {
	switch t.kind {
	case types.KindOption:
		a.p("if %s == 0 {", tag)
		a.p("return nil")
		a.p("}")
		if t.elem.isHandle() {
			a.p("return %s", payload(1, t.elem))
			return
		}
		a.p("v := %s", payload(1, t.elem))
		a.p("return &v")
	case types.KindResult:
		args := fmt.Sprintf("[%s, %s]", a.text(t.elem), a.text(t.other))
		a.p("if %s == 0 {", tag)
		a.p("return %s.Ok%s(%s)", a.rt(), args, a.orUnit(0, t.elem, payload))
		a.p("}")
		a.p("return %s.Fail%s(%s)", a.rt(), args, a.orUnit(1, t.other, payload))
	default:
		a.p("switch %s {", tag)
		for i, part := range t.parts {
			a.p("case %d:", i)
			name := a.foreign(t.decl, t.decl.members[i])
			if part == nil {
				a.p("return %s{}", name)
			} else {
				a.p("return %s{Value: %s}", name, payload(i, part))
			}
		}
		a.p("}")
		a.p("panic(%q)", "the host passed an unknown case of "+t.decl.def.Name)
	}
}

// orUnit is the payload of a result's case, which may have none.
func (a *abi) orUnit(i int, t *goType, payload func(int, *goType) string) string {
	if t == nil {
		return a.rt() + ".Unit{}"
	}
	return payload(i, t)
}

func (a *abi) writeLift(h helper) {
	t, l := h.typ, h.typ.layout()
	if t.isSlice() || t.kind == types.KindMap {
		a.p("func %s(%sp, n uint32) %s {", h.name, a.taskParam(t), a.text(t))
		a.writeLiftList(t)
		return
	}
	flats := a.flatParams(t)
	a.p("func %s(%s%s) %s {", h.name, a.taskParam(t), typedNames(flats, l.Flat), a.text(t))
	if t.kind == types.KindRecord || t.kind == types.KindTuple {
		a.p("return %s{", a.text(t))
		for i, part := range t.parts {
			n := part.layout().FlatLen
			a.p("%s: %s,", t.field(i), a.lift(part, flats[:n]))
			flats = flats[n:]
		}
		a.p("}")
		return
	}
	if t.isArray() {
		a.p("return %s{", a.text(t))
		for n := t.elem.layout().FlatLen; len(flats) > 0; flats = flats[n:] {
			a.p("%s,", a.lift(t.elem, flats[:n]))
		}
		a.p("}")
		return
	}
	a.writeCases(t, flats[0], func(_ int, payload *goType) string {
		return a.lift(payload, a.narrow(flats[1:], l.Flat[1:], payload.layout().Flat))
	})
}

// flatParams names the flat values of t in its own helper.
func (a *abi) flatParams(t *goType) []string {
	n := t.layout().FlatLen
	if t.kind == types.KindRecord || t.kind == types.KindTuple || t.isArray() {
		return a.flatNames("f", n)
	}
	out := []string{a.local("tag")}
	for i := 1; i < n; i++ {
		out = append(out, a.local(fmt.Sprintf("f%d", i)))
	}
	return out
}

// narrow turns the core values that a variant shares among its cases into those of one case.
//
// Spec: definitions.py lift_flat_variant, CoerceValueIter.
func (a *abi) narrow(flats []string, have, want []layout.CoreType) []string {
	out := make([]string, len(want))
	for i, w := range want {
		out[i] = a.coerce(flats[i], have[i], w)
	}
	return out
}

func (a *abi) coerce(v string, have, want layout.CoreType) string {
	switch {
	case have == want:
		return v
	case want == layout.F32:
		return fmt.Sprintf("%s.Float32frombits(%s)", a.file.Import("math"), convert(v, have, layout.I32))
	case want == layout.F64:
		return fmt.Sprintf("%s.Float64frombits(%s)", a.file.Import("math"), v)
	}
	return convert(v, have, want)
}

func convert(v string, have, want layout.CoreType) string {
	if have == want {
		return v
	}
	return fmt.Sprintf("%s(%s)", goCore(want), v)
}

// writeLiftList lifts n elements at p, and frees the memory that they were in.
func (a *abi) writeLiftList(t *goType) {
	if t.kind == types.KindMap {
		l := layout.Entry(t.wt, layout.Ptr32)
		e := a.local("e")
		a.p("m := make(%s, n)", a.text(t))
		a.p("for i := range n {")
		a.p("%s := p + i*%d", e, l.Size)
		a.p("m[%s] = %s", a.load(t.other, addr{e, l.Offsets[0]}), a.load(t.elem, addr{e, l.Offsets[1]}))
		a.p("}")
		a.p("%s.Free(p)", a.rt())
		a.p("return m")
		return
	}
	a.p("v := make(%s, n)", a.text(t))
	a.p("for i := range v {")
	a.p("v[i] = %s", a.load(t.elem, a.element(t)))
	a.p("}")
	a.p("%s.Free(p)", a.rt())
	a.p("return v")
}
