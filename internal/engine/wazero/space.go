package wazero

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/coro"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// space holds the instances of one instantiation.
type space struct {
	code      *code
	ctx       *spaceContext
	host      []engine.HostFunc
	tick      func()
	instances []*instance // by index in the program; nil until instantiated
	memory    memoryBudget
	main      wazero.ModuleConfig // of main parts
	check     func()              // see engine.Preview1
	clock     *clock              // nil without a profile
}

func (c *code) NewSpace(host []engine.HostFunc, tick func()) engine.Space {
	s := &space{code: c, host: host, tick: tick, instances: make([]*instance, len(c.modules)), main: anonymous, clock: newClock(c.profiler)}
	s.memory.left, s.memory.spare = c.maxMemory, maxSpare
	s.ctx = &spaceContext{Context: context.Background(), space: s}
	return s
}

// spaceContext is the context of every call into a space. wazero hands it to
// host functions as it is, which is how they find the space they serve.
type spaceContext struct {
	context.Context
	space *space
}

func spaceOf(ctx context.Context) *space { return ctx.(*spaceContext).space }

// hostFunc is the host function with an index in Program.Host, of whichever
// space calls.
func hostFunc(i int) api.GoFunc {
	return func(ctx context.Context, stack []uint64) { spaceOf(ctx).host[i](stack) }
}

// tick is called when the fuel is used up, and returns the new fuel.
func tick(ctx context.Context, stack []uint64) {
	spaceOf(ctx).tick()
	stack[0] = fuel
}

// anonymous is the configuration of every instance.
var anonymous = wazero.NewModuleConfig().WithName("").WithStartFunctions().WithRandSource(noRandom{})

func (s *space) Instantiate(_ context.Context, i int) (engine.CoreInstance, error) {
	m := &s.code.modules[i]
	if m.misfit != nil {
		return nil, fmt.Errorf("%s: %w", m.name, m.misfit)
	}
	in := &instance{space: s, module: m, funcs: map[string]*function{}}
	s.instances[i] = in
	for k := range m.parts {
		config := anonymous
		if k == len(m.parts)-1 {
			config = s.main
		}
		mod, err := s.instantiate(&m.parts[k], config)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		in.parts = append(in.parts, mod)
	}
	in.mod = in.parts[len(in.parts)-1]
	return in, nil
}

func (s *space) instantiate(p *part, config wazero.ModuleConfig) (api.Module, error) {
	if err := s.memory.check(p.memoryPages); err != nil {
		return nil, err
	}
	s.memory.rooms = p.rooms
	making := experimental.WithImportResolver(context.Background(), s.resolve)
	making = experimental.WithMemoryAllocator(making, &s.memory)
	ctx := &spaceContext{Context: making, space: s}
	outer := s.clock.enter()
	mod, err := s.code.runtime.InstantiateModule(ctx, p.compiled, config)
	s.clock.leave(outer)
	if err != nil {
		if err = asError(err); unwound(err) {
			panic(err)
		}
		return nil, err
	}
	if len(p.image) > 0 {
		memory := mod.ExportedMemory(p.memory)
		for _, seg := range p.image {
			memory.Write(seg.Offset, seg.Data) // it fits: see corewasm.Rewritten.Image
		}
	}
	return mod, nil
}

// unwound reports whether err is what unwound a start function, and not one of the
// engine's.
func unwound(err error) bool {
	switch err.(type) {
	case *trap.Trap, *cabi.Bug, *engine.ExitError:
		return true
	}
	return err == coro.Abandoned
}

// resolve finds the module that a rewritten import names.
func (s *space) resolve(name string) api.Module {
	p, host := sourceOf(name)
	switch host {
	case hostModule:
		return s.code.host
	case preview1Module:
		return s.code.preview1.module
	}
	return s.instances[p.instance].parts[p.part]
}

func (s *space) Close() {
	for _, in := range s.instances {
		if in == nil {
			continue
		}
		for _, mod := range in.parts {
			// With no exit code to report, closing can't fail. It frees no
			// memory: see linearMemory.Free.
			_ = mod.Close(s.ctx)
		}
	}
	s.memory.free()
}

type instance struct {
	space  *space
	module *module
	parts  []api.Module         // the main part last; fewer while it is being made
	mod    api.Module           // the main part
	funcs  map[string]*function // those that somebody asked for
}

func (in *instance) Func(name string) (cabi.CoreFunc, bool) {
	if f := in.funcs[name]; f != nil {
		return f, true
	}
	if e, ok := in.module.exports[name]; !ok || e.kind != corewasm.KindFunc {
		return nil, false
	}
	f := &function{in: in, name: name}
	in.funcs[name] = f
	return f, true
}

func (in *instance) Memory(name string) (cabi.Memory, bool) {
	e, ok := in.module.exports[name]
	if !ok || e.kind != corewasm.KindMemory {
		return nil, false
	}
	m := in.space.instances[e.place.instance].parts[e.place.part].ExportedMemory(e.place.name)
	return memory{m}, m != nil
}

func (in *instance) Table(name string) (cabi.Table, bool) {
	e, ok := in.module.exports[name]
	return &table{in, e.index}, ok && e.kind == corewasm.KindTable
}

// function pools what wazero needs for a call in flight, some 11 KB each, which
// is made when it is first called.
type function struct {
	in   *instance
	name string
	idle []api.Function
}

func (f *function) Call(stack []uint64) {
	fn := f.take()
	s := f.in.space
	outer := s.clock.enter()
	err := fn.CallWithStack(s.ctx, stack)
	s.clock.leave(outer)
	// An api.Function that unwound can be used again; one whose goroutine
	// exited never comes here and is dropped.
	f.idle = append(f.idle, fn)
	if err != nil {
		panic(asError(err))
	}
}

func (f *function) take() api.Function {
	if n := len(f.idle); n > 0 {
		fn := f.idle[n-1]
		f.idle = f.idle[:n-1]
		return fn
	}
	return f.in.mod.ExportedFunction(f.name)
}

type memory struct{ m api.Memory }

func (m memory) Bytes() []byte {
	b, _ := m.m.Read(0, m.m.Size())
	return b
}

func valueType(t corewasm.ValType) api.ValueType {
	switch t {
	case corewasm.I32:
		return api.ValueTypeI32
	case corewasm.I64:
		return api.ValueTypeI64
	case corewasm.F32:
		return api.ValueTypeF32
	case corewasm.F64:
		return api.ValueTypeF64
	}
	panic("wazero: no canonical function has a parameter of type " + t.String())
}
