package gondola

import (
	"fmt"
	"strings"
	"testing"
)

// growing is a component with a number of tables that begin with a number of entries,
// and a function that grows all of them and says how many did.
func growing(tables, entries int) string {
	var decls, grows strings.Builder
	for i := range tables {
		fmt.Fprintf(&decls, "(table $t%d %d funcref)", i, entries)
		fmt.Fprintf(&grows, "(if (i32.ge_s (table.grow $t%d (ref.null func) (local.get $n)) (i32.const 0)) (then (local.set $done (i32.add (local.get $done) (i32.const 1)))))", i)
	}
	return `(component
		(core module $m ` + decls.String() + `
			(func (export "grow") (param $n i32) (result i32) (local $done i32) ` + grows.String() + ` (local.get $done)))
		(core instance $i (instantiate $m))
		(func (export "grow") (param "n" u32) (result u32) (canon lift (core func $i "grow"))))`
}

func TestTableElementsCap(t *testing.T) {
	for _, test := range []struct {
		tables, entries, grow, want int
		opts                        []Option
	}{
		{1, 10, 90, 1, []Option{WithMaxTableElements(100)}},
		{1, 10, 91, 0, []Option{WithMaxTableElements(100)}},
		{4, 10, 15, 4, []Option{WithMaxTableElements(100)}}, // each has a share
		{4, 10, 16, 0, []Option{WithMaxTableElements(100)}},
		{2, 0, 5_000_000, 2, nil},
		{2, 0, 5_000_001, 0, nil},
		{1, 0, 10_000_001, 0, nil},
		{1, 0, 10_000_001, 1, []Option{WithMaxTableElements(20_000_000)}},
	} {
		rt := testRuntime(t, test.opts...)
		in, err := rt.NewLinker().Instantiate(t.Context(), compileText(t, rt, growing(test.tables, test.entries)))
		if err != nil {
			t.Fatal(err)
		}
		var done uint32
		if err := in.Func("", "grow").CallInto(t.Context(), &done, uint32(test.grow)); err != nil || int(done) != test.want {
			t.Errorf("%+v: %d tables have grown, %v", test, done, err)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// What a component has too much of is said when it is compiled.
func TestCapsOfComponents(t *testing.T) {
	const memories = `(component (core module $a (memory 1)) (core module $b (memory 1) (memory 1))
		(core instance (instantiate $a)) (core instance (instantiate $b)))`
	const instances = `(component (component $c (core module $m) (core instance (instantiate $m)) (core instance (instantiate $m)))
		(instance (instantiate $c)) (instance (instantiate $c)))`
	for _, test := range []struct {
		text string
		opt  Option
		want string // "" for none
	}{
		{growing(3, 10), WithMaxTableElements(30), ""},
		{growing(3, 10), WithMaxTableElements(29), "the tables begin with more than 29 entries"},
		{growing(3, 0), WithMaxTables(3), ""},
		{growing(3, 0), WithMaxTables(2), "that makes 3 tables; there may be 2"},
		{memories, WithMaxMemories(3), ""},
		{memories, WithMaxMemories(2), "that makes 3 memories; there may be 2"},
		{instances, WithMaxInstances(4), ""},
		{instances, WithMaxInstances(3), "the component has 4 instances of core modules; there may be 3"},
		{instances, WithMaxInstances(2), "it has more than 2 component instances"},
		{memories, WithMaxMemories(-1), "that makes 3 memories; there may be 1"},
	} {
		rt := testRuntime(t, test.opt)
		_, err := rt.Compile(t.Context(), []byte(test.text))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("want %q, got %v", test.want, err)
		}
	}
}
