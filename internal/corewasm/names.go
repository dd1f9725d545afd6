package corewasm

import (
	"strconv"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// Subsections of the name section that we look into; others are carried along.
const (
	nameModule    = 0
	nameFunctions = 1
	nameLocals    = 2
	nameLabels    = 3
)

// Names is what the name section says. It is advice for people: a malformed name
// section is never an error, what could be read before the mistake counts.
// A Names may be used by several goroutines at once.
type Names struct {
	Module string
	funcs  map[uint32]string
}

// Names parses the name section. Its strings share the module's bytes.
func (m *Module) Names() *Names {
	n := &Names{funcs: map[uint32]string{}}
	m.eachNameSubsection(func(id byte, r *reader) {
		switch id {
		case nameModule:
			n.Module = r.name()
		case nameFunctions:
			n.readFuncs(r)
		}
	})
	return n
}

func (n *Names) readFuncs(r *reader) {
	for c := r.u32(); c > 0 && r.err == nil; c-- {
		i, s := r.u32(), r.name()
		if r.err == nil {
			n.funcs[i] = s
		}
	}
}

func (m *Module) eachNameSubsection(f func(id byte, r *reader)) {
	b, _ := m.Custom("name")
	r := &reader{b: b, base: -1}
	for r.more() && r.err == nil {
		id := r.byte()
		if body := r.bytes(int(r.u32())); r.err == nil {
			f(id, &reader{b: body, base: -1})
		}
	}
}

// FuncName is the name of function i, or "func[i]" where there is none.
func (n *Names) FuncName(i uint32) string {
	if s, ok := n.funcs[i]; ok {
		return s
	}
	return "func[" + strconv.Itoa(int(i)) + "]"
}

// Func is the name of function i, if it has one.
func (n *Names) Func(i uint32) (string, bool) {
	s, ok := n.funcs[i]
	return s, ok
}

// mappedNames is the name section with function indices mapped by f, which must
// be monotonic. Functions without a name are called by what their indices were, so that
// backtraces tell these; behind them stand more functions, with these names. Label
// names are left out, since rewriting moves labels, and so is what is malformed, which
// engines are not as patient with.
func (m *Module) mappedNames(f func(uint32) uint32, more []string) []byte {
	var dst, behind []byte
	m.eachNameSubsection(func(id byte, r *reader) {
		switch id {
		case nameModule:
			if name := r.name(); r.err == nil {
				dst = appendSized(append(dst, id), appendName(nil, name))
			}
		case nameFunctions, nameLabels:
		case nameLocals:
			behind = appendSized(append(behind, id), mapLocalNames(r, f))
		default:
			behind = appendSized(append(behind, id), r.b)
		}
	})
	if len(m.Functions) > 0 || m.NumImported(KindFunc) > 0 {
		dst = appendSized(append(dst, nameFunctions), m.functionNames(f, more))
	}
	return append(dst, behind...)
}

// functionNames is the name map of all functions that are defined or have a name, and of
// more behind them.
func (m *Module) functionNames(f func(uint32) uint32, more []string) []byte {
	names := m.Names()
	var body []byte
	n := uint32(0)
	for i := range uint32(m.Count(KindFunc)) {
		name, ok := names.Func(i)
		if !ok {
			if int(i) < m.NumImported(KindFunc) {
				continue
			}
			name = "$" + strconv.Itoa(int(i))
		}
		body = appendName(leb128.AppendU32(body, f(i)), name)
		n++
	}
	for i, name := range more {
		body = appendName(leb128.AppendU32(body, f(uint32(m.Count(KindFunc)))+uint32(i)), name)
		n++
	}
	return append(leb128.AppendU32(nil, n), body...)
}

// mapLocalNames rewrites the keys of an indirect name map.
func mapLocalNames(r *reader, f func(uint32) uint32) []byte {
	var body []byte
	n := uint32(0)
	for c := r.u32(); c > 0 && r.err == nil; c-- {
		i, start := r.u32(), r.pos
		if r.skipNameMap(); r.err == nil {
			body = append(leb128.AppendU32(body, f(i)), r.b[start:r.pos]...)
			n++
		}
	}
	return append(leb128.AppendU32(nil, n), body...)
}

func (r *reader) skipNameMap() {
	for c := r.u32(); c > 0 && r.err == nil; c-- {
		r.u32()
		r.name()
	}
}
