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

// The desk is a guest that uses the host's files and gives out counters of its own.

const deskWIT = `
package test:desk;
interface files {
  resource file;
  open: func(name: string) -> file;
  size: func(f: borrow<file>) -> u32;
  size-later: async func(f: borrow<file>) -> u32;
}
interface counters {
  use files.{file};
  resource counter {
    constructor(n: u32);
    next: func() -> u32;
  }
  dropped: func() -> u32;
  swallow: func(a: counter);
  hold: async func(c: borrow<counter>, f: borrow<file>) -> u32;
  both: async func(c: counter, f: file) -> u32;
  measure: func(f: borrow<file>) -> u32;
  keep: func(f: file);
  give-back: func() -> file;
  forget: func();
  find: func(name: string) -> file;
  take: async func(s: stream<counter>) -> u32;
  door: func(closed: bool);
}
world guest {
  import files;
  export counters;
}
`

var deskCore = strings.NewReplacer("IN ", "test:desk/files ", "OUT ", "[export]test:desk/counters ", "OUT#", "test:desk/counters#").Replace(`
import IN open i32 i32 -> i32 = open
import IN size i32 -> i32 = size
import IN [async-lower]size-later i32 i32 -> i32 = size-later
import IN [resource-drop]file i32 -> = drop-file
import OUT [resource-new]counter i32 -> i32 = new-counter
import OUT [resource-drop]counter i32 -> = drop-counter
import OUT [resource-rep]counter i32 -> i32 = rep-counter
import OUT [task-return]hold i32 -> = return-hold
import OUT [task-return]both i32 -> = return-both
import OUT [task-return]take i32 -> = return-take
import OUT [async-lower][stream-read-0]take i32 i32 i32 -> i32 = read
import OUT [stream-drop-readable-0]take i32 -> = drop-readable
import $root [waitable-set-new] -> i32 = set-new
import $root [waitable-set-drop] i32 -> = set-drop
import $root [waitable-join] i32 i32 -> = join
import $root [subtask-drop] i32 -> = subtask-drop
import $root [context-set-0] i32 -> = context-set
import $root [context-get-0] -> i32 = context-get
import $root [backpressure-inc] -> = inc
import $root [backpressure-dec] -> = dec
memory 4
global dropped i32 0
global kept i32 0
` + reallocSource + `
func alloc i32 -> i32
  i32.const 0 i32.const 0 i32.const 4 local.get 0 call cabi_realloc
export OUT#[constructor]counter i32 -> i32 / i32
  i32.const 4 call alloc local.tee 1
  local.get 0 i32.store 0
  local.get 1 call new-counter
export OUT#[method]counter.next i32 -> i32
  local.get 0 local.get 0 i32.load 0 i32.const 1 i32.add i32.store 0
  local.get 0 i32.load 0
export OUT#[dtor]counter i32 ->
  global.get dropped i32.const 1 i32.add global.set dropped
  local.get 0 i32.load 0 i32.const -1 i32.eq
  if
    unreachable
  end
export OUT#dropped -> i32
  global.get dropped
export OUT#swallow i32 ->
  local.get 0 call drop-counter
export OUT#door i32 ->
  local.get 0
  if
    call inc
  else
    call dec
  end

;; Waits for the size of the file, and adds the counter's number.
export [async-lift]OUT#hold i32 i32 -> i32 / i32 i32 i32
  i32.const 32 call alloc local.set 2
  local.get 2 local.get 0 i32.store 4
  local.get 2 local.get 1 i32.store 8
  local.get 1 local.get 2 call size-later i32.const 4 i32.shr_u local.set 3
  call set-new local.set 4
  local.get 3 local.get 4 call join
  local.get 2 local.get 4 i32.store 12
  local.get 2 call context-set
  local.get 4 i32.const 4 i32.shl i32.const 2 i32.or
export [callback][async-lift]OUT#hold i32 i32 i32 -> i32 / i32
  call context-get local.set 3
  local.get 0 i32.const 1 i32.ne local.get 2 i32.const 2 i32.lt_u i32.or
  if
    local.get 3 i32.load 12 i32.const 4 i32.shl i32.const 2 i32.or return
  end
  local.get 1 call subtask-drop
  local.get 3 i32.load 12 call set-drop
  local.get 3 i32.load 8 call drop-file
  local.get 3 i32.load 0 local.get 3 i32.load 4 i32.load 0 i32.add call return-hold
  i32.const 0
export [async-lift]OUT#both i32 i32 -> i32
  local.get 0 call drop-counter
  local.get 1 call drop-file
  i32.const 1 call return-both
  i32.const 0
export [callback][async-lift]OUT#both i32 i32 i32 -> i32
  unreachable

export OUT#measure i32 -> i32 / i32
  local.get 0 call size
  local.get 0 call drop-file
export OUT#keep i32 ->
  local.get 0 global.set kept
export OUT#give-back -> i32
  global.get kept
export OUT#forget ->
  global.get kept call drop-file
export OUT#find i32 i32 -> i32
  local.get 0 local.get 1 call open

;; Takes one piece of up to two counters.
export [async-lift]OUT#take i32 -> i32 / i32
  i32.const 32 call alloc local.tee 1 call context-set
  local.get 1 local.get 0 i32.store 4
  local.get 1 call set-new i32.store 8
  local.get 0 local.get 1 i32.load 8 call join
  local.get 0 local.get 1 i32.const 16 i32.add i32.const 2 call read
  i32.const -1 i32.ne
  if
    unreachable
  end
  local.get 1 i32.load 8 i32.const 4 i32.shl i32.const 2 i32.or
export [callback][async-lift]OUT#take i32 i32 i32 -> i32 / i32
  call context-get local.set 3
  local.get 3 i32.load 4 call drop-readable
  local.get 3 i32.load 8 call set-drop
  local.get 2 i32.const 4 i32.shr_u local.set 2
  local.get 2
  if
    local.get 3 i32.load 16 call drop-counter
  end
  local.get 2 call return-take
  i32.const 0
`)

