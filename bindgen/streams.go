package bindgen

import (
	"fmt"

	"github.com/gondola-wasm/gondola/internal/gosource"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

func newScope(parent *gosource.Scope) *gosource.Scope { return gosource.NewScope(parent) }

// streamUse is a stream or future type that a unit's functions mention, and the mention that its built-ins are imported by.
type streamUse struct {
	typ   *goType
	fn    *goFunc
	index int
	name  string // of the variable that holds the built-ins
	make  string // of the function that makes one
}

// findStreams notes the streams and futures in the type of f. They count from 0: parameters, then the result, the inside of a
// type before the type itself, every mention.
func (p *plan) findStreams(u *unit, f *goFunc) {
	index := 0
	for _, param := range f.wit.Params {
		p.countStreams(u, f, param.Type, &index)
	}
	p.countStreams(u, f, f.wit.Result, &index)
}

func (p *plan) countStreams(u *unit, f *goFunc, t wit.Type, index *int) {
	g := p.typ(u, t)
	if g == nil {
		return
	}
	g.walkStreams(func(t *goType) bool {
		if u.streamOf[t.key] == nil {
			use := &streamUse{typ: t, fn: f, index: *index}
			use.make = u.pkg.Scope.Name("New" + t.mangle())
			use.name = u.private(unexported(t.mangle()))
			u.streamOf[t.key] = use
			u.streams = append(u.streams, use)
		}
		*index++
		return *index < maxStreams
	})
	if *index >= maxStreams {
		p.unsupported(fmt.Sprintf("its type mentions %d streams and futures or more, if each is counted wherever it stands", maxStreams))
	}
}

// maxStreams bounds the streams and futures that are counted in one function's type: types can hold each other in so many places
// that nobody could.
const maxStreams = 1 << 16

// walkStreams calls visit for all streams and futures that t is made of, in post-order, every mention, as long as visit returns
// true. It reports whether it went through all.
func (t *goType) walkStreams(visit func(*goType) bool) bool {
	if !t.wt.ContainsAsync() {
		return true
	}
	parts := append([]*goType{t.elem, t.other}, t.parts...)
	if t.kind == types.KindMap {
		parts = []*goType{t.other, t.elem}
	}
	for _, part := range parts {
		if part != nil && !part.walkStreams(visit) {
			return false
		}
	}
	return t.kind != types.KindStream && t.kind != types.KindFuture || visit(t)
}

// streamVar is the variable that holds the built-ins of t.
func (u *unit) streamVar(s *source, t *goType) string {
	if t.elem == nil {
		return s.rt() + "." + unitVar(t)
	}
	return u.streamOf[t.key].name
}

func unitVar(t *goType) string {
	if t.kind == types.KindFuture {
		return "UnitFuture"
	}
	return "UnitStream"
}

// streamType is the type of that variable.
func (s *source) streamType(t *goType) string {
	kind := "StreamType"
	if t.kind == types.KindFuture {
		kind = "FutureType"
	}
	return fmt.Sprintf("%s.%s[%s]", s.rt(), kind, s.text(t.elem))
}

// writeStreamConstructors writes the functions that make streams and futures.
func (s *source) writeStreamConstructors() {
	for _, st := range s.unit.streams {
		t, rt := st.typ, s.rt()
		fn := "NewStream"
		writer, reader := fmt.Sprintf("*%s.StreamWriter[%s]", rt, s.text(t.elem)), s.text(t)
		switch {
		case t.kind == types.KindFuture:
			fn, writer = "NewFuture", fmt.Sprintf("*%s.FutureWriter[%s]", rt, s.text(t.elem))
		case t.elem.isByte():
			fn, writer = "NewByteStream", "*"+rt+".ByteWriter"
		}
		s.p("// %s makes a %s.", st.make, t.wit())
		s.p("func %s() (%s, %s) { return %s.%s(&%s) }\n", st.make, writer, reader, rt, fn, s.unit.streamVar(s, t))
	}
}

// wit is t's name in WIT, for comments.
func (t *goType) wit() string {
	if t == nil {
		return "_"
	}
	if t.decl != nil {
		return t.decl.def.Name
	}
	args := func(ts ...*goType) string {
		text := t.kind.String() + "<"
		for i, part := range ts {
			if i > 0 {
				text += ", "
			}
			text += part.wit()
		}
		return text + ">"
	}
	switch t.kind {
	case types.KindTuple:
		return args(t.parts...)
	case types.KindMap:
		return args(t.other, t.elem)
	case types.KindResult:
		return args(t.elem, t.other)
	case types.KindList:
		if t.isArray() {
			return fmt.Sprintf("list<%s, %d>", t.elem.wit(), t.n)
		}
		return args(t.elem)
	case types.KindOption:
		return args(t.elem)
	case types.KindStream, types.KindFuture:
		if t.elem != nil {
			return args(t.elem)
		}
	}
	return t.kind.String()
}

// writeStreamType writes the built-ins of a stream or future.
func (a *abi) writeStreamType(st *streamUse) {
	t := st.typ
	if t.elem == nil {
		return
	}
	kind := t.kind.String()
	copyParams := "(handle, p, n uint32) uint32"
	if t.kind == types.KindFuture {
		copyParams = "(handle, p uint32) uint32"
	}
	builtins := []struct{ field, verb, prefix, signature string }{
		{"New", "new", "", "() uint64"},
		{"Read", "read", "[async-lower]", copyParams},
		{"Write", "write", "[async-lower]", copyParams},
		{"CancelRead", "cancel-read", "", "(handle uint32) uint32"},
		{"CancelWrite", "cancel-write", "", "(handle uint32) uint32"},
		{"DropReadable", "drop-readable", "", "(handle uint32)"},
		{"DropWritable", "drop-writable", "", "(handle uint32)"},
	}
	names := make([]string, len(builtins))
	for i, b := range builtins {
		names[i] = a.unit.private(st.name + b.field)
		a.p("//go:wasmimport %s %s[%s-%s-%d]%s", st.fn.module(), b.prefix, kind, b.verb, st.index, st.fn.wit.Name)
		a.p("func %s%s\n", names[i], b.signature)
	}
	a.p("var %s = %s{", st.name, a.streamType(t))
	for i, b := range builtins {
		a.p("%s: %s,", b.field, names[i])
	}
	l := t.elem.layout()
	a.p("Size: %d,", l.Size)
	a.p("Align: %d,", l.Align)
	if !t.elem.isNumber() {
		a.p("Lift: func(p uint32) %s { return %s },", a.text(t.elem), a.load(t.elem, addr{"p", 0}))
		a.p("Lower: func(c *%s.Scope, p uint32, v %s) {", a.rt(), a.text(t.elem))
		a.scope = newScope(a.unit.pkg.Scope)
		a.store("c", t.elem, addr{"p", 0}, "v")
		a.p("},")
	}
	a.p("}\n")
}
