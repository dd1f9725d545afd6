package wit

import (
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Resolve is a set of packages that refer to nothing outside the set.
type Resolve struct {
	// Packages holds every package after those that it depends on, in an order that
	// depends on their names alone.
	Packages []*Package

	// Root is the package that was asked for; the others are its dependencies,
	// or were written inside it. It is nil where no package is distinguished.
	Root *Package

	options Options
	hidden  hiddenItems
}

// Package is a resolved WIT package.
type Package struct {
	Name       PackageName
	Docs       string // see [Function.Docs]
	Interfaces Ordered[string, *Interface]
	Worlds     Ordered[string, *World]
	Span       syntax.Span // the name in its `package` declaration
}

// PackageName names a package, as in `wasi:http@0.3.0`. It is comparable.
type PackageName struct {
	Namespace string        // behind [syntax.GateNestedNames] possibly several, joined by ":"
	Name      string        // behind [syntax.GateNestedNames] possibly several, joined by "/"
	Version   names.Version // zero if there is none
}

// String returns the name in its written form.
func (n PackageName) String() string {
	s := n.Namespace + ":" + n.Name
	if !n.Version.IsZero() {
		s += "@" + n.Version.String()
	}
	return s
}

// ID returns the interface name that item has in this package, as in
// `wasi:http/types@0.3.0`.
func (n PackageName) ID(item string) string {
	return names.Interface{Namespace: n.Namespace, Package: n.Name, Name: item, Version: n.Version}.String()
}

// Interface is a named set of types and functions.
type Interface struct {
	// Name is empty for an interface that is written inside a world, as in
	// `import x: interface { … }`; its only name is then the world's key.
	Name    string
	Package *Package // of an inline interface: the world's package

	// Types are ordered so that each one comes after those that it refers to.
	// Types that come through `use` are among them, as aliases.
	Types Ordered[string, *TypeDef]

	// Functions includes those of resources, under their full names such as
	// `[method]r.f`, each in its textual place.
	Functions Ordered[string, *Function]

	Docs      string // see [Function.Docs]
	Stability Stability
	Span      syntax.Span // the name, or the keyword of an inline interface
}

// IDString returns the name under which a component imports or exports the interface,
// such as `wasi:http/types@0.3.0`, or "" for an inline interface.
func (i *Interface) IDString() string {
	if i.Name == "" {
		return ""
	}
	return i.Package.Name.ID(i.Name)
}

// World is the contract of a component. Imports and exports are complete and in an
// order in which a component can declare them:
//
//   - imports: interfaces, each after those whose types it uses; then types, first
//     those from `use`; then functions, those of resources last;
//   - exports: functions first, then interfaces, each after those exported ones
//     whose types it uses.
//
// Types of a world (`use`, `record`, `resource`, …) are always imports.
//
// An exported interface that uses another interface's types means the exported one
// if the world exports that, and the imported one otherwise.
type World struct {
	Name      string
	Package   *Package
	Imports   Ordered[WorldKey, WorldItem]
	Exports   Ordered[WorldKey, WorldItem]
	Docs      string // see [Function.Docs]
	Stability Stability
	Span      syntax.Span // the name
}

// IDString returns the world's full name, such as `wasi:cli/command@0.3.0`.
func (w *World) IDString() string { return w.Package.Name.ID(w.Name) }

// WorldKey is what an import or export is known by: a plain name, or an interface
// that stands under its own name. Exactly one of the fields is set. It is comparable.
type WorldKey struct {
	// Name is a plain name: a label, or the name of a world resource's function.
	Name string
	// Interface is always a named one.
	Interface *Interface
}

// NameKey returns the key of a plain name.
func NameKey(name string) WorldKey { return WorldKey{Name: name} }

// InterfaceKey returns the key of an interface that stands under its own name.
func InterfaceKey(i *Interface) WorldKey { return WorldKey{Interface: i} }

// String returns the name of the component's import or export.
func (k WorldKey) String() string {
	if k.Interface != nil {
		return k.Interface.IDString()
	}
	return k.Name
}

// WorldItem is one of [*InterfaceItem], [*Function] and [*TypeDef].
type WorldItem interface{ isWorldItem() }

func (*InterfaceItem) isWorldItem() {}
func (*Function) isWorldItem()      {}
func (*TypeDef) isWorldItem()       {}

// InterfaceItem is an interface that a world imports or exports.
type InterfaceItem struct {
	// Interface is named although the key is a plain name in `import a: b;` (see
	// [Implements]); it has no name in `import a: interface { … }`.
	Interface  *Interface
	ExternalID *string // the string of `@external-id`; nil if there is none
	Docs       string  // of the import or export itself; see [Function.Docs]
	Stability  Stability
	Span       syntax.Span // zero for an interface that was added for its types alone
}

// Implements returns the interface that item implements under the plain name key, or
// nil where there is no such annotation.
//
// Spec: Explainer.md#import-and-export-definitions, `implements`.
func Implements(key WorldKey, item WorldItem) *Interface {
	i, ok := item.(*InterfaceItem)
	if !ok || key.Interface != nil || i.Interface.Name == "" {
		return nil
	}
	return i.Interface
}

// FunctionKind says how a function belongs to a resource.
type FunctionKind uint8

const (
	Freestanding FunctionKind = iota // `f: func()`
	Method                           // `[method]r.f`: the first parameter is `self: borrow<r>`
	Static                           // `[static]r.f`
	Constructor                      // `[constructor]r`: the result is `r` or `result<r, …>`
)

// Function is a function of an interface or world.
type Function struct {
	// Name is the full name: `f`, `[method]r.f`, `[static]r.f` or `[constructor]r`.
	Name     string
	Kind     FunctionKind
	Resource *TypeDef // the resource that Kind speaks of; nil if Freestanding
	Async    bool     // whether the type is `async func`

	// Params includes a method's `self`.
	Params []Param
	// Result is nil if there is none. A constructor's is an [*Own] of Resource,
	// or a [*Result] of one.
	Result Type

	// Docs is the text of the documentation comments without comment marks,
	// with "\n" between lines and no newline at the end.
	Docs       string
	Stability  Stability
	ExternalID *string     // the string of `@external-id`; nil if there is none
	Span       syntax.Span // the name
}

// ItemName returns the function's own name: `f` for `[method]r.f`, and
// "constructor" for a constructor.
func (f *Function) ItemName() string {
	if f.Kind == Constructor {
		return "constructor"
	}
	e, err := names.Parse(f.Name, names.AllGates)
	if err != nil {
		return f.Name
	}
	return e.Label
}

// Param is a parameter of a function.
type Param struct {
	Name string
	Type Type
	Span syntax.Span // the name
}

// Stability says since when an item may be used. The zero Stability says nothing.
// At most one of Since and Feature is set.
//
// Spec: WIT.md#feature-gates.
type Stability struct {
	Since      names.Version // of `@since`
	Feature    string        // of `@unstable`
	Deprecated names.Version // of `@deprecated`
}
