// Package wazero runs core modules with wazero.
//
// It is the only room that knows wazero, and knows these things of it:
//
//   - It refuses empty import names and links by module name, so every module
//     is rewritten so that its imports name their source.
//   - Code can't be interrupted, and a busy guest stops Go's garbage collector for
//     the whole process, so fuel checks are planted into it.
//   - An api.Function serves one call at a time, silently wrong otherwise, so
//     functions are pooled.
//   - The context of a call reaches host functions unchanged, so it carries the
//     space, and one compiled host module serves all instances of a component.
//   - An instance must not be freed under a parked call.
//   - A module has one memory, of less than 4 GiB, so others become parts, which
//     are modules of their own: see corewasm.Lower.
package wazero

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/gondola-wasm/gondola/internal/coredump"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/profile"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// Config says how an engine compiles and what its instances may use.
type Config struct {
	// CacheDir is a folder for compiled code, shared between processes. Empty
	// means that compiled code lives in this process only.
	CacheDir string
	// MaxMemory caps what the memories of one space take together, in bytes. 0
	// means 4 GiB.
	MaxMemory uint64
	// MaxStack caps what the call stacks of one space take together, in bytes: see
	// stacks. 0 means 256 MiB.
	MaxStack int
	// Caps bound what one program has.
	Caps Caps
	// Interpret runs code in wazero's interpreter, which is some ten times
	// slower and starts at once.
	Interpret bool
	// Profile, if not nil, collects where guests spend their time.
	Profile *profile.Profile
	// CoreDump, if not nil, is called when guest code has trapped, by who was running it:
	// once for a trap, with the stack of the call of guest code that is innermost. The dump is
	// good until it returns.
	CoreDump func(*trap.Trap, *coredump.Dump)
}

// making guards what makes runtimes of wazero's, which finds out its own version
// when it is first asked for it, and takes no care of who asks at the same time.
var making sync.Mutex

// New makes an engine.
func New(ctx context.Context, cfg Config) (engine.Engine, error) {
	rc := wazero.NewRuntimeConfig()
	if cfg.Interpret {
		rc = wazero.NewRuntimeConfigInterpreter()
	}
	rc = rc.WithCoreFeatures(features).WithDebugInfoEnabled(true)
	if cfg.MaxMemory == 0 {
		cfg.MaxMemory = 1 << 32
	}
	if cfg.MaxStack == 0 {
		cfg.MaxStack = 256 << 20
	}
	e := &eng{maxMemory: cfg.MaxMemory, maxStack: cfg.MaxStack, caps: cfg.Caps.withDefaults(), cacheDir: cfg.CacheDir, dump: cfg.CoreDump}
	if cfg.Profile != nil {
		e.profiler = &profiler{profile: cfg.Profile}
	}
	making.Lock()
	defer making.Unlock()
	if cfg.CacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(cfg.CacheDir)
		if err != nil {
			return nil, fmt.Errorf("open the cache of compiled code: %w", err)
		}
		e.cache = cache
		e.rewrites.dir = filepath.Join(cfg.CacheDir, "rewritten")
		rc = rc.WithCompilationCache(cache)
	}
	e.runtime = wazero.NewRuntimeWithConfig(ctx, rc)
	return e, nil
}

const features = api.CoreFeaturesV2 |
	experimental.CoreFeaturesThreads |
	experimental.CoreFeaturesTailCall |
	experimental.CoreFeaturesExtendedConst |
	experimental.CoreFeaturesExceptionHandling |
	experimental.CoreFeaturesTypedFunctionReferences

type eng struct {
	runtime   wazero.Runtime
	maxMemory uint64
	maxStack  int
	caps      Caps
	cache     wazero.CompilationCache // nil without a folder
	cacheDir  string
	rewrites  rewrites
	profiler  *profiler // nil without a profile
	dump      func(*trap.Trap, *coredump.Dump)
}

func (e *eng) Close(ctx context.Context) error {
	err := e.runtime.Close(ctx)
	if e.cache != nil {
		err = errors.Join(err, e.cache.Close(ctx))
	}
	return err
}

// hostModule is the module name of host functions in rewritten modules;
// instances are called by their numbers.
const (
	hostModule = "host"
	tickField  = "tick"
	copyField  = "copy"
	waitField  = "wait"
	i31Field   = "i31"
	getSField  = "i31.get_s"
	getUField  = "i31.get_u"
)

// code is a compiled program.
type code struct {
	runtime   wazero.Runtime
	cacheDir  string // "" without
	rewrites  rewrites
	profiler  *profiler
	dump      func(*trap.Trap, *coredump.Dump) // nil without core dumps
	maxMemory uint64
	maxStack  int
	maxTable  uint32 // the entries to which each table can grow
	hostCode  wazero.CompiledModule
	host      api.Module // serves every space: see hostFunc
	preview1  *preview1  // the same; nil where nothing is imported from it
	modules   []module
	memories  []place // by the numbers that copies between memories know them by

	again bool                  // sets can serve one space after the other
	sets  sync.Pool             // of *set, which have been put back
	image atomic.Pointer[image] // to what; nil for what they were at first
}

