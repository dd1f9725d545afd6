package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

// row is a line of the table of calls.
type row struct {
	name  string
	reach string                           // what the design wants
	ours  func(*lab) (work, error)         // through a component
	floor func(*lab, *floor) (work, error) // on wazero alone
}

var callRows = []row{
	{"host→guest add", "≤ 70 ns, 0 allocs", hostAdd, floorAdd},
	{"host→guest add, Go values", "≤ 70 ns, 0 allocs", typedAdd, floorAdd},
	{"guest→host add", "≤ 50 ns", counted("call-add"), floorCounted("call-add", false)},
	{"guest→host add, dynamic values", "≤ 50 ns", dynamicAdd, floorCounted("call-add", false)},
	{"host→guest add, async, immediate", "≤ 300 ns", asyncAdd, floorAsyncAdd},
	{"guest→host add, async, ready kind", "≤ 140 ns", counted("call-ready"), floorCounted("call-ready", true)},
	{"guest→host add, async, own goroutine", "≤ 900 ns", counted("call-spawned"), floorCounted("call-spawned", true)},
	{"host→guest→host, answered later", "", pendingCall, floorPending},
	{"yield", "", counted("yield"), floorCounted("yield", true)},
	{"echo string 1 KiB", "≤ 220 ns", echo(1 << 10), floorEcho(1 << 10)},
	{"echo string 64 KiB", "≤ 4 µs", echo(64 << 10), floorEcho(64 << 10)},
	{"stream piece 64 KiB host→guest", "", drainPieces, floorDrain},
	{"stream piece 64 KiB guest→host", "", fillPieces, floorFill},
}

// goCallRows run guests written in Go.
var goCallRows = []row{
	{"stream piece 64 KiB host→Go guest→host", "", echoPieces, nil},
	{"Go guest, three async calls in three goroutines", "", goFoo, nil},
}

func wrong(what string, got, want any) error {
	return fmt.Errorf("%s: got %v, want %v", what, got, want)
}

func hostAdd(l *lab) (work, error) { return addWith(l, "add") }

func asyncAdd(l *lab) (work, error) { return addWith(l, "add-async") }

func addWith(l *lab, name string) (work, error) {
	in, err := l.tinyInstance(echoLater)
	if err != nil {
		return nil, err
	}
	add := in.Func("", name)
	return func(n int) error {
		for i := range uint32(n) {
			v, err := add.Call(l.ctx, val.U32(i), val.U32(5))
			if err != nil {
				return err
			}
			if v.Uint() != uint64(i+5) {
				return wrong(name, v, i+5)
			}
		}
		return nil
	}, nil
}

// typedAdd passes and gets plain Go values.
func typedAdd(l *lab) (work, error) {
	in, err := l.tinyInstance(echoLater)
	if err != nil {
		return nil, err
	}
	add := in.Func("", "add")
	return func(n int) error {
		var sum uint32
		for i := range uint32(n) {
			if err := add.CallInto(l.ctx, &sum, i, uint32(5)); err != nil {
				return err
			}
			if sum != i+5 {
				return wrong("add", sum, i+5)
			}
		}
		return nil
	}, nil
}

func floorAdd(_ *lab, f *floor) (work, error) { return floorAddWith("add", f.export("add")) }

func floorAsyncAdd(_ *lab, f *floor) (work, error) {
	return floorAddWith("add-async", f.async("add-async"))
}

func floorAddWith(name string, add func(...uint64) (uint64, error)) (work, error) {
	return func(n int) error {
		for i := range uint32(n) {
			v, err := add(uint64(i), 5)
			if err != nil {
				return err
			}
			if uint32(v) != i+5 {
				return wrong(name, v, i+5)
			}
		}
		return nil
	}, nil
}

// counted calls an export once, which does n times what is measured and answers n.
func counted(name string) func(*lab) (work, error) {
	return func(l *lab) (work, error) {
		in, err := l.tinyInstance(echoLater)
		if err != nil {
			return nil, err
		}
		return l.countTo(in.Func("", name)), nil
	}
}

func (l *lab) countTo(fn *gondola.Func) work {
	return func(n int) error {
		v, err := fn.Call(l.ctx, val.U32(uint32(n)))
		if err != nil {
			return err
		}
		if v.Uint() != uint64(uint32(n)) {
			return wrong("the count", v, n)
		}
		return nil
	}
}

