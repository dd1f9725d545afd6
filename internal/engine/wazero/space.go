package wazero

import (
	"context"
	"errors"
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
	host      []engine.HostFunc
	tick      func()
	instances []*instance         // by index in the program; nil until instantiated
	memories  []*memory           // that somebody asked for
	main      wazero.ModuleConfig // of main parts
	preview1  *preview1Guest      // nil unless it has functions of that
	clock     *clock              // nil without a profile
	stacks    stacks

	set   *set   // nil when the space is closed
	again bool   // the set has served before: all instances are there
	calls int    // under way
	upset bool   // a call was unwound, or something could not be instantiated
	skip  *image // takes the place of what start functions do
}

func (c *code) NewSpace(host []engine.HostFunc, tick func()) engine.Space {
	s := &space{code: c, host: host, tick: tick, instances: make([]*instance, len(c.modules)), main: anonymous, clock: newClock(c.profiler), stacks: stacks{most: c.maxStack}}
	if s.set, s.again = c.sets.Get().(*set); !s.again {
		s.set = newSet(c)
	}
	return s
}

func spaceOf(ctx context.Context) *space { return ctx.(*callContext).space }

// hostFunc is the host function with an index in Program.Host, of whichever
// space calls.
func hostFunc(i int) api.GoFunc {
	return func(ctx context.Context, stack []uint64) {
		c := ctx.(*callContext)
		c.look()
		c.space.host[i](stack)
	}
}

// tick is called when the fuel is used up, and returns the new fuel.
func tick(ctx context.Context, stack []uint64) {
	c := ctx.(*callContext)
	c.look()
	c.space.tick()
	stack[0] = fuel
}

// anonymous is the configuration of every instance.
var anonymous = wazero.NewModuleConfig().WithName("").WithStartFunctions().WithRandSource(noRandom{})

func (s *space) Starts(i int) bool {
	for _, p := range s.code.modules[i].parts {
		if p.start != "" {
			return true
		}
	}
	return false
}

