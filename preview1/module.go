package preview1

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gondola-wasm/gondola/internal/coredump"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/engine/wazero"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/internal/profile"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/wat"
)

// Options say how a module is compiled, and what its instances may take.
type Options struct {
	// CacheDir is a folder that keeps compiled code for later processes, as that of
	// gondola.WithCacheDir. Whoever can write to it decides what code runs.
	CacheDir string

	// MaxMemory caps what the memories of an instance take together, in bytes. 0 stands
	// for 1 GiB.
	MaxMemory uint64

	// MaxStack caps what the call stacks of an instance take together, in bytes, as
	// gondola.WithMaxStack does. 0 stands for 256 MiB.
	MaxStack int

	// MaxTableElements caps the entries of all tables of an instance together, MaxTables
	// and MaxMemories how many tables and memories a module has, as the options of
	// package gondola do. 0 stands for 10 million, 10,000 and 1000.
	MaxTableElements, MaxTables, MaxMemories int

	// Interpreter runs the code in an interpreter, which starts at once and is some ten
	// times slower.
	Interpreter bool

	// Fuel ends a run by a trap that has taken so many steps, as gondola.WithFuel says. 0
	// is no end.
	Fuel uint64

	// Profile, if not nil, collects where runs spend their time. gondola.NewProfile makes
	// one.
	Profile *profile.Profile

	// CoreDump, if not nil, is called when a run has trapped, as gondola.WithCoreDump says.
	CoreDump func(*Trap, *coredump.Dump)

	// TrapUnknownImports lets modules import functions that are not there. Calling one
	// is a trap.
	TrapUnknownImports bool
}

const defaultMaxMemory = 1 << 30

// Module is a compiled core module. It is safe for use from several goroutines.
type Module struct {
	engine  engine.Engine
	code    engine.Code
	core    *corewasm.Module
	unknown []engine.HostFunc // what stands for imports that are not there
	fuel    uint64            // of one run; 0 is no end

	mu     sync.Mutex
	closed bool // nothing new begins
	runs   sync.WaitGroup
}

// moduleName is what modules import the functions of preview 1 from.
const moduleName = "wasi_snapshot_preview1"

// Compile decodes, validates and compiles a core module, which may also be in the text
// format.
//
// # Errors
//
// What is wrong with the bytes is said with an offset or, in a text, a line. All imports
// that are not there are listed. Bytes are taken as hostile: they cost time and memory
// in proportion to their length.
func Compile(ctx context.Context, wasm []byte, o Options) (*Module, error) {
	wasm, err := wat.Binary("module.wat", wasm)
	if err != nil {
		return nil, err
	}
	core, err := corewasm.Decode(wasm)
	if err != nil {
		return nil, err
	}
	if err := core.Validate(); err != nil {
		return nil, err
	}
	if o.MaxMemory == 0 {
		o.MaxMemory = defaultMaxMemory
	}
	e, err := wazero.New(ctx, wazero.Config{
		CacheDir:  o.CacheDir,
		MaxMemory: o.MaxMemory,
		MaxStack:  o.MaxStack,
		Caps:      wazero.Caps{TableElements: uint64(max(o.MaxTableElements, 0)), Tables: o.MaxTables, Memories: o.MaxMemories},
		Interpret: o.Interpreter,
		Profile:   o.Profile,
		CoreDump:  o.CoreDump,
	})
	if err != nil {
		return nil, err
	}
	m := &Module{engine: e, core: core, fuel: o.Fuel}
	program, err := m.link(ctx, wasm, o.TrapUnknownImports)
	if err == nil {
		m.code, err = e.Compile(ctx, program)
	}
	if err != nil {
		_ = e.Close(ctx) // nothing of it is in use
		return nil, err
	}
	return m, nil
}

