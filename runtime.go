package gondola

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/engine/wazero"
	"github.com/gondola-wasm/gondola/internal/plan"
	"github.com/gondola-wasm/gondola/wat"
)

// Runtime compiles components and owns the compiled code. It is safe for use
// from several goroutines.
type Runtime struct {
	cfg *config

	start  sync.Once // makes the engine
	engine engine.Engine
	err    error // why there is none

	mu        sync.Mutex
	closed    bool                   // nothing new begins, see Close
	instances map[*Instance]struct{} // that have not been closed
	compiling sync.WaitGroup         // what uses the engine besides instances
}

// NewRuntime makes a runtime. Nothing is opened or compiled before the first
// [Runtime.Compile], which reports what is wrong with the options.
func NewRuntime(_ context.Context, opts ...Option) *Runtime {
	return &Runtime{cfg: newConfig(opts), instances: map[*Instance]struct{}{}}
}

// Compile decodes, validates and compiles a component. It may also have the text
// format (.wat): bytes that don't begin like a binary are taken as text.
//
// # Errors
//
// What is wrong with a binary is said with a byte offset and a path, such as
// `component[2].export["wasi:io/streams"]`; with a text, with the line. Bytes are
// taken as hostile: they cost time and memory in proportion to their length.
func (rt *Runtime) Compile(ctx context.Context, wasm []byte) (*Component, error) {
	eng, end, err := rt.use(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer end()
	typed, err := rt.typedComponent(wasm)
	if err != nil {
		return nil, err
	}
	if plan.IsOpen(typed) {
		return newOpenComponent(rt, typed), nil
	}
	p, err := plan.New(typed, rt.cfg.maxInstances)
	if err != nil {
		return nil, err
	}
	return rt.compile(ctx, eng, p)
}

func (rt *Runtime) typedComponent(src []byte) (*validate.Component, error) {
	wasm, err := wat.Binary("component.wat", src)
	if err != nil {
		return nil, err
	}
	c, err := binary.Decode(wasm)
	if err != nil {
		return nil, err
	}
	var seen validate.Seen
	if dir := rt.cfg.engine.CacheDir; dir != "" {
		seen = validModules{filepath.Join(dir, "valid"), rt.cfg.features}
	}
	typed, err := validate.ValidateWith(c, validate.Options{Features: rt.cfg.features}, seen)
	return typed, wat.Locate("component.wat", src, err)
}

func (rt *Runtime) compile(ctx context.Context, eng engine.Engine, p *plan.Plan) (*Component, error) {
	tmpl, err := engine.NewTemplate(ctx, eng, p)
	if err != nil {
		return nil, err
	}
	return newComponent(rt, tmpl), nil
}

func (rt *Runtime) open(ctx context.Context) (engine.Engine, error) {
	rt.start.Do(func() { rt.engine, rt.err = wazero.New(ctx, rt.cfg.engine) })
	return rt.engine, rt.err
}

// use gives the engine to one who compiles something, of c unless it is nil, and
// says so by end when it is done. It fails where the runtime or c has been closed.
func (rt *Runtime) use(ctx context.Context, c *Component) (eng engine.Engine, end func(), err error) {
	if eng, err = rt.open(ctx); err != nil {
		return nil, nil, err
	}
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if err := rt.mayUse(c); err != nil {
		return nil, nil, err
	}
	rt.compiling.Add(1)
	return eng, rt.compiling.Done, nil
}

// mayUse says why nothing can be begun with c, which may be nil. rt.mu is held.
func (rt *Runtime) mayUse(c *Component) error {
	switch {
	case rt.closed:
		return errRuntimeClosed
	case c != nil && c.closed:
		return errComponentClosed
	}
	return nil
}

var (
	errRuntimeClosed   = errors.New("the runtime was closed")
	errComponentClosed = errors.New("the component was closed")
)

// keep notes an instance that must be closed before its code is freed. It fails where
// that may be free already.
func (rt *Runtime) keep(in *Instance) error {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if err := rt.mayUse(in.component); err != nil {
		return err
	}
	rt.instances[in] = struct{}{}
	return nil
}

func (rt *Runtime) forget(in *Instance) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	delete(rt.instances, in)
}

// closeInstances closes those that which names.
func (rt *Runtime) closeInstances(ctx context.Context, which func(*Instance) bool) error {
	rt.mu.Lock()
	var open []*Instance
	for in := range rt.instances {
		if which(in) {
			open = append(open, in)
		}
	}
	rt.mu.Unlock()
	for _, in := range open {
		if err := in.Close(ctx); err != nil {
			return err // its code may still run, so that nothing can be freed
		}
	}
	return nil
}

// Close closes every instance that has not been closed, as [Instance.Close] does,
// waits for what is being compiled, and frees all compiled code. Nothing can be
// compiled or instantiated any more. It must not be called by a host function. When
// ctx ends first, not everything is freed; it can be called again. Closing a runtime
// again does nothing.
func (rt *Runtime) Close(ctx context.Context) error {
	eng, err := rt.open(ctx)
	if err != nil {
		return nil // nothing was made, and Compile has said why
	}
	rt.mu.Lock()
	rt.closed = true
	rt.mu.Unlock()
	if err := rt.closeInstances(ctx, func(*Instance) bool { return true }); err != nil {
		return err
	}
	compiled := make(chan struct{})
	go func() {
		rt.compiling.Wait()
		close(compiled)
	}()
	select {
	case <-compiled:
	case <-ctx.Done():
		return ctx.Err()
	}
	return eng.Close(ctx)
}
