package wazero

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/sysfs"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
)

// preview1Module is the module name of WASI preview 1's functions in rewritten modules.
const preview1Module = "preview1"

// preview1 is wazero's implementation of WASI preview 1. What it keeps for a guest is in
// the instance that calls it.
type preview1 struct {
	code   wazero.CompiledModule
	module api.Module
}

// newPreview1 takes wazero's functions and puts ours around those that a guest could
// do harm with.
func newPreview1(ctx context.Context, r wazero.Runtime, p *profiler) (*preview1, error) {
	theirs, err := preview1Functions(ctx, r)
	if err != nil {
		return nil, err
	}
	b := r.NewHostModuleBuilder(preview1Module)
	calls := make(preview1Calls, len(theirs))
	for name, f := range theirs {
		calls[name] = f.GoFunction().(api.GoModuleFunction)
	}
	for name, f := range theirs {
		b.NewFunctionBuilder().
			WithGoModuleFunction(p.timed(calls.guarded(name)), f.ParamTypes(), f.ResultTypes()).
			WithName(name).
			Export(name)
	}
	made := &preview1{}
	if made.code, err = b.Compile(p.listening(ctx)); err != nil {
		return nil, fmt.Errorf("functions of WASI preview 1: %w", err)
	}
	made.module, err = r.InstantiateModule(ctx, made.code, anonymous)
	return made, err
}

// preview1Functions are wazero's functions of WASI preview 1, by name.
func preview1Functions(ctx context.Context, r wazero.Runtime) (map[string]api.FunctionDefinition, error) {
	c, err := wasi_snapshot_preview1.NewBuilder(r).Compile(ctx)
	if err != nil {
		return nil, err
	}
	return c.ExportedFunctions(), c.Close(ctx)
}

func (p *preview1) close(ctx context.Context) error {
	return errors.Join(p.module.Close(ctx), p.code.Close(ctx))
}

func (e *eng) Preview1(ctx context.Context) (map[string]corewasm.FuncType, error) {
	fs, err := preview1Functions(ctx, e.runtime)
	if err != nil {
		return nil, err
	}
	types := make(map[string]corewasm.FuncType, len(fs))
	for name, f := range fs {
		types[name] = corewasm.FuncType{Params: coreTypes(f.ParamTypes()), Results: coreTypes(f.ResultTypes())}
	}
	return types, nil
}

// coreTypes is the opposite of valueTypes, for numbers.
func coreTypes(vs []api.ValueType) []corewasm.ValType {
	ts := make([]corewasm.ValType, len(vs))
	for i, v := range vs {
		switch v {
		case api.ValueTypeI32:
			ts[i] = corewasm.I32
		case api.ValueTypeI64:
			ts[i] = corewasm.I64
		case api.ValueTypeF32:
			ts[i] = corewasm.F32
		case api.ValueTypeF64:
			ts[i] = corewasm.F64
		}
	}
	return ts
}

func importsPreview1(p *engine.Program) bool {
	for _, m := range p.Modules {
		for _, s := range m.Imports {
			if s.Instance == engine.FromPreview1 {
				return true
			}
		}
	}
	return false
}

func (s *space) GivePreview1(p *engine.Preview1) {
	c := anonymous.
		WithArgs(p.Args...).
		WithSysWalltime().
		WithSysNanotime().
		WithRandSource(rand.Reader).
		WithFSConfig(directories(p.Dirs))
	for _, kv := range p.Env {
		name, value, _ := strings.Cut(kv, "=")
		c = c.WithEnv(name, value)
	}
	// A nil one in the interface would be taken for a reader or writer.
	if p.Stdin != nil {
		c = c.WithStdin(p.Stdin)
	}
	if p.Stdout != nil {
		c = c.WithStdout(p.Stdout)
	}
	if p.Stderr != nil {
		c = c.WithStderr(p.Stderr)
	}
	sleep := p.Sleep
	if sleep == nil {
		sleep = time.Sleep
	}
	s.main = c.WithNanosleep(func(ns int64) { sleep(time.Duration(ns)) })
	s.preview1 = &preview1Guest{check: p.Check, sleep: sleep, fds: newDescriptors(firstDir + len(p.Dirs))}
}

// directories are what a guest can open. They share a budget of open files.
func directories(dirs []engine.Preview1Dir) wazero.FSConfig {
	config := wazero.NewFSConfig()
	budget := &fileBudget{}
	for _, d := range dirs {
		config = config.(sysfs.FSConfig).WithSysFSMount(&rootFS{root: d.Root, readOnly: d.ReadOnly, budget: budget}, d.Guest)
	}
	return config
}
