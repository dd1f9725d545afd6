package wast

import (
	"strings"
	"testing"
)

// failedLines are the lines of a script whose directives fail.
func failedLines(t *testing.T, src string) []int {
	t.Helper()
	var lines []int
	for _, f := range open(t, src).Run(t.Context(), Options{}).Failures {
		lines = append(lines, f.At.Line)
	}
	return lines
}

// TestGates has an assertion that holds where the header closes a gate.
func TestGates(t *testing.T) {
	const body = `
		(assert_invalid (component (core func (canon thread.index))) "")
		(component definition (core func (canon thread.index)))`
	if got := failedLines(t, ";; a script"+body); len(got) != 1 || got[0] != 2 {
		t.Errorf("with the gate open lines %v fail", got)
	}
	if got := failedLines(t, ";;! component_model_threading = false"+body); len(got) != 1 || got[0] != 3 {
		t.Errorf("with the gate closed lines %v fail", got)
	}
}

// TestValidating runs a script that was written for a tool which runs nothing.
func TestValidating(t *testing.T) {
	const body = `
		(component (import "nobody-has-this" (func)))
		(component (core module $m (func (export "f") (result i32) (i32.const 1))) (core instance $i (instantiate $m))
			(func (export "f") (result u32) (canon lift (core func $i "f"))))
		(assert_return (invoke "f") (u32.const 1))`
	if got := failedLines(t, ";; RUN: wast --assert default %"+body); len(got) != 0 {
		t.Errorf("lines %v fail", got)
	}
	if got := failedLines(t, ";; a script"+body); len(got) != 1 || got[0] != 2 {
		t.Errorf("where things are run, lines %v fail", got)
	}
}

// TestForgottenInstancesAreClosed counts the instances that are open after each
// directive.
func TestForgottenInstancesAreClosed(t *testing.T) {
	f := open(t, `(component)
		(component)
		(component $a)
		(component)
		(component $a)
		(assert_unlinkable (component) "")
		(component definition $D)
		(component instance $D)`)
	r := newRun(f, Options{})
	want := []int{1, 1, 1, 2, 1, 1, 1, 2}
	for i, d := range f.script.Directives {
		r.directive(t.Context(), d)
		if len(r.open) != want[i] {
			t.Errorf("%d instances are open after directive %d, want %d", len(r.open), i, want[i])
		}
	}
	r.close()
	if len(r.open) != 0 {
		t.Errorf("%d instances are left open", len(r.open))
	}
}

// TestFailures has directives that can't pass, and what is said of them.
func TestFailures(t *testing.T) {
	for src, want := range map[string]string{
		`(invoke "f")`:                     "invoke: there is no current instance",
		`(invoke $x "f")`:                  "invoke: there is no instance $x",
		`(component instance $i $C)`:       "component instance: there is no definition $C",
		`(component $c) (register "m" $c)`: "register: only instances of core modules can be registered",
		`(component) (get "g")`:            `get: there is no global "g"`,
		`(module) (get "g")`:               `get: there is no global "g"`,
		`(module) (invoke "f")`:            `invoke: the module exports no function "f"`,
		`(module (func (export "f"))) (invoke "f" (i32.const 1))`:                              "takes 0 arguments, got 1",
		`(module (func (export "f") (param i32))) (invoke "f" (i64.const 1))`:                  "(i64.const 1) is no argument for a parameter of type i32",
		`(module (import "x" "y" (func)))`:                                                     "nothing is registered for x y",
		`(module (import "spectest" "global_i32" (func)))`:                                     "expected a func, found a global",
		`(module (import "spectest" "print_i32" (func)))`:                                      "signature mismatch",
		`(module (func unreachable) (start 0))`:                                                "wasm `unreachable` instruction executed",
		`(wait $t)`:                                                                            "there is no thread $t",
		`(module (func (export "f"))) (assert_suspension (invoke "f") "")`:                     "suspensions are not supported",
		`(module (func (export "f") (result i32) (i32.const 1))) (assert_return (invoke "f"))`: "expected no result, got (i32.const 1)",
	} {
		fs := open(t, src).Run(t.Context(), Options{}).Failures
		if len(fs) != 1 || !strings.Contains(fs[0].String(), want) {
			t.Errorf("%s: got %v, want %s", src, fs, want)
		}
	}
}
