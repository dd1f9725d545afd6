package corewasm

import "unsafe"

// Most modules are valid, so nothing keeps where the items of a module stood: who has
// something to say against one decodes it again.

// offsetOf is where an item of a section begins in the bytes that the module was
// decoded from, or -1.
func (m *Module) offsetOf(id SectionID, item int) int {
	if m == nil || m.source == nil { // as of types that stand in no module
		return -1
	}
	at := -1
	d := &decoder{m: &Module{}, mark: func(i SectionID, n, offset int) {
		if i == id && n == item {
			at = offset
		}
	}}
	_ = d.sections(m.source) // it was decoded before
	return at
}

// offsetOfBytes is where a part of the decoded bytes begins in them, or -1.
func (m *Module) offsetOfBytes(part []byte) int {
	if len(part) == 0 || len(m.source) == 0 {
		return -1
	}
	at := uintptr(unsafe.Pointer(&part[0])) - uintptr(unsafe.Pointer(&m.source[0]))
	if at >= uintptr(len(m.source)) {
		return -1
	}
	return int(at)
}
