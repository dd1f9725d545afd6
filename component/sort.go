package component

// Sort is the kind of a definition, and with it an index space.
//
// Spec: Explainer.md#index-spaces, production `sort`.
type Sort uint8

// The sorts of Explainer.md.
const (
	SortCoreFunc Sort = iota
	SortCoreTable
	SortCoreMemory
	SortCoreGlobal
	SortCoreTag
	SortCoreType
	SortCoreModule
	SortCoreInstance
	SortFunc
	SortValue
	SortType
	SortComponent
	SortInstance

	// NumSorts is the number of index spaces.
	NumSorts
)

var sortNames = [NumSorts]string{
	"core func", "core table", "core memory", "core global", "core tag", "core type", "core module", "core instance",
	"func", "value", "type", "component", "instance",
}

// String is the sort as the text format writes it, `core` included.
func (s Sort) String() string {
	if s < NumSorts {
		return sortNames[s]
	}
	return "unknown"
}

// IsCore reports whether s is one of the core sorts.
func (s Sort) IsCore() bool { return s <= SortCoreInstance }

// IsOuter reports whether outer aliases can refer to definitions of the sort.
//
// Spec: Explainer.md#alias-definitions, production `outeraliassort`.
func (s Sort) IsOuter() bool {
	switch s {
	case SortCoreModule, SortCoreType, SortComponent, SortType:
		return true
	}
	return false
}

// SortIndex refers to a definition.
//
// Spec: Binary.md#instance-definitions, productions `sortidx` and `core:sortidx`.
type SortIndex struct {
	At    Offset
	Sort  Sort
	Index uint32
}

// Article is the sort with its indefinite article, for messages.
func (s Sort) Article() string {
	if s == SortInstance {
		return "an instance"
	}
	return "a " + s.String()
}
