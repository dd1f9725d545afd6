package component

import "github.com/gondola-wasm/gondola/types"

// Type defines a component-level type.
//
// Spec: Explainer.md#type-definitions, production `type`.
type Type struct {
	At  Offset
	Def DefType
}

// Section implements [Definition].
func (*Type) Section() SectionID { return SectionType }

// Defines implements [Definition].
func (*Type) Defines() (Sort, bool) { return SortType, true }

// ValType is a primitive type or refers to a type definition. The zero ValType
// refers to type 0.
//
// Spec: Binary.md#type-definitions, production `valtype`.
type ValType struct {
	Prim  types.Kind // a primitive kind, or 0 where Index counts
	Index uint32
}

// Prim is the value type of a primitive kind.
func Prim(k types.Kind) ValType { return ValType{Prim: k} }

// TypeIndex is the value type that type definition i gives.
func TypeIndex(i uint32) ValType { return ValType{Index: i} }

// DefType is the right-hand side of a type definition: one of the types of this
// file, [ComponentType], [InstanceType] or *[ResourceType].
//
// Spec: Binary.md#type-definitions, production `deftype`.
type DefType interface{ isDefType() }

// PrimType is a primitive type that was given an index.
type PrimType types.Kind

// RecordType is `record`.
type RecordType []LabelValType

// VariantType is `variant`.
type VariantType []VariantCase

// ListType is `list`, of fixed length where Length is not nil.
type ListType struct {
	Elem   ValType
	Length *uint32
}

// MapType is `map`.
type MapType struct{ Key, Value ValType }

// TupleType is `tuple`.
type TupleType []ValType

// FlagsType is `flags`.
type FlagsType []Label

// EnumType is `enum`.
type EnumType []Label

// OptionType is `option`.
type OptionType struct{ Elem ValType }

// ResultType is `result`; either type may be nil.
type ResultType struct{ Ok, Err *ValType }

// OwnType is `own` of the resource type at an index.
type OwnType uint32

// BorrowType is `borrow` of the resource type at an index.
type BorrowType uint32

// StreamType is `stream`; the element type may be nil.
type StreamType struct{ Elem *ValType }

// FutureType is `future`; the element type may be nil.
type FutureType struct{ Elem *ValType }

// FuncType is a component-level function type.
type FuncType struct {
	Async  bool
	Params []LabelValType
	Result *ValType // nil where the function returns nothing
}

// ResourceType defines a new resource type.
type ResourceType struct {
	Rep  CoreValType
	Dtor *uint32 // a core function, or nil
}

// ComponentType is the type of a component: *[CoreType], *[Type], *[Alias],
// *[Import] and *[ExportDecl] in order.
type ComponentType []Declarator

// InstanceType is the type of an instance: *[CoreType], *[Type], *[Alias] and
// *[ExportDecl] in order.
type InstanceType []Declarator

// Declarator is a part of a component or instance type.
//
// Spec: Explainer.md#declarators, production `componentdecl`.
type Declarator interface {
	isDeclarator()
	// Defines is the index space to which the declarator adds one index, or as many
	// as [CoreType.Indices] says.
	Defines() (sort Sort, ok bool)
}

// ExportDecl declares an export of a component or instance type. It adds one
// index, as an export does.
type ExportDecl struct {
	At   Offset
	Name ExternName
	Type ExternType
}

// LabelValType is a record's field or a function's parameter.
type LabelValType struct {
	At   Offset
	Name string
	Type ValType
}

// VariantCase is a case of a variant; Type is nil where it has no payload.
type VariantCase struct {
	At   Offset
	Name string
	Type *ValType
}

// Label names a flag or a case of an enum.
type Label struct {
	At   Offset
	Name string
}

func (PrimType) isDefType()      {}
func (RecordType) isDefType()    {}
func (VariantType) isDefType()   {}
func (*ListType) isDefType()     {}
func (*MapType) isDefType()      {}
func (TupleType) isDefType()     {}
func (FlagsType) isDefType()     {}
func (EnumType) isDefType()      {}
func (*OptionType) isDefType()   {}
func (*ResultType) isDefType()   {}
func (OwnType) isDefType()       {}
func (BorrowType) isDefType()    {}
func (*StreamType) isDefType()   {}
func (*FutureType) isDefType()   {}
func (*FuncType) isDefType()     {}
func (*ResourceType) isDefType() {}
func (ComponentType) isDefType() {}
func (InstanceType) isDefType()  {}

func (*CoreType) isDeclarator()   {}
func (*Type) isDeclarator()       {}
func (*Alias) isDeclarator()      {}
func (*Import) isDeclarator()     {}
func (*ExportDecl) isDeclarator() {}

// Defines implements [Declarator].
func (e *ExportDecl) Defines() (Sort, bool) { return sortOf(e.Type) }
