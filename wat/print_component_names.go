package wat

import (
	"bytes"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
)

// printNames is what a component's name section says. A nil printNames says nothing.
type printNames struct {
	own     string
	names   [component.NumSorts]map[uint32]string
	ids     [component.NumSorts]map[uint32]string // names that are identifiers
	section *component.Custom
	isLast  bool // nothing follows the section

	// written is what the parser will read out of identifiers and annotations.
	written componentNames
}

// readNames reads the name section of a component. One that isn't well-formed says
// nothing, and neither do several.
func readNames(m *component.Component) *printNames {
	n := &printNames{}
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

// maxID is the longest name that is written as an identifier. Longer ones would
// cost too much where they are used often.
const maxID = 100

// uniqueIDs finds the names that can be identifiers: the first of each.
func uniqueIDs(ids map[uint32]string, names []component.IndexName) {
	taken := map[string]bool{}
	for _, in := range names {
		if _, again := ids[in.Index]; !again && isID(in.Name) && !taken[in.Name] {
			taken[in.Name] = true
			ids[in.Index] = in.Name
		}
	}
}

func isID(name string) bool { return name != "" && len(name) <= maxID && utf8.ValidString(name) }

// identifier is the text of an identifier.
func identifier(name string) string {
	for i := range len(name) {
		if !isIDChar(name[i]) {
			return "$" + quote(name)
		}
	}
	return "$" + name
}

// id is the name of a definition if it is an identifier, else "".
func (n *printNames) id(s component.Sort, i uint32) string {
	if n == nil {
		return ""
	}
	return n.ids[s][i]
}

// name is the name of a definition, or "".
func (n *printNames) name(s component.Sort, i uint32) string {
	if n == nil {
		return ""
	}
	return n.names[s][i]
}

// wrote notes that the text gives a name to a definition.
func (n *printNames) wrote(s component.Sort, i uint32, name string) {
	if n != nil {
		n.written.sorts[s] = append(n.written.sorts[s], component.IndexName{Index: i, Name: name})
	}
}

// implied reports whether the parser makes this section out of what has been
// written.
func (n *printNames) implied(section *component.Custom) bool {
	made := n.written.section()
	return section == n.section && n.isLast && made != nil && bytes.Equal(made.Data, section.Data)
}
