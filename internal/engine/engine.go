package engine

import (
	"context"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// Engine compiles core code. It is safe for use from several goroutines.
type Engine interface {
	// Compile compiles all core modules of one plan.
	Compile(ctx context.Context, p *Program) (Code, error)

	// Preview1 has the types of the functions of WASI preview 1, by name.
	Preview1(ctx context.Context) (map[string]corewasm.FuncType, error)

	// Close frees everything that the engine compiled. No space may be in use.
	Close(ctx context.Context) error
}

// Program is the core code of one plan. Everything that links it is known
// before anything runs.
type Program struct {
	Modules []Module   // in the order in which they are instantiated
	Host    []HostType // the functions that the host gives, by index
}

// HostType is what is known of a function of the host.
type HostType struct {
	Name string // what backtraces call it
	Type corewasm.FuncType
}

// Module is one instantiation of a core module.
type Module struct {
	Name    string   // what errors and backtraces call it
	Bytes   []byte   // the binary of a valid module; the engine does not keep it
	Imports []Source // where each of its imports comes from, in order
}

// Source is where an import comes from: an export of an earlier instance, or a
// function of the host.
type Source struct {
	Instance int    // index in Program.Modules, FromHost or FromPreview1
	Name     string // of the export
	Index    int    // in Program.Host
}

// FromHost is the [Source.Instance] of a host function.
const FromHost = -1

// StepsPerTick is how many steps running code takes between two ticks, which are
// iterations of loops and calls that may recurse: at the rate of real code some tens
// of microseconds, which is what a garbage collection then waits for it.
const StepsPerTick = 10_000

// Code is a compiled [Program]. It is safe for use from several goroutines.
type Code interface {
	// NewSpace makes room for the instances of one instantiation. host has one
	// function for each of Program.Host. tick is called by running code after
	// every [StepsPerTick] steps, or work of its own that takes as long, and may unwind
	// it with a panic.
	NewSpace(host []HostFunc, tick func()) Space

	// Forget says that the image that was saved is for nobody any more.
	Forget()

	// Close frees the compiled code. No space may be in use.
	Close(ctx context.Context) error
}

// HostFunc is a function that the host gives to core code. The stack holds the
// arguments; the results go to its front. Each slot has the bits of one core
// value, a 32-bit one in the lower half. A panic with an error unwinds the code
// that called.
type HostFunc = func(stack []uint64)

// Space is where the core instances of one instantiation live. It belongs to
// one store, so that only one goroutine is in it at a time.
type Space interface {
	// GivePreview1 says what the instances get of WASI preview 1. It is called before
	// the first of them is made; without it they get nothing.
	GivePreview1(p *Preview1)

	// Starts reports whether Program.Modules[i] has a start function.
	Starts(i int) bool

	// Save gives an image of the instances, all of which must have been made just now. It
	// is nil where there can be none.
	Save() Image

	// Skip is called before the first start function runs. No start function does then: the
	// instances are what they are in an image, which a space of the same code has saved.
	Skip(Image)

	// Instantiate makes the instance of Program.Modules[i], whose sources must
	// all have been instantiated, and runs its start function. A trap panics
	// like one in a call.
	Instantiate(ctx context.Context, i int) (CoreInstance, error)

	// Close frees the instances. No call may be under way, parked ones
	// included.
	Close()
}

// Image is what all instances of a space were when they had been made. It is for spaces of
// the same [Code].
type Image any

// CoreInstance is a core instance. Its functions follow [cabi.CoreFunc], and
// moreover: calls may nest and may be suspended in the middle; a trap has a
// backtrace; a panic of a host function with an error passes through unchanged.
type CoreInstance interface {
	// Func finds an exported function.
	Func(name string) (cabi.CoreFunc, bool)
	// Memory finds an exported memory.
	Memory(name string) (cabi.Memory, bool)
	// Table finds an exported table of functions.
	Table(name string) (cabi.Table, bool)
}
