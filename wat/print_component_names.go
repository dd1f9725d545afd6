package wat

import (
	"bytes"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
)

// componentPrintNames is what a component's name section says. A nil componentPrintNames says nothing.
type componentPrintNames struct {
	own     string
	names   [component.NumSorts]map[uint32]string
	ids     [component.NumSorts]map[uint32]string // names that are identifiers
	section *component.Custom
	isLast  bool // nothing follows the section

	// written is what the parser will read out of identifiers and annotations.
	written componentNames
}

// readComponentNames reads the name section of a component. One that isn't well-formed says
// nothing, and neither do several.
func readComponentNames(m *component.Component) *componentPrintNames {
	n := &componentPrintNames{}
	sections := 0
	for d := range m.Definitions() {
		n.isLast = false
		if custom, ok := d.(*component.Custom); ok && custom.Name == component.NameSection {
			n.section, n.isLast = custom, true
			sections++
		}
	}
	if sections != 1 {
		return n
	}
	names, err := binary.DecodeNames(n.section.Data)
	if err != nil {
		return n
	}
	n.own = names.Component
	for s := range n.names {
		n.names[s] = names.Map(component.Sort(s))
		n.ids[s] = map[uint32]string{}
	}
	for _, list := range names.Sorts {
		uniqueIDs(n.ids[list.Sort], list.Names)
	}
	return n
}

// uniqueIDs finds the names that can be identifiers: the first of each.
func uniqueIDs(ids map[uint32]string, names []component.IndexName) {
	taken := map[string]bool{}
	for _, in := range names {
		if _, again := ids[in.Index]; !again && canBeID(in.Name) && !taken[in.Name] {
			taken[in.Name] = true
			ids[in.Index] = in.Name
		}
	}
}

// id is the name of a definition if it is an identifier, else "".
func (n *componentPrintNames) id(s component.Sort, i uint32) string {
	if n == nil {
		return ""
	}
	return n.ids[s][i]
}

// name is the name of a definition, or "".
func (n *componentPrintNames) name(s component.Sort, i uint32) string {
	if n == nil {
		return ""
	}
	return n.names[s][i]
}

// wrote notes that the text gives a name to a definition.
func (n *componentPrintNames) wrote(s component.Sort, i uint32, name string) {
	if n != nil {
		n.written.sorts[s] = append(n.written.sorts[s], component.IndexName{Index: i, Name: name})
	}
}

// implied reports whether the parser makes this section out of what has been
// written.
func (n *componentPrintNames) implied(section *component.Custom) bool {
	made := n.written.section()
	return section == n.section && n.isLast && made != nil && bytes.Equal(made.Data, section.Data)
}
