package wast

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/gondola-wasm/gondola"
)

// host is what scripts find as imports of components: functions of the root, and
// the instances host and wasmtime. Other engines' suites rely on it.
type host struct {
	mu       sync.Mutex
	drops    uint32
	lastDrop uint32
}

// resource1 and resource2 are resources of the host, known to guests by a number.
type (
	resource1 struct{ rep uint32 }
	resource2 struct{ rep uint32 }
)

func addHost(l *gondola.Linker) {
	h := &host{}
	l.Func("", "host-echo-u32", func(_ context.Context, v uint32) (uint32, error) { return v, nil })
	l.Func("", "host-return-two", returns(uint32(2)))
	l.Func("host", "return-three", returns(uint32(3)))
	l.Func("host/nested", "return-four", returns(uint32(4)))
	l.Func("host", "return-hi", returns("hi"))
	l.Func("host", "never-return", func(ctx context.Context) error { return never(ctx) })
	l.Func("host", "return-two-slowly", func(ctx context.Context) (int32, error) { return 2, slowly(ctx) })
	l.Func("host", "echo-slowly", func(ctx context.Context, v uint32) (uint32, error) { return v, slowly(ctx) })
	h.addResources(l)
	must(l.CoreModule("host", "simple-module", []byte(simpleModule)))
	l.Func("wasmtime", "set-max-table-capacity", func(context.Context, uint32) error { return nil })
	l.Func("wasmtime", "gc", func(context.Context) error { runtime.GC(); return nil })
}

// simpleModule is a core module that components can instantiate.
const simpleModule = `(module
	(global (export "g") i32 (i32.const 100))
	(func (export "f") (result i32) (i32.const 101)))`

// must is for what can't fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func returns[T any](v T) func(context.Context) (T, error) {
	return func(context.Context) (T, error) { return v, nil }
}

func never(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// slowly returns when the guest has had a chance to go on without.
func slowly(ctx context.Context) error {
	select {
	case <-time.After(time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *host) addResources(l *gondola.Linker) {
	l.Resource("host", "resource1", h.drop)
	l.Resource("host", "resource1-again", h.drop)
	l.Resource("host", "resource2", func(*resource2) {})
	l.Func("host", "[constructor]resource1", func(_ context.Context, rep uint32) (*resource1, error) {
		return &resource1{rep}, nil
	})
	l.Func("host", "[static]resource1.assert", isRep)
	l.Func("host", "[method]resource1.simple", isRep)
	l.Func("host", "[static]resource1.last-drop", func(context.Context) (uint32, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.lastDrop, nil
	})
	l.Func("host", "[static]resource1.drops", func(context.Context) (uint32, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.drops, nil
	})
	takes := func(context.Context, *resource1, *resource1) error { return nil }
	l.Func("host", "[method]resource1.take-borrow", takes)
	l.Func("host", "[method]resource1.take-own", takes)
	l.Func("host", "[method]resource1.never-return", func(ctx context.Context, _ *resource1) error { return never(ctx) })
}

func (h *host) drop(r *resource1) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drops++
	h.lastDrop = r.rep
}

func isRep(_ context.Context, r *resource1, rep uint32) error {
	if r.rep != rep {
		return fmt.Errorf("this is resource %d, not %d", r.rep, rep)
	}
	return nil
}
