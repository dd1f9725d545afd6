package component

// ExternName is the name of an import or export with its attributes.
//
// Spec: Binary.md#import-and-export-definitions, production `nameattributes`.
type ExternName struct {
	At         Offset
	Form       NameForm
	Name       string
	Attributes []Attribute
}

// NameForm tells apart the encodings of a name, which mean the same.
type NameForm uint8

const (
	NamePlain      NameForm = iota // as today's tools write a name without attributes
	NameInterface                  // as earlier tools wrote an interface name
	NameAttributed                 // followed by attributes; taken whenever there are some
)

// Named is the plain name s without attributes.
func Named(s string) ExternName { return ExternName{Name: s} }

// Attribute says more about an import or export. It takes no part in type
// checking.
//
// Spec: Explainer.md#import-and-export-definitions, production `attribute`.
type Attribute struct {
	At    Offset
	Kind  AttributeKind
	Value string
}

// AttributeKind tells attributes apart.
type AttributeKind uint8

const (
	AttrImplements    AttributeKind = iota // 🏷️ the interface that an instance implements
	AttrVersionSuffix                      // 🔗 what was cut off the name's version
	AttrExternalID                         // 🏷️ the host's own identifier
)

// String is the attribute's keyword in the text format.
func (k AttributeKind) String() string {
	switch k {
	case AttrImplements:
		return "implements"
	case AttrVersionSuffix:
		return "versionsuffix"
	case AttrExternalID:
		return "external-id"
	}
	return "unknown"
}

// Import imports a definition; in a component type it declares an import.
//
// Spec: Explainer.md#import-and-export-definitions, productions `import` and
// `importdecl`.
type Import struct {
	At   Offset
	Name ExternName
	Type ExternType
}

// Export exports a definition and adds an index for what it exported.
//
// Spec: Explainer.md#import-and-export-definitions, production `export`.
type Export struct {
	At   Offset
	Name ExternName
	Def  SortIndex
	Type ExternType // the ascribed type, or nil
}

// ExternType is the type of an import or export: *[CoreModuleExtern],
// *[FuncExtern], *[ValueExtern], *[TypeExtern], *[ComponentExtern] or
// *[InstanceExtern].
//
// Spec: Explainer.md#type-definitions, production `externtype`.
type ExternType interface {
	// Sort is the index space of what has this type.
	Sort() Sort
}

// CoreModuleExtern is a core module of the core type at an index.
type CoreModuleExtern struct {
	At   Offset
	Type uint32
}

// FuncExtern is a function of the type at an index.
type FuncExtern struct {
	At   Offset
	Type uint32
}

// ValueExtern is a value 🪙: of a type, or equal to the value at an index.
type ValueExtern struct {
	At   Offset
	Eq   *uint32 // the value's index, or nil where Type counts
	Type ValType
}

// TypeExtern is a type: equal to the one at an index, or any resource type.
type TypeExtern struct {
	At Offset
	Eq *uint32 // the type's index, or nil for `(sub resource)`
}

// ComponentExtern is a component of the type at an index.
type ComponentExtern struct {
	At   Offset
	Type uint32
}

// InstanceExtern is an instance of the type at an index.
type InstanceExtern struct {
	At   Offset
	Type uint32
}

// Sort implements [ExternType].
func (*CoreModuleExtern) Sort() Sort { return SortCoreModule }

// Sort implements [ExternType].
func (*FuncExtern) Sort() Sort { return SortFunc }

// Sort implements [ExternType].
func (*ValueExtern) Sort() Sort { return SortValue }

// Sort implements [ExternType].
func (*TypeExtern) Sort() Sort { return SortType }

// Sort implements [ExternType].
func (*ComponentExtern) Sort() Sort { return SortComponent }

// Sort implements [ExternType].
func (*InstanceExtern) Sort() Sort { return SortInstance }

// Section implements [Definition].
func (*Import) Section() SectionID { return SectionImport }

// Defines implements [Definition].
func (i *Import) Defines() (Sort, bool) { return sortOf(i.Type) }

func sortOf(t ExternType) (Sort, bool) {
	if t == nil {
		return 0, false
	}
	return t.Sort(), true
}

// Section implements [Definition].
func (*Export) Section() SectionID { return SectionExport }

// Defines implements [Definition].
func (e *Export) Defines() (Sort, bool) { return e.Def.Sort, true }

// Start calls a function when the component is instantiated 🪙.
//
// Spec: Binary.md#-start-definitions.
type Start struct {
	At      Offset
	Func    uint32
	Args    []uint32 // indices of values
	Results uint32   // the number of values that it adds
}

// Section implements [Definition].
func (*Start) Section() SectionID { return SectionStart }

// Defines implements [Definition].
func (*Start) Defines() (Sort, bool) { return SortValue, false }

// Value defines a value 🪙.
//
// Spec: Binary.md#-value-definitions.
type Value struct {
	At   Offset
	Type ValType
	Data []byte // the value's encoding, shared with the decoder's input

	DataAt Offset // of Data
}

// Section implements [Definition].
func (*Value) Section() SectionID { return SectionValue }

// Defines implements [Definition].
func (*Value) Defines() (Sort, bool) { return SortValue, true }
