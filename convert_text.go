package gondola

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
)

// maxGoText bounds a Go type in an error: a small component type can spell out
// to any amount of text.
const maxGoText = 240

// goText is a Go type that fits t, as errors suggest it. Where several fit it is
// the one that can be written without a declaration of its own.
func goText(t *types.Type) string {
	var w goWriter
	w.payload(t)
	return w.String()
}

// goSignature is a Go function type that fits f.
func goSignature(f *types.Func) string {
	var w goWriter
	w.WriteString("func(ctx context.Context")
	for _, p := range f.Params {
		w.WriteString(", " + names.GoLocal(p.Name) + " ")
		w.typ(p.Type)
	}
	w.WriteString(") ")
	if t := returned(f); t != nil {
		w.WriteString("(")
		w.typ(t)
		w.WriteString(", error)")
	} else {
		w.WriteString("error")
	}
	return w.String()
}

// returned is the type of what a Go function for f returns besides an error.
func returned(f *types.Func) *types.Type {
	if f.Result != nil && f.Result.Kind() == types.KindResult {
		return f.Result.Ok()
	}
	return f.Result
}

type goWriter struct{ strings.Builder }

func (w *goWriter) payload(t *types.Type) {
	if t == nil {
		w.WriteString("struct{}")
		return
	}
	w.typ(t)
}

func (w *goWriter) typ(t *types.Type) {
	if w.Len() > maxGoText {
		w.WriteString("…")
		return
	}
	switch t.Kind() {
	case types.KindList:
		w.list(t)
	case types.KindMap:
		w.WriteString("map[")
		w.typ(t.Key())
		w.WriteString("]")
		w.typ(t.Value())
	case types.KindRecord, types.KindTuple:
		w.fields(t)
	case types.KindEnum:
		w.WriteString("string")
	case types.KindFlags:
		fmt.Fprintf(w, "uint%d", flagBits(t))
	case types.KindOption:
		w.WriteString("*")
		w.typ(t.Elem())
	case types.KindResult:
		w.WriteString("gondola.Result[")
		w.payload(t.Ok())
		w.WriteString(", ")
		w.payload(t.Err())
		w.WriteString("]")
	default:
		w.WriteString(scalarText(t.Kind()))
	}
}

func (w *goWriter) list(t *types.Type) {
	if n, fixed := t.Len(); fixed {
		fmt.Fprintf(w, "[%d]", n)
	} else {
		w.WriteString("[]")
	}
	if t.Elem() == types.U8 {
		w.WriteString("byte")
		return
	}
	w.typ(t.Elem())
}

func (w *goWriter) fields(t *types.Type) {
	w.WriteString("struct{ ")
	for i, id := range fieldNames(t) {
		if i > 0 {
			w.WriteString("; ")
		}
		if w.Len() > maxGoText {
			w.WriteString("…")
			break
		}
		w.WriteString(id + " ")
		w.typ(t.Fields()[i].Type)
	}
	w.WriteString(" }")
}

// scalarText is the Go type of a scalar; for variants and handles, whose Go
// types are declared elsewhere, it is the one that fits everything.
func scalarText(k types.Kind) string {
	switch k {
	case types.KindChar:
		return "rune"
	case types.KindErrorContext:
		return "*gondola.ErrorContext"
	case types.KindVariant, types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture:
		return "val.Value"
	}
	return scalarKinds[k].String()
}

// flagBits is the smallest width of a Go integer that holds flags of type t,
// which has at most 32 labels.
func flagBits(t *types.Type) int {
	switch n := len(t.Labels()); {
	case n <= 8:
		return 8
	case n <= 16:
		return 16
	}
	return 32
}
