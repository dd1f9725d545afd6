package gondola

import (
	"context"
	"sync"

	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/engine/wazero"
	"github.com/gondola-wasm/gondola/internal/plan"
)

// Runtime compiles components and owns the compiled code. It is safe for use
// from several goroutines.
type Runtime struct {
	cfg *config

	start  sync.Once // makes the engine
	engine engine.Engine
	err    error // why there is none
}

// NewRuntime makes a runtime. Nothing is opened or compiled before the first
// [Runtime.Compile], which reports what is wrong with the options.
func NewRuntime(_ context.Context, opts ...Option) *Runtime {
	return &Runtime{cfg: newConfig(opts)}
}

// Compile decodes, validates and compiles a component.
//
// # Errors
//
// What is wrong with the bytes is said with a byte offset and a path, such as
// `component[2].export["wasi:io/streams"]`. Bytes are taken as hostile: they cost
// time and memory in proportion to their length.
func (rt *Runtime) Compile(ctx context.Context, wasm []byte) (*Component, error) {
	eng, err := rt.open(ctx)
	if err != nil {
		return nil, err
	}
	p, err := planOf(wasm)
	if err != nil {
		return nil, err
	}
	tmpl, err := engine.NewTemplate(ctx, eng, p)
	if err != nil {
		return nil, err
	}
	return newComponent(rt, tmpl), nil
}

func planOf(wasm []byte) (*plan.Plan, error) {
	c, err := binary.Decode(wasm)
	if err != nil {
		return nil, err
	}
	v, err := validate.Validate(c, validate.Options{})
	if err != nil {
		return nil, err
	}
	return plan.New(v)
}

func (rt *Runtime) open(ctx context.Context) (engine.Engine, error) {
	rt.start.Do(func() { rt.engine, rt.err = wazero.New(ctx, rt.cfg.engine) })
	return rt.engine, rt.err
}

// Close frees all compiled code. Every instance must have been closed before.
func (rt *Runtime) Close(ctx context.Context) error {
	eng, err := rt.open(ctx)
	if err != nil {
		return nil // nothing was made, and Compile has said why
	}
	return eng.Close(ctx)
}
