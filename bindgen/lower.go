package bindgen

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

// core is the expression of the one core value that v, of a scalar type t, is lowered to.
func (a *abi) core(c string, t *goType, v string) string {
	switch t.kind {
	case types.KindBool:
		return fmt.Sprintf("%s.Bool(%s)", a.rt(), v)
	case types.KindChar:
		return fmt.Sprintf("%s.Char(%s)", a.rt(), v)
	case types.KindU32, types.KindU64, types.KindF32, types.KindF64:
		return v
	case types.KindS64:
		return "uint64(" + v + ")"
	case types.KindOwn:
		if t.decl.unit.exported {
			return fmt.Sprintf("%s(%s, %s)", a.resourceFunc(t.decl, t.decl.lower), c, v)
		}
		return fmt.Sprintf("%s.WITHandle().Give(%s)", v, c)
	case types.KindBorrow:
		return fmt.Sprintf("%s.WITHandle().Lend(%s)", v, c)
	case types.KindStream, types.KindFuture, types.KindErrorContext:
		return fmt.Sprintf("%s.Lower(%s)", v, c)
	}
	return "uint32(" + v + ")"
}

// lowerFlat writes what lowers v and returns the expressions of its core values. hint begins the names of variables.
func (a *abi) lowerFlat(c string, t *goType, v, hint string) []string {
	if t.isScalar() {
		return []string{a.core(c, t, v)}
	}
	call := a.lowerCall(c, t, v)
	n := t.layout().FlatLen
	if n == 1 {
		return []string{call}
	}
	vars := a.flatNames(hint, n)
	a.p("%s := %s", strings.Join(vars, ", "), call)
	return vars
}

// lowerCall is the call that lowers v, of a type that is no scalar, to all its core values.
func (a *abi) lowerCall(c string, t *goType, v string) string {
	switch {
	case t.kind == types.KindString:
		return fmt.Sprintf("%s.String(%s)", c, v)
	case t.isSlice() && t.elem.isByte():
		return fmt.Sprintf("%s.Bytes(%s)", c, v)
	case t.isSlice() && t.elem.isNumber():
		return fmt.Sprintf("%s.LendSlice(%s, %s)", a.rt(), c, v)
	}
	return fmt.Sprintf("%s(%s%s)", a.helper("lower", t), scopeArg(c, t), v)
}

func scopeArg(c string, t *goType) string {
	if t.needsScope() {
		return c + ", "
	}
	return ""
}

func (a *abi) scopeParam(t *goType) string {
	if t.needsScope() {
		return "c *" + a.rt() + ".Scope, "
	}
	return ""
}

// store writes what puts v, a value of t, to p.
func (a *abi) store(c string, t *goType, p addr, v string) {
	switch {
	case t.kind == types.KindBool:
		a.p("%s.StoreBool(%s, %s)", a.rt(), p, v)
	case t.isNumber():
		a.p("%s.Store(%s, %s)", a.rt(), p, v)
	case t.isScalar():
		a.p("%s.Store(%s, %s)", a.rt(), p, a.core(c, t, v))
	default:
		a.p("%s(%s%s, %s)", a.helper("store", t), scopeArg(c, t), p, v)
	}
}

func (a *abi) writeStore(t *goType) {
	l := t.layout()
	if t.isArray() {
		a.p("for i, v := range v {")
		a.store("c", t.elem, a.element(t), "v")
		a.p("}")
		return
	}
	switch t.kind {
	case types.KindString, types.KindList, types.KindMap:
		a.p("s, n := %s", a.lowerCall("c", t, "v"))
		a.p("%s.Store(p, s)", a.rt())
		a.p("%s.Store(p+4, n)", a.rt())
	case types.KindRecord, types.KindTuple:
		for i, part := range t.parts {
			a.store("c", part, addr{"p", l.Offsets[i]}, "v."+t.field(i))
		}
	default:
		tag := func(i int) string { return fmt.Sprintf("%s.Store(p, %s(%d))", a.rt(), intType(l.DiscSize), i) }
		a.splitCases(t, func(i int, payload *goType, v string) {
			a.p("%s", tag(i))
			if payload != nil {
				a.store("c", payload, addr{"p", l.PayloadOffset}, v)
			}
		})
	}
}

// splitCases writes the telling apart of the cases of v, an option, result or variant.
func (a *abi) splitCases(t *goType, each func(i int, payload *goType, v string)) {
	switch t.kind {
	case types.KindOption:
		some := "*v"
		if t.elem.isHandle() {
			some = "v"
		}
		a.p("if v == nil {")
		each(0, nil, "")
		a.p("return")
		a.p("}")
		each(1, t.elem, some)
	case types.KindResult:
		a.p("if !v.IsErr {")
		each(0, t.elem, "v.Ok")
		a.p("return")
		a.p("}")
		each(1, t.other, "v.Err")
	default:
		a.splitVariant(t, each)
	}
}

func (a *abi) splitVariant(t *goType, each func(i int, payload *goType, v string)) {
	head := "switch v.(type) {"
	for _, part := range t.parts {
		if part != nil {
			head = "switch v := v.(type) {"
		}
	}
	a.p("%s", head)
	for i, part := range t.parts {
		a.p("case %s:", a.foreign(t.decl, t.decl.members[i]))
		each(i, part, "v.Value")
	}
	a.p("default:")
	a.p("panic(%q)", fmt.Sprintf("no value of %s: it must be one of its case types by value, such as %s{}, and not nil", t.decl.name, t.decl.members[0]))
	a.p("}")
}

