package corewasm

const magic = "\x00asm\x01\x00\x00\x00"

// SectionID is the id of a section in the binary format.
type SectionID byte

// Section ids.
const (
	SectionCustom    SectionID = 0
	SectionType      SectionID = 1
	SectionImport    SectionID = 2
	SectionFunction  SectionID = 3
	SectionTable     SectionID = 4
	SectionMemory    SectionID = 5
	SectionGlobal    SectionID = 6
	SectionExport    SectionID = 7
	SectionStart     SectionID = 8
	SectionElement   SectionID = 9
	SectionCode      SectionID = 10
	SectionData      SectionID = 11
	SectionDataCount SectionID = 12
	SectionTag       SectionID = 13
)

// sections lists the sections in the order that the format asks for.
var sections = []struct {
	id   SectionID
	name string
	read func(*decoder, *reader)
}{
	{SectionType, "type section", (*decoder).types},
	{SectionImport, "import section", (*decoder).imports},
	{SectionFunction, "function section", (*decoder).functions},
	{SectionTable, "table section", (*decoder).tables},
	{SectionMemory, "memory section", (*decoder).memories},
	{SectionTag, "tag section", (*decoder).tags},
	{SectionGlobal, "global section", (*decoder).globals},
	{SectionExport, "export section", (*decoder).exports},
	{SectionStart, "start section", (*decoder).start},
	{SectionElement, "element section", (*decoder).elements},
	{SectionDataCount, "data count section", (*decoder).dataCount},
	{SectionCode, "code section", (*decoder).code},
	{SectionData, "data section", (*decoder).data},
}

// sectionRank is the place of a section id in sections, or -1.
func sectionRank(id SectionID) int {
	for i := range sections {
		if sections[i].id == id {
			return i
		}
	}
	return -1
}

type decoder struct {
	m      *Module
	bodies int // code section entries seen
	placed int // custom sections in front of the last section seen

	// mark, unless it is nil, is told where each item of a section begins.
	mark func(id SectionID, item, offset int)
}

// item says that an item begins.
func (d *decoder) item(id SectionID, i int, r *reader) {
	if d.mark != nil {
		d.mark(id, i, r.offset())
	}
}

// Decode reads a module. The sections are decoded completely, function bodies are
// only measured: call [Module.Validate], or walk them, to have them checked. The
// Module shares b, which must not change while it is used.
//
// The error is an [*Error].
func Decode(b []byte) (*Module, error) {
	if len(b) > MaxModuleSize {
		return nil, &Error{MaxModuleSize, "", "the module is larger than 1 GiB"}
	}
	if err := checkMagic(b); err != nil {
		return nil, err
	}
	d := &decoder{m: &Module{source: b}}
	if err := d.sections(b); err != nil {
		return nil, err
	}
	return d.finish(len(b))
}

func (d *decoder) sections(b []byte) error {
	r := &reader{b: b, pos: len(magic)}
	rank := -1
	for r.more() && r.err == nil {
		rank = d.section(r, rank)
	}
	return r.err
}

func checkMagic(b []byte) error {
	if len(b) < 4 || string(b[:4]) != magic[:4] {
		return &Error{0, "", "magic header not detected: this is no WebAssembly binary"}
	}
	if len(b) < 8 || string(b[4:8]) != magic[4:] {
		msg := "unknown binary version"
		if len(b) >= 8 && b[6] == 1 && b[7] == 0 {
			msg = "this is a component, not a core module"
		}
		return &Error{4, "", msg}
	}
	return nil
}

func (d *decoder) section(r *reader, prev int) (rank int) {
	pos := r.pos
	id := SectionID(r.byte())
	sizeAt := r.pos
	size := r.u32()
	if uint64(size) > uint64(r.left()) {
		r.fail(sizeAt, "unexpected end: a section of %d bytes announced, %d left", size, r.left())
		return prev
	}
	body := &reader{b: r.b[:r.pos+int(size)], pos: r.pos, base: r.base}
	r.bytes(int(size))
	if rank = d.sectionBody(body, id, pos, prev); body.err != nil {
		r.stop(body.err)
	}
	return rank
}

func (d *decoder) sectionBody(r *reader, id SectionID, pos, prev int) (rank int) {
	if id == SectionCustom {
		r.where = "custom section"
		d.custom(r)
		return prev
	}
	if rank = sectionRank(id); rank < 0 {
		r.fail(pos, "malformed section id %d", id)
		return prev
	}
	r.where = sections[rank].name
	if rank <= prev {
		r.fail(pos, "unexpected content after last section: it is out of order or there twice")
		return prev
	}
	d.placeCustoms(id)
	sections[rank].read(d, r)
	if r.more() {
		r.fail(r.pos, "section size mismatch: %d bytes are left over", r.left())
	}
	return rank
}

// finish checks what spans sections.
func (d *decoder) finish(end int) (*Module, error) {
	m := d.m
	if len(m.Functions) != d.bodies {
		return nil, &Error{end, "", "function and code section have inconsistent lengths"}
	}
	if m.DataCount != nil && int(*m.DataCount) != len(m.Data) {
		return nil, &Error{end, "", "data count and data section have inconsistent lengths"}
	}
	m.spaces = newSpaces(m.Imports)
	d.unplaceCustoms()
	return m, nil
}

// placeCustoms notes that the custom sections since the last known section stand in
// front of this one.
func (d *decoder) placeCustoms(id SectionID) {
	for ; d.placed < len(d.m.Customs); d.placed++ {
		d.m.Customs[d.placed].Before = id
	}
}

