package wat

import (
	"strconv"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/leb128"
)

// nameSection is what a module's name section says, as far as it can be read: it is
// advice, never an error.
type nameSection struct {
	module string
	named  bool
	flat   [nameSubsections]nameTable
	nested [nameSubsections]map[uint32]nameTable
}

// nameTable has the names of an index space.
type nameTable map[uint32]string

// readNames reads the first name section. The names of what doesn't exist count as
// well; nobody asks for them.
func readNames(m *corewasm.Module) *nameSection {
	t := &nameSection{}
	b, _ := m.Custom("name")
	for r := (nameReader{b: b}); len(r.b) > 0 && !r.bad; {
		id := r.u32()
		body := nameReader{b: r.bytes()}
		if r.bad || id >= nameSubsections {
			continue
		}
		switch id {
		case nameModule:
			t.module, t.named = body.name()
		case nameLocals, nameLabels, nameFields, nameParams:
			t.nested[id] = body.nested()
		default:
			t.flat[id] = body.table()
		}
	}
	return t
}

// nameReader reads a name section. What follows a fault is not read.
type nameReader struct {
	b   []byte
	bad bool
}

func (r *nameReader) u32() uint32 {
	v, next, err := leb128.U32(r.b, 0)
	if r.bad || err != nil {
		r.bad = true
		return 0
	}
	r.b = r.b[next:]
	return v
}

func (r *nameReader) bytes() []byte {
	n := r.u32()
	if r.bad || uint64(n) > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// name reads a name. ok is false where none is, or one that is not UTF-8.
func (r *nameReader) name() (name string, ok bool) {
	b := r.bytes()
	if r.bad || !utf8.Valid(b) {
		return "", false
	}
	return string(b), true
}

func (r *nameReader) table() nameTable {
	t := nameTable{}
	for n := r.u32(); n > 0 && !r.bad; n-- {
		i := r.u32()
		if name, ok := r.name(); ok {
			t[i] = name
		}
	}
	return t
}

func (r *nameReader) nested() map[uint32]nameTable {
	tables := map[uint32]nameTable{}
	for n := r.u32(); n > 0 && !r.bad; n-- {
		i := r.u32()
		tables[i] = r.table()
	}
	return tables
}

// idTable says how the entries of an index space are called in text.
type idTable struct {
	names nameTable
	taken map[string]uint32 // whose identifier a name is
}

// newIDTable gives identifiers to the first count entries of a space. Of several with
// the same name the first one gets it.
func newIDTable(names nameTable, count uint32) idTable {
	t := idTable{names, map[string]uint32{}}
	for i, name := range names {
		first, taken := t.taken[name]
		if i < count && canBeID(name) && (!taken || i < first) {
			t.taken[name] = i
		}
	}
	return t
}

// maxID is the length of the longest name that identifiers are made of: they may stand
// in a text many more times than in a binary.
const maxID = 256

func canBeID(name string) bool { return name != "" && len(name) <= maxID }

// id is the identifier of entry i, or "".
func (t idTable) id(i uint32) string {
	if name, ok := t.names[i]; ok {
		if owner, taken := t.taken[name]; taken && owner == i {
			return idText(name)
		}
	}
	return ""
}

// ref is how entry i is referred to: by identifier or number.
func (t idTable) ref(i uint32) string {
	if id := t.id(i); id != "" {
		return id
	}
	return strconv.FormatUint(uint64(i), 10)
}

// binding is what stands behind the keyword where entry i is defined: an identifier, an
// annotation, or nothing.
func (t idTable) binding(i uint32) string {
	if id := t.id(i); id != "" {
		return id
	}
	if name, ok := t.names[i]; ok {
		return nameAnnotation(name)
	}
	return ""
}

func nameAnnotation(name string) string { return "(@name " + quote(name) + ")" }
