package types

import (
	"slices"
	"strconv"
)

// The primitive types.
var (
	Bool         = primitive(KindBool)
	U8           = primitive(KindU8)
	U16          = primitive(KindU16)
	U32          = primitive(KindU32)
	U64          = primitive(KindU64)
	S8           = primitive(KindS8)
	S16          = primitive(KindS16)
	S32          = primitive(KindS32)
	S64          = primitive(KindS64)
	F32          = primitive(KindF32)
	F64          = primitive(KindF64)
	Char         = primitive(KindChar)
	String       = primitive(KindString)
	ErrorContext = primitive(KindErrorContext)
)

var primitives [numKinds]*Type

func primitive(k Kind) *Type {
	t := &Type{id: nextID(), kind: k, length: -1}
	t.summarize()
	primitives[k] = t
	return t
}

// Primitive is the type of a primitive kind. It panics for other kinds.
func Primitive(k Kind) *Type {
	if !k.IsPrimitive() {
		panic("types: " + k.String() + " is not primitive")
	}
	return primitives[k]
}

// List is the type of lists of any length.
func List(elem *Type) *Type {
	return intern(&Type{kind: KindList, elem: elem, length: -1})
}

// FixedList is the type of lists of n elements. n must be positive.
func FixedList(elem *Type, n int) *Type {
	if n <= 0 || int(int32(n)) != n {
		panic("types: a fixed-length list has 1 to 2^31-1 elements")
	}
	return intern(&Type{kind: KindList, elem: elem, length: int32(n)})
}

// Map is the type of maps, which despecialize to lists of key-value tuples.
func Map(key, value *Type) *Type {
	return intern(&Type{kind: KindMap, other: key, elem: value, length: -1})
}

// Record is the type with these fields. There must be at least one.
func Record(fields ...Field) *Type {
	return intern(&Type{kind: KindRecord, fields: slices.Clone(fields), length: -1})
}

// Tuple is the type of tuples. There must be at least one element.
func Tuple(elems ...*Type) *Type {
	fields := make([]Field, len(elems))
	for i, e := range elems {
		fields[i] = Field{strconv.Itoa(i), e}
	}
	return intern(&Type{kind: KindTuple, fields: fields, length: -1})
}

// Variant is the type with these cases. There must be at least one.
func Variant(cases ...Case) *Type {
	return intern(&Type{kind: KindVariant, cases: slices.Clone(cases), length: -1})
}

// Enum is the type with these labels. There must be at least one.
func Enum(labels ...string) *Type {
	cases := make([]Case, len(labels))
	for i, l := range labels {
		cases[i].Name = l
	}
	return intern(&Type{kind: KindEnum, labels: slices.Clone(labels), cases: cases, length: -1})
}

// Flags is the type with these labels, of which there are 1 to 32.
func Flags(labels ...string) *Type {
	return intern(&Type{kind: KindFlags, labels: slices.Clone(labels), length: -1})
}

// Option is the type of values that may be absent.
func Option(elem *Type) *Type {
	return intern(&Type{
		kind:   KindOption,
		elem:   elem,
		cases:  []Case{{"none", nil}, {"some", elem}},
		length: -1,
	})
}

// Result is the type of successes and failures. Either type may be nil.
func Result(ok, err *Type) *Type {
	return intern(&Type{
		kind:   KindResult,
		elem:   ok,
		other:  err,
		cases:  []Case{{"ok", ok}, {"error", err}},
		length: -1,
	})
}

// Own is the type of handles that own a resource.
func Own(r *Resource) *Type { return intern(&Type{kind: KindOwn, res: r, length: -1}) }

// Borrow is the type of handles that borrow a resource for a call.
func Borrow(r *Resource) *Type { return intern(&Type{kind: KindBorrow, res: r, length: -1}) }

// Stream is the type of readable ends of streams. The payload may be nil.
func Stream(elem *Type) *Type {
	return intern(&Type{kind: KindStream, elem: elem, length: -1})
}

// Future is the type of readable ends of futures. The payload may be nil.
func Future(elem *Type) *Type {
	return intern(&Type{kind: KindFuture, elem: elem, length: -1})
}
