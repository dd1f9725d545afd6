package gondola

import (
	"time"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/coredump"
	"github.com/gondola-wasm/gondola/internal/engine/wazero"
	"github.com/gondola-wasm/gondola/internal/plan"
	"github.com/gondola-wasm/gondola/internal/profile"
)

// Option changes what [NewRuntime] makes.
type Option func(*config)

type config struct {
	engine       wazero.Config
	features     component.Feature
	grace        time.Duration
	maxHandles   int
	maxTasks     int
	maxHostCalls int
	maxValue     int
	maxInstances int
	fuel         uint64
}

// defaultMaxMemory is enough for any language's run-time and far from what
// would bring a host down.
const defaultMaxMemory = 1 << 30

// defaultMaxValue is what Wasmtime has, too.
const defaultMaxValue = 128 << 20

// defaultMaxHostCalls are some 300 MB of goroutines.
const defaultMaxHostCalls = 100_000

func newConfig(opts []Option) *config {
	c := &config{grace: 100 * time.Millisecond, maxValue: defaultMaxValue, maxHostCalls: defaultMaxHostCalls, maxInstances: plan.DefaultMaxInstances}
	c.engine.MaxMemory = defaultMaxMemory
	for _, o := range opts {
		o(c)
	}
	return c
}

// WithCacheDir keeps compiled code in a folder, from which later processes load
// it instead of compiling again. Several processes may share one. It is made
// when it is not there; files in it that are damaged are made again, and so are those
// that somebody removes, as nothing here does. Whoever can write to it decides what
// code runs. Without it compiled code lives as long as the runtime.
func WithCacheDir(dir string) Option { return func(c *config) { c.engine.CacheDir = dir } }

// WithMaxMemory caps what the linear memories of one instance take together, in
// bytes. The default is 1 GiB. A guest that asks for more is told that there is
// none.
func WithMaxMemory(bytes uint64) Option {
	return func(c *config) { c.engine.MaxMemory = max(bytes, 1) }
}

// WithMaxStack caps what the call stacks of one instance take together, in bytes, those
// of tasks that wait in the middle of a call included. Stacks smaller than 64 KiB don't
// count. The default is 256 MiB. A guest that goes over it traps. A stack is measured
// when it calls the host, or has taken some thousands of steps, and grows by doubling, so
// the one that runs may be larger than that before it is found out, though never much
// larger than 100 MB. The interpreter allows 2000 calls in a call, whatever their size.
func WithMaxStack(bytes int) Option { return func(c *config) { c.engine.MaxStack = max(bytes, 1) } }

// WithMaxTableElements caps the entries that all tables of one instance have together.
// The default is 10 million, of which each takes the host 8 bytes. A table can grow to
// its share, that is this number divided by how many tables there are; a guest that asks
// for more is told that there is no more. A component whose tables begin with more is not
// compiled.
func WithMaxTableElements(n int) Option {
	return func(c *config) { c.engine.Caps.TableElements = uint64(max(n, 1)) }
}

// WithMaxTables caps the tables that the core modules of one component have. The default
// is 10,000. A component with more is not compiled.
func WithMaxTables(n int) Option { return func(c *config) { c.engine.Caps.Tables = max(n, 1) } }

// WithMaxMemories caps the memories that the core modules of one component have, each of
// which costs the host some tens of kilobytes besides what [WithMaxMemory] is about. The
// default is 1000. A component with more is not compiled.
func WithMaxMemories(n int) Option { return func(c *config) { c.engine.Caps.Memories = max(n, 1) } }

// WithMaxInstances caps the instances that one component unfolds to when it is
// instantiated: those of components in it, itself included, and likewise those of core
// modules. The default is 10,000 of each. A component with more is not compiled.
func WithMaxInstances(n int) Option {
	return func(c *config) { c.maxInstances, c.engine.Caps.Instances = max(n, 1), max(n, 1) }
}

