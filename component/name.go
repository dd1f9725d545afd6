package component

// NameSection is the name of the custom section that holds [Names].
const NameSection = "component-name"

// Names are the names that a component's source gave to its definitions. They mean
// nothing to validation and may be wrong.
//
// Spec: Binary.md#name-section.
type Names struct {
	Component string // "" if there is none
	Sorts     []SortNames
}

// SortNames are the names of definitions of one sort.
type SortNames struct {
	Sort  Sort
	Names []IndexName
}

// IndexName is the name of the definition at an index.
type IndexName struct {
	Index uint32
	Name  string
}

// Map is the names of definitions of a sort by index.
func (n *Names) Map(s Sort) map[uint32]string {
	m := map[uint32]string{}
	for _, sn := range n.Sorts {
		if sn.Sort != s {
			continue
		}
		for _, in := range sn.Names {
			m[in.Index] = in.Name
		}
	}
	return m
}