// unplaceCustoms makes custom sections that stand in front of an empty section, which
// encoding leaves out, stand in front of the next one.
func (d *decoder) unplaceCustoms() {
	for i := range d.m.Customs {
		c := &d.m.Customs[i]
		for c.Before != SectionCustom && d.m.empty(c.Before) {
			if next := sectionRank(c.Before) + 1; next < len(sections) {
				c.Before = sections[next].id
			} else {
				c.Before = SectionCustom
			}
		}
	}
}

func (d *decoder) custom(r *reader) {
	if len(d.m.Customs) == MaxCustoms {
		r.fail(r.pos, "more than %d custom sections", MaxCustoms)
	}
	name := r.name()
	d.m.Customs = append(d.m.Customs, Custom{Name: name, Data: r.bytes(r.left())})
}

func (d *decoder) imports(r *reader) {
	for n := r.count("imports", MaxImports, 4); n > 0 && r.err == nil; n-- {
		d.importEntry(r)
	}
}

func (d *decoder) importEntry(r *reader) {
	d.item(SectionImport, len(d.m.Imports), r)
	im := Import{Module: r.name(), Name: r.name()}
	pos := r.pos
	im.Kind = ExternKind(r.byte())
	switch im.Kind {
	case KindFunc:
		im.Type = r.u32()
	case KindTable:
		im.Table = r.tableType()
	case KindMemory:
		im.Memory = r.memoryType()
	case KindGlobal:
		im.Global = r.globalType()
	case KindTag:
		im.Type = r.tagType()
	default:
		r.fail(pos, "malformed import kind %#x", byte(im.Kind))
	}
	d.m.Imports = append(d.m.Imports, im)
}

func (r *reader) tagType() uint32 {
	pos := r.pos
	if a := r.byte(); r.err == nil && a != 0 {
		r.fail(pos, "malformed tag attribute %#x", a)
	}
	return r.u32()
}

func (d *decoder) functions(r *reader) {
	n := r.count("functions", MaxFunctions, 1)
	d.m.Functions = make([]Function, n)
	for i := range d.m.Functions {
		d.item(SectionFunction, i, r)
		d.m.Functions[i].Type = r.u32()
	}
}

func (d *decoder) tables(r *reader) {
	for n := r.count("tables", MaxTables, 3); n > 0 && r.err == nil; n-- {
		d.item(SectionTable, len(d.m.Tables), r)
		d.m.Tables = append(d.m.Tables, r.table())
	}
}

func (r *reader) table() Table {
	if r.peek() != 0x40 {
		return Table{TableType: r.tableType()}
	}
	r.pos++
	pos := r.pos
	if z := r.byte(); r.err == nil && z != 0 {
		r.fail(pos, "malformed table: 0x40 must be followed by 0x00")
	}
	return Table{r.tableType(), r.constExpr()}
}

func (d *decoder) memories(r *reader) {
	for n := r.count("memories", MaxMemories, 2); n > 0 && r.err == nil; n-- {
		d.item(SectionMemory, len(d.m.Memories), r)
		d.m.Memories = append(d.m.Memories, r.memoryType())
	}
}

func (d *decoder) tags(r *reader) {
	for n := r.count("tags", MaxTags, 2); n > 0 && r.err == nil; n-- {
		d.item(SectionTag, len(d.m.Tags), r)
		d.m.Tags = append(d.m.Tags, Tag{r.tagType()})
	}
}

func (d *decoder) globals(r *reader) {
	for n := r.count("globals", MaxGlobals, 3); n > 0 && r.err == nil; n-- {
		d.item(SectionGlobal, len(d.m.Globals), r)
		d.m.Globals = append(d.m.Globals, Global{r.globalType(), r.constExpr()})
	}
}

func (d *decoder) exports(r *reader) {
	for n := r.count("exports", MaxExports, 3); n > 0 && r.err == nil; n-- {
		d.exportEntry(r)
	}
}

func (d *decoder) exportEntry(r *reader) {
	d.item(SectionExport, len(d.m.Exports), r)
	e := Export{Name: r.name()}
	kindAt := r.pos
	e.Kind, e.Index = ExternKind(r.byte()), r.u32()
	if e.Kind > KindTag {
		r.fail(kindAt, "malformed export kind %#x", byte(e.Kind))
	}
	d.m.Exports = append(d.m.Exports, e)
}

func (d *decoder) start(r *reader) {
	d.item(SectionStart, 0, r)
	i := r.u32()
	d.m.Start = &i
}

func (d *decoder) dataCount(r *reader) {
	d.item(SectionDataCount, 0, r)
	n := r.u32()
	d.m.DataCount = &n
}

func (d *decoder) code(r *reader) {
	pos := r.pos
	n := r.count("function bodies", MaxFunctions, 2)
	if r.err == nil && n != len(d.m.Functions) {
		r.fail(pos, "function and code section have inconsistent lengths: %d functions, %d bodies", len(d.m.Functions), n)
	}
	for i := 0; i < n && r.err == nil; i++ {
		d.body(r, i)
	}
}

func (d *decoder) body(r *reader, i int) {
	pos := r.pos
	size := r.u32()
	if size > MaxBodySize {
		r.fail(pos, "body of function %d has %d bytes, at most %d are supported", d.bodies, size, MaxBodySize)
	}
	f := &d.m.Functions[i]
	f.Offset = r.offset()
	f.Body = r.bytes(int(size))
	d.bodies++
}
