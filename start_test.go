package gondola

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gondola-wasm/gondola/internal/trap"
)

// starterText asks twice when it starts: (ask 1) of what it has in its memory, and (ask 2) of the first
// answer. Then it grows, and spends some time. Its functions tell what came of that, and
// spoil it.
const starterText = `(component
	(import "ask" (func $ask (param "q" u32) (param "text" string) (result u32)))
	(import "also" (func $also))
	(core module $libc
		(memory (export "m") 1 4)
		(data (i32.const 100) "question"))
	(core instance $libc (instantiate $libc))
	(core func $ask' (canon lower (func $ask) (memory $libc "m")))
	(core func $also' (canon lower (func $also)))
	(core module $m
		(import "" "ask" (func $ask (param i32 i32 i32) (result i32)))
		(import "" "also" (func $also))
		(import "" "m" (memory 1))
		(global $sum (mut i32) (i32.const 0))
		(global $calls (mut i32) (i32.const 0))
		(func $start (local $i i32)
			(global.set $sum (call $ask (i32.const 1) (i32.const 100) (i32.const 8)))
			(i32.store (i32.const 100) (i32.const 0))
			(global.set $sum (i32.add (global.get $sum) (call $ask (i32.const 2) (i32.const 104) (i32.const 4))))
			(ALSO)
			(i32.store (i32.const 0) (global.get $sum))
			(drop (memory.grow (i32.const 1)))
			(i32.store (i32.const 70000) (i32.const 7))
			(loop $on
				(local.set $i (i32.add (local.get $i) (i32.const 1)))
				(br_if $on (i32.lt_u (local.get $i) (i32.const 200000)))))
		(start $start)
		(func (export "sum") (result i32)
			(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
			(if (i32.ne (global.get $calls) (i32.const 1)) (then unreachable))
			(if (i32.ne (memory.size) (i32.const 2)) (then unreachable))
			(if (i32.ne (i32.load (i32.const 0)) (global.get $sum)) (then unreachable))
			(if (i32.ne (i32.load (i32.const 70000)) (i32.const 7)) (then unreachable))
			(if (i32.ne (i32.load (i32.const 80000)) (i32.const 0)) (then unreachable))
			(i32.store (i32.const 0) (i32.const 99))
			(i32.store (i32.const 80000) (i32.const 98))
			(if (i32.ne (memory.grow (i32.const 1)) (i32.const 2)) (then unreachable))
			(if (i32.load (i32.const 140000)) (then unreachable))
			(i32.store (i32.const 140000) (i32.const 97))
			(global.get $sum)
			(global.set $sum (i32.const 96)))
		(func (export "spin") (result i32) (local $i i32)
			(loop $on
				(local.set $i (i32.add (local.get $i) (i32.const 1)))
				(br_if $on (i32.lt_u (local.get $i) (i32.const 200000))))
			(i32.const 0)))
	(core instance $i (instantiate $m (with "" (instance
		(export "ask" (func $ask'))
		(export "also" (func $also'))
		(export "m" (memory $libc "m"))))))
	(func (export "sum") (result u32) (canon lift (core func $i "sum")))
	(func (export "spin") (result u32) (canon lift (core func $i "spin"))))`

func compileStarter(t *testing.T, rt *Runtime, also string) *Component {
	t.Helper()
	return compileText(t, rt, strings.Replace(starterText, "(ALSO)", also, 1))
}

// starterLinker gives what starterText imports.
func starterLinker(rt *Runtime, ask func(q uint32, text string) (uint32, error)) *Linker {
	l := rt.NewLinker()
	l.Func("", "ask", func(_ context.Context, q uint32, text string) (uint32, error) { return ask(q, text) })
	l.Func("", "also", func(context.Context) {})
	return l
}

