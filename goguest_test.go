package gondola_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/wasi"
)

// goGuests are the components of gobuild/testdata/goguest, by what go build is told of tags.
var goGuests = map[string]func() ([]byte, error){
	"":                     sync.OnceValues(func() ([]byte, error) { return buildGoGuest() }),
	"gondola_async_cancel": sync.OnceValues(func() ([]byte, error) { return buildGoGuest("-tags=gondola_async_cancel") }),
}

func buildGoGuest(flags ...string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "goguest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS(filepath.FromSlash("gobuild/testdata/goguest"))); err != nil {
		return nil, err
	}
	return gobuild.Component(context.Background(), gobuild.ComponentOptions{
		Options: gobuild.Options{Dir: dir, Stderr: os.Stderr, Flags: append(flags, "-trimpath")},
	})
}

// goGuestHost is the host of a guest.
type goGuestHost struct {
	release chan struct{} // lets the functions return that ignore their context
	made    atomic.Int32  // things
	dropped atomic.Int32
	writer  *gondola.StreamWriter[byte]
	setter  *gondola.FutureWriter[string]
}

type guestThing struct{}

const longText = 100_000 // bytes

// goGuest makes an instance of gobuild/testdata/goguest.
func goGuest(t *testing.T, tags string, opts ...gondola.Option) (*gondola.Instance, *goGuestHost) {
	if testing.Short() {
		t.Skip("-short: a guest is compiled and linked")
	}
	t.Helper()
	wasm, err := goGuests[tags]()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	rt := gondola.NewRuntime(ctx, opts...)
	t.Cleanup(func() { rt.Close(ctx) })
	comp, err := rt.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	h := &goGuestHost{release: make(chan struct{})}
	l := rt.NewLinker()
	wasi.AddTo(l, wasi.Config{Stdout: os.Stdout, Stderr: os.Stderr})
	h.give(l)
	in, err := l.Instantiate(ctx, comp)
	if err != nil {
		t.Fatal(err)
	}
	return in, h
}

func (h *goGuestHost) give(l *gondola.Linker) {
	const host = "test:goguest/host"
	l.Resource(host, "thing", func(*guestThing) { h.dropped.Add(1) })
	l.Func(host, "make", func(context.Context) (*guestThing, error) { return h.thing(), nil })
	l.Func(host, "stay", func(_ context.Context, s string) (string, error) {
		<-h.release
		return s, nil
	})
	type opened struct {
		F0 string
		F1 []*guestThing
		F2 *gondola.StreamReader[byte]
		F3 *gondola.FutureReader[string]
	}
	l.Func(host, "stay-open", func(_ context.Context, t *guestThing) (o opened, err error) {
		o.F0, o.F1 = string(bytes.Repeat([]byte("x"), longText)), []*guestThing{t, h.thing()}
		h.writer, o.F2 = gondola.NewStream[byte]()
		h.setter, o.F3 = gondola.NewFuture[string]()
		<-h.release
		return o, nil
	})
}

func (h *goGuestHost) thing() *guestThing {
	h.made.Add(1)
	return &guestThing{}
}

func goGuestFunc(in *gondola.Instance, name string) *gondola.Func {
	return in.Func("test:goguest/guest", name)
}

// eventually waits until cond holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: never", what)
		}
	}
}

// A guest that gives up a call goes on, with all its goroutines and tasks, although
// the host function ignores that: after the grace period, or at once where the guest
// cancels in the form that does not block.
func TestGoGuestGoesOnWithoutAFunctionThatIgnoresItsContext(t *testing.T) {
	for tags, opts := range map[string][]gondola.Option{
		"":                     {gondola.WithGracePeriod(30 * time.Millisecond)},
		"gondola_async_cancel": {gondola.WithGracePeriod(time.Hour), gondola.WithFeatures(component.FeatureMoreAsyncBuiltins)},
	} {
		t.Run(tags, func(t *testing.T) {
			in, h := goGuest(t, tags, opts...)
			result := make(chan error, 1)
			var ticks uint32
			go func() {
				result <- goGuestFunc(in, "give-up").CallInto(context.Background(), &ticks, uint32(10))
			}()
			eventually(t, "the call begins", func() bool { return gondola.Live(in) == 1 || len(result) > 0 })
			time.Sleep(20 * time.Millisecond) // now the guest has given up
			var echoed string
			if err := goGuestFunc(in, "echo").CallInto(t.Context(), &echoed, "hello"); err != nil || echoed != "hello" {
				t.Errorf("another task: %q, %v", echoed, err)
			}
			if err := <-result; err != nil || ticks < 3 {
				t.Errorf("a ticker of a millisecond ticked %d times, %v", ticks, err)
			}
			close(h.release)
			eventually(t, "all tasks end", func() bool { return gondola.Live(in) == 0 })
		})
	}
}

// Where the host may still return a result, the memory for it stays the call's. What
// then comes is taken and dropped.
func TestGoGuestDropsALateResult(t *testing.T) {
	in, h := goGuest(t, "gondola_async_cancel",
		gondola.WithGracePeriod(time.Hour), gondola.WithFeatures(component.FeatureMoreAsyncBuiltins))
	if err := goGuestFunc(in, "abandon").CallInto(t.Context(), nil, uint32(5)); err != nil {
		t.Fatal(err)
	}
	if n := h.dropped.Load(); n != 0 || gondola.Live(in) != 1 {
		t.Errorf("%d things were dropped, %d tasks live", n, gondola.Live(in))
	}
	close(h.release)
	eventually(t, "all things are dropped", func() bool { return h.dropped.Load() == 2 && h.made.Load() == 2 })
	if n, err := h.writer.Write([]byte("x")); n != 0 || err != io.ErrClosedPipe {
		t.Errorf("the stream: %d, %v", n, err)
	}
	if err := h.setter.Set("nobody"); err != nil {
		t.Error(err)
	}
	var damaged uint32
	if err := goGuestFunc(in, "damaged").CallInto(t.Context(), &damaged); err != nil || damaged != 0 {
		t.Errorf("the result was written over %d blocks of others, %v", damaged, err)
	}
	eventually(t, "all tasks end", func() bool { return gondola.Live(in) == 0 })
}

// A task that has returned ends when its last goroutine does, whichever task had armed
// the timer that this one slept for.
func TestGoGuestTasksExit(t *testing.T) {
	in, _ := goGuest(t, "")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := goGuestFunc(in, "outlive").CallInto(t.Context(), nil, uint32(500+i%5*10)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if gondola.Live(in) == 0 {
		t.Error("no task lives while their goroutines sleep")
	}
	eventually(t, "all tasks end", func() bool { return gondola.Live(in) == 0 })
}

// The start of a Go guest asks for nothing that its instances may be told differently.
func TestGoGuestsBeginAlike(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a guest is compiled and linked")
	}
	wasm, err := goGuests[""]()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	rt := gondola.NewRuntime(ctx)
	defer rt.Close(ctx)
	comp, err := rt.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	l := rt.NewLinker()
	wasi.AddTo(l, wasi.Config{})
	(&goGuestHost{release: make(chan struct{})}).give(l)
	for i := range 5 {
		own := &wasi.Own{Env: []string{fmt.Sprint("NUMBER=", i), fmt.Sprint("PWD=/", i)}}
		in, err := l.Instantiate(wasi.WithOwn(ctx, own), comp)
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Close(ctx); err != nil {
			t.Error(err)
		}
		if skips := gondola.SkipsStart(comp); skips != (i > 0) {
			t.Errorf("instance %d: the start is skipped: %v", i, skips)
		}
	}
}
