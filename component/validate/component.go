package validate

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
)

// Component is a valid component.
type Component struct {
	Source *component.Component
	Type   *ComponentType // the types of its imports and exports

	// Defs are its definitions in order, custom sections left out.
	Defs []Def
}

// Def is a definition and what validation found out about it. Index spaces are
// built by walking Defs and adding one entry for each, as Source.Defines says.
type Def struct {
	Source component.Definition

	// Entity is the static type of what a component-level definition defined: of
	// an import, export, alias, instance, component, type, lifted function, or core
	// module. It is nil for core definitions of other sorts.
	Entity Entity

	// Component is the nested component that a component definition holds.
	Component *Component

	// Module is the core module that a core module definition holds.
	Module *corewasm.Module

	// Core is the type of a canonical definition that makes a core function. For
	// lifted functions it is the type of the function that was lifted.
	Core corewasm.FuncType

	// Ptr is the type of the addresses of the memory that a canonical definition
	// uses; of thread.new-indirect, of its table.
	Ptr layout.PtrType

	// Type is the type that a canonical definition refers to: a resource, stream or
	// future type, or task.return's result. It is nil where there is none.
	Type *TypeDef

	// Func is the type of the function that a canonical definition lifts or lowers,
	// or that a start definition calls.
	Func *FuncType
}