// sumOf makes an instance and asks it.
func sumOf(t *testing.T, l *Linker, c *Component) uint64 {
	t.Helper()
	in, err := l.Instantiate(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	return callText(t, in, "sum")
}

func TestStartThatFindsTheSame(t *testing.T) {
	for _, also := range []string{"", "(call $also)"} {
		t.Run(also, func(t *testing.T) {
			rt := testRuntime(t)
			c := compileStarter(t, rt, also)
			var asked []string
			l := starterLinker(rt, func(q uint32, text string) (uint32, error) {
				asked = append(asked, fmt.Sprintf("%d %q", q, text))
				return 10 * q, nil
			})
			for i := range 10 {
				asked = nil
				if got := sumOf(t, l, c); got != 30 {
					t.Errorf("instance %d: %d", i, got)
				}
				if got := strings.Join(asked, ", "); got != `1 "question", 2 "tion"` {
					t.Errorf("instance %d asked %s", i, got)
				}
				if c.tmpl.Skips() != (i > 0) {
					t.Errorf("instance %d: the start is skipped: %v", i, c.tmpl.Skips())
				}
			}
		})
	}
}

// Each instance gets the answers that are for it, and the host is asked once for each.
func TestStartThatFindsOtherThings(t *testing.T) {
	for _, different := range []uint32{1, 2} {
		t.Run(fmt.Sprint("question ", different), func(t *testing.T) {
			rt := testRuntime(t)
			c := compileStarter(t, rt, "")
			n, calls := uint32(0), 0
			l := starterLinker(rt, func(q uint32, _ string) (uint32, error) {
				calls++
				if q != different {
					return 1000, nil
				}
				n++
				return n, nil
			})
			for i := range 6 {
				calls = 0
				if got := sumOf(t, l, c); got != uint64(1001+i) || calls != 2 {
					t.Errorf("instance %d: %d, after %d calls", i, got, calls)
				}
			}
			if c.tmpl.Skips() {
				t.Error("the start is skipped")
			}
		})
	}
}

func TestStartUnderAnotherLinker(t *testing.T) {
	rt := testRuntime(t)
	c := compileStarter(t, rt, "")
	answering := func(a uint32) *Linker {
		return starterLinker(rt, func(uint32, string) (uint32, error) { return a, nil })
	}
	one, two := answering(1), answering(2)
	for i, l := range []*Linker{one, one, one, two, one, two, one} {
		want := uint64(2)
		if l == two {
			want = 4
		}
		if got := sumOf(t, l, c); got != want {
			t.Errorf("instance %d: %d, want %d", i, got, want)
		}
	}
}

// An error of the host's is that of the instance it was for.
func TestStartThatFails(t *testing.T) {
	rt := testRuntime(t)
	c := compileStarter(t, rt, "")
	var fails atomic.Bool
	failure := errors.New("failure")
	calls := 0
	l := starterLinker(rt, func(q uint32, _ string) (uint32, error) {
		calls++
		if fails.Load() && q == 2 {
			return 0, failure
		}
		return 1, nil
	})
	for i := range 6 {
		fails.Store(i == 3)
		calls = 0
		in, err := l.Instantiate(t.Context(), c)
		if i == 3 {
			if !errors.Is(err, failure) || calls != 2 {
				t.Errorf("got %v after %d calls", err, calls)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := callText(t, in, "sum"); got != 2 {
			t.Errorf("instance %d: %d", i, got)
		}
		in.Close(t.Context())
	}
}

// What a start would have used is used, whether it runs or not.
func TestStartUsesFuel(t *testing.T) {
	rt := testRuntime(t, WithFuel(80_000))
	c := compileStarter(t, rt, "")
	l := starterLinker(rt, func(uint32, string) (uint32, error) { return 1, nil })
	for i := range 5 {
		in, err := l.Instantiate(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		_, err = in.Func("", "spin").Call(t.Context())
		if tr, ok := errors.AsType[*trap.Trap](err); !ok || tr.Code != trap.OutOfFuel {
			t.Errorf("instance %d: %v", i, err)
		}
		in.Close(t.Context())
		if skips := c.tmpl.Skips(); skips != (i > 0) {
			t.Errorf("instance %d: the start is skipped: %v", i, skips)
		}
	}
}

// What else a start does has to be done each time.
func TestStartThatDoesMore(t *testing.T) {
	const text = `(component
		(core module $m
			(import "" "new" (func $new (param i32) (result i32)))
			(import "" "rep" (func $rep (param i32) (result i32)))
			(global $r (mut i32) (i32.const 0))
			(func $start (global.set $r (call $new (i32.const 42))))
			(start $start)
			(func (export "f") (result i32) (call $rep (global.get $r))))
		(type $r (resource (rep i32)))
		(core func $new (canon resource.new $r))
		(core func $rep (canon resource.rep $r))
		(core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "rep" (func $rep))))))
		(func (export "f") (result u32) (canon lift (core func $i "f"))))`
	rt := testRuntime(t)
	c := compileText(t, rt, text)
	for i := range 5 {
		in, err := rt.NewLinker().Instantiate(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if got := callText(t, in, "f"); got != 42 || c.tmpl.Skips() {
			t.Errorf("instance %d: %d, the start is skipped: %v", i, got, c.tmpl.Skips())
		}
		in.Close(t.Context())
	}
}

// Many at a time, of which some are told other things.
func TestStartsAtOnce(t *testing.T) {
	for _, odd := range []bool{false, true} {
		t.Run(fmt.Sprint("odd ", odd), func(t *testing.T) {
			rt := testRuntime(t)
			c := compileStarter(t, rt, "")
			linkers := make([]*Linker, 4)
			for i := range linkers {
				answer := uint32(1)
				if odd && i == 3 {
					answer = 5
				}
				linkers[i] = starterLinker(rt, func(uint32, string) (uint32, error) { return answer, nil })
			}
			var wg sync.WaitGroup
			for i, l := range linkers {
				want := uint64(2)
				if odd && i == 3 {
					want = 10
				}
				wg.Go(func() {
					for range 50 {
						if got := sumOf(t, l, c); got != want {
							t.Errorf("linker %d: %d, want %d", i, got, want)
						}
					}
				})
			}
			wg.Wait()
			if odd && c.tmpl.Skips() {
				t.Error("the start is skipped")
			}
		})
	}
}
