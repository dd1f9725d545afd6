package gondola

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/val"
)

// A function that is ready for some calls only.
func TestLater(t *testing.T) {
	sometimes := func(_ context.Context, x uint32) (uint32, error) {
		if x < 100 {
			return x + 1, nil
		}
		return 0, Later(func(ctx context.Context) (uint32, error) { return x + 2, ctx.Err() })
	}
	dynamic := func(_ context.Context, args []val.Value) (val.Value, error) {
		x := args[0].Uint()
		if x < 100 {
			return val.U32(uint32(x) + 1), nil
		}
		return val.Value{}, Later(func(context.Context) (val.Value, error) { return val.U32(uint32(x) + 2), nil })
	}
	for name, f := range map[string]any{"typed": sometimes, "dynamic": dynamic} {
		t.Run(name, func(t *testing.T) {
			bothTours(t, func(l *Linker) {
				l.Func("", "later", f, Ready())
				l.Func("", "soon", f, Ready())
			}, func(t *testing.T, in *Instance) {
				if got, err := in.Func("", "call-soon").Call(t.Context(), val.U32(1)); err != nil || got.Uint() != 2 {
					t.Errorf("at once: %v, %v", got, err)
				}
				if got, err := in.Func("", "call-later").Call(t.Context(), val.U32(100)); err != nil || got.Uint() != 102 {
					t.Errorf("later: %v, %v", got, err)
				}
			})
		})
	}
}

func TestLaterIsCancelled(t *testing.T) {
	begun := make(chan struct{}, 1)
	bothTours(t, func(l *Linker) {
		l.Func("", "later", func(context.Context, uint32) (uint32, error) {
			return 0, Later(func(ctx context.Context) (uint32, error) {
				begun <- struct{}{}
				<-ctx.Done()
				return 0, ctx.Err()
			})
		}, Ready())
	}, func(t *testing.T, in *Instance) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-begun
			cancel()
		}()
		if _, err := in.Func("", "call-later").Call(ctx, val.U32(1)); err != context.Canceled {
			t.Errorf("got %v", err)
		}
	})
}

func TestLaterThatFails(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		f    any
		want string
	}{
		"error":      {func(context.Context) (uint32, error) { return 0, boom }, "boom"},
		"panic":      {func(context.Context) (uint32, error) { panic(boom) }, "panicked: boom"},
		"no func":    {1, "gondola.Later got a int from a func(context.Context, uint32) (uint32, error), want a func(context.Context) (uint32, error)"},
		"nothing":    {nil, "gondola.Later got a <nil>"},
		"nil":        {(func(context.Context) (uint32, error))(nil), "gondola.Later got a func"},
		"wrong func": {func(context.Context) (string, error) { return "", nil }, "want a func(context.Context) (uint32, error)"},
	} {
		in := tour(t, func(l *Linker) {
			l.Func("", "later", func(context.Context, uint32) (uint32, error) { return 0, Later(c.f) }, Ready())
		})
		_, err := in.Func("", "call-later").Call(t.Context(), val.U32(1))
		if _, ok := errors.AsType[*Trap](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	in := tour(t, func(l *Linker) {
		l.Func("", "later", func(context.Context, uint32) (uint32, error) { return 0, Later(nil) })
	})
	if _, err := in.Func("", "call-later").Call(t.Context(), val.U32(1)); err == nil || !strings.Contains(err.Error(), "not declared Ready") {
		t.Errorf("got %v", err)
	}
}