// link finds what satisfies each import.
func (m *Module) link(ctx context.Context, wasm []byte, trapUnknown bool) (*engine.Program, error) {
	known, err := m.engine.Preview1(ctx)
	if err != nil {
		return nil, err
	}
	p := &engine.Program{Modules: []engine.Module{{Name: "the module", Bytes: wasm, Imports: make([]engine.Source, len(m.core.Imports))}}}
	var missing []string
	for i := range m.core.Imports {
		im := &m.core.Imports[i]
		source := &p.Modules[0].Imports[i]
		t, isFunc := m.importedFunc(im)
		there, ok := known[im.Name]
		switch {
		case isFunc && ok && im.Module == moduleName && sameTypes(t, there):
			*source = engine.Source{Instance: engine.FromPreview1, Name: im.Name}
		case isFunc && trapUnknown:
			*source = engine.Source{Instance: engine.FromHost, Index: len(p.Host)}
			p.Host = append(p.Host, engine.HostType{Name: im.Module + "." + im.Name, Type: t})
			m.unknown = append(m.unknown, func([]uint64) {
				panic(trap.Host(fmt.Errorf("the module calls %s of %s, which is not there", im.Name, im.Module)))
			})
		default:
			missing = append(missing, describe(im, t))
		}
	}
	if len(missing) > 0 {
		return nil, &ImportError{missing}
	}
	return p, nil
}

func (m *Module) importedFunc(im *corewasm.Import) (corewasm.FuncType, bool) {
	if im.Kind != corewasm.KindFunc {
		return corewasm.FuncType{}, false
	}
	return m.core.Types[im.Type].FuncType, true
}

func sameTypes(a, b corewasm.FuncType) bool {
	return slices.Equal(a.Params, b.Params) && slices.Equal(a.Results, b.Results)
}

func describe(im *corewasm.Import, t corewasm.FuncType) string {
	what := im.Kind.String()
	if im.Kind == corewasm.KindFunc {
		what = funcOf(im.Name, t).signature()
	}
	return fmt.Sprintf("%s of %s: %s", names.OnOneLine(im.Name), names.OnOneLine(im.Module), what)
}

// ImportError says that a module imports what is not there. Nothing of it has run.
type ImportError struct {
	// Missing are the imports, with their types.
	Missing []string
}

func (e *ImportError) Error() string {
	return "the core module imports what is not there; there is WASI preview 1, " + moduleName + ", and nothing else:\n\t" + strings.Join(e.Missing, "\n\t")
}

// Func is a function that a module exports.
type Func struct {
	Name            string
	Params, Results []string // as in the text format: "i32", "f64"
}

// String is the function with its type: "add: func(i32, i32) -> i32".
func (f Func) String() string { return names.OnOneLine(f.Name) + ": " + f.signature() }

func (f Func) signature() string {
	s := "func(" + strings.Join(f.Params, ", ") + ")"
	if len(f.Results) > 0 {
		s += " -> " + strings.Join(f.Results, ", ")
	}
	return s
}

func funcOf(name string, t corewasm.FuncType) Func {
	return Func{name, valTypes(t.Params), valTypes(t.Results)}
}

func valTypes(ts []corewasm.ValType) []string {
	names := make([]string, len(ts))
	for i, t := range ts {
		names[i] = t.String()
	}
	return names
}

// Funcs are the functions that the module exports, in its own order.
func (m *Module) Funcs() []Func {
	var fs []Func
	for _, e := range m.core.Exports {
		if t, ok := m.core.FuncType(e.Index); ok && e.Kind == corewasm.KindFunc {
			fs = append(fs, funcOf(e.Name, t))
		}
	}
	return fs
}

// Func is the exported function of a name.
func (m *Module) Func(name string) (f Func, ok bool) {
	i := slices.IndexFunc(m.core.Exports, func(e corewasm.Export) bool { return e.Name == name && e.Kind == corewasm.KindFunc })
	if i < 0 {
		return Func{}, false
	}
	t, ok := m.core.FuncType(m.core.Exports[i].Index)
	return funcOf(name, t), ok
}

// begin notes a run, after whose end its code may be freed: see runs.
func (m *Module) begin() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errors.New("the module was closed")
	}
	m.runs.Add(1)
	return nil
}

// Close frees the compiled code once no run is under way, or returns ctx's error when
// that ends first; then it can be called again. No run can begin any more. Closing a
// module again does nothing.
func (m *Module) Close(ctx context.Context) error {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	done := make(chan struct{})
	go func() {
		m.runs.Wait()
		close(done)
	}()
	select {
	case <-done:
		return m.engine.Close(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}
