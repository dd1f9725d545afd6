package wast

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/internal/trap"
)

func referenceTests(t *testing.T) string {
	dir, ok := ReferenceTests("../..")
	if !ok {
		t.Skipf("the component model's reference tests are not at hand: %s is no folder; see CONTRIBUTING.md", dir)
	}
	return dir
}

// runSuite runs scripts and reports what failed.
func runSuite(t *testing.T, dir string, s Suite) Totals {
	t.Helper()
	var err error
	if s.Files, err = Find([]string{dir}); err != nil {
		t.Fatal(err)
	}
	var totals Totals
	s.Run(t.Context(), func(r *FileReport) {
		totals.Add(r)
		if len(r.Failures)+len(r.Blind) > 0 {
			var b bytes.Buffer
			r.Write(&b)
			t.Error(b.String())
		}
	})
	return totals
}

// TestConformance runs the component model's reference tests, all of them, with the
// control beside.
func TestConformance(t *testing.T) {
	totals := runSuite(t, referenceTests(t), Suite{Options: Options{Invert: true}})
	if totals.Files != ReferenceFiles || totals.Passed != ReferenceDirectives || totals.Inversions < 3*ReferenceDirectives {
		t.Errorf("got %+v, want %d directives in %d files", totals, ReferenceDirectives, ReferenceFiles)
	}
}

// TestConformanceOutOfOrder runs those about async in other orders than the first
// that comes to mind. `gondola wast --seeds 1000` runs more.
func TestConformanceOutOfOrder(t *testing.T) {
	seeds := make([]uint64, testenv.Number(t, "GONDOLA_SEEDS", 20))
	for i := range seeds {
		seeds[i] = uint64(i + 1)
	}
	totals := runSuite(t, filepath.Join(referenceTests(t), "async"), Suite{Seeds: seeds})
	t.Logf("%d seeds, %d distinct orders", totals.Runs, totals.Orders)
	if totals.Orders < 3*totals.Files {
		t.Errorf("%d seeds made %d orders of %d files", totals.Runs, totals.Orders, totals.Files)
	}
}

// TestOwnScripts runs the project's own scripts, in order and out of order.
func TestOwnScripts(t *testing.T) {
	runSuite(t, "../../testdata/wast", Suite{Options: Options{Invert: true}})
	runSuite(t, "../../testdata/wast", Suite{Seeds: []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}})
}

// open reads a script that is given as text.
func open(t *testing.T, src string) *File {
	t.Helper()
	f, err := Open("t.wast", src)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close(t.Context()) })
	return f
}

// TestControlFindsWhatSaysNothing makes an assertion true whatever happens; the
// control must find it.
func TestControlFindsWhatSaysNothing(t *testing.T) {
	const src = `(component
		(core module $m (func (export "f") unreachable))
		(core instance $i (instantiate $m))
		(func (export "f") (canon lift (core func $i "f"))))
	(assert_trap (invoke "f") "unreachable")`
	if r := open(t, src).Run(t.Context(), Options{Invert: true}); len(r.Failures)+len(r.Blind) > 0 || r.Inversions == 0 {
		t.Fatalf("got %+v", r)
	}
	was := Aliases
	defer func() { Aliases = was }()
	Aliases = []Alias{{"", trap.Unreachable, "anything goes"}}
	r := open(t, src).Run(t.Context(), Options{Invert: true})
	if len(r.Failures) > 0 || len(r.Blind) != 1 || !strings.HasPrefix(r.Blind[0].String(), "t.wast:5:2: assert_trap: the opposite holds too") {
		t.Errorf("got %+v", r)
	}
}

