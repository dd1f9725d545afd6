package gondola

import (
	"context"
	"errors"
	"sync"
	"testing"
)

const closedText = `(component
	(core module $m (func (export "f") (result i32) i32.const 7))
	(core instance $i (instantiate $m))
	(func (export "f") (result u32) (canon lift (core func $i "f"))))`

// What was closed says so, whatever it is used for, and can be closed again.
func TestUseAfterClose(t *testing.T) {
	ctx := t.Context()
	rt := NewRuntime(ctx)
	comp, err := rt.Compile(ctx, []byte(closedText))
	if err != nil {
		t.Fatal(err)
	}
	linker := rt.NewLinker()
	in, err := linker.Instantiate(ctx, comp)
	if err != nil {
		t.Fatal(err)
	}
	closes := func(what string, close func(context.Context) error) {
		t.Helper()
		for range 2 {
			if err := close(ctx); err != nil {
				t.Errorf("closing %s: %v", what, err)
			}
		}
	}
	fails := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", what, err, want)
		}
	}
	instantiate := func() error { _, err := linker.Instantiate(ctx, comp); return err }

	closes("the component", comp.Close)
	fails("instantiate", instantiate(), errComponentClosed)
	fails("call", in.Func("", "f").CallInto(ctx, nil), ErrClosed)
	closes("its instance", in.Close)
	if n := len(comp.Exports()); n != 1 {
		t.Errorf("%d exports", n)
	}

	closes("the runtime", rt.Close)
	fails("instantiate", instantiate(), errRuntimeClosed)
	_, err = rt.Compile(ctx, []byte(closedText))
	fails("compile", err, errRuntimeClosed)
	closes("the component again", comp.Close)

	unused := NewRuntime(ctx)
	closes("a runtime that was not used", unused.Close)
	_, err = unused.Compile(ctx, []byte(closedText))
	fails("compile", err, errRuntimeClosed)
}

// An open component is compiled when it is linked, which may be late, too.
func TestLinkAfterClose(t *testing.T) {
	ctx := t.Context()
	rt := NewRuntime(ctx)
	defer rt.Close(ctx)
	comp, err := rt.Compile(ctx, []byte(`(component (import "m" (core module)))`))
	if err != nil {
		t.Fatal(err)
	}
	linkers := [...]*Linker{rt.NewLinker(), rt.NewLinker()}
	for _, l := range linkers {
		if err := l.CoreModule("", "m", []byte("(module)")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := linkers[0].Instantiate(ctx, comp); err != nil {
		t.Fatal(err)
	}
	if err := comp.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for i, l := range linkers {
		if _, err := l.Instantiate(ctx, comp); !errors.Is(err, errComponentClosed) {
			t.Errorf("linker %d: %v", i, err)
		}
	}
}

// Who compiles, instantiates and calls while somebody closes is told so, or is done
// before; code that was freed does not run.
func TestCloseMeanwhile(t *testing.T) {
	for range 20 {
		rt := NewRuntime(t.Context())
		linker := rt.NewLinker()
		comp, err := rt.Compile(t.Context(), []byte(closedText))
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		use := func(c *Component) error {
			in, err := linker.Instantiate(t.Context(), c)
			if err != nil {
				return err
			}
			var n uint32
			if err := in.Func("", "f").CallInto(t.Context(), &n); err != nil || n == 7 {
				return err
			}
			return errors.New("a wrong result")
		}
		begun := make(chan struct{}, 4)
		for i := range 4 {
			all.Go(func() {
				for n := 0; ; n++ {
					c, err := comp, error(nil)
					if i == 0 {
						c, err = rt.Compile(t.Context(), []byte(closedText))
					}
					if err == nil {
						err = use(c)
					}
					if n == 0 {
						begun <- struct{}{}
					}
					switch {
					case err == nil:
					case errors.Is(err, ErrClosed), errors.Is(err, errComponentClosed), errors.Is(err, errRuntimeClosed):
						return
					default:
						t.Error(err)
						return
					}
				}
			})
		}
		for range 4 {
			<-begun
		}
		all.Go(func() {
			if err := comp.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
		if err := rt.Close(t.Context()); err != nil {
			t.Error(err)
		}
		all.Wait()
	}
}
