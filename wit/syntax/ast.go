package syntax

import "github.com/gondola-wasm/gondola/internal/names"

// Document is a parsed file.
type Document struct {
	File    *File
	Package *PackageDecl // nil if the file has no `package …;`
	Items   []Item
}

// PackageDecl is the name after `package`. Behind 🪺 there may be several
// namespaces, whose text is joined by ":", and several names, joined by "/".
type PackageDecl struct {
	Namespace Name
	Name      Name
	Version   Version
	Docs      Docs
	Span      Span // the name with its version
}

// Item is one of [*TopUse], [*Interface], [*World] and [*NestedPackage].
type Item interface{ item() }

func (*TopUse) item()        {}
func (*Interface) item()     {}
func (*World) item()         {}
func (*NestedPackage) item() {}

// NestedPackage is `package ns:name { … }`. Its items hold no further packages.
type NestedPackage struct {
	Decl  PackageDecl
	Items []Item
}

// Name is an identifier without its `%`, in kebab case.
type Name struct {
	Text string
	Span Span
}

// Version is a semantic version; its Version is zero if none is written.
type Version struct {
	names.Version
	Span Span
}

// Docs is the documentation before an item. Text has no comment marks, "\n" between
// lines and none at the end.
type Docs struct {
	Text string
	Span Span // zero if there is none
}

// Attributes are the annotations of an item.
//
// Spec: WIT.md#feature-gates, WIT.md#item-world (external-id).
type Attributes struct {
	Since      *Version
	Unstable   *Name
	Deprecated *Version
	ExternalID *string
	Span       Span // of the first annotation; zero if there is none
}

// Path names an interface or world: `types`, or `wasi:http/types@0.3.0`.
type Path struct {
	// Package is nil for a bare name. Its Docs is never set.
	Package *PackageDecl
	Name    Name
	Span    Span // the whole path
}

// TopUse is `use path;` or `use path as name;` outside of interfaces and worlds.
type TopUse struct {
	Attributes Attributes
	Path       Path
	As         *Name
}

// LocalName returns the name that the `use` defines in its file.
func (u *TopUse) LocalName() Name {
	if u.As != nil {
		return *u.As
	}
	return u.Path.Name
}

// Interface is `interface name { … }`.
type Interface struct {
	Docs       Docs
	Attributes Attributes
	Name       Name
	Items      []InterfaceItem
}

// InterfaceItem is one of [*Use], [*TypeDef] and [*Func].
type InterfaceItem interface{ interfaceItem() }

func (*Use) interfaceItem()     {}
func (*TypeDef) interfaceItem() {}
func (*Func) interfaceItem()    {}

// World is `world name { … }`.
type World struct {
	Docs       Docs
	Attributes Attributes
	Name       Name
	Items      []WorldItem
}

// WorldItem is one of [*Extern], [*Use], [*TypeDef] and [*Include].
type WorldItem interface{ worldItem() }

func (*Extern) worldItem()  {}
func (*Use) worldItem()     {}
func (*TypeDef) worldItem() {}
func (*Include) worldItem() {}

// Direction tells imports from exports.
type Direction uint8

const (
	Import Direction = iota
	Export
)

// String returns the keyword.
func (d Direction) String() string {
	if d == Export {
		return "export"
	}
	return "import"
}

// Extern is an import or export. Exactly one of Func, Inline and Path is set.
type Extern struct {
	Docs       Docs
	Attributes Attributes
	Direction  Direction
	Label      *Name   // the plain name; nil in `import path;`
	Func       *Func   // `label: func…`; its Name is the label
	Inline     *Inline // `label: interface { … }`
	Path       *Path   // `path`, or with a label `label: path`
}

// Inline is an interface without a name of its own.
type Inline struct {
	Items []InterfaceItem
	Span  Span // the keyword
}

// Use is `use path.{a, b as c};` inside an interface or world.
type Use struct {
	Attributes Attributes
	Path       Path
	Names      []UseName
}

// UseName is a type that a [Use] brings in.
type UseName struct {
	Name Name
	As   *Name
}

// LocalName returns the name under which the type is brought in.
func (u UseName) LocalName() Name {
	if u.As != nil {
		return *u.As
	}
	return u.Name
}

// Include is `include path with { a as b }`.
type Include struct {
	Attributes Attributes
	Path       Path
	With       []IncludeName
}

// IncludeName is a new name for an import or export of an included world.
type IncludeName struct{ Name, As Name }

// FuncKind tells the functions of a resource apart.
type FuncKind uint8

const (
	// PlainFunc is a function of an interface or world, or a method of a resource.
	PlainFunc FuncKind = iota
	StaticFunc
	ConstructorFunc
)

// Func is a function with its name.
type Func struct {
	Docs       Docs
	Attributes Attributes
	Name       Name // "constructor" for a constructor
	Kind       FuncKind
	Async      bool
	Params     []Param
	Result     *Type // nil if there is none
}

// Param is a parameter, or a field of a record.
type Param struct {
	Docs Docs
	Name Name
	Type *Type
}

// DefKind tells the definitions of types apart.
type DefKind uint8

const (
	AliasDef DefKind = iota
	RecordDef
	FlagsDef
	EnumDef
	VariantDef
	ResourceDef
)

// String returns the keyword.
func (k DefKind) String() string {
	return [...]string{"type", "record", "flags", "enum", "variant", "resource"}[k]
}

// TypeDef defines a named type. Which of the later fields are used depends on Kind.
type TypeDef struct {
	Docs       Docs
	Attributes Attributes
	Kind       DefKind
	Name       Name
	Alias      *Type   // AliasDef
	Fields     []Param // RecordDef
	Cases      []Case  // FlagsDef, EnumDef, VariantDef
	Funcs      []*Func // ResourceDef
}

// Case is a flag, or a case of an enum or variant.
type Case struct {
	Docs Docs
	Name Name
	Type *Type // nil if it has no payload
}

// TypeKind is the outermost form of a type.
type TypeKind uint8

const (
	NamedType     TypeKind = iota // Name
	PrimitiveType                 // Primitive
	ListType                      // Args[0]
	FixedListType                 // Args[0], Len
	MapType                       // Args[0], Args[1]
	TupleType                     // Args
	OptionType                    // Args[0]
	ResultType                    // Args[0], Args[1], each possibly nil
	FutureType                    // Args[0], possibly nil
	StreamType                    // Args[0], possibly nil
	OwnType                       // Name
	BorrowType                    // Name
)

// Type is a type as it is written in place. Which fields are used depends on Kind.
type Type struct {
	Kind      TypeKind
	Name      Name
	Primitive string // such as "u8"
	Args      []*Type
	Len       uint32
	Span      Span
}
