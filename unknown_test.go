package gondola

import (
	"context"
	"errors"
	"strings"
	"testing"
)

const unknownText = `(component
	(import "a:b/files" (instance $files
		(export "file" (type $file (sub resource)))
		(export "open" (func (param "name" string) (result (own $file))))
		(export "[method]file.size" (func (param "self" (borrow $file)) (result u64)))))
	(import "later" (func $later async (result u32)))
	(import "known" (func $known (result u32)))
	(core module $m
		(import "" "open" (func $open (param i32 i32) (result i32)))
		(import "" "later" (func $later (result i32)))
		(import "" "known" (func $known (result i32)))
		(func (export "use-known") (result i32) (call $known))
		(func (export "use-open") (result i32) (call $open (i32.const 0) (i32.const 0)))
		(func (export "use-later") (result i32) (call $later)))
	(core module $mem (memory (export "memory") 1))
	(core instance $mem (instantiate $mem))
	(alias core export $mem "memory" (core memory $memory))
	(core func $open (canon lower (func $files "open") (memory $memory)))
	(core func $later (canon lower (func $later)))
	(core func $known (canon lower (func $known)))
	(core instance $i (instantiate $m (with "" (instance
		(export "open" (func $open)) (export "later" (func $later)) (export "known" (func $known))))))
	(func (export "use-known") (result u32) (canon lift (core func $i "use-known")))
	(func (export "use-open") (result u32) (canon lift (core func $i "use-open")))
	(func (export "use-later") async (result u32) (canon lift (core func $i "use-later"))))`

// What the linker does not give traps when it is called, and nothing else does.
func TestTrapUnknown(t *testing.T) {
	rt := testRuntime(t)
	c := compileText(t, rt, unknownText)
	l := rt.NewLinker()
	l.Func("", "known", func(context.Context) uint32 { return 7 })
	if _, err := l.Instantiate(t.Context(), c); err == nil {
		t.Fatal("instantiated without imports")
	}
	l.TrapUnknown()
	for name, want := range map[string]string{
		"use-known": "",
		"use-open":  "the guest called open of a:b/files, which the host does not give",
		"use-later": "the guest called later, which the host does not give",
	} {
		in := instantiate(t, l, c)
		result, err := in.Func("", name).Call(t.Context())
		var trap *Trap
		switch {
		case want == "" && (err != nil || result.Uint() != 7):
			t.Errorf("%s: got %v, %v", name, result, err)
		case want != "" && (!errors.As(err, &trap) || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	// What it gives must still fit.
	l.Func("", "known", func(context.Context) string { return "" })
	var link *LinkError
	if _, err := l.Instantiate(t.Context(), c); !errors.As(err, &link) || len(link.Misfits) != 1 || len(link.Missing) != 0 {
		t.Errorf("got %v", err)
	}
}
