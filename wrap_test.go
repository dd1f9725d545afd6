package gondola

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/val"
)

func TestWrap(t *testing.T) {
	var order []string
	note := func(what string) func(HostFunc) HostFunc {
		return func(next HostFunc) HostFunc {
			return func(ctx context.Context, args []val.Value) (val.Value, error) {
				order = append(order, what)
				return next(ctx, []val.Value{val.U32(uint32(args[0].Uint()) + 1)})
			}
		}
	}
	in := tourOf(t, cancelFirst, func(l *Linker) {
		l.Func("", "now", func(_ context.Context, x uint32) uint32 { return 10 * x })
		l.Func("", "later", func(_ context.Context, x uint32) (uint32, error) {
			return 0, Later(func(context.Context) (uint32, error) { return 100 * x, nil })
		}, Ready())
		l.Func("", "fail", func(_ context.Context, x uint32) (uint32, error) { return 0, errors.New("from below") })
		l.Wrap("", "now", note("inner"))
		l.Wrap("", "now", note("outer"))
		l.Wrap("", "later", note("async"))
		l.Wrap("", "fail", func(next HostFunc) HostFunc {
			return func(ctx context.Context, args []val.Value) (val.Value, error) {
				v, err := next(ctx, args)
				if _, ok := v.Result(); ok || err != nil {
					t.Errorf("below fail: %v, %v", v, err)
				}
				return val.Value{}, &PanicError{Func: "none", Value: "given up"}
			}
		})
	})
	for name, want := range map[string]uint64{"call-now": 50, "call-later": 400} {
		if got, err := in.Func("", name).Call(t.Context(), val.U32(3)); err != nil || got.Uint() != want {
			t.Errorf("%s: %v, %v, want %d", name, got, err, want)
		}
	}
	if got := strings.Join(order, " "); got != "outer inner async" && got != "async outer inner" {
		t.Errorf("the order was %s", got)
	}
	if _, err := in.Func("", "call-fail").Call(t.Context(), val.U32(3)); err == nil {
		t.Error("no error")
	}
}

func TestWrapNothing(t *testing.T) {
	defer func() {
		if msg, _ := recover().(string); !strings.Contains(msg, "nothing of a:b/c can't be wrapped") {
			t.Errorf("panicked with %q", msg)
		}
	}()
	testRuntime(t).NewLinker().Wrap("a:b/c", "nothing", nil)
}