func (e *eng) Compile(ctx context.Context, p *engine.Program) (engine.Code, error) {
	c := &code{runtime: e.runtime, cacheDir: e.cacheDir, rewrites: e.rewrites, profiler: e.profiler, dump: e.dump, maxMemory: e.maxMemory, maxStack: e.maxStack}
	cores, err := decode(p.Modules)
	if err == nil {
		err = e.caps.check(p.Modules, cores)
	}
	if err != nil {
		return nil, err
	}
	c.maxTable = e.caps.tableShare(cores)
	if err := c.compileHost(ctx, p.Host); err != nil {
		return nil, err
	}
	if importsPreview1(p) {
		if c.preview1, err = newPreview1(ctx, c.runtime, c.profiler); err != nil {
			return nil, errors.Join(err, c.Close(ctx))
		}
	}
	for i := range p.Modules {
		m, err := c.compileModule(ctx, &p.Modules[i], cores[i])
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", p.Modules[i].Name, err), c.Close(ctx))
		}
		c.modules = append(c.modules, m)
	}
	c.again = c.repeatable()
	return c, nil
}

// decode reads all modules.
func decode(modules []engine.Module) ([]*corewasm.Module, error) {
	cores := make([]*corewasm.Module, len(modules))
	for i, m := range modules {
		var err error
		if cores[i], err = corewasm.Decode(m.Bytes); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return cores, nil
}

// compileHost makes the instance that gives every space its host functions.
// It is compiled and instantiated once for all of them.
func (c *code) compileHost(ctx context.Context, host []engine.HostType) (err error) {
	b := c.runtime.NewHostModuleBuilder(hostModule)
	for i, f := range host {
		c.profiler.function(b, hostFunc(i), valueTypes(f.Type.Params), valueTypes(f.Type.Results)).
			WithName(f.Name).
			Export(strconv.Itoa(i))
	}
	c.helpers(b)
	if c.hostCode, err = b.Compile(c.profiler.listening(ctx)); err != nil {
		return fmt.Errorf("host functions: %w", err)
	}
	// HostModuleBuilder.Instantiate would return a wrapper that the import
	// resolver can't take.
	c.host, err = c.runtime.InstantiateModule(ctx, c.hostCode, wazero.NewModuleConfig().WithName("").WithRandSource(noRandom{}))
	return err
}

// helpers adds what rewritten code calls.
func (c *code) helpers(b wazero.HostModuleBuilder) {
	const i32, i64 = api.ValueTypeI32, api.ValueTypeI64
	b.NewFunctionBuilder().WithGoFunction(c.profiler.ticking(tick), nil, []api.ValueType{i32}).Export(tickField)
	b.NewFunctionBuilder().WithGoFunction(api.GoFunc(copyMemory), []api.ValueType{i32, i32, i64, i64, i64}, nil).Export(copyField)
	c.profiler.function(b, wait, []api.ValueType{i64}, nil).WithName("memory.atomic.wait").Export(waitField)
	ref := []api.ValueType{api.ValueTypeExternref}
	b.NewFunctionBuilder().WithGoFunction(api.GoFunc(makeI31), []api.ValueType{i32}, ref).Export(i31Field)
	b.NewFunctionBuilder().WithGoFunction(api.GoFunc(getI31S), ref, []api.ValueType{i32}).Export(getSField)
	b.NewFunctionBuilder().WithGoFunction(api.GoFunc(getI31U), ref, []api.ValueType{i32}).Export(getUField)
}

// noRandom stands in for the random source that wazero seeds for every module
// and that only its own preview1 implementation reads. Seeding is most of what
// an instantiation costs.
type noRandom struct{}

func (noRandom) Read([]byte) (int, error) { return 0, io.EOF }

func valueTypes(ts []corewasm.ValType) []api.ValueType {
	vs := make([]api.ValueType, len(ts))
	for i, t := range ts {
		vs[i] = valueType(t)
	}
	return vs
}

func (c *code) Close(ctx context.Context) error {
	for {
		kept, ok := c.sets.Get().(*set)
		if !ok {
			break // those of other processors are closed when the garbage collector takes them
		}
		kept.close()
	}
	errs := []error{c.host.Close(ctx), c.hostCode.Close(ctx)}
	if c.preview1 != nil {
		errs = append(errs, c.preview1.close(ctx))
	}
	for i := range c.modules {
		errs = append(errs, c.modules[i].close(ctx))
	}
	return errors.Join(errs...)
}