func (s *space) Instantiate(_ context.Context, i int) (engine.CoreInstance, error) {
	m := &s.code.modules[i]
	if m.misfit != nil {
		return nil, fmt.Errorf("%s: %w", m.name, m.misfit)
	}
	in := &instance{space: s, module: m, core: &s.set.cores[i], funcs: map[string]*function{}}
	s.instances[i] = in
	for k := range m.parts {
		if err := s.makePart(i, k); err != nil {
			s.upset = true
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	in.mod = in.core.parts[len(m.parts)-1]
	if i == len(s.instances)-1 {
		if err := s.complete(); err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return in, nil
}

// complete does what is left when all instances are there.
func (s *space) complete() error {
	if s.code.again && !s.again {
		s.set.keep()
	}
	if s.skip != nil && s.skip != s.set.at {
		return s.put(s.skip)
	}
	return nil
}

// put makes the instances what they are in an image, or what they were at first.
func (s *space) put(img *image) error {
	if !s.set.put(img, s.code.maxMemory) {
		s.upset = true
		return errors.New("wazero: its memory can't be set up")
	}
	return nil
}

// makePart makes a part of a module's instance, unless it is there, and starts it.
func (s *space) makePart(i, k int) error {
	m := &s.code.modules[i]
	p, core := &m.parts[k], &s.set.cores[i]
	if !s.again {
		config := anonymous
		if k == len(m.parts)-1 {
			config = s.main
		}
		mod, err := s.instantiate(p, config)
		if err != nil {
			return err
		}
		core.parts = append(core.parts, mod)
		if s.code.again {
			s.set.note(p, mod)
		}
	}
	if p.start == "" || s.skip != nil {
		return nil
	}
	if s.set.at != nil {
		if err := s.put(nil); err != nil {
			return err
		}
	}
	return s.start(core.parts[k], p)
}

func (s *space) instantiate(p *part, config wazero.ModuleConfig) (api.Module, error) {
	memory := s.set.memory
	if err := memory.check(p.memoryPages); err != nil {
		return nil, err
	}
	memory.rooms = p.rooms
	making := experimental.WithImportResolver(context.Background(), s.resolve)
	making = experimental.WithMemoryAllocator(making, memory)
	ctx := &callContext{Context: making, space: s}
	outer := s.clock.enter()
	mod, err := s.code.runtime.InstantiateModule(ctx, p.compiled, config)
	s.clock.leave(outer)
	if err != nil {
		if err = s.failed(err); unwound(err) {
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

// start calls the start function of a part.
func (s *space) start(mod api.Module, p *part) error {
	_, err := newCallee(mod.ExportedFunction(p.start)).call(s, nil)
	if err == nil {
		return nil
	}
	s.upset = true
	if err = s.failed(err); unwound(err) {
		panic(err)
	}
	return err
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
	return s.set.cores[p.instance].parts[p.part]
}

func (s *space) Close() {
	set := s.set
	if set == nil {
		return
	}
	s.clock.close()
	if s.mayKeep() && set.isOpen() && set.put(s.code.image.Load(), s.code.maxMemory) {
		s.leave()
		s.code.sets.Put(set)
	} else {
		s.leave()
		set.close()
	}
}

// mayKeep reports whether the set can serve another space.
func (s *space) mayKeep() bool {
	if !s.code.again || s.upset || s.calls > 0 || len(s.instances) == 0 {
		return false
	}
	return s.instances[len(s.instances)-1] != nil
}

// leave has the space let go of its set, so that whoever still has something of the
// space can't reach the next one's memory or code.
func (s *space) leave() {
	for _, in := range s.instances {
		if in != nil {
			in.leave()
		}
	}
	for _, m := range s.memories {
		m.m = nil
	}
	s.set = nil
}

type instance struct {
	space  *space
	module *module
	core   *core
	mod    api.Module           // the main part; nil while it is being made, and when the space is closed
	funcs  map[string]*function // those that somebody asked for
}

func (in *instance) leave() {
	for name, f := range in.funcs {
		in.core.leave(name, f.idle)
		f.idle = nil
	}
	in.core, in.mod = nil, nil
}

func (in *instance) Func(name string) (cabi.CoreFunc, bool) {
	if f := in.funcs[name]; f != nil {
		return f, true
	}
	if e, ok := in.module.exports[name]; !ok || e.kind != corewasm.KindFunc {
		return nil, false
	}
	f := &function{in: in, name: name, idle: in.core.idle[name]}
	in.funcs[name] = f
	return f, true
}

func (in *instance) Memory(name string) (cabi.Memory, bool) {
	e, ok := in.module.exports[name]
	if !ok || e.kind != corewasm.KindMemory {
		return nil, false
	}
	m := in.space.set.cores[e.place.instance].parts[e.place.part].ExportedMemory(e.place.name)
	return in.space.memory(m), m != nil
}

func (in *instance) Table(name string) (cabi.Table, bool) {
	e, ok := in.module.exports[name]
	return &table{in, e.index}, ok && e.kind == corewasm.KindTable
}

// function pools what wazero needs for calls in flight, which is made when it is first
// called.
type function struct {
	in   *instance
	name string
	idle []*callee
}

func (f *function) Call(stack []uint64) {
	s := f.in.space
	c := f.take()
	keep, err := c.call(s, stack)
	// A callee that unwound can be used again; one whose goroutine exited never
	// comes here and is dropped.
	if keep {
		f.idle = append(f.idle, c)
	}
	if err != nil {
		s.upset = true
		panic(s.failed(err))
	}
}

func (f *function) take() *callee {
	if n := len(f.idle); n > 0 {
		c := f.idle[n-1]
		f.idle = f.idle[:n-1]
		return c
	}
	if f.in.mod == nil {
		panic(errClosed)
	}
	return newCallee(f.in.mod.ExportedFunction(f.name))
}

// errClosed is about a bug: stores don't run code when they are closed.
var errClosed = errors.New("wazero: code of a closed instance is called")

// memory is a memory of one space: what has none is closed.
type memory struct{ m api.Memory }

// memory gives the same for the same memory.
func (s *space) memory(m api.Memory) *memory {
	for _, known := range s.memories {
		if known.m == m {
			return known
		}
	}
	made := &memory{m}
	s.memories = append(s.memories, made)
	return made
}

func (m *memory) Bytes() []byte {
	if m.m == nil {
		return nil
	}
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