// orderBug relies on an order that nobody promises: that of two tasks that yield. In
// order, it goes well.
const orderBug = `
	(component
		(component $C
			(core module $m
				(import "" "done" (func $done))
				(import "" "return" (func $return (param i32)))
				(import "" "yield" (func $yield (result i32)))
				(global $first (mut i32) (i32.const 0))
				(func (export "come") (param $who i32)
					(drop (call $yield))
					(if (i32.eqz (global.get $first)) (then (global.set $first (local.get $who))))
					(call $done))
				(func (export "first")
					(loop $wait (drop (call $yield)) (br_if $wait (i32.eqz (global.get $first))))
					(call $return (global.get $first))))
			(canon task.return (core func $done))
			(canon task.return (result u32) (core func $return))
			(canon thread.yield (core func $yield))
			(core instance $i (instantiate $m (with "" (instance
				(export "done" (func $done)) (export "return" (func $return)) (export "yield" (func $yield))))))
			(func (export "come") async (param "who" u32) (canon lift (core func $i "come") async))
			(func (export "first") async (result u32) (canon lift (core func $i "first") async)))
		(component $D
			(import "come" (func $come async (param "who" u32)))
			(core module $m
				(import "" "come" (func $come (param i32) (result i32)))
				(func (export "start") (drop (call $come (i32.const 1))) (drop (call $come (i32.const 2)))))
			(canon lower (func $come) async (core func $come))
			(core instance $i (instantiate $m (with "" (instance (export "come" (func $come))))))
			(func (export "start") (canon lift (core func $i "start"))))
		(instance $c (instantiate $C))
		(instance $d (instantiate $D (with "come" (func $c "come"))))
		(export "start" (func $d "start"))
		(export "first" (func $c "first")))
	(assert_return (invoke "start"))
	(assert_return (invoke "first") (u32.const 1))`

// TestOrderBugIsFound plants a bug that shows in some orders only.
func TestOrderBugIsFound(t *testing.T) {
	f := open(t, orderBug)
	if r := f.Run(t.Context(), Options{}); len(r.Failures) > 0 {
		t.Fatalf("in order: %v", r.Failures)
	}
	found, orders := 0, map[uint64]bool{}
	for seed := range uint64(20) {
		r := f.Run(t.Context(), Options{Seed: &seed})
		again := f.Run(t.Context(), Options{Seed: &seed})
		if r.Order != again.Order || len(r.Failures) != len(again.Failures) {
			t.Errorf("seed %d does not repeat: %v, then %v", seed, r.Failures, again.Failures)
		}
		orders[r.Order] = true
		if len(r.Failures) > 0 {
			found++
			if got := r.Failures[0].String(); !strings.Contains(got, "expected (u32.const 1), got (u32.const 2)") {
				t.Errorf("seed %d: %s", seed, got)
			}
		}
	}
	if found == 0 || found == 20 || len(orders) < 3 {
		t.Errorf("20 seeds in %d orders find the bug %d times", len(orders), found)
	}
}

// TestBrokenOrderIsFound has a scheduler that breaks a rule: it answers with a way
// that is not there.
func TestBrokenOrderIsFound(t *testing.T) {
	r := open(t, orderBug).Run(t.Context(), Options{order: func(ways int) int { return ways }})
	if len(r.Failures) == 0 || !strings.Contains(fmt.Sprint(r.Failures), "chose way 2 of 2") {
		t.Errorf("got %v", r.Failures)
	}
}

// olderSpec are directives of the copies that wazero has of the core specification's
// tests which later versions of it take back: what was invalid is valid now.
var olderSpec = map[string][]int{
	"v2/binary-leb128": {217, 225},                               // 64-bit offsets and limits may be longer
	"v2/binary":        {145, 165, 184, 203, 242, 261, 279, 297}, // several memories: an index in place of a zero byte
	"v2/data":          {88, 92},                                 // constant expressions may read globals that are defined before
	"v2/elem":          {170, 174},
	"v2/global":        {351, 355},
	"v2/imports":       {487, 491, 495}, // several memories
	"v2/memory":        {10, 11},
	"typed-function-references/type-equivalence": {30},       // recursive types
	"extended-const/global":                      {357, 387}, // the byte of a shared global, which is known and not supported
}

