package component

import "iter"

// Component is a component definition: the root of a file or nested in another.
//
// Spec: Binary.md#component-definitions, production `component`.
type Component struct {
	At       Offset // of the preamble
	Sections []Section
}

// Section is a run of definitions of one kind. Modules, components, start
// definitions and custom sections stand alone in their section; all other
// sections hold any number of definitions, none included.
//
// Spec: Binary.md#component-definitions, production `section`.
type Section struct {
	At          Offset // of the section's id
	ID          SectionID
	Definitions []Definition
}

// SectionID is the number of a section in the binary format.
type SectionID uint8

// The sections of Binary.md.
const (
	SectionCustom       SectionID = 0
	SectionCoreModule   SectionID = 1
	SectionCoreInstance SectionID = 2
	SectionCoreType     SectionID = 3
	SectionComponent    SectionID = 4
	SectionInstance     SectionID = 5
	SectionAlias        SectionID = 6
	SectionType         SectionID = 7
	SectionCanon        SectionID = 8
	SectionStart        SectionID = 9
	SectionImport       SectionID = 10
	SectionExport       SectionID = 11
	SectionValue        SectionID = 12
)

var sectionNames = [...]string{
	"custom", "core module", "core instance", "core type", "component", "instance",
	"alias", "type", "canon", "start", "import", "export", "value",
}

// String is the section's name as Binary.md gives it.
func (id SectionID) String() string {
	if int(id) < len(sectionNames) {
		return sectionNames[id]
	}
	return "unknown"
}

// IsVector reports whether the section holds a counted vector of definitions.
func (id SectionID) IsVector() bool {
	switch id {
	case SectionCustom, SectionCoreModule, SectionComponent, SectionStart:
		return false
	}
	return true
}

// Definition is one of the definitions that components are made of, or a custom
// section, which defines nothing: *[Custom], *[CoreModule], *[CoreInstance],
// *[CoreType], *[Component], *[Instance], *[Alias], *[Type], *[Canon], *[Start],
// *[Import], *[Export] or *[Value].
//
// Spec: Explainer.md#component-definitions, production `definition`.
type Definition interface {
	// Section is the kind of section that the definition stands in.
	Section() SectionID
	// Defines is the index space to which the definition adds one index, or as many
	// as [CoreType.Indices] says. ok is false for custom sections, which add none, and
	// for start definitions, which add as many values as they have results.
	Defines() (sort Sort, ok bool)
}

// Definitions ranges over all definitions in order, custom sections included.
func (c *Component) Definitions() iter.Seq[Definition] {
	return func(yield func(Definition) bool) {
		for i := range c.Sections {
			for _, d := range c.Sections[i].Definitions {
				if !yield(d) {
					return
				}
			}
		}
	}
}

// Append adds a definition at the end: to the last section where that is of its
// kind and holds a vector, else in a new one.
func (c *Component) Append(d Definition) {
	id := d.Section()
	if n := len(c.Sections); n > 0 && c.Sections[n-1].ID == id && id.IsVector() {
		c.Sections[n-1].Definitions = append(c.Sections[n-1].Definitions, d)
		return
	}
	c.Sections = append(c.Sections, Section{ID: id, Definitions: []Definition{d}})
}

// Section implements [Definition].
func (*Component) Section() SectionID { return SectionComponent }

// Defines implements [Definition].
func (*Component) Defines() (Sort, bool) { return SortComponent, true }

// Custom is a custom section. It has no meaning to validation.
type Custom struct {
	At   Offset
	Name string
	Data []byte // shared with the decoder's input
}

// Section implements [Definition].
func (*Custom) Section() SectionID { return SectionCustom }

// Defines implements [Definition].
func (*Custom) Defines() (Sort, bool) { return 0, false }
