package wat

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component/binary"
)

// Texts whose cost would be out of proportion if anything were done once more than
// once. What is quadratic doesn't come back from these.
func TestHostileComponents(t *testing.T) {
	const n = 20_000
	many := func(s string) string { return strings.Repeat(s, n) }
	numbered := func(format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, src := range map[string]string{
		"custom sections":           `(component ` + many(`(@custom "a")`) + `)`,
		"annotations":               `(component ` + many(`(@a)`) + many(`(@custom "b")`) + `(type u8))`,
		"implicit outer aliases":    `(component (type $t u8) (component ` + many(`(type (list $t))`) + `))`,
		"outer aliases in one type": `(component (type $t u8) (component (type (tuple ` + many(` $t`) + `))))`,
		"inline types":              `(component (type (tuple` + many(` (list u8)`) + `)))`,
		"inline exports":            `(component ` + numbered(`(type $t%[1]d (export "a%[1]d") u8)`) + `)`,
		"inline aliases":            `(component (import "i" (instance $i)) ` + many(`(export "a" (func $i "b" "c"))`) + `)`,
		"inline instances":          `(component (import "c" (component $c)) (instance (instantiate $c ` + many(`(with "a" (instance))`) + `)))`,
		"instance types":            `(component ` + many(`(type (instance))`) + `)`,
		"function types of modules": `(component (core type (module ` + many(`(import "a" "b" (func (param i32)))`) + `)))`,
		"recursive groups":          `(component ` + many(`(core rec (type (func)) (type (func)))`) + `)`,
		"options":                   `(component (core func (canon task.return ` + many(`async `) + `)))`,
		"attributes":                `(component ` + many(`(import "a" (external-id "b") (func))`) + `)`,
		"labels of values": `(component (type $e (enum ` + numbered(` "a%d"`) + `)) (type $l (list $e)) (value $v $l (list ` +
			many(`(enum "a19999")`) + `)))`,
		"names":              `(component ` + numbered(`(type $t%d u8)`) + `)`,
		"names of one":       `(component ` + many(`(type (@name "a") u8)`) + `)`,
		"start definitions":  `(component (import "f" (func $f)) ` + many(`(start $f)`) + `)`,
		"nested annotations": `(component (type ` + strings.Repeat(`(@a `, 1000) + strings.Repeat(`)`, 1000) + ` u8))`,
	} {
		b, err := Parse("t.wat", []byte(src))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(b) > 32*len(src) {
			t.Errorf("%s: %d bytes of text give %d bytes", name, len(src), len(b))
		}
		var text bytes.Buffer
		if err := Print(&text, b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		again, err := Parse("printed.wat", text.Bytes())
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: comes back changed (%v)", name, err)
		}
	}
}

// Faults at the end of long texts are found and explained without much ado.
func TestHostileFaults(t *testing.T) {
	const n = 20_000
	many := func(s string) string { return strings.Repeat(s, n) }
	for name, src := range map[string]string{
		"unknown identifier":    `(component ` + many(`(type u8) `) + `(type $tt u8) (type (list $tu)))`,
		"no such label":         `(component (type $e (flags "a")) (value $v $e (flags "b")))`,
		"unclosed":              `(component ` + many(`(component `),
		"unclosed types":        `(component (type ` + many(`(list `),
		"flags out of all size": `(component (type $f (flags ` + many(` "a"`) + `)) (value $v (list $f) (list ` + many(`(flags)`) + `)))`,
	} {
		if _, err := Parse("t.wat", []byte(src)); err == nil {
			t.Errorf("%s: no error", name)
		} else if len(err.Error()) > 2000 {
			t.Errorf("%s: a message of %d bytes", name, len(err.Error()))
		}
	}
}

func TestComponentNestingIsBounded(t *testing.T) {
	components := func(n int) string { return strings.Repeat("(component ", n) + strings.Repeat(")", n) }
	types := func(n int) string {
		return "(component " + strings.Repeat("(type (component ", n-1) + strings.Repeat("))", n-1) + ")"
	}
	lists := func(n int) string {
		return "(component (type " + strings.Repeat("(list ", n) + "u8" + strings.Repeat(")", n) + "))"
	}
	for _, tt := range []struct {
		nest  func(int) string
		limit int
	}{{components, binary.MaxNesting}, {types, binary.MaxNesting}, {lists, maxNesting}} {
		b, err := Parse("t.wat", []byte(tt.nest(tt.limit)))
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := binary.Decode(b); err != nil {
			t.Error(err)
		}
		if _, err := Parse("t.wat", []byte(tt.nest(tt.limit+1))); err == nil || !strings.Contains(err.Error(), "nesting too deep") {
			t.Errorf("one level more than %d: %v", tt.limit, err)
		}
	}
}