func (a *abi) writeLower(h helper) {
	t, l := h.typ, h.typ.layout()
	if t.isArray() {
		a.writeLowerArray(h)
		return
	}
	switch t.kind {
	case types.KindList, types.KindMap:
		a.p("func %s(c *%s.Scope, v %s) (p, n uint32) {", h.name, a.rt(), a.text(t))
		a.writeLowerList(t)
		return
	case types.KindRecord, types.KindTuple:
		a.p("func %s(%sv %s)%s {", h.name, a.scopeParam(t), a.text(t), coreResults(l.Flat))
		var flats []string
		for i, part := range t.parts {
			flats = append(flats, a.lowerFlat("c", part, "v."+t.field(i), fmt.Sprintf("f%d", i))...)
		}
		a.p("return %s", strings.Join(flats, ", "))
		return
	}
	a.writeLowerCases(h)
}

func (a *abi) writeLowerArray(h helper) {
	t := h.typ
	a.p("func %s(%sv %s)%s {", h.name, a.scopeParam(t), a.text(t), coreResults(t.layout().Flat))
	var flats []string
	for i := range t.n {
		flats = append(flats, a.lowerFlat("c", t.elem, fmt.Sprintf("v[%d]", i), fmt.Sprintf("f%d", i))...)
	}
	a.p("return %s", strings.Join(flats, ", "))
}

// writeLowerCases lowers an option, result or variant to core values that its cases share.
//
// Spec: definitions.py lower_flat_variant.
func (a *abi) writeLowerCases(h helper) {
	t, l := h.typ, h.typ.layout()
	results := a.flatParams(t)
	a.p("func %s(%sv %s) (%s) {", h.name, a.scopeParam(t), a.text(t), typedNames(results, l.Flat))
	a.splitCases(t, func(i int, payload *goType, v string) {
		if i > 0 {
			a.p("%s = %d", results[0], i)
		}
		if payload != nil {
			a.assignPayload(payload, v, results[1:], l.Flat[1:])
		}
	})
	a.p("return")
}

// assignPayload lowers a case's payload into the variant's core values.
func (a *abi) assignPayload(t *goType, v string, to []string, have []layout.CoreType) {
	flat := t.layout().Flat
	if !t.isScalar() && sameCores(flat, have[:len(flat)]) {
		a.p("%s = %s", strings.Join(to[:len(flat)], ", "), a.lowerCall("c", t, v))
		return
	}
	outer := a.scope
	a.scope = newScope(outer)
	defer func() { a.scope = outer }()
	for i, expr := range a.lowerFlat("c", t, v, "x") {
		a.p("%s = %s", to[i], a.widen(expr, flat[i], have[i]))
	}
}

func sameCores(x, y []layout.CoreType) bool {
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}

// widen is the other way of coerce.
func (a *abi) widen(v string, have, want layout.CoreType) string {
	switch {
	case have == want:
		return v
	case have == layout.F32:
		return convert(fmt.Sprintf("%s.Float32bits(%s)", a.file.Import("math"), v), layout.I32, want)
	case have == layout.F64:
		return fmt.Sprintf("%s.Float64bits(%s)", a.file.Import("math"), v)
	}
	return convert(v, have, want)
}

// writeLowerList copies the elements of v to a block.
func (a *abi) writeLowerList(t *goType) {
	if t.kind == types.KindMap {
		l := layout.Entry(t.wt, layout.Ptr32)
		a.p("p = c.List(len(v), %d, %d)", l.Size, l.Align)
		a.p("e := p")
		a.p("for k, v := range v {")
		a.store("c", t.other, addr{"e", l.Offsets[0]}, "k")
		a.store("c", t.elem, addr{"e", l.Offsets[1]}, "v")
		a.p("e += %d", l.Size)
		a.p("}")
	} else {
		l := t.elem.layout()
		a.p("p = c.List(len(v), %d, %d)", l.Size, l.Align)
		a.p("for i, v := range v {")
		a.store("c", t.elem, a.element(t), "v")
		a.p("}")
	}
	a.p("return p, uint32(len(v))")
}

// drop is the statement that gives up all handles in v.
func (a *abi) drop(t *goType, v string) string {
	if t.isHandle() {
		return v + ".Close()"
	}
	return fmt.Sprintf("%s(%s)", a.helper("drop", t), v)
}

// writeDrop writes the giving up of all handles in v.
func (a *abi) writeDrop(t *goType) {
	has := func(part *goType) bool { return part != nil && part.wt.ContainsHandle() }
	switch t.kind {
	case types.KindList:
		a.p("for _, v := range v {")
		a.p("%s", a.drop(t.elem, "v"))
		a.p("}")
	case types.KindMap:
		a.p("for _, v := range v {")
		a.p("%s", a.drop(t.elem, "v"))
		a.p("}")
	case types.KindRecord, types.KindTuple:
		for i, part := range t.parts {
			if has(part) {
				a.p("%s", a.drop(part, "v."+t.field(i)))
			}
		}
	case types.KindOption:
		a.p("if v != nil {")
		if t.elem.isHandle() {
			a.p("v.Close()")
		} else {
			a.p("%s", a.drop(t.elem, "*v"))
		}
		a.p("}")
	case types.KindResult:
		a.writeDropResult(t, has)
	case types.KindVariant:
		a.p("switch v := v.(type) {")
		for i, part := range t.parts {
			if has(part) {
				a.p("case %s:", a.foreign(t.decl, t.decl.members[i]))
				a.p("%s", a.drop(part, "v.Value"))
			}
		}
		a.p("}")
	}
}

func (a *abi) writeDropResult(t *goType, has func(*goType) bool) {
	if has(t.elem) {
		a.p("if !v.IsErr {")
		a.p("%s", a.drop(t.elem, "v.Ok"))
		a.p("}")
	}
	if has(t.other) {
		a.p("if v.IsErr {")
		a.p("%s", a.drop(t.other, "v.Err"))
		a.p("}")
	}
}
