package wat

import (
	"github.com/gondola-wasm/gondola/internal/leb128"
)

// Subsections of the name section.
//
// Spec: WebAssembly core 3.0, appendix A.6 (custom sections), with what the extended
// name section proposal adds.
const (
	nameModule = iota
	nameFuncs
	nameLocals
	nameLabels
	nameTypes
	nameTables
	nameMemories
	nameGlobals
	nameElems
	nameData
	nameFields
	nameTags
	nameParams // of function types; as wasm-tools has it
	nameSubsections
)

// spaceNaming is the subsection with the names of an index space.
var spaceNaming = [spaces]int{
	spaceFunc: nameFuncs, spaceTable: nameTables, spaceMemory: nameMemories, spaceGlobal: nameGlobals, spaceTag: nameTags,
	spaceType: nameTypes, spaceElem: nameElems, spaceData: nameData,
}

// moduleNames collects the names that are not those of an index space.
type moduleNames struct {
	module string
	named  bool
	locals indirectNames
	labels indirectNames
}

// indirectNames is a map from indices to name maps, in binary form.
type indirectNames struct {
	count uint32
	maps  []byte
}

func (n *indirectNames) add(index uint32, names []naming) {
	if len(names) > 0 {
		n.count++
		n.maps = appendNameMap(leb128.AppendU32(n.maps, index), names)
	}
}

// function takes over the names in a function. Those of locals have no index where the
// number of parameters is not known.
func (n *moduleNames) function(index uint32, b *bodyText, known bool) {
	if known {
		n.locals.add(index, b.locals.names)
	}
	n.labels.add(index, b.labelNames)
}

func appendNameMap(dst []byte, names []naming) []byte {
	dst = leb128.AppendU32(dst, uint32(len(names)))
	for _, n := range names {
		dst = appendString(leb128.AppendU32(dst, n.index), n.name)
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	return append(leb128.AppendU32(dst, uint32(len(s))), s...)
}

// nameSection is the name section, empty if nothing has a name.
func (t *moduleText) nameSection() []byte {
	var sections [nameSubsections][]byte
	for s, section := range spaceNaming {
		if names := t.spaces[s].names; len(names) > 0 {
			sections[section] = appendNameMap(nil, names)
		}
	}
	if t.names.named {
		sections[nameModule] = appendString(nil, t.names.module)
	}
	sections[nameLocals] = t.names.locals.encode()
	sections[nameLabels] = t.names.labels.encode()
	sections[nameFields] = t.partMaps(t.fields).encode()
	sections[nameParams] = t.partMaps(t.params).encode()
	var dst []byte
	for id, s := range sections {
		if len(s) > 0 {
			dst = append(leb128.AppendU32(append(dst, byte(id)), uint32(len(s))), s...)
		}
	}
	return dst
}

func (n *indirectNames) encode() []byte {
	if n.count == 0 {
		return nil
	}
	return append(leb128.AppendU32(nil, n.count), n.maps...)
}

// partMaps are the names of the parts of types.
func (t *moduleText) partMaps(parts map[uint32]*scope) *indirectNames {
	var n indirectNames
	for i := range uint32(len(t.m.Types)) {
		if s := parts[i]; s != nil {
			n.add(i, s.names)
		}
	}
	return &n
}
