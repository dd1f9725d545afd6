// Package componentize makes components out of core modules, and WIT out of
// components.
//
// [Encode] takes a core module and the world that it was written for and wraps it
// in a component that has exactly that world's exports, and those of its imports
// that the module uses. The module speaks the naming scheme of today's toolchains:
// what it imports and exports is matched with the world by name alone.
//
// [Decode] goes back: it finds the world of a component, whoever made it.
//
// # Core names
//
// Of the module's imports, with I for an interface's name such as
// `wasi:cli/stdin@0.3.0` and f for a function such as `[method]r.f`:
//
//	I               f, [async-lower]f                 an imported function
//	$root           f, [async-lower]f                 the same, of the world itself
//	I, $root        [resource-drop]r                  of an imported resource
//	[export]I       [resource-new]r, [resource-rep]r, [resource-drop]r
//	[export]I       [task-return]f, [task-cancel]     also in [export]$root
//	I, [export]I    [stream-new-N]f, …                stream and future built-ins, also
//	                                                  in $root and [export]$root
//	$root           [waitable-set-new], …             all other built-ins
//
// The N of a stream or future built-in counts the streams and futures in the
// type of f from 0: parameters from left to right, then the result, the inside of
// a type before the type itself. It is `unit` for one without a payload.
// Built-ins that can wait have a variant `[async-lower]…`, or `[cancellable]…`.
//
// Of its exports:
//
//	I#f, f                          an exported function, lifted synchronously
//	cabi_post_I#f, cabi_post_f      what is called when its result was read
//	[async-lift]I#f, …              lifted asynchronously, with
//	[callback][async-lift]I#f, …    its callback, or
//	[async-lift-stackful]I#f, …     without one
//	I#[dtor]r                       the destructor of an exported resource
//	memory, cabi_realloc            for the canonical ABI
//	_initialize                     called once, before anything else
//
// All other exports are left alone.
//
// # What it must not know
//
// Nothing about Go, about how a module is compiled or run, or about text formats
// other than WIT.
//
// All functions may be called from several goroutines at once. They change none
// of their arguments.
//
// Spec: Explainer.md#component-definitions, CanonicalABI.md (signatures), WIT.md.
package componentize
