package gondola

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	advisoryRoom = regexp.MustCompile("`([a-z0-9/.]+)` ((?:`Test\\w+`(?:, )?)+)")
	advisoryTest = regexp.MustCompile(`Test\w+`)
)

// The tests that docs/advisories.md names are where it says.
func TestAdvisories(t *testing.T) {
	text, err := os.ReadFile("docs/advisories.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, line := range strings.Split(string(text), "\n") {
		for _, m := range advisoryRoom.FindAllStringSubmatch(line, -1) {
			for _, name := range advisoryTest.FindAllString(m[2], -1) {
				found++
				if !testIsIn(t, m[1], name) {
					t.Errorf("%s has no %s", m[1], name)
				}
			}
		}
	}
	if named := len(advisoryTest.FindAllString(string(text), -1)); found < named-1 { // the first names this test
		t.Errorf("of %d tests %d were looked for: a room must stand before its tests", named, found)
	}
}

func testIsIn(t *testing.T, room, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(room), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}

// coreComponent is a component whose export f is that of a core module.
func coreComponent(t *testing.T, module string) *Instance {
	t.Helper()
	rt := testRuntime(t)
	c, err := rt.Compile(t.Context(), []byte(`(component
  (core module $m `+module+`)
  (core instance $i (instantiate $m))
  (func (export "f") (canon lift (core func $i "f"))))`))
	if err != nil {
		t.Fatal(err)
	}
	return instantiate(t, rt.NewLinker(), c)
}

// CVE-2024-47763: a frame that a tail call has left is not looked for.
func TestTrapAfterATailCall(t *testing.T) {
	in := coreComponent(t, `
    (table funcref (elem $deep))
    (func $deep unreachable)
    (func $direct return_call $deep)
    (func $indirect (return_call_indirect (i32.const 0)))
    (func (export "f") (if (i32.eqz (global.get $n)) (then (return_call $direct))) (return_call $indirect))
    (global $n (mut i32) (i32.const 0))`)
	_, err := in.Func("", "f").Call(t.Context())
	if trap, ok := errors.AsType[*Trap](err); !ok || !strings.Contains(trap.Error(), "unreachable") {
		t.Errorf("got %v", err)
	}
}

// CVE-2024-30266: what was dropped is empty.
func TestDroppedSegmentOfReferences(t *testing.T) {
	for _, c := range []struct{ length, want string }{{"0", ""}, {"1", "out of bounds"}} {
		in := coreComponent(t, `
    (table $t 10 externref)
    (elem $e externref (ref.null extern) (ref.null extern))
    (func (export "f")
      (elem.drop $e) (elem.drop $e)
      (table.init $t $e (i32.const 0) (i32.const 0) (i32.const `+c.length+`)))`)
		_, err := in.Func("", "f").Call(t.Context())
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s elements: %v", c.length, err)
		}
	}
}
