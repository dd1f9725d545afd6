package types

import "sync/atomic"

// Type is a component-level value type. Types are made by the constructors of
// this package and compared with ==.
type Type struct {
	id     uint64
	kind   Kind
	traits traits
	depth  int32
	length int32 // a list's fixed length, or -1
	elem   *Type // list, option, stream, future; a map's value; a result's ok
	other  *Type // a map's key; a result's error
	fields []Field
	cases  []Case
	labels []string
	res    *Resource
	layout atomic.Value
}

// Field is a field of a record.
type Field struct {
	Name string
	Type *Type
}

// Case is a case of a variant; its type is nil where it has no payload.
type Case struct {
	Name string
	Type *Type
}

// traits are what a type contains anywhere in it, itself included.
type traits uint8

const (
	hasBorrow traits = 1 << iota
	hasAsync         // a stream or a future
	hasResource
	hasErrorContext
	hasPointer // a string, a list or a map: something that lives in a memory
)

// Kind is the type's outermost constructor.
func (t *Type) Kind() Kind { return t.kind }

// Elem is the element type of a list, option, stream or future. It is nil for a
// stream or future without a payload.
func (t *Type) Elem() *Type {
	t.must(KindList, KindOption, KindStream, KindFuture)
	return t.elem
}

// Len is the length of a fixed-length list; ok is false for other lists.
func (t *Type) Len() (n int, ok bool) {
	t.must(KindList)
	return int(t.length), t.length >= 0
}

// Key is a map's key type.
func (t *Type) Key() *Type { t.must(KindMap); return t.other }

// Value is a map's value type.
func (t *Type) Value() *Type { t.must(KindMap); return t.elem }

// Ok is a result's type on success, nil where it has none.
func (t *Type) Ok() *Type { t.must(KindResult); return t.elem }

// Err is a result's type on failure, nil where it has none.
func (t *Type) Err() *Type { t.must(KindResult); return t.other }

// Fields are a record's fields, or a tuple's with the names "0", "1", … The
// caller must not change them.
func (t *Type) Fields() []Field { t.must(KindRecord, KindTuple); return t.fields }

// Cases are the cases of a variant, and of the types that despecialize to one:
// enum, option and result. The caller must not change them.
//
// Spec: definitions.py despecialize.
func (t *Type) Cases() []Case {
	t.must(KindVariant, KindEnum, KindOption, KindResult)
	return t.cases
}

// Labels are the labels of an enum or of flags. The caller must not change
// them.
func (t *Type) Labels() []string { t.must(KindEnum, KindFlags); return t.labels }

// Resource is the resource type that an own or borrow handle refers to.
func (t *Type) Resource() *Resource { t.must(KindOwn, KindBorrow); return t.res }

// ContainsBorrow reports whether a borrow handle occurs in t.
//
// Spec: definitions.py contains_borrow.
func (t *Type) ContainsBorrow() bool { return t != nil && t.traits&hasBorrow != 0 }

// ContainsAsync reports whether a stream or a future occurs in t.
//
// Spec: definitions.py contains_async_value.
func (t *Type) ContainsAsync() bool { return t != nil && t.traits&hasAsync != 0 }

// ContainsResource reports whether an own or borrow handle occurs in t.
func (t *Type) ContainsResource() bool { return t != nil && t.traits&hasResource != 0 }

// ContainsErrorContext reports whether an error context occurs in t.
func (t *Type) ContainsErrorContext() bool { return t != nil && t.traits&hasErrorContext != 0 }

// ContainsHandle reports whether anything occurs in t that an instance refers
// to by an index of its handle table.
func (t *Type) ContainsHandle() bool {
	return t != nil && t.traits&(hasResource|hasAsync|hasErrorContext) != 0
}

// ContainsPointer reports whether a string, list or map occurs in t: whether a
// value of it needs a memory, and to lower it a realloc.
func (t *Type) ContainsPointer() bool { return t != nil && t.traits&hasPointer != 0 }

// Depth is the length of the longest path of types inside t; a primitive has
// depth 1.
func (t *Type) Depth() int { return int(t.depth) }

// Layout returns what [Type.SetLayout] stored, or nil. It is a place for
// internal/layout to keep what it computed of a type, since a type is shared
// by all that use it and lives exactly as long.
func (t *Type) Layout() any { return t.layout.Load() }

// SetLayout stores v for [Type.Layout]. Every caller must store equal values of
// one concrete type.
func (t *Type) SetLayout(v any) { t.layout.Store(v) }

func (t *Type) must(kinds ...Kind) {
	for _, k := range kinds {
		if t.kind == k {
			return
		}
	}
	panic("types: a " + t.kind.String() + " has no such part")
}

// Resource is the identity of a resource type. Two resources are the same only
// when their pointers are equal.
type Resource struct {
	id    uint64
	name  string
	index int
}

// NewResource makes a new resource type. The name is what errors call it. The
// index is its position among the resources of whoever makes it, so that a
// runtime can find its own state for it without a map; use -1 where nobody
// counts.
func NewResource(name string, index int) *Resource {
	return &Resource{id: nextID(), name: name, index: index}
}

// Name is what errors call the resource.
func (r *Resource) Name() string { return r.name }

// Index is the position that [NewResource] was given.
func (r *Resource) Index() int { return r.index }

// Func is a component-level function type. It is a plain value, not interned:
// compare its parts.
type Func struct {
	Params []Field // names and types, in order
	Result *Type   // nil where the function returns nothing
	Async  bool    // it may block its caller
}

// ParamTypes are the types of the parameters.
//
// Spec: definitions.py FuncType.param_types.
func (f *Func) ParamTypes() []*Type {
	ts := make([]*Type, len(f.Params))
	for i, p := range f.Params {
		ts[i] = p.Type
	}
	return ts
}