// file is the Go value behind the host's resource.
type file struct {
	name    string
	dropped atomic.Int32
}

// desk makes an instance of the desk. sizeLater may be nil.
func desk(t testing.TB, sizeLater func(context.Context, *file) (uint32, error)) (in *Instance, files map[string]*file) {
	files = map[string]*file{}
	in = instantiateGuest(t, deskWIT, deskCore, func(l *Linker) {
		l.Resource("test:desk/files", "file", func(f *file) error {
			switch f.name {
			case "explosive":
				panic("boom")
			case "stuck":
				return errStuck
			}
			f.dropped.Add(1)
			return nil
		})
		l.Func("test:desk/files", "open", func(_ context.Context, name string) (*file, error) {
			if name == "" {
				return nil, nil
			}
			files[name] = &file{name: name}
			return files[name], nil
		})
		l.Func("test:desk/files", "size", func(_ context.Context, f *file) (uint32, error) { return uint32(len(f.name)), nil })
		if sizeLater == nil {
			sizeLater = func(_ context.Context, f *file) (uint32, error) { return uint32(len(f.name)), nil }
		}
		l.Func("test:desk/files", "size-later", sizeLater)
	})
	return in, files
}

var errStuck = errors.New("stuck")

const counters = "test:desk/counters"

// newCounter makes a counter in the guest.
func newCounter(t testing.TB, in *Instance, n uint32) *Resource {
	t.Helper()
	var r *Resource
	if err := in.Func(counters, "[constructor]counter").CallInto(t.Context(), &r, n); err != nil {
		t.Fatal(err)
	}
	return r
}

