package gondola

import (
	"context"
	"testing"

	"github.com/gondola-wasm/gondola/val"
)

const benchWIT = `
import plain: func(a: s32, b: s32) -> s32;
import ready: async func(a: s32, b: s32) -> s32;
import slow: async func(a: s32, b: s32) -> s32;
export add: func(a: s32, b: s32) -> s32;
export at-once: async func(x: u32) -> u32;
export many-plain: func(n: u32);
export many-ready: async func(n: u32);
export one-async: async func(n: u32);
`

const benchCore = `
import $root plain i32 i32 -> i32 = plain
import $root [async-lower]ready i32 i32 i32 -> i32 = ready
import $root [async-lower]slow i32 i32 i32 -> i32 = slow
import $root [waitable-set-new] -> i32 = set-new
import $root [waitable-set-drop] i32 -> = set-drop
import $root [waitable-join] i32 i32 -> = join
import $root [subtask-drop] i32 -> = subtask-drop
import $root [context-set-0] i32 -> = context-set
import $root [context-get-0] -> i32 = context-get
import [export]$root [task-return]at-once i32 -> = return-at-once
import [export]$root [task-return]many-ready -> = return-ready
import [export]$root [task-return]one-async -> = return-async
memory 1
export add i32 i32 -> i32
  local.get 0 local.get 1 i32.add
export [async-lift]at-once i32 -> i32
  local.get 0 call return-at-once
  i32.const 0
export [callback][async-lift]at-once i32 i32 i32 -> i32
  unreachable
export many-plain i32 ->
  loop
    i32.const 2 i32.const 3 call plain drop
    local.get 0 i32.const 1 i32.sub local.tee 0
    br_if 0
  end
export [async-lift]many-ready i32 -> i32
  loop
    i32.const 2 i32.const 3 i32.const 16 call ready drop
    local.get 0 i32.const 1 i32.sub local.tee 0
    br_if 0
  end
  call return-ready
  i32.const 0
export [callback][async-lift]many-ready i32 i32 i32 -> i32
  unreachable
export [async-lift]one-async i32 -> i32 / i32
  call set-new local.set 1
  i32.const 2 i32.const 3 i32.const 16 call slow i32.const 4 i32.shr_u
  local.get 1 call join
  local.get 1 call context-set
  local.get 1 i32.const 4 i32.shl i32.const 2 i32.or
export [callback][async-lift]one-async i32 i32 i32 -> i32
  local.get 1 call subtask-drop
  call context-get call set-drop
  call return-async
  i32.const 0
`

func benchGuest(b *testing.B) *Instance {
	add := func(_ context.Context, x, y int32) (int32, error) { return x + y, nil }
	return instantiateGuest(b, benchWIT, benchCore, func(l *Linker) {
		l.Func("", "plain", add)
		l.Func("", "ready", add, Ready())
		l.Func("", "slow", add)
	})
}

func benchCall(b *testing.B, name string, args ...val.Value) {
	f := benchGuest(b).Func("", name)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Call(ctx, args...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCallAdd(b *testing.B) {
	f := benchGuest(b).Func("", "add")
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if v, err := f.Call(ctx, val.S32(2), val.S32(3)); err != nil || v.Int() != 5 {
			b.Fatal(v, err)
		}
	}
}

func BenchmarkCallAddWithTimeout(b *testing.B) {
	f := benchGuest(b).Func("", "add")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.ReportAllocs()
	for b.Loop() {
		if v, err := f.Call(ctx, val.S32(2), val.S32(3)); err != nil || v.Int() != 5 {
			b.Fatal(v, err)
		}
	}
}

func BenchmarkCallIntoAdd(b *testing.B) {
	f := benchGuest(b).Func("", "add")
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		var sum int32
		if err := f.CallInto(ctx, &sum, int32(2), int32(3)); err != nil || sum != 5 {
			b.Fatal(sum, err)
		}
	}
}

func BenchmarkCallAsyncAtOnce(b *testing.B) { benchCall(b, "at-once", val.U32(1)) }

func BenchmarkCallAsyncHost(b *testing.B) { benchCall(b, "one-async", val.U32(1)) }

// benchHost measures one call of a host function out of many in one call.
func benchHost(b *testing.B, name string) {
	f := benchGuest(b).Func("", name)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := f.Call(context.Background(), val.U32(uint32(b.N))); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkHostPlainDynamic(b *testing.B) {
	in := instantiateGuest(b, benchWIT, benchCore, func(l *Linker) {
		add := func(_ context.Context, args []val.Value) (val.Value, error) {
			return val.S32(int32(args[0].Int() + args[1].Int())), nil
		}
		l.Func("", "plain", add)
		l.Func("", "ready", add)
		l.Func("", "slow", add)
	})
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := in.Func("", "many-plain").Call(context.Background(), val.U32(uint32(b.N))); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkHostPlain(b *testing.B) { benchHost(b, "many-plain") }
func BenchmarkHostReady(b *testing.B) { benchHost(b, "many-ready") }

func BenchmarkStreamPiece(b *testing.B) {
	in := pump(b)
	w, r := through[byte](b, in, "echo")
	const size = 64 << 10
	b.SetBytes(size)
	b.ReportAllocs()
	go func() {
		p := make([]byte, size)
		for {
			if _, err := w.Write(p); err != nil {
				return
			}
		}
	}()
	p := make([]byte, size)
	for b.Loop() {
		for n := 0; n < size; {
			m, err := r.Read(p[n:])
			if err != nil {
				b.Fatal(err)
			}
			n += m
		}
	}
}
