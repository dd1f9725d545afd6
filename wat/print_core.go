package wat

import (
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// coreModuleName is the name that a module's name section gives it, if it does.
func coreModuleName(b []byte) (name string, ok bool) {
	m, err := corewasm.Decode(b)
	if err != nil {
		return "", false
	}
	names := readNames(m)
	return names.module, names.named
}

// coreModule writes the fields of a module into the open form. id is the identifier
// that stands in the form already, without its $, or "": where the module's name is
// another one, it is written as an annotation.
func (pr *printer) coreModule(b []byte, id string) error {
	m, err := corewasm.Decode(b)
	if err != nil {
		return err
	}
	mp := newModulePrinter(pr, m)
	if mp.names.module != id || id == "" {
		mp.annotateName()
	}
	return mp.module()
}

// annotateName writes the module's name as an annotation, if it has one.
func (mp *modulePrinter) annotateName() {
	if mp.names.named {
		mp.word(nameAnnotation(mp.names.module))
	}
}

// modulePrinter writes the fields of a module.
type modulePrinter struct {
	*printer
	m      *corewasm.Module
	names  *nameSection
	ids    [spaces]idTable
	fields map[uint32]idTable // of struct types
	next   [spaces]uint32     // the index of what is written next
	body   bodyPrinter

	spellings  map[uint32]string // of function types
	localsLeft int               // how many more locals functions may have
}

func newModulePrinter(pr *printer, m *corewasm.Module) *modulePrinter {
	mp := &modulePrinter{printer: pr, m: m, names: readNames(m), fields: map[uint32]idTable{}, spellings: map[uint32]string{}, localsLeft: printableLocals(m)}
	for s := range spaces {
		mp.ids[s] = newIDTable(mp.names.flat[spaceNaming[s]], mp.count(s))
	}
	mp.body.init(mp)
	return mp
}

// count is the size of an index space.
func (mp *modulePrinter) count(s space) uint32 {
	switch s {
	case spaceType:
		return uint32(len(mp.m.Types))
	case spaceElem:
		return uint32(len(mp.m.Elements))
	case spaceData:
		return uint32(len(mp.m.Data))
	}
	return uint32(mp.m.Count(corewasm.ExternKind(s)))
}

// module writes all fields, in the order of the binary's sections.
func (mp *modulePrinter) module() error {
	for _, s := range sectionWords {
		mp.customsBefore(s.id)
		if err := mp.section(s.id); err != nil {
			return err
		}
	}
	mp.customsBefore(corewasm.SectionCustom)
	return nil
}

func (mp *modulePrinter) section(id corewasm.SectionID) (err error) {
	m := mp.m
	switch id {
	case corewasm.SectionType:
		mp.types()
	case corewasm.SectionImport:
		each(m.Imports, mp.importField)
	case corewasm.SectionTable:
		err = tryEach(m.Tables, mp.table)
	case corewasm.SectionMemory:
		each(m.Memories, mp.memory)
	case corewasm.SectionTag:
		each(m.Tags, mp.tag)
	case corewasm.SectionGlobal:
		err = tryEach(m.Globals, mp.global)
	case corewasm.SectionExport:
		each(m.Exports, mp.export)
	case corewasm.SectionStart:
		if m.Start != nil {
			mp.open("start")
			mp.word(mp.ref(spaceFunc, *m.Start))
			mp.close()
		}
	case corewasm.SectionElement:
		err = tryEach(m.Elements, mp.elem)
	case corewasm.SectionCode:
		for i := range m.Functions {
			if err = mp.function(i); err != nil {
				return err
			}
		}
	case corewasm.SectionData:
		err = tryEach(m.Data, mp.data)
	}
	return err
}

func each[T any](items []T, write func(*T)) {
	for i := range items {
		write(&items[i])
	}
}

func tryEach[T any](items []T, write func(*T) error) error {
	for i := range items {
		if err := write(&items[i]); err != nil {
			return err
		}
	}
	return nil
}

// ref is how an entry of an index space is referred to.
func (mp *modulePrinter) ref(s space, i uint32) string { return mp.ids[s].ref(i) }

// define writes the name of the next entry of an index space, and its index as a
// comment.
func (mp *modulePrinter) define(s space) {
	i := mp.next[s]
	mp.next[s]++
	if b := mp.ids[s].binding(i); b != "" {
		mp.word(b)
	}
	mp.word("(;" + strconv.FormatUint(uint64(i), 10) + ";)")
}

func (mp *modulePrinter) importField(im *corewasm.Import) {
	mp.open("import")
	mp.str(im.Module)
	mp.str(im.Name)
	mp.inline(im.Kind.String())
	s := space(im.Kind)
	index := mp.next[s]
	mp.define(s)
	switch im.Kind {
	case corewasm.KindFunc:
		mp.typeUse(im.Type)
		mp.params(im.Type, mp.names.nested[nameLocals][index])
	case corewasm.KindTag:
		mp.typeUse(im.Type)
		mp.params(im.Type, nil)
	case corewasm.KindTable:
		mp.word(mp.tableType(&im.Table))
	case corewasm.KindMemory:
		mp.word(memoryType(&im.Memory))
	case corewasm.KindGlobal:
		mp.word(mp.globalType(&im.Global))
	}
	mp.close()
	mp.close()
}

func (mp *modulePrinter) table(t *corewasm.Table) error {
	mp.open("table")
	mp.define(spaceTable)
	mp.word(mp.tableType(&t.TableType))
	if t.Init != nil {
		if err := mp.constExpr(t.Init); err != nil {
			return err
		}
	}
	mp.close()
	return nil
}

func (mp *modulePrinter) memory(t *corewasm.MemoryType) {
	mp.open("memory")
	mp.define(spaceMemory)
	mp.word(memoryType(t))
	mp.close()
}

func (mp *modulePrinter) tag(t *corewasm.Tag) {
	mp.open("tag")
	mp.define(spaceTag)
	mp.typeUse(t.Type)
	mp.params(t.Type, nil)
	mp.close()
}

func (mp *modulePrinter) global(g *corewasm.Global) error {
	mp.open("global")
	mp.define(spaceGlobal)
	mp.word(mp.globalType(&g.GlobalType))
	if err := mp.constExpr(g.Init); err != nil {
		return err
	}
	mp.close()
	return nil
}

func (mp *modulePrinter) export(e *corewasm.Export) {
	mp.open("export")
	mp.str(e.Name)
	mp.form(e.Kind.String(), mp.ref(space(e.Kind), e.Index))
	mp.close()
}

// customsBefore writes the custom sections in front of a section.
func (mp *modulePrinter) customsBefore(id corewasm.SectionID) {
	for i := range mp.m.Customs {
		c := &mp.m.Customs[i]
		if c.Before != id || c.Name == "name" {
			continue
		}
		mp.open("@custom")
		mp.str(c.Name)
		mp.word(customPlace(id))
		mp.str(string(c.Data))
		mp.close()
	}
}

// customPlace is how the place in front of a section is written.
func customPlace(id corewasm.SectionID) string {
	switch id {
	case corewasm.SectionCustom:
		return "(after last)"
	case corewasm.SectionType:
		return "(before first)"
	case corewasm.SectionDataCount: // for which wasm-tools has no word
		return "(after elem)"
	}
	for _, s := range sectionWords {
		if s.id == id {
			return "(before " + s.word + ")"
		}
	}
	panic("wat: section " + strconv.Itoa(int(id)))
}

func (mp *modulePrinter) elem(e *corewasm.Element) error {
	mp.open("elem")
	mp.define(spaceElem)
	switch {
	case e.Mode == corewasm.Declarative:
		mp.word("declare")
	case e.Mode == corewasm.Active:
		if e.Table != 0 || e.TableGiven {
			mp.form("table", mp.ref(spaceTable, e.Table))
		}
		if err := mp.wrapped("offset", e.Offset); err != nil {
			return err
		}
	}
	if err := mp.elements(e); err != nil {
		return err
	}
	mp.close()
	return nil
}

func (mp *modulePrinter) elements(e *corewasm.Element) error {
	if e.Exprs == nil {
		mp.word("func")
		for _, f := range e.Funcs {
			mp.word(mp.ref(spaceFunc, f))
		}
		return nil
	}
	mp.word(mp.valType(e.Type))
	for _, x := range e.Exprs {
		if err := mp.wrapped("item", x); err != nil {
			return err
		}
	}
	return nil
}

func (mp *modulePrinter) data(d *corewasm.Data) error {
	mp.open("data")
	mp.define(spaceData)
	if d.Mode == corewasm.Active {
		if d.Memory != 0 {
			mp.form("memory", mp.ref(spaceMemory, d.Memory))
		}
		if err := mp.wrapped("offset", d.Offset); err != nil {
			return err
		}
	}
	mp.str(string(d.Init))
	mp.close()
	return nil
}

// wrapped writes an expression in a form: the only instruction, or one with this
// keyword.
func (mp *modulePrinter) wrapped(word string, x corewasm.ConstExpr) error {
	instrs, err := mp.body.inline(x)
	if err != nil {
		return err
	}
	if len(instrs) != 1 {
		instrs = append([]string{word}, instrs...)
	}
	mp.word("(" + strings.Join(instrs, " ") + ")")
	return nil
}

// constExpr writes an expression's instructions on the same line.
func (mp *modulePrinter) constExpr(x corewasm.ConstExpr) error {
	instrs, err := mp.body.inline(x)
	mp.word(instrs...)
	return err
}
