package plan

import (
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/types"
)

// Plan is how a component is instantiated.
type Plan struct {
	// Modules are the core modules that steps instantiate, each once.
	Modules []Module

	// Imports are what the component imports, instances taken apart into what
	// they export, in the order of the component's type.
	Imports []Import

	// Aliases are further names under which the component imports resource types that
	// it has imported before.
	Aliases []ResourceAlias

	// Empty are the paths of imported instances of which nothing is asked.
	Empty [][]string

	// Resources are all resource types, imported ones included, by index.
	Resources []*types.Resource

	// Instances are the component instances, parents before children.
	Instances []Instance

	// Steps are to be taken in order.
	Steps []Step

	// Exports are what the root component exports.
	Exports []Export

	// Counts says how much the steps make.
	Counts Counts
}

// Counts are the sizes of the spaces in which steps number what they make.
type Counts struct {
	CoreInstances, Lifts, Trampolines, Funcs, Memories, Tables int
}

// Module is a core module of the component's bytes.
type Module struct {
	Name    string // the path of its definition, for errors and backtraces
	Bytes   []byte // shared with the component's bytes
	Decoded *corewasm.Module
}

// Import is a function, resource type or core module that the component imports,
// by itself or in an instance.
type Import struct {
	// Path is the name of the component's import, then those of exports of
	// instances inside it.
	Path []string

	// Exactly one of these is set.
	Func     *types.Func
	Resource *types.Resource
	Module   *validate.ModuleType
}

// ResourceAlias is an import that must be a resource type that another import is,
// where it is given at all.
type ResourceAlias struct {
	Path     []string
	Resource *types.Resource
}

// Instance is a component instance.
type Instance struct {
	Name   string // the path of its definition, for errors and backtraces
	Parent int    // index of the instance that instantiated it, or -1 for the root

	// MayBlock says whether core code in this instance can reach a built-in that
	// blocks or yields while core code is on the stack: a synchronous lower of an
	// async-typed function, a wait, a synchronous operation on a stream, future or
	// subtask, a yield, or a thread operation. Where it is false, a task of the
	// instance only ever gives up control between calls of core functions.
	MayBlock bool
}

// Export is something that the root component or an instance inside it exports.
type Export struct {
	Name string
	Item Item
}

// Item is what an export is: *[FuncItem], *[InstanceItem], *[TypeItem],
// *[ModuleItem] or *[ComponentItem].
type Item interface{ isItem() }

// FuncItem is an exported function.
type FuncItem struct {
	Func FuncRef
	Type *types.Func
}

// InstanceItem is an exported instance.
type InstanceItem struct{ Exports []Export }

// TypeItem is an exported type. Exactly one of Resource and Value is set, or
// neither for a type of functions, instances or components.
type TypeItem struct {
	Resource *types.Resource
	Value    *types.Type
}

// ModuleItem is an exported core module.
type ModuleItem struct{ Module ModuleRef }

// ComponentItem is an exported component. It can be named, but not instantiated by
// an embedder yet.
type ComponentItem struct{}

func (*FuncItem) isItem()      {}
func (*InstanceItem) isItem()  {}
func (*TypeItem) isItem()      {}
func (*ModuleItem) isItem()    {}
func (*ComponentItem) isItem() {}

// FuncRef refers to a component-level function: one that a guest lifts, or an
// imported one.
type FuncRef struct {
	Imported bool
	Index    int // in Plan.Imports, or the number of a lift
}

// ModuleRef refers to a core module: of the component's bytes, or an imported one.
type ModuleRef struct {
	Imported bool
	Index    int // in Plan.Modules, or in Plan.Imports
}
