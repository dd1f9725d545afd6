package wasi_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

// restless opens streams to the standard output and drops them, so many times: what it
// would write it gives up again where that has to wait.
const restless = `(component
	(import "wasi:cli/types@0.3.0" (instance $types
		(type $e (enum "io" "illegal-byte-sequence" "pipe"))
		(export "error-code" (type $error-code (eq $e)))))
	(alias export $types "error-code" (type $code))
	(import "wasi:cli/stdout@0.3.0" (instance $stdout
		(alias outer 1 $code (type $c))
		(export "error-code" (type $ec (eq $c)))
		(export "write-via-stream" (func (param "data" (stream u8)) (result (future (result (error $ec))))))))
	(type $s (stream u8))
	(type $f (future (result (error $code))))
	(core module $mem (memory (export "memory") 1))
	(core instance $mem (instantiate $mem))
	(core func $new (canon stream.new $s))
	(core func $write (canon stream.write $s async (memory $mem "memory")))
	(core func $cancel (canon stream.cancel-write $s))
	(core func $drop-stream (canon stream.drop-writable $s))
	(core func $drop-future (canon future.drop-readable $f))
	(core func $return (canon task.return))
	(core func $out (canon lower (func $stdout "write-via-stream")))
	(core module $m
		(import "" "new" (func $new (result i64)))
		(import "" "write" (func $write (param i32 i32 i32) (result i32)))
		(import "" "cancel" (func $cancel (param i32) (result i32)))
		(import "" "drop-stream" (func $drop-stream (param i32)))
		(import "" "drop-future" (func $drop-future (param i32)))
		(import "" "return" (func $return))
		(import "" "out" (func $out (param i32) (result i32)))
		(func (export "callback") (param i32 i32 i32) (result i32) unreachable)
		(func (export "spin") (param $n i32) (param $size i32) (result i32)
			(local $new i64) (local $writer i32) (local $future i32)
			(loop $again
				(local.set $new (call $new))
				(local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $new) (i64.const 32))))
				(local.set $future (call $out (i32.wrap_i64 (local.get $new))))
				(if (local.get $size) (then
					(if (i32.eq (call $write (local.get $writer) (i32.const 0) (local.get $size)) (i32.const -1))
						(then (drop (call $cancel (local.get $writer)))))))
				(call $drop-stream (local.get $writer))
				(call $drop-future (local.get $future))
				(br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
			(call $return)
			(i32.const 0)))
	(core instance $m (instantiate $m (with "" (instance
		(export "new" (func $new)) (export "write" (func $write)) (export "cancel" (func $cancel))
		(export "drop-stream" (func $drop-stream)) (export "drop-future" (func $drop-future)) (export "out" (func $out))
		(export "return" (func $return))))))
	(func (export "spin") async (param "n" u32) (param "size" u32)
		(canon lift (core func $m "spin") async (callback (func $m "callback"))))
)`

// A guest that never pauses, so that the host never comes to end what it has dropped,
// is stopped; one that pauses now and then may go on for ever.
func TestGuestThatNeverPauses(t *testing.T) {
	small := gondola.NewRuntime(t.Context(), gondola.WithMaxHandles(1000))
	defer small.Close(t.Context())
	comp, err := small.Compile(t.Context(), []byte(restless))
	if err != nil {
		t.Fatal(err)
	}
	stuck, stdout := io.Pipe()
	defer stuck.Close()
	l := small.NewLinker()
	wasi.AddTo(l, wasi.Config{Stdout: stdout})
	spin := func(n, size uint32) error {
		t.Helper()
		in, err := l.Instantiate(t.Context(), comp)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close(t.Context())
		for range 10 {
			if _, err = in.Func("", "spin").Call(t.Context(), val.U32(n), val.U32(size)); err != nil {
				break
			}
		}
		return err
	}
	for _, size := range []uint32{0, 1, 60_000} { // for 60,000 there is soon no room
		if err := spin(1000, size); err != nil {
			t.Errorf("pausing, %d bytes each: %v", size, err)
		}
	}
	err = spin(1<<31, 0)
	if trap, ok := errors.AsType[*gondola.Trap](err); !ok || !strings.Contains(trap.Error(), "goes on without a pause while ") {
		t.Errorf("got %v", err)
	}
}
