package gondola

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// restOf is what a function given to [OnRest] saw.
type restOf struct {
	tasks, handles int
	admits         bool
	err            error
	callers        string
}

type callerKey struct{}

// watched makes an instance of the tour, and what its last rest was like.
func watched(t *testing.T, give func(*Linker), opts ...InstanceOption) (in *Instance, last *atomic.Pointer[restOf]) {
	t.Helper()
	rt := testRuntime(t)
	c := compileGuest(t, rt, tourWIT, leaveAtOnce)
	l := rt.NewLinker()
	tourHost(l)
	if give != nil {
		give(l)
	}
	last = new(atomic.Pointer[restOf])
	var door atomic.Pointer[Func]
	opts = append(opts, OnRest(func(r Rest) {
		now := restOf{tasks: r.Tasks(), handles: r.Handles(), err: r.Err()}
		for ctx := range r.Callers() {
			now.callers += ctx.Value(callerKey{}).(string)
		}
		if f := door.Load(); f != nil {
			now.admits = r.Admits(f)
		}
		last.Store(&now)
	}))
	in, err := l.Instantiate(t.Context(), c, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(context.Background()) })
	door.Store(in.Func("", "call-later"))
	return in, last
}

// eventually waits until the last rest is as it should be.
func eventually(t *testing.T, what string, last *atomic.Pointer[restOf], ok func(restOf) bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if r := last.Load(); r != nil && ok(*r) {
			return
		}
	}
	t.Errorf("%s: the last rest was %+v", what, last.Load())
}

func TestRestTellsOfBlockedCalls(t *testing.T) {
	release := make(chan struct{})
	h := newSlowHost(func(_ context.Context, x uint32) (uint32, error) { <-release; return x, nil })
	in, last := watched(t, h.give)
	eventually(t, "a new instance", last, func(r restOf) bool { return r.tasks == 0 && r.handles == 0 })
	results := make(chan error)
	for _, name := range []string{"a", "b"} {
		go func() {
			ctx := context.WithValue(context.Background(), callerKey{}, name)
			_, err := in.Func("", "call-later").Call(ctx, val.U32(1))
			results <- err
		}()
		<-h.called
	}
	// Each has a subtask and a waitable set.
	eventually(t, "two calls that wait", last, func(r restOf) bool { return r.tasks == 2 && r.handles == 4 && r.admits && r.callers == "ab" })
	close(release)
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	eventually(t, "both returned", last, func(r restOf) bool { return r.tasks == 0 && r.handles == 0 && r.err == nil })
}

func TestRestTellsOfBackpressure(t *testing.T) {
	in, last := watched(t, nil)
	door := in.Func("", "door")
	if _, err := door.Call(t.Context(), val.S32(1)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the door is shut", last, func(r restOf) bool { return !r.admits })
	if _, err := door.Call(t.Context(), val.S32(-1)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the door is open again", last, func(r restOf) bool { return r.admits })
}

func TestRestTellsOfTheEnd(t *testing.T) {
	in, last := watched(t, nil)
	if _, err := in.Func("", "crash").Call(t.Context()); !errors.As(err, new(*Trap)) || errors.Is(err, ErrEndedBefore) {
		t.Fatal(err)
	}
	eventually(t, "trapped", last, func(r restOf) bool { return errors.As(r.err, new(*Trap)) && !r.admits })
	if _, err := in.Func("", "at-once").Call(t.Context(), val.U32(1)); !errors.Is(err, ErrEndedBefore) {
		t.Errorf("a later call: %v", err)
	}
	in, last = watched(t, nil)
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "closed", last, func(r restOf) bool { return r.err == ErrClosed && r.tasks == 0 })
}

func TestPatientInstanceLetsTasksRunOn(t *testing.T) {
	in, _ := watched(t, nil, Patient())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	result := goSpin(in, func() error {
		_, err := in.Func("", "spin-async").Call(ctx)
		return err
	})
	time.AfterFunc(20*time.Millisecond, cancel)
	select {
	case err := <-result:
		t.Fatalf("it ended: %v", err)
	case <-time.After(400 * time.Millisecond): // eight times what others are allowed
	}
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-result; err != ErrClosed {
		t.Errorf("got %v", err)
	}
}

func TestTellRest(t *testing.T) {
	told := make(chan struct{}, 100)
	rt := testRuntime(t)
	l := rt.NewLinker()
	tourHost(l)
	in, err := l.Instantiate(t.Context(), compileGuest(t, rt, tourWIT, leaveAtOnce), OnRest(func(Rest) { told <- struct{}{} }), Patient())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(context.Background())
	<-told
	in.TellRest()
	<-told
	goSpin(in, func() error {
		_, err := in.Func("", "spin-async").Call(t.Context())
		return err
	})
	in.TellRest()
	select {
	case <-told:
		t.Error("an instance that spins is not at rest")
	case <-time.After(50 * time.Millisecond):
	}
}
