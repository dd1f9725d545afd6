package plan

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

// Step is one step of instantiation: *[InstantiateModule], *[Resource], *[Lift],
// *[Lower], *[Builtin], *[ExtractFunc], *[ExtractMemory] or *[ExtractTable].
type Step interface{ isStep() }

// InstantiateModule makes the next core instance.
type InstantiateModule struct {
	Number   int // of the core instance
	Instance int // the component instance that it belongs to
	Module   ModuleRef

	// Args are what satisfies the imports of a module of Plan.Modules, in the order
	// in which it imports them.
	Args []CoreDef

	// NamedArgs are what may satisfy the imports of an imported module, whose own
	// imports are known when it is linked.
	NamedArgs []NamedArg
}

// NamedArg is a core definition under the two names of a core import.
type NamedArg struct {
	Module, Name string
	Def          CoreDef
}

// CoreDef refers to a core definition: an export of a core instance or a
// trampoline.
type CoreDef struct {
	Sort       component.Sort // SortCoreFunc, …Table, …Memory, …Global or …Tag
	Trampoline int            // the number of a trampoline, or -1
	Instance   int            // the number of a core instance where Trampoline is -1
	Name       string         // of its export
}

// IsTrampoline reports whether d is a trampoline rather than an export.
func (d CoreDef) IsTrampoline() bool { return d.Trampoline >= 0 }

// ExtractFunc takes out a function that the runtime calls: one to lift, a
// realloc, callback, post-return or destructor. Each function is taken out once.
type ExtractFunc struct {
	Number int
	From   CoreDef
	Type   corewasm.FuncType
}

// ExtractMemory takes out a memory that canonical definitions use. A memory that is
// exported under two names, or by two core instances, has two numbers: compare
// memories, not numbers.
type ExtractMemory struct {
	Number int
	From   CoreDef
}

// ExtractTable takes out a table that thread.new-indirect uses.
type ExtractTable struct {
	Number int
	From   CoreDef
}

// Resource makes a resource type that a guest defines. Imported resource types
// have no step: they are in Plan.Imports.
type Resource struct {
	Resource *types.Resource // its Index is the number
	Instance int             // the component instance that defines it
	Dtor     int             // the number of an extracted function, or -1
	Rep      component.CoreValType
}

// Lift makes the next function of a guest.
//
// Spec: CanonicalABI.md#canon-lift.
type Lift struct {
	Number  int
	Callee  int // the number of an extracted function
	Type    *types.Func
	Options Options
	Core    corewasm.FuncType // of the callee
}

// Lower makes the next trampoline from a component-level function.
//
// Spec: CanonicalABI.md#canon-lower.
type Lower struct {
	Number  int // of the trampoline
	Func    FuncRef
	Type    *types.Func
	Options Options
	Core    corewasm.FuncType // of the trampoline
}

// Builtin makes the next trampoline from a canonical built-in. Op says which of
// the fields count, as in [component.Canon].
//
// Spec: CanonicalABI.md#canonical-definitions.
type Builtin struct {
	Number      int // of the trampoline
	Op          component.CanonOp
	Resource    *types.Resource   // resource.{new,drop,rep}
	Type        *types.Type       // {stream,future}.*: the stream or future type; task.return: the result or nil
	Options     Options           // Options.Instance counts for all
	Async       bool              // {stream,future}.cancel-*, subtask.cancel
	Cancellable bool              // waitable-set.{wait,poll}, thread.*
	Slot        int               // context.{get,set}
	Table       int               // thread.new-indirect: the number of a table, or -1
	TablePtr    layout.PtrType    // thread.new-indirect: of the table's addresses
	Thread      corewasm.FuncType // thread.new-indirect: the type of the thread's function
	Core        corewasm.FuncType // of the trampoline
}

// Options are the canonical options of a definition, resolved. What is absent is
// -1.
//
// Spec: definitions.py CanonicalOptions.
type Options struct {
	Instance   int // the component instance that the definition is in
	Encoding   StringEncoding
	Memory     int            // the number of a memory; waitable-set.{wait,poll} have theirs here too
	Ptr        layout.PtrType // of the memory's addresses
	Realloc    int            // the number of an extracted function
	PostReturn int            // the number of an extracted function
	Callback   int            // the number of an extracted function
	Async      bool
}

// StringEncoding is how strings lie in memory.
type StringEncoding uint8

// The string encodings.
const (
	UTF8 StringEncoding = iota
	UTF16
	Latin1UTF16
)

// String is the encoding as the text format writes it.
func (e StringEncoding) String() string {
	return [...]string{"utf8", "utf16", "latin1+utf16"}[e]
}

func (*InstantiateModule) isStep() {}
func (*ExtractFunc) isStep()       {}
func (*ExtractMemory) isStep()     {}
func (*ExtractTable) isStep()      {}
func (*Resource) isStep()          {}
func (*Lift) isStep()              {}
func (*Lower) isStep()             {}
func (*Builtin) isStep()           {}
