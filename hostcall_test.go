package gondola

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// The quitter is a guest that calls the host, changes its mind at once, and says how
// the call ended: it cancels as guests written in Go do, waiting on its stack.

const quitterWIT = `
package test:quitter;
interface host {
  resource file;
  open: func() -> file;
  stay: async func(x: u32) -> u32;
  stay-with: async func(f: borrow<file>) -> u32;
  stay-open: async func() -> tuple<stream<u8>, future<u8>, file>;
}
interface calls {
  stay: async func(x: u32) -> u32;
  stay-with: async func() -> u32;
  stay-open: async func() -> u32;
  wait: async func();
  add: func(a: s32, b: s32) -> s32;
}
world guest {
  import host;
  export calls;
}
`

var quitterCore = strings.NewReplacer("IN ", "test:quitter/host ", "OUT ", "[export]test:quitter/calls ", "OUT#", "test:quitter/calls#").Replace(`
import IN open -> i32 = open
import IN [resource-drop]file i32 -> = drop-file
import IN [async-lower]stay i32 i32 -> i32 = stay
import IN [async-lower]stay-with i32 i32 -> i32 = stay-with
import IN [async-lower]stay-open i32 -> i32 = stay-open
import OUT [task-return]stay i32 -> = return-stay
import OUT [task-return]stay-with i32 -> = return-stay-with
import OUT [task-return]stay-open i32 -> = return-stay-open
import $root [subtask-cancel] i32 -> i32 = subtask-cancel
import $root [subtask-drop] i32 -> = subtask-drop
import $root [waitable-set-new] -> i32 = set-new
memory 1
func cancel i32 -> i32 / i32  ;; the packed status of a call; how it ended
  local.get 0 i32.const 4 i32.shr_u local.tee 0
  call subtask-cancel local.set 1
  local.get 0 call subtask-drop
  local.get 1
export [async-lift]OUT#stay i32 -> i32
  local.get 0 i32.const 64 call stay call cancel call return-stay
  i32.const 0
export [callback][async-lift]OUT#stay i32 i32 i32 -> i32
  unreachable
export [async-lift]OUT#stay-with -> i32 / i32
  call open local.tee 0
  i32.const 64 call stay-with call cancel
  local.get 0 call drop-file
  call return-stay-with
  i32.const 0
export [callback][async-lift]OUT#stay-with i32 i32 i32 -> i32
  unreachable
export [async-lift]OUT#stay-open -> i32
  i32.const 64 call stay-open call cancel call return-stay-open
  i32.const 0
export [callback][async-lift]OUT#stay-open i32 i32 i32 -> i32
  unreachable
export [async-lift]OUT#wait -> i32
  call set-new i32.const 4 i32.shl i32.const 2 i32.or
export [callback][async-lift]OUT#wait i32 i32 i32 -> i32
  unreachable
export OUT#add i32 i32 -> i32
  local.get 0 local.get 1 i32.add
`)

const (
	cancelledBeforeReturned = 4 // as guests see it
	quitterGrace            = 20 * time.Millisecond
)

// quitter makes an instance whose host functions all stay until release is closed,
// whatever becomes of their context. Then finish ends them.
func quitter(t *testing.T, finish func(ctx context.Context) error, opts ...InstanceOption) (in *Instance, q *quitterHost) {
	t.Helper()
	q = &quitterHost{release: make(chan struct{}), returned: make(chan struct{}, 10)}
	q.writer, q.reader = NewStream[byte]()
	q.setter, q.getter = NewFuture[uint8]()
	rt := testRuntime(t, WithGracePeriod(quitterGrace))
	l := rt.NewLinker()
	stay := func(ctx context.Context) error {
		defer func() { q.returned <- struct{}{} }()
		<-q.release
		if finish != nil {
			return finish(ctx)
		}
		return nil
	}
	const host = "test:quitter/host"
	l.Resource(host, "file", func(f *file) { f.dropped.Add(1) })
	l.Func(host, "open", func(context.Context) (*file, error) { return &q.lent, nil })
	l.Func(host, "stay", func(ctx context.Context, x uint32) (uint32, error) { return x, stay(ctx) })
	l.Func(host, "stay-with", func(ctx context.Context, f *file) (uint32, error) { return 1, stay(ctx) })
	type opened struct {
		F0 *StreamReader[byte]
		F1 *FutureReader[uint8]
		F2 *file
	}
	l.Func(host, "stay-open", func(ctx context.Context) (opened, error) { return opened{q.reader, q.getter, &q.given}, stay(ctx) })
	in, err := l.Instantiate(t.Context(), compileGuest(t, rt, quitterWIT, quitterCore), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(context.Background()) })
	return in, q
}

type quitterHost struct {
	release, returned chan struct{}
	lent, given       file
	writer            *StreamWriter[byte]
	reader            *StreamReader[byte]
	setter            *FutureWriter[uint8]
	getter            *FutureReader[uint8]
}

// quit has the guest call a function and give it up.
func quit(t *testing.T, in *Instance, name string, args ...val.Value) {
	t.Helper()
	begin := time.Now()
	got, err := in.Func("test:quitter/calls", name).Call(t.Context(), args...)
	if err != nil || got.Uint() != cancelledBeforeReturned {
		t.Errorf("%s: got %v, %v", name, got, err)
	}
	if took := time.Since(begin); took < quitterGrace {
		t.Errorf("%s: the function had only %v", name, took)
	}
}

