package corewasm

import (
	"fmt"
	"math"
)

// Features are what [Module.ValidateWith] accepts besides WebAssembly 3.0, threads, custom
// page sizes and wide arithmetic.
type Features struct {
	SharedThreads bool // shared types, tables and globals
}

// missing is the feature that an abstract heap type would need, or "".
func (f Features) missing(h HeapType) string {
	if h.IsShared() && !f.SharedThreads {
		return featureShared
	}
	return ""
}

// Validate is ValidateWith without features.
func (m *Module) Validate() error { return m.ValidateWith(Features{}) }

// ValidateWith checks that the module is valid, function bodies included. The error is
// an [*Error], or an [*UnsupportedError] about something that can be read but not
// checked: what isn't among the features, and the instructions of legacy exception
// handling, stack switching, memory control and shared-everything threads. It says of
// valid modules nothing about whether the engine can run them.
//
// Spec: core 3.0, section 3 "Validation".
func (m *Module) ValidateWith(f Features) error {
	m = m.withSpaces()
	c := newChecker(m, f)
	c.sections()
	if c.err != nil {
		return c.err
	}
	for i := range m.Functions {
		if err := c.bodies.function(i); err != nil {
			return describe(err, nameFunction(m, i))
		}
	}
	return nil
}

// ValidateOutline is ValidateWith but for the function bodies, which are taken to be
// valid.
func (m *Module) ValidateOutline(f Features) error {
	c := newChecker(m.withSpaces(), f)
	c.sections()
	return c.err
}

// checker collects the first error outside of function bodies.
type checker struct {
	m      *Module
	space  *typeSpace
	bodies *bodyChecker
	err    error

	features Features

	what  string  // the kind of what is being checked
	index int     // and which one of that kind, or -1
	item  itemRef // where that stands
}

// itemRef is an item of a section.
type itemRef struct {
	section SectionID
	number  int
}

func newChecker(m *Module, f Features) *checker {
	space := &typeSpace{types: m.Types}
	return &checker{m: m, features: f, space: space, bodies: newBodyChecker(m, space, f)}
}

// at says what is going to be checked: an item of a section, which is number i of
// what it is called.
func (c *checker) at(item itemRef, what string, i int) { c.item, c.what, c.index = item, what, i }

// offset is where that stands.
func (c *checker) offset() int { return c.m.offsetOf(c.item.section, c.item.number) }

func (c *checker) where() string {
	if c.index < 0 {
		return c.what
	}
	return fmt.Sprint(c.what, " ", c.index)
}

func (c *checker) failf(format string, args ...any) {
	if c.err == nil {
		c.err = &Error{c.offset(), c.where(), fmt.Sprintf(format, args...)}
	}
}

func (c *checker) in(what string, i uint32, n int) bool {
	if int64(i) < int64(n) {
		return true
	}
	c.failf("unknown %s %d: there are %d", what, i, n)
	return false
}

// describe completes an error with where it happened.
func describe(err error, where string) error {
	e, ok := err.(*Error)
	if u, unsupported := err.(*UnsupportedError); unsupported {
		e, ok = u.Cause, true
	}
	if ok && e.Where == "" {
		e.Where = where
	}
	return err
}

// withSpaces is m, or a shallow copy, that has its index spaces at hand.
func (m *Module) withSpaces() *Module {
	if m.spaces != nil && m.spaces.nImports == len(m.Imports) {
		return m
	}
	c := *m
	c.spaces = newSpaces(m.Imports)
	return &c
}

// sections checks everything but function bodies.
func (c *checker) sections() {
	if c.types(); c.err != nil {
		return // what follows looks at types
	}
	c.imports()
	for i := range c.m.Functions {
		c.at(itemRef{SectionFunction, i}, "function", c.m.NumImported(KindFunc)+i)
		c.funcType(c.m.Functions[i].Type)
	}
	for i := range c.m.Tags {
		c.at(itemRef{SectionTag, i}, "tag", c.m.NumImported(KindTag)+i)
		c.tagType(c.m.Tags[i].Type)
	}
	if c.err != nil {
		return
	}
	c.bodies.declared = make([]bool, c.m.Count(KindFunc))
	c.tables()
	c.memories()
	c.globals()
	c.exports()
	c.start()
	c.elements()
	c.data()
}