// TestCoreSpecification runs the core specification's tests, as far as wazero's module
// has them.
func TestCoreSpecification(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	if err != nil {
		testenv.Missing(t, "the module cache: %v", err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest")
	dirs := []string{"extended-const", "tail-call", "typed-function-references", "exception-handling"}
	if !underRace { // which makes the compiler twenty times slower
		dirs = append(dirs, "v2")
	}
	for _, dir := range dirs {
		files, err := Find([]string{filepath.Join(root, dir)})
		if err != nil {
			testenv.Missing(t, "wazero's copy of the specification's tests: %v", err)
		}
		suite := Suite{Files: files}
		passed := 0
		suite.Run(t.Context(), func(r *FileReport) {
			passed += r.Passed()
			name := dir + "/" + strings.TrimSuffix(filepath.Base(r.Path), ".wast")
			checkCore(t, name, r)
		})
		t.Logf("%s: %d directives passed in %d files", dir, passed, len(files))
	}
}

func checkCore(t *testing.T, name string, r *FileReport) {
	older := map[int]bool{}
	for _, line := range olderSpec[name] {
		older[line] = true
	}
	for _, f := range r.Failures {
		if !older[f.At.Line] {
			t.Errorf("%s", f)
		}
		delete(older, f.At.Line)
	}
	for line := range older {
		t.Errorf("%s:%d passes, which an older specification wanted", name, line)
	}
}

// TestUnsupportedSatisfiesNothing has modules that we can't run beside others.
func TestUnsupportedSatisfiesNothing(t *testing.T) {
	r := open(t, `
		(module $gc (type (array i8)) (func (export "f") (drop (array.new_default 0 (i32.const 1)))))
		(register "gc" $gc)
		(module $plain (func (export "f") (result i32) (i32.const 1)))
		(assert_return (invoke $plain "f") (i32.const 1))
		(module $after (import "gc" "f" (func $f)) (func (export "g") (call $f)))
		(assert_trap (module (type (array i8)) (func $f unreachable) (start $f)) "unreachable")
		(assert_unlinkable (module (type (array i8)) (import "a" "b" (func))) "unknown import")
		(assert_invalid (module (type (array i8)) (func (result i32))) "type mismatch")
		(assert_malformed (module (type (array i8))) "")
		(assert_return (invoke $plain "f") (i32.const 1))`).Run(t.Context(), Options{Invert: true})
	var lines []int
	for _, f := range r.Failures {
		lines = append(lines, f.At.Line)
	}
	// That one is invalid is known before it is run.
	if want := []int{2, 3, 6, 7, 10}; !slices.Equal(lines, want) {
		t.Errorf("lines %v fail, want %v: %v", lines, want, r.Failures)
	}
	if len(r.Blind) > 0 {
		t.Error(r.Blind)
	}
}

// TestThreads runs the threads of a script.
func TestThreads(t *testing.T) {
	r := open(t, `
		(module $Mem (memory (export "shared") 1 1 shared))
		(thread $T (shared (module $Mem))
			(register "mem" $Mem)
			(module (memory (import "mem" "shared") 1 1 shared)
				(func (export "set") (i32.atomic.store (i32.const 0) (i32.const 7))))
			(invoke "set"))
		(wait $T)
		(register "m" $Mem)
		(module (memory (import "m" "shared") 1 1 shared)
			(func (export "get") (result i32) (i32.atomic.load (i32.const 0))))
		(assert_return (invoke "get") (i32.const 7))
		(thread $U (module (func (export "f") (result i32) (i32.const 1))) (assert_return (invoke "f") (i32.const 2)))
		(wait $T)
		(wait $U)`).Run(t.Context(), Options{})
	if len(r.Failures) != 3 || !strings.Contains(r.Failures[0].String(), "t.wast:13:3: thread: assert_return in line 13: expected (i32.const 2), got (i32.const 1)") {
		t.Errorf("got %v", r.Failures)
	}
}