func droppedCounters(t testing.TB, in *Instance) uint32 {
	t.Helper()
	var n uint32
	if err := in.Func(counters, "dropped").CallInto(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestGuestResource(t *testing.T) {
	in, _ := desk(t, nil)
	c := newCounter(t, in, 40)
	next := in.Func(counters, "[method]counter.next")
	for want := uint32(41); want < 44; want++ {
		var got uint32
		if err := next.CallInto(t.Context(), &got, c); err != nil || got != want {
			t.Fatalf("got %d, %v, want %d", got, err, want)
		}
	}
	if n := droppedCounters(t, in); n != 0 {
		t.Errorf("%d dropped", n)
	}
	c.Close()
	c.Close()
	if n := droppedCounters(t, in); n != 1 {
		t.Errorf("%d dropped after Close", n)
	}
	if err := next.CallInto(t.Context(), nil, c); !errors.Is(err, ErrGone) {
		t.Errorf("after Close: %v", err)
	}
	c = newCounter(t, in, 1)
	swallow := in.Func(counters, "swallow")
	if err := swallow.CallInto(t.Context(), nil, c); err != nil {
		t.Fatal(err)
	}
	if n := droppedCounters(t, in); n != 2 {
		t.Errorf("%d dropped by the guest", n)
	}
	if err := swallow.CallInto(t.Context(), nil, c); !errors.Is(err, ErrGone) {
		t.Errorf("given twice: %v", err)
	}
	c.Close()
	if n := droppedCounters(t, in); n != 2 {
		t.Errorf("%d dropped after closing what was given", n)
	}
	other, _ := desk(t, nil)
	c = newCounter(t, other, 1)
	if err := next.CallInto(t.Context(), nil, c); err == nil || !strings.Contains(err.Error(), "belongs to another instance") {
		t.Errorf("a counter of another instance: %v", err)
	}
}

func TestHostResource(t *testing.T) {
	in, files := desk(t, nil)
	var f *file
	if err := in.Func(counters, "find").CallInto(t.Context(), &f, "a.txt"); err != nil || f != files["a.txt"] {
		t.Fatalf("got %v, %v", f, err)
	}
	var n uint32
	for range 100 {
		if err := in.Func(counters, "measure").CallInto(t.Context(), &n, f); err != nil || n != 5 {
			t.Fatalf("got %d, %v", n, err)
		}
	}
	if len := len(in.store.reps.values); len > 1 {
		t.Errorf("%d numbers for one file", len)
	}
	if err := in.Func(counters, "keep").CallInto(t.Context(), nil, f); err != nil {
		t.Fatal(err)
	}
	var back *file
	if err := in.Func(counters, "give-back").CallInto(t.Context(), &back); err != nil || back != f {
		t.Fatalf("got %v, %v", back, err)
	}
	if f.dropped.Load() != 0 {
		t.Error("dropped too early")
	}
	if err := in.Func(counters, "keep").CallInto(t.Context(), nil, f); err != nil {
		t.Fatal(err)
	}
	if err := in.Func(counters, "forget").CallInto(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if f.dropped.Load() != 1 {
		t.Errorf("dropped %d times", f.dropped.Load())
	}
	// As dynamic values.
	if _, err := in.Func(counters, "keep").Call(t.Context(), val.Own(NewHostResource(f))); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []any{"not a file", nil, (*file)(nil)} {
		if _, err := in.Func(counters, "keep").Call(t.Context(), val.Own(NewHostResource(wrong))); err == nil || !strings.Contains(err.Error(), "want the resource file") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f.dropped.Load() != 2 {
		t.Errorf("dropped %d times when the instance was closed", f.dropped.Load())
	}
	in, _ = desk(t, nil)
	if err := in.Func(counters, "find").CallInto(t.Context(), &f, ""); err == nil || !strings.Contains(err.Error(), "nil resource") {
		t.Errorf("a host function that returns nil: %v", err)
	}
}

// A resource that a call borrows stays until the call has ended, and one that was
// lent to a host function is not its own.
func TestLentResources(t *testing.T) {
	called, release := make(chan *file), make(chan struct{})
	in, _ := desk(t, func(_ context.Context, f *file) (uint32, error) {
		called <- f
		<-release
		return 100, nil
	})
	c, f := newCounter(t, in, 7), &file{name: "mine"}
	result := make(chan error)
	var sum uint32
	go func() { result <- in.Func(counters, "hold").CallInto(context.Background(), &sum, c, f) }()
	if got := <-called; got != f {
		t.Errorf("got %v", got)
	}
	if err := in.Func(counters, "swallow").CallInto(t.Context(), nil, c); err == nil || !strings.Contains(err.Error(), "calls under way borrow it") {
		t.Errorf("given away while it is lent: %v", err)
	}
	c.Close()
	if n := droppedCounters(t, in); n != 0 {
		t.Error("dropped while it was lent")
	}
	close(release)
	if err := <-result; err != nil || sum != 107 {
		t.Errorf("got %d, %v", sum, err)
	}
	waitFor(t, in.store, "the counter is dropped", func() bool { return c.state == goneResource })
	if n := droppedCounters(t, in); n != 1 {
		t.Errorf("%d dropped", n)
	}
	if free, all := len(in.store.reps.free), len(in.store.reps.values); free != all {
		t.Errorf("%d of %d numbers of files are free", free, all)
	}
	if f.dropped.Load() != 0 {
		t.Error("a borrowed file was dropped")
	}
}

// What a call was given that never starts is given up.
func TestResourcesOfACallThatNeverStarts(t *testing.T) {
	in, _ := desk(t, nil)
	c, f := newCounter(t, in, 7), &file{name: "mine"}
	door := in.Func(counters, "door")
	if err := door.CallInto(t.Context(), nil, true); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := in.Func(counters, "both").CallInto(ctx, nil, c, f); err != context.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
	if err := door.CallInto(t.Context(), nil, false); err != nil {
		t.Fatal(err)
	}
	if n := droppedCounters(t, in); n != 1 || f.dropped.Load() != 1 {
		t.Errorf("%d counters and %d files dropped", n, f.dropped.Load())
	}
	// The second argument is not what it should be.
	c = newCounter(t, in, 7)
	_, err := in.Func(counters, "both").Call(t.Context(), val.Own(c), val.Own(NewHostResource(3)))
	if err == nil || !strings.Contains(err.Error(), "args[1]") {
		t.Errorf("got %v", err)
	}
	if n := droppedCounters(t, in); n != 2 {
		t.Errorf("%d counters dropped", n)
	}
}

func TestStreamOfResources(t *testing.T) {
	in, _ := desk(t, nil)
	cs := []*Resource{newCounter(t, in, 1), newCounter(t, in, 2), newCounter(t, in, 3)}
	w, r := NewStream[*Resource]()
	result := make(chan error)
	var n uint32
	go func() { result <- in.Func(counters, "take").CallInto(context.Background(), &n, r) }()
	taken, err := w.Write(cs)
	if taken != 1 || err != io.ErrClosedPipe {
		t.Errorf("wrote %d, %v", taken, err)
	}
	if err := <-result; err != nil || n != 1 {
		t.Errorf("got %d, %v", n, err)
	}
	if n := droppedCounters(t, in); n != 1 {
		t.Errorf("%d dropped", n)
	}
	if err := in.Func(counters, "[method]counter.next").CallInto(t.Context(), nil, cs[0]); !errors.Is(err, ErrGone) {
		t.Errorf("the one that was taken: %v", err)
	}
	for _, c := range cs[1:] {
		if err := in.Func(counters, "[method]counter.next").CallInto(t.Context(), nil, c); err != nil {
			t.Errorf("one that was not taken: %v", err)
		}
		c.Close()
	}
	if n := droppedCounters(t, in); n != 3 {
		t.Errorf("%d dropped", n)
	}
}

func TestDestructorThatTraps(t *testing.T) {
	in, _ := desk(t, nil)
	newCounter(t, in, ^uint32(0)).Close()
	_, err := in.Func(counters, "dropped").Call(t.Context())
	if trap, ok := errors.AsType[*Trap](err); !ok || !strings.Contains(trap.Error(), "[dtor]counter") {
		t.Errorf("got %v", err)
	}
}

func TestDropFunctionThatPanics(t *testing.T) {
	in, _ := desk(t, nil)
	if err := in.Func(counters, "keep").CallInto(t.Context(), nil, &file{name: "explosive"}); err != nil {
		t.Fatal(err)
	}
	err := in.Func(counters, "forget").CallInto(t.Context(), nil)
	if p, ok := errors.AsType[*PanicError](err); !ok || p.Value != "boom" {
		t.Errorf("got %v", err)
	}
	in, _ = desk(t, nil)
	if err := in.Func(counters, "keep").CallInto(t.Context(), nil, &file{name: "explosive"}); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDropFunctionThatFails(t *testing.T) {
	in, _ := desk(t, nil)
	keep := in.Func(counters, "keep")
	if err := keep.CallInto(t.Context(), nil, &file{name: "stuck"}); err != nil {
		t.Fatal(err)
	}
	err := in.Func(counters, "forget").CallInto(t.Context(), nil)
	if trap, ok := errors.AsType[*Trap](err); !ok || !errors.Is(trap, errStuck) {
		t.Errorf("got %v", err)
	}
	in, _ = desk(t, nil)
	if err := in.Func(counters, "keep").CallInto(t.Context(), nil, &file{name: "stuck"}); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestResourceWithoutDropFunction(t *testing.T) {
	for _, drop := range []any{nil, 1, func() {}, func(*file) int { return 0 }, func(...*file) {}, func(*file) (error, error) { return nil, nil }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T is taken", drop)
				}
			}()
			testRuntime(t).NewLinker().Resource("a:b/c", "d", drop)
		}()
	}
}
