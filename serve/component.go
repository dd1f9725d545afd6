package serve

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// New makes a handler that answers with instances of c, which l furnishes with imports;
// host is what [wasi.AddTo] has returned for l. It makes the first instance at once, so that what
// is wrong with the component is known before any request comes; ctx bounds that.
//
// [Handler.Shutdown] ends what New has begun. The runtime must not be closed before.
//
// # Errors
//
// A component that exports no handler of HTTP, options that don't fit it, and those of
// [gondola.Linker.Instantiate].
func New(ctx context.Context, l *gondola.Linker, host *wasi.Host, c *gondola.Component, opts Options) (*Handler, error) {
	kind := wasi.HTTPVersion(c)
	if kind == wasi.NoHTTP {
		return nil, noHandlerError(c)
	}
	concurrent := kind == wasi.HTTP03
	opts, err := opts.settled(concurrent)
	if err != nil {
		return nil, err
	}
	src := &componentSource{linker: l, host: host, component: c, own: opts.Own}
	if concurrent {
		src.handle = [2]string{"wasi:http/handler", "handle"}
	}
	h := newHandler(src, opts, concurrent)
	if err := h.pool.first(ctx); err != nil {
		_ = h.Shutdown(context.WithoutCancel(ctx)) // which has nothing to wait for
		return nil, err
	}
	return h, nil
}

// componentSource makes instances of a component.
type componentSource struct {
	linker    *gondola.Linker
	host      *wasi.Host
	component *gondola.Component
	own       func(id string) *wasi.Own
	handle    [2]string // the function that may hold callers back, if any
}

// flusher is a writer that may keep something back.
type flusher interface{ Flush() error }

func (s *componentSource) make(ctx context.Context, id string, rests func(condition)) (instance, error) {
	in := &componentInstance{source: s}
	if s.own != nil {
		if own := s.own(id); own != nil {
			in.own = *own
		}
	}
	in.own.Env = append([]string{"INSTANCE_ID=" + id}, in.own.Env...)
	onRest := gondola.OnRest(func(r gondola.Rest) { rests(in.condition(r)) })
	var err error
	in.inst, err = s.linker.Instantiate(wasi.WithOwn(ctx, &in.own), s.component, onRest, gondola.Patient())
	if err != nil {
		in.flush()
		return nil, err
	}
	if s.handle[0] != "" {
		in.handle.Store(in.inst.Func(s.handle[0], s.handle[1]))
	}
	return in, nil
}

// componentInstance is an instance of a component.
type componentInstance struct {
	source *componentSource
	inst   *gondola.Instance
	handle atomic.Pointer[gondola.Func]
	own    wasi.Own
}

func (in *componentInstance) condition(r gondola.Rest) condition {
	f := in.handle.Load()
	return condition{
		tasks:   r.Tasks(),
		handles: r.Handles(),
		admits:  f == nil || r.Admits(f),
		ended:   r.Err(),
		callers: r.Callers(),
	}
}

func (in *componentInstance) serve(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	return in.source.host.HandleHTTP(wasi.WithOwn(ctx, &in.own), in.inst, w, r)
}

func (in *componentInstance) tell() { in.inst.TellRest() }

func (in *componentInstance) close() {
	_ = in.inst.Close(context.Background()) // which does not end
	in.flush()
}

// What an instance has written has flushGrace to get out before the instance counts as
// closed, and flushPatience before it is lost: whoever should take it may never.
const (
	flushGrace    = time.Second
	flushPatience = time.Minute
)

// flush gets out what the instance has written.
func (in *componentInstance) flush() {
	var kept []flusher
	for _, w := range []any{in.own.Stdout, in.own.Stderr} {
		if w, ok := w.(flusher); ok {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return
	}
	out := make(chan struct{})
	go func() {
		defer close(out)
		ctx, cancel := context.WithTimeout(context.Background(), flushPatience)
		defer cancel()
		for _, w := range kept {
			if in.source.host.Flush(ctx) == nil {
				_ = w.Flush() // there is nobody to tell
			}
		}
	}()
	late := time.NewTimer(flushGrace)
	defer late.Stop()
	select {
	case <-out:
	case <-late.C:
	}
}

// noHandlerError says that c answers no requests, and what it does instead.
func noHandlerError(c *gondola.Component) error {
	var has []string
	for _, e := range c.Exports() {
		name := cmp.Or(e.Instance, e.Name)
		if !slices.Contains(has, name) {
			has = append(has, name)
		}
	}
	what := "the component exports neither wasi:http/handler of WASI 0.3 nor wasi:http/incoming-handler of WASI 0.2"
	switch {
	case len(has) == 0:
		return errors.New(what)
	case slices.ContainsFunc(has, func(name string) bool { return strings.HasPrefix(name, "wasi:cli/run@") }):
		return errors.New(what + "; it is a command, which is run, not served")
	}
	return errors.New(what + "; it exports " + strings.Join(has, ", "))
}
