package wat

import (
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// types writes the type definitions with their recursion groups.
func (mp *modulePrinter) types() {
	empty := mp.m.EmptyGroups
	inGroup := 0
	for i := range mp.m.Types {
		for ; len(empty) > 0 && int(empty[0]) == i; empty = empty[1:] {
			mp.open("rec")
			mp.close()
		}
		t := &mp.m.Types[i]
		if t.Group > 0 {
			mp.open("rec")
			inGroup = t.Group
		}
		mp.typeField(uint32(i), t)
		if inGroup > 0 {
			if inGroup--; inGroup == 0 {
				mp.close()
			}
		}
	}
	for range empty {
		mp.open("rec")
		mp.close()
	}
}

func (mp *modulePrinter) typeField(i uint32, t *corewasm.Type) {
	mp.open("type")
	mp.define(spaceType)
	mp.typeDef(i, t)
	mp.close()
}

// typeDef writes the right-hand side of a type definition.
func (mp *modulePrinter) typeDef(i uint32, t *corewasm.Type) {
	forms := mp.wrappers(t)
	mp.inline(t.Kind.String())
	switch t.Kind {
	case corewasm.TypeFunc:
		mp.word(mp.signature(&t.FuncType, newIDTable(mp.names.nested[nameParams][i], uint32(len(t.Params))))...)
	case corewasm.TypeStruct:
		ids := mp.fieldIDs(i)
		for f := range t.Fields {
			mp.inline("field")
			if b := ids.binding(uint32(f)); b != "" {
				mp.word(b)
			}
			mp.word(mp.fieldType(&t.Fields[f]))
			mp.close()
		}
	case corewasm.TypeArray:
		mp.word(mp.fieldType(&t.Fields[0]))
	case corewasm.TypeCont:
		mp.word(mp.heapType(t.Cont))
	}
	for range forms + 1 {
		mp.close()
	}
}

// wrappers opens the forms around a composite type, and counts them.
func (mp *modulePrinter) wrappers(t *corewasm.Type) (forms int) {
	if t.Open || len(t.Supers) > 0 {
		forms++
		mp.inline("sub")
		if !t.Open {
			mp.word("final")
		}
		for _, s := range t.Supers {
			mp.word(mp.ref(spaceType, s))
		}
	}
	if t.Shared {
		forms++
		mp.inline("shared")
	}
	return forms
}

// fieldIDs are the identifiers of a struct's fields.
func (mp *modulePrinter) fieldIDs(structType uint32) idTable {
	names := mp.names.nested[nameFields][structType]
	if len(names) == 0 || int(structType) >= len(mp.m.Types) {
		return idTable{}
	}
	ids, ok := mp.fields[structType]
	if !ok {
		ids = newIDTable(names, uint32(len(mp.m.Types[structType].Fields)))
		mp.fields[structType] = ids
	}
	return ids
}

func (mp *modulePrinter) fieldType(f *corewasm.FieldType) string {
	if f.Mutable {
		return "(mut " + mp.valType(f.Type) + ")"
	}
	return mp.valType(f.Type)
}

func (mp *modulePrinter) valType(t corewasm.ValType) string {
	if !t.IsRef() {
		return t.String()
	}
	h := t.Heap()
	switch {
	case h < 0 && !h.IsShared():
		return t.String()
	case h < 0 && t.Nullable():
		return "(shared " + corewasm.RefType(h.Unshared(), true).String() + ")"
	case t.Nullable():
		return "(ref null " + mp.heapType(h) + ")"
	}
	return "(ref " + mp.heapType(h) + ")"
}

func (mp *modulePrinter) heapType(h corewasm.HeapType) string {
	if h < 0 {
		return h.String()
	}
	return mp.ref(spaceType, uint32(h))
}

func (mp *modulePrinter) valTypes(ts []corewasm.ValType) []string {
	words := make([]string, len(ts))
	for i, t := range ts {
		words[i] = mp.valType(t)
	}
	return words
}

func (mp *modulePrinter) globalType(g *corewasm.GlobalType) string {
	var words []string
	if g.Shared {
		words = append(words, "shared")
	}
	if g.Mutable {
		words = append(words, "mut")
	}
	typ := mp.valType(g.Type)
	switch {
	case words != nil:
		return "(" + strings.Join(append(words, typ), " ") + ")"
	case strings.HasPrefix(typ, "(shared"): // which would say that the global is shared
		return "(ref null " + mp.heapType(g.Type.Heap()) + ")"
	}
	return typ
}

func limits(l corewasm.Limits) string {
	s := strconv.FormatUint(l.Min, 10)
	if l.HasMax {
		s += " " + strconv.FormatUint(l.Max, 10)
	}
	if l.Is64 {
		return "i64 " + s
	}
	return s
}

func memoryType(t *corewasm.MemoryType) string {
	s := limits(t.Limits)
	if t.Shared {
		s += " shared"
	}
	if t.PageSize != 0 {
		s += " (pagesize " + strconv.FormatUint(uint64(t.PageSize), 10) + ")"
	}
	return s
}

func (mp *modulePrinter) tableType(t *corewasm.TableType) string {
	s := limits(t.Limits) + " " + mp.valType(t.Elem)
	if t.Shared {
		return "shared " + s
	}
	return s
}

func (mp *modulePrinter) typeUse(i uint32) { mp.form("type", mp.ref(spaceType, i)) }

// maxSpelled is how long a type may be in text to be spelled out wherever it is used,
// rather than where it is defined only: a text must not be longer than its binary out of
// all proportion.
const maxSpelled = 512

// spelled is a function type as text: `(param …) (result …)`.
func (mp *modulePrinter) spelled(typ uint32) string {
	s, ok := mp.spellings[typ]
	if !ok {
		s = strings.Join(mp.signature(mp.funcType(typ), idTable{}), " ")
		mp.spellings[typ] = s
	}
	return s
}

// spells reports whether a function's type is spelled out where it is used: if it is
// short enough, or the names of its parameters pay for it.
func (mp *modulePrinter) spells(typ uint32, names int) bool {
	return mp.funcType(typ) != nil && len(mp.spelled(typ)) <= maxSpelled*(1+names)
}

// params spells out the type of what has no body.
func (mp *modulePrinter) params(typ uint32, names nameTable) {
	if !mp.spells(typ, len(names)) {
		return
	}
	f := mp.funcType(typ)
	mp.word(mp.signature(f, newIDTable(names, uint32(len(f.Params))))...)
}

// funcType is the function type with an index, or nil.
func (mp *modulePrinter) funcType(i uint32) *corewasm.FuncType {
	if int(i) >= len(mp.m.Types) || mp.m.Types[i].Kind != corewasm.TypeFunc {
		return nil
	}
	return &mp.m.Types[i].FuncType
}

// signature spells parameters and results.
func (mp *modulePrinter) signature(f *corewasm.FuncType, ids idTable) []string {
	forms := mp.namedTypes("param", f.Params, 0, ids)
	if len(f.Results) > 0 {
		forms = append(forms, "(result "+strings.Join(mp.valTypes(f.Results), " ")+")")
	}
	return forms
}

// namedTypes spells parameters or locals, of which the first one has index first: those
// without names together, the others one by one.
func (mp *modulePrinter) namedTypes(word string, ts []corewasm.ValType, first uint32, ids idTable) (forms []string) {
	var unnamed []string
	flush := func() {
		if len(unnamed) > 0 {
			forms = append(forms, "("+word+" "+strings.Join(unnamed, " ")+")")
			unnamed = nil
		}
	}
	for i, t := range ts {
		b := ids.binding(first + uint32(i))
		if b == "" {
			unnamed = append(unnamed, mp.valType(t))
			continue
		}
		flush()
		forms = append(forms, "("+word+" "+b+" "+mp.valType(t)+")")
	}
	flush()
	return forms
}