// WithMaxHandles caps the handles that one component instance can hold at a
// time. The default is about a million. A guest that goes over it traps. So does one
// that goes on without a pause while that much, or 65,536 things, wait to be done for
// it, such as to end streams that it has dropped.
func WithMaxHandles(n int) Option { return func(c *config) { c.maxHandles = n } }

// WithMaxTasks caps the tasks that can be under way in one instance at a time.
// The default is about a million. A call of the host's that goes over it fails with
// [ErrTooManyTasks], one of a guest's traps.
func WithMaxTasks(n int) Option { return func(c *config) { c.maxTasks = n } }

// WithMaxHostCalls caps the calls of async host functions that are under way in one
// instance at a time, each of which costs a goroutine. The default is 100,000. A guest
// that goes over it traps.
func WithMaxHostCalls(n int) Option { return func(c *config) { c.maxHostCalls = max(n, 1) } }

// WithMaxValueSize caps what the arguments of one call, or its result, may take of the
// host's memory on the way out of a guest, in bytes. The default is 128 MiB. A
// guest that passes more traps. Streams carry any amount, in pieces.
func WithMaxValueSize(bytes int) Option { return func(c *config) { c.maxValue = max(bytes, 1) } }

// WithFuel ends an instance by a trap when it has taken so many steps, from its start
// functions on. A step is an iteration of a loop, or a few of a small one, or a call
// that may recurse. They are counted in tens of thousands: an instance may take that
// many more for each core module in it. The same code on the same input takes the same
// steps on every machine. Without it, or with 0, there is no end to them.
func WithFuel(steps uint64) Option { return func(c *config) { c.fuel = steps } }

// WithGracePeriod sets how long one who was asked to cancel is waited for: a guest's
// task by its caller, whose context has ended, and an async host function by the
// guest that cancelled the call. The default is 100 ms. A task that runs on without
// a pause for half of that traps.
func WithGracePeriod(d time.Duration) Option { return func(c *config) { c.grace = d } }

// WithInterpreter runs core code in an interpreter, which starts at once and is
// some ten times slower. It is what runs on processors without a compiler.
func WithInterpreter() Option { return func(c *config) { c.engine.Interpret = true } }

// WithProfile has the runtime's guests profiled: see [Profile]. Their code is the same
// and comes from the same cache, but calls of host functions cost more, the more so the
// deeper the guest's stack is.
func WithProfile(p *Profile) Option { return func(c *config) { c.engine.Profile = p } }

// Profile collects where guests spend their time, for "go tool pprof": a sample every
// 1,000 steps and at every call of a host function, with the steps of the guest, its
// time, and the time of host functions.
//
//	p := gondola.NewProfile()
//	rt := gondola.NewRuntime(ctx, gondola.WithProfile(p))
//	…
//	_, err := p.WriteTo(file)
//
// It may be given to several runtimes, also to modules of package preview1, and be
// written at any time, from any goroutine.
type Profile = profile.Profile

// NewProfile makes an empty profile.
func NewProfile() *Profile { return profile.New() }

// WithCoreDump has f called when a guest has trapped, with what is left of it. f runs where
// the guest ran, which is nowhere else in the meantime; the dump is good until it
// returns. It is called for every trap, so also for a guest that has ended itself with a
// status or was interrupted: t tells. It may be called from several goroutines at once, for
// different instances.
//
// Code is compiled anew for it, and kept apart from that of runtimes without it, but runs
// as fast.
func WithCoreDump(f func(t *Trap, dump *CoreDump)) Option {
	return func(c *config) { c.engine.CoreDump = f }
}

// CoreDump is what is left of a guest that has trapped: the memories and the globals of its core
// instances, and the functions on the stack, without locals and offsets. Of a guest that
// a guest had called through another component the stack is its own; the trap has all of
// the backtrace. WriteTo writes it as tools for WebAssembly core dumps read it; Name is
// then what was run, which the runtime doesn't know.
type CoreDump = coredump.Dump