func (c *checker) valType(t ValType) {
	if t.IsRef() {
		c.heapType(t.Heap(), len(c.m.Types))
	}
}

func (c *checker) funcType(i uint32) (*Type, bool) {
	if !c.in("type", i, len(c.m.Types)) {
		return nil, false
	}
	t := &c.m.Types[i]
	if t.Kind != TypeFunc {
		c.failf("type mismatch: type %d is no function type but a type of kind %s", i, t.Kind)
	}
	return t, t.Kind == TypeFunc
}

func (c *checker) tagType(i uint32) {
	if t, ok := c.funcType(i); ok && len(t.Results) > 0 {
		c.failf("non-empty tag result type")
	}
}

func (c *checker) imports() {
	for i := range c.m.Imports {
		c.at(itemRef{SectionImport, i}, "import", i)
		switch im := &c.m.Imports[i]; im.Kind {
		case KindFunc:
			c.funcType(im.Type)
		case KindTag:
			c.tagType(im.Type)
		case KindTable:
			c.tableType(&im.Table)
		case KindMemory:
			c.memoryType(&im.Memory)
		case KindGlobal:
			c.globalType(im.Global)
		}
	}
}

func (c *checker) memoryType(t *MemoryType) {
	if t.PageSize > 1 && t.PageSize != 1<<16 {
		c.failf("invalid custom page size: %d bytes, allowed are 1 and 65536", t.PageSize)
		return
	}
	if l, most := t.Limits, t.MaxPages(); l.Min > most || l.HasMax && l.Max > most {
		c.failf("memory size must be at most %d pages", most)
	}
	c.minMax(t.Limits)
	if t.Shared && !t.Limits.HasMax {
		c.failf("shared memory must have maximum")
	}
}

func (c *checker) minMax(l Limits) {
	if l.HasMax && l.Max < l.Min {
		c.failf("size minimum must not be greater than maximum: %d > %d", l.Min, l.Max)
	}
}

func (c *checker) tableType(t *TableType) {
	c.valType(t.Elem)
	l := t.Limits
	if most := uint64(math.MaxUint32); !l.Is64 && (l.Min > most || l.HasMax && l.Max > most) {
		c.failf("table size must be at most %d entries", most)
	}
	c.minMax(l)
	if c.shared("tables", t.Shared); t.Shared && c.err == nil && !c.space.shared(t.Elem.Heap()) {
		c.failf("shared tables must have a shared element type")
	}
}

// shared refuses shared things other than memories where they are not asked for.
func (c *checker) shared(what string, shared bool) {
	if shared && !c.features.SharedThreads {
		c.unsupported(featureShared, "shared "+what+" are not supported")
	}
}

func (c *checker) unsupported(feature, msg string) {
	if c.err == nil {
		c.err = &UnsupportedError{&Error{c.offset(), c.where(), msg}, feature}
	}
}

func (c *checker) globalType(t GlobalType) {
	c.valType(t.Type)
	if c.shared("globals", t.Shared); c.err == nil && t.Shared && t.Type.IsRef() && !c.space.shared(t.Type.Heap()) {
		c.failf("shared globals must have a shared value type")
	}
}

// constExpr checks a constant expression that may refer to the first so many
// globals.
func (c *checker) constExpr(x ConstExpr, want ValType, globals int) {
	if c.err == nil {
		if err := c.bodies.constExpr(x, want, globals); err != nil {
			c.err = describe(err, c.where())
		}
	}
}