func TestFunctionThatIgnoresItsContext(t *testing.T) {
	in, q := quitter(t, nil)
	quit(t, in, "stay", val.U32(1))
	var sum int32
	if err := in.Func("test:quitter/calls", "add").CallInto(t.Context(), &sum, int32(1), int32(2)); err != nil || sum != 3 {
		t.Errorf("afterwards: %v, %v", sum, err)
	}
	close(q.release)
	waitFor(t, in.store, "the function ends", func() bool { return in.store.hostCalls == 0 })
	if in.store.poisoned() != nil {
		t.Error(in.store.poisoned())
	}
}

func TestLateResultIsClosed(t *testing.T) {
	in, q := quitter(t, nil)
	quit(t, in, "stay-open")
	if n := q.given.dropped.Load(); n != 0 {
		t.Errorf("the file was dropped %d times before there was a result", n)
	}
	close(q.release)
	if n, err := q.writer.Write([]byte("x")); n != 0 || err != io.ErrClosedPipe {
		t.Errorf("the stream: %d, %v", n, err)
	}
	waitFor(t, in.store, "the file is dropped", func() bool { return q.given.dropped.Load() == 1 })
	if _, err := q.getter.Await(t.Context()); err == nil {
		t.Error("the future is still open")
	}
	if err := q.setter.Set(1); err != nil {
		t.Error(err)
	}
}

// The guest has back what it lent.
func TestLoanEndsWithTheGrace(t *testing.T) {
	in, q := quitter(t, nil)
	quit(t, in, "stay-with")
	if n := q.lent.dropped.Load(); n != 1 {
		t.Errorf("the guest dropped its file, and the host was told %d times", n)
	}
	close(q.release)
	waitFor(t, in.store, "the function ends", func() bool { return in.store.hostCalls == 0 })
}

// A function that was given up is not waited for, and may call back.
func TestCallBackOfAFunctionThatWasGivenUp(t *testing.T) {
	var in *Instance
	back := make(chan error, 1)
	in, q := quitter(t, func(ctx context.Context) error {
		_, err := in.Func("test:quitter/calls", "add").Call(context.WithoutCancel(ctx), val.S32(1), val.S32(2))
		back <- err
		return err
	})
	quit(t, in, "stay", val.U32(1))
	close(q.release)
	if err := <-back; err != nil {
		t.Error(err)
	}
}

func TestLateErrors(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		finish func(context.Context) error
		traps  bool
	}{
		"an error":    {func(context.Context) error { return boom }, false},
		"that of ctx": {func(ctx context.Context) error { return ctx.Err() }, false},
		"a panic":     {func(context.Context) error { panic(boom) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			in, q := quitter(t, c.finish)
			quit(t, in, "stay", val.U32(1))
			close(q.release)
			waitFor(t, in.store, "the function ends", func() bool { return in.store.hostCalls == 0 })
			_, err := in.Func("test:quitter/calls", "add").Call(t.Context(), val.S32(1), val.S32(2))
			if (err != nil) != c.traps || c.traps && !errors.Is(err, boom) {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestCloseDoesNotWaitForAFunctionThatWasGivenUp(t *testing.T) {
	for _, early := range []bool{false, true} { // while the guest still waits, too
		in, q := quitter(t, func(context.Context) error { panic("late") })
		if early {
			go in.Func("test:quitter/calls", "stay").Call(context.Background(), val.U32(1))
			waitFor(t, in.store, "the guest waits", func() bool { return in.store.hostCalls == 1 })
		} else {
			quit(t, in, "stay", val.U32(1))
		}
		if err := in.Close(t.Context()); err != nil {
			t.Error(err)
		}
		close(q.release)
		<-q.returned
		waitFor(t, in.store, "the function ends", func() bool { return in.store.hostCalls == 0 })
	}
}

// A function that was given up may still call back, so that nobody is in a deadlock
// before it has ended.
func TestDeadlockAfterAFunctionThatWasGivenUp(t *testing.T) {
	in, q := quitter(t, nil, DetectDeadlock())
	quit(t, in, "stay", val.U32(1))
	result := make(chan error, 1)
	go func() {
		_, err := in.Func("test:quitter/calls", "wait").Call(context.Background())
		result <- err
	}()
	waitFor(t, in.store, "it waits", func() bool { return in.store.awaited == 1 })
	select {
	case err := <-result:
		t.Fatalf("too early: %v", err)
	default:
	}
	close(q.release)
	if err := <-result; err == nil || !strings.Contains(err.Error(), "deadlock detected") {
		t.Errorf("got %v", err)
	}
}

func TestGraceRacesTheFunction(t *testing.T) {
	var n atomic.Int32
	in := tourOf(t, cancelFirst, func(l *Linker) {
		l.Func("", "later", func(ctx context.Context, x uint32) (uint32, error) {
			<-ctx.Done()
			time.Sleep(time.Duration(n.Add(1)%20) * 100 * time.Microsecond)
			return x, nil
		})
	}, WithGracePeriod(time.Millisecond))
	for i := range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if got, err := in.Func("", "call-later").Call(ctx, val.U32(uint32(i))); err == nil && got.Uint() != uint64(i) {
			t.Errorf("call %d: %v", i, got)
		}
		cancel()
	}
	waitFor(t, in.store, "nothing is left", func() bool { return in.store.core.Live() == 0 && in.store.hostCalls == 0 })
	if in.store.poisoned() != nil {
		t.Error(in.store.poisoned())
	}
}
