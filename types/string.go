package types

import (
	"strconv"
	"strings"
)

// maxText bounds the text of a type, since a small graph of types can spell out
// to an exponential amount of text.
const maxText = 1 << 12

// String spells the type out in WIT's syntax, records and the like in full. A
// text of more than a few thousand bytes ends in "…".
func (t *Type) String() string {
	var w typeWriter
	w.typ(t)
	return w.b.String()
}

// String spells the function type out in WIT's syntax.
func (f *Func) String() string {
	var w typeWriter
	if f.Async {
		w.text("async ")
	}
	w.text("func(")
	w.fields(f.Params)
	w.text(")")
	if f.Result != nil {
		w.text(" -> ")
		w.typ(f.Result)
	}
	return w.b.String()
}

type typeWriter struct{ b strings.Builder }

func (w *typeWriter) full() bool { return w.b.Len() > maxText }

func (w *typeWriter) text(s string) {
	if w.full() {
		return
	}
	w.b.WriteString(s)
	if w.full() {
		w.b.WriteString("…")
	}
}

func (w *typeWriter) separate(i int) {
	if i > 0 {
		w.text(", ")
	}
}

func (w *typeWriter) typ(t *Type) {
	if w.full() {
		return
	}
	switch t.kind {
	case KindList:
		w.list(t)
	case KindMap:
		w.args("map", t.other, t.elem)
	case KindRecord:
		w.record(t)
	case KindTuple:
		w.tuple(t)
	case KindVariant:
		w.variant(t)
	case KindEnum, KindFlags:
		w.text(t.kind.String() + " { " + strings.Join(t.labels, ", ") + " }")
	case KindResult:
		w.result(t)
	case KindOption, KindStream, KindFuture:
		w.args(t.kind.String(), t.elem)
	case KindOwn, KindBorrow:
		w.text(t.kind.String() + "<" + t.res.name + ">")
	default:
		w.text(t.kind.String())
	}
}

func (w *typeWriter) list(t *Type) {
	if t.length < 0 {
		w.args("list", t.elem)
		return
	}
	w.text("list<")
	w.typ(t.elem)
	w.text(", " + strconv.Itoa(int(t.length)) + ">")
}

// args writes a constructor with its arguments; nil ones are left out.
func (w *typeWriter) args(name string, ts ...*Type) {
	w.text(name)
	if ts[0] == nil {
		return
	}
	w.text("<")
	for i, t := range ts {
		w.separate(i)
		w.typ(t)
	}
	w.text(">")
}

func (w *typeWriter) result(t *Type) {
	switch {
	case t.other == nil:
		w.args("result", t.elem)
	case t.elem == nil:
		w.text("result<_, ")
		w.typ(t.other)
		w.text(">")
	default:
		w.args("result", t.elem, t.other)
	}
}

func (w *typeWriter) tuple(t *Type) {
	ts := make([]*Type, len(t.fields))
	for i, f := range t.fields {
		ts[i] = f.Type
	}
	w.args("tuple", ts...)
}

func (w *typeWriter) record(t *Type) {
	w.text("record { ")
	w.fields(t.fields)
	w.text(" }")
}

func (w *typeWriter) fields(fs []Field) {
	for i, f := range fs {
		w.separate(i)
		w.text(f.Name + ": ")
		w.typ(f.Type)
	}
}

func (w *typeWriter) variant(t *Type) {
	w.text("variant { ")
	for i, c := range t.cases {
		w.separate(i)
		w.text(c.Name)
		if c.Type != nil {
			w.text("(")
			w.typ(c.Type)
			w.text(")")
		}
	}
	w.text(" }")
}
