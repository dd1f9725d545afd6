package wat

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/leb128"
)

// TestHostileTexts parses texts that are made to cost more than their length. Each has
// so many pieces that whatever is quadratic in them doesn't come to an end.
func TestHostileTexts(t *testing.T) {
	const n = 50_000
	many := func(s string) string { return strings.Repeat(s, n) }
	tests := map[string]string{
		"parentheses":     many("("),
		"comments":        many("(;") + many(";)"),
		"folded":          "(func " + many("(drop ") + many(")") + ")",
		"folded blocks":   "(func " + many("(block $l ") + many(")") + ")",
		"folded ifs":      "(func " + many("(if (i32.const 0) (then ") + many("))") + ")",
		"conditions":      "(func " + many("(if ") + many("(then))") + ")",
		"flat blocks":     "(func " + many("block $l ") + many("end ") + ")",
		"labels":          "(func " + many("block ") + "block $outer " + many("(block br $outer) ") + "end " + many("end ") + ")",
		"unclosed blocks": "(func " + many("block "),
		"annotations":     many("(@a ") + many(")"),
		"annotated":       many("(@a)") + "(func)",
		"customs":         many("(@x)") + many(`(@custom "")`) + "(func)",
		"names":           "(func (local " + many("(@name \"\")") + "i32))",
		"fields":          many("(func)"),
		"types":           many("(type (func (param i32)))"),
		"groups":          many("(rec)"),
		"big group":       "(rec " + many("(type (struct))") + ")",
		"supertypes":      "(type (sub " + many("0 ") + "(func)))",
		"locals":          "(func (local " + many("i32 ") + "))",
		"labelled":        "(func (br_table " + many("0 ") + "))",
		"strings":         "(data " + many(`"a" `) + ")",
		"numbers":         "(data (i8 " + many("1 ") + "))",
		"long word":       "(func " + many("a") + ")",
		"long id":         "(func $" + many("a") + ")",
		"long number":     "(global i32 (i32.const " + many("1") + "))",
		"long float":      "(global f64 (f64.const 0x" + many("1") + "p" + many("1") + "))",
		"exports":         "(func " + many(`(export "a")`) + ")",
		"unknown":         distinct(n, "(func $f%d) ") + "(func (call $g))",
		"many scopes":     "(func " + distinct(n, "(local $l%d i32) ") + ")" + many("(func (local $l i32))"),
		"many labels":     "(func " + distinct(n, "block $l%d ") + many("end ") + ")" + many("(func block $l end)"),
		"quotes":          `(module quote ` + many(`"(module)" `) + `)`,
		"elements":        "(func $f) (elem func " + many("$f ") + ")",
	}
	for name, src := range tests {
		t.Run(name, func(t *testing.T) {
			before := allocated()
			wasm, err := Parse("hostile.wat", []byte(src))
			if used := allocated() - before; used > 1<<20+200*uint64(len(src)) {
				t.Errorf("%d bytes for a text of %d", used, len(src))
			}
			if err == nil {
				Print(io.Discard, wasm)
			}
		})
	}
}

func distinct(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestHostileBinaries prints binaries that are made to give texts out of proportion to
// them.
func TestHostileBinaries(t *testing.T) {
	const n = 5000
	name := strings.Repeat("x", maxID)
	params := "(param " + strings.Repeat("(ref null $"+name+") ", 1000) + ")"
	texts := map[string]string{
		"types of functions": "(type $" + name + " (func " + params + ")) " + strings.Repeat("(func (type 0))", n),
		"types of imports":   "(type $" + name + " (func " + params + ")) " + strings.Repeat(`(import "" "" (func (type 0)))`, n),
		"types of blocks":    "(type $" + name + " (func " + params + ")) (func " + strings.Repeat("block (type 0) end ", n) + ")",
		"types of calls":     "(type $" + name + " (func " + params + ")) (table 1 funcref) (func " + strings.Repeat("call_indirect (type 0) ", n) + ")",
		"names":              "(func $" + name + name + " " + strings.Repeat("call 0 ", n) + ")",
		"depth":              "(func " + strings.Repeat("block ", n) + strings.Repeat("end ", n) + ")",
	}
	for what, text := range texts {
		wasm, err := Parse(what, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(printed(t, wasm)); got > 200*len(wasm) {
			t.Errorf("%s: a binary of %d bytes is printed as %d", what, len(wasm), got)
		}
		checkPrint(t, wasm)
	}
}

// TestTooManyLocals prints functions that declare more locals than any compiler does.
func TestTooManyLocals(t *testing.T) {
	m := &corewasm.Module{Types: []corewasm.Type{{}}}
	for range 3 {
		body := append([]byte{1}, leb128.AppendU32(nil, corewasm.MaxLocals)...)
		m.Functions = append(m.Functions, corewasm.Function{Body: append(body, byte(corewasm.I32), byte(corewasm.OpEnd))})
	}
	if err := Print(io.Discard, m.Encode()); err == nil || !strings.Contains(err.Error(), "too many locals") {
		t.Errorf("got %v", err)
	}
}