func (c *checker) tables() {
	first := c.m.NumImported(KindTable)
	for i := range c.m.Tables {
		t := &c.m.Tables[i]
		c.at(itemRef{SectionTable, i}, "table", first+i)
		c.tableType(&t.TableType)
		if t.Init != nil {
			c.constExpr(t.Init, t.Elem, c.m.NumImported(KindGlobal))
		} else if !defaultable(t.Elem) {
			c.failf("type mismatch: elements of type %s have no default and need an initial value", t.Elem)
		}
	}
}

func (c *checker) memories() {
	first := c.m.NumImported(KindMemory)
	for i := range c.m.Memories {
		c.at(itemRef{SectionMemory, i}, "memory", first+i)
		c.memoryType(&c.m.Memories[i])
	}
	if n := first + len(c.m.Memories); n > MaxMemories {
		c.failf("%d memories, at most %d are supported", n, MaxMemories)
	}
}

// globals checks globals, whose values may depend on those in front of them.
func (c *checker) globals() {
	first := c.m.NumImported(KindGlobal)
	for i := range c.m.Globals {
		g := &c.m.Globals[i]
		c.at(itemRef{SectionGlobal, i}, "global", first+i)
		c.globalType(g.GlobalType)
		c.constExpr(g.Init, g.Type, first+i)
	}
}

func (c *checker) exports() {
	seen := make(map[string]struct{}, len(c.m.Exports))
	for i, e := range c.m.Exports {
		c.at(itemRef{SectionExport, i}, "export", i)
		if _, dup := seen[e.Name]; dup {
			c.failf("duplicate export name %q", e.Name)
		}
		seen[e.Name] = struct{}{}
		if c.in(e.Kind.String(), e.Index, c.m.Count(e.Kind)) && e.Kind == KindFunc {
			c.bodies.declared[e.Index] = true
		}
	}
}

func (c *checker) start() {
	c.at(itemRef{SectionStart, 0}, "start function", -1)
	if s := c.m.Start; s != nil && c.in("func", *s, c.m.Count(KindFunc)) {
		if t, _ := c.m.FuncType(*s); len(t.Params)+len(t.Results) > 0 {
			c.failf("start function %d must take and leave nothing; its type is %s", *s, t)
		}
	}
}

func (c *checker) elements() {
	for i := range c.m.Elements {
		c.at(itemRef{SectionElement, i}, "element segment", i)
		c.element(&c.m.Elements[i])
	}
}

func (c *checker) element(e *Element) {
	c.valType(e.Type)
	nGlobals := c.m.Count(KindGlobal)
	if e.Mode == Active && c.in("table", e.Table, c.m.Count(KindTable)) {
		t, _ := c.m.TableType(e.Table)
		if c.err == nil && !c.space.matches(e.elemType(), t.Elem) {
			c.failf("type mismatch: elements of type %s do not fit table %d of %s", e.elemType(), e.Table, t.Elem)
		}
		c.constExpr(e.Offset, t.Limits.Address(), nGlobals)
	}
	for _, f := range e.Funcs {
		if c.in("func", f, len(c.bodies.declared)) {
			c.bodies.declared[f] = true
		}
	}
	for _, x := range e.Exprs {
		c.constExpr(x, e.Type, nGlobals)
	}
}

func (c *checker) data() {
	nGlobals := c.m.Count(KindGlobal)
	for i := range c.m.Data {
		d := &c.m.Data[i]
		if c.at(itemRef{SectionData, i}, "data segment", i); d.Mode == Active && c.in("memory", d.Memory, c.m.Count(KindMemory)) {
			t, _ := c.m.MemoryType(d.Memory)
			c.constExpr(d.Offset, t.Limits.Address(), nGlobals)
		}
	}
	if n := c.m.DataCount; n != nil && int(*n) != len(c.m.Data) {
		c.at(itemRef{SectionDataCount, 0}, "data count", -1)
		c.failf("data count and data section have inconsistent lengths: %d and %d", *n, len(c.m.Data))
	}
}