// dynamicAdd calls a host function that takes and returns dynamic values.
func dynamicAdd(l *lab) (work, error) {
	comp, err := l.tiny()
	if err != nil {
		return nil, err
	}
	linker, err := l.tinyLinker(echoLater)
	if err != nil {
		return nil, err
	}
	linker.Func(hostInterface, "add", func(_ context.Context, args []val.Value) (val.Value, error) {
		return val.U32(uint32(args[0].Uint() + args[1].Uint())), nil
	})
	in, err := linker.Instantiate(l.ctx, comp)
	if err != nil {
		return nil, err
	}
	l.atEnd(func() error { return in.Close(l.ctx) })
	return l.countTo(in.Func("", "call-add")), nil
}

func floorCounted(name string, async bool) func(*lab, *floor) (work, error) {
	return func(_ *lab, f *floor) (work, error) {
		fn := f.export
		if async {
			fn = f.async
		}
		call := fn(name)
		return func(n int) error {
			v, err := call(uint64(n))
			if err != nil {
				return err
			}
			if uint32(v) != uint32(n) {
				return wrong(name, v, n)
			}
			return nil
		}, nil
	}
}

// pendingCall is an async call whose task waits for a host function, which waits for another goroutine.
func pendingCall(l *lab) (work, error) {
	gate := newGate(l)
	in, err := l.tinyInstance(func(_ context.Context, id uint32) (uint32, error) {
		<-gate
		return id, nil
	})
	if err != nil {
		return nil, err
	}
	fn := in.Func("", "call-later")
	return func(n int) error {
		for i := range uint32(n) {
			v, err := fn.Call(l.ctx, val.U32(i%maxLater))
			if err != nil {
				return err
			}
			if v.Uint() != uint64(i%maxLater) {
				return wrong("call-later", v, i%maxLater)
			}
		}
		return nil
	}, nil
}

func floorPending(_ *lab, f *floor) (work, error) {
	call := f.async("call-later")
	return func(n int) error {
		for i := range uint64(n) {
			v, err := call(i % maxLater)
			if err != nil {
				return err
			}
			if v != i%maxLater {
				return wrong("call-later", v, i%maxLater)
			}
		}
		return nil
	}, nil
}

func echo(size int) func(*lab) (work, error) {
	return func(l *lab) (work, error) {
		in, err := l.tinyInstance(echoLater)
		if err != nil {
			return nil, err
		}
		fn, text := in.Func("", "echo"), strings.Repeat("gondola ", size/8)
		return func(n int) error {
			for range n {
				v, err := fn.Call(l.ctx, val.String(text))
				if err != nil {
					return err
				}
				if v.Str() != text {
					return wrong("echo", len(v.Str()), size)
				}
			}
			return nil
		}, nil
	}
}

// floorEcho is what an embedder would write by hand.
func floorEcho(size int) func(*lab, *floor) (work, error) {
	return func(_ *lab, f *floor) (work, error) {
		realloc, call, post := f.export("cabi_realloc"), f.export("echo"), f.export("cabi_post_echo")
		text := strings.Repeat("gondola ", size/8)
		once := func() (string, error) {
			p, err := realloc(0, 0, 1, uint64(size))
			if err != nil {
				return "", err
			}
			f.mem.WriteString(uint32(p), text)
			area, err := call(p, uint64(size))
			if err != nil {
				return "", err
			}
			at, _ := f.mem.ReadUint32Le(uint32(area))
			length, _ := f.mem.ReadUint32Le(uint32(area) + 4)
			b, _ := f.mem.Read(at, length)
			s := string(b)
			_, err = post(area)
			return s, err
		}
		return func(n int) error {
			for range n {
				s, err := once()
				if err != nil {
					return err
				}
				if s != text {
					return wrong("echo", len(s), size)
				}
			}
			return nil
		}, nil
	}
}

// goFoo is the export of examples/roundtrip that calls the host from three goroutines.
func goFoo(l *lab) (work, error) {
	in, err := l.roundtripInstance()
	if err != nil {
		return nil, err
	}
	foo := in.Func("local:local/baz", "foo")
	return func(n int) error {
		for range n {
			v, err := foo.Call(l.ctx, val.String("x"), val.Bool(false))
			if err != nil {
				return err
			}
			if v.Str() != "guest[x, x, x]" {
				return wrong("foo", v.Str(), "guest[x, x, x]")
			}
		}
		return nil
	}, nil
}

func (l *lab) roundtripInstance() (*gondola.Instance, error) {
	comp, err := l.roundtrip()
	if err != nil {
		return nil, err
	}
	linker, err := l.goLinker()
	if err != nil {
		return nil, err
	}
	in, err := linker.Instantiate(l.ctx, comp)
	if err == nil {
		l.atEnd(func() error { return in.Close(l.ctx) })
	}
	return in, err
}
