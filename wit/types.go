package wit

import "github.com/gondola-wasm/gondola/wit/syntax"

// Type is a [Primitive] or a [*TypeDef]. A nil Type stands for an absent one, such
// as the payload of a case without one.
type Type interface{ isType() }

func (Primitive) isType() {}
func (*TypeDef) isType()  {}

// Primitive is a type without parts.
type Primitive uint8

const (
	Bool Primitive = iota
	U8
	U16
	U32
	U64
	S8
	S16
	S32
	S64
	F32
	F64
	Char
	String
	ErrorContext // behind [syntax.GateErrorContext]
)

var primitiveNames = [...]string{"bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "char", "string", "error-context"}

// String returns the type as WIT writes it.
func (p Primitive) String() string { return primitiveNames[p] }

// TypeDef is a type that is not primitive: one with a name, or one without that is
// written in place, such as `list<u8>` in a parameter. The same expression at two
// places gives two TypeDefs.
type TypeDef struct {
	Name  string // empty if it has none
	Kind  TypeKind
	Owner Owner // where it has its name: *Interface, *World, or nil if it has none

	Docs       string // see [Function.Docs]
	Stability  Stability
	ExternalID *string     // the string of `@external-id`; nil if there is none
	Span       syntax.Span // the name, or the whole expression of a type without one
}

// Owner is an *[Interface] or a *[World].
type Owner interface{ isOwner() }

func (*Interface) isOwner() {}
func (*World) isOwner()     {}

// TypeKind is one of [*Record], [*Tuple], [*Flags], [*Enum], [*Variant], [*Option],
// [*Result], [*List], [*FixedList], [*Map], [*Future], [*Stream], [*Own], [*Borrow],
// [*Resource] and [*Alias].
//
// Record, Flags, Enum, Variant and Resource always have a name, Own and Borrow
// have one only in `type x = borrow<r>`.
type TypeKind interface{ isTypeKind() }

func (*Record) isTypeKind()    {}
func (*Tuple) isTypeKind()     {}
func (*Flags) isTypeKind()     {}
func (*Enum) isTypeKind()      {}
func (*Variant) isTypeKind()   {}
func (*Option) isTypeKind()    {}
func (*Result) isTypeKind()    {}
func (*List) isTypeKind()      {}
func (*FixedList) isTypeKind() {}
func (*Map) isTypeKind()       {}
func (*Future) isTypeKind()    {}
func (*Stream) isTypeKind()    {}
func (*Own) isTypeKind()       {}
func (*Borrow) isTypeKind()    {}
func (*Resource) isTypeKind()  {}
func (*Alias) isTypeKind()     {}

// Record is `record r { … }`. WIT text may leave it empty, a component may not.
type Record struct{ Fields []Field }

// Field is a field of a record.
type Field struct {
	Name string
	Type Type
	Docs string // see [Function.Docs]
	Span syntax.Span
}

// Tuple is `tuple<…>`. WIT text may leave it empty, a component may not.
type Tuple struct{ Types []Type }

// Flags is `flags f { … }`, at most 32 of them. WIT text may leave it empty, a
// component may not.
type Flags struct{ Flags []Label }

// Enum is `enum e { … }`; it has at least one case.
type Enum struct{ Cases []Label }

// Label is a flag, or a case of an enum.
type Label struct {
	Name string
	Docs string // see [Function.Docs]
	Span syntax.Span
}

// Variant is `variant v { … }`; it has at least one case.
type Variant struct{ Cases []Case }

// Case is a case of a variant.
type Case struct {
	Name string
	Type Type   // nil if it has no payload
	Docs string // see [Function.Docs]
	Span syntax.Span
}

// Option is `option<t>`.
type Option struct{ Type Type }

// Result is `result<ok, err>`; OK, Err or both may be nil.
type Result struct{ OK, Err Type }

// List is `list<t>`.
type List struct{ Elem Type }

// FixedList is `list<t, n>`, behind [syntax.GateFixedLengthLists]; Len is at least 1
// and less than 2^31.
type FixedList struct {
	Elem Type
	Len  uint32
}

// Map is `map<k, v>`. Key is a [Primitive], which is neither a float nor ErrorContext.
type Map struct{ Key, Value Type }

// Future is `future<t>`; Elem is nil for a bare `future`.
type Future struct{ Elem Type }

// Stream is `stream<t>`; Elem is nil for a bare `stream`.
type Stream struct{ Elem Type }

// Own is an owned handle, which WIT writes as the resource's name alone.
type Own struct {
	Resource *TypeDef // a *Resource, possibly behind aliases
}

// Borrow is `borrow<r>`.
type Borrow struct {
	Resource *TypeDef // a *Resource, possibly behind aliases
}

// Resource is `resource r`. Its functions stand in [Interface.Functions], or in
// [World.Imports] if a world owns it; [Resolve] keeps no other link to them than
// [Function.Resource].
type Resource struct{}

// Alias is `type a = b`, and what `use i.{b as a}` makes of a: another name for a
// type that has a name, or a name for a primitive. It comes from `use` exactly if the
// target belongs to another interface (see [TypeDef.Used]).
type Alias struct{ Target Type }

// Dealias follows aliases to the type behind them.
func Dealias(t Type) Type {
	for {
		def, ok := t.(*TypeDef)
		if !ok {
			return t
		}
		alias, ok := def.Kind.(*Alias)
		if !ok {
			return t
		}
		t = alias.Target
	}
}

// DealiasDef follows aliases from d, which must not be an alias of a primitive.
func DealiasDef(d *TypeDef) *TypeDef { return Dealias(d).(*TypeDef) }

// Used returns the type that d stands for if d comes through `use`, else nil.
// The result's owner is always an *[Interface].
func (d *TypeDef) Used() *TypeDef {
	alias, ok := d.Kind.(*Alias)
	if !ok {
		return nil
	}
	target, ok := alias.Target.(*TypeDef)
	if !ok || target.Owner == d.Owner {
		return nil
	}
	if _, ok := target.Owner.(*Interface); !ok {
		return nil
	}
	return target
}
