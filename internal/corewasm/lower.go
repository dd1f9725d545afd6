package corewasm

import "slices"

// Lowering: modules that the engine has no word for become modules that it has.
//
// The engine runs modules with one memory, whose addresses have 32 bits. A module
// with more than that becomes several parts. The main part keeps the memory that
// its code uses most, and each other one that is used goes to a side part of its own,
// which defines or imports that memory. An access to it is a call, across instances,
// of a small function of the side part:
//
//	i32.load $m1 offset=8           call $1    ;; i32.load of memory 1
//
// Such a call costs some two nanoseconds. A copy between two memories goes to the
// host, which sees both. Addresses of 64 bits are narrowed: a memory has less than 4
// GiB, so one with anything in its upper half is replaced by one that is out of bounds for
// certain. A shared memory becomes a plain one, since only one thread runs in a
// store; only waiting needs an answer of its own, which the host gives.
//
// Active segments are applied by a start function where the engine would do it
// otherwise than the specification says: element segments that may be out of bounds,
// which it skips, and data segments of side parts, whose order matters where two
// imports are one memory.

// Lowered is a module as parts that the engine can run.
type Lowered struct {
	// Parts are in the order in which they are to be instantiated. The last one is the
	// main part, which has everything but the other memories.
	Parts []Part

	// Moved are the exported memories that the main part does not export, by name: each
	// is an export of another part.
	Moved map[string]Link

	// Memories has the number of the part that has a memory, by the memory's index, or
	// -1 if none needs it.
	Memories []int
}

// Part is a module with one memory at most.
type Part struct {
	Module *Module
	Links  []Link // what satisfies each of its imports

	// MemoryPages is what its memory begins with, as the original has it, which may be more
	// than the module says and than anybody can have.
	MemoryPages uint64
}

// Link says what satisfies an import of a part.
type Link struct {
	Kind  LinkKind
	Index int    // of the original's import, or of the part
	Name  string // of the part's export
}

// LinkKind is the kind of a [Link].
type LinkKind byte

// Kinds of links.
const (
	// LinkImport is what satisfies an import of the original.
	LinkImport LinkKind = iota

	// LinkPart is an export of an earlier part.
	LinkPart

	// LinkCopy is the host's function that copies between two memories, of type
	// [i32 i32 i64 i64 i64] -> []: the numbers of the destination and the source (see
	// [LowerOptions]), where to, where from, how many bytes. It traps if they are out
	// of bounds, before it writes anything, and copies right where both are one memory.
	LinkCopy

	// LinkI31Make, LinkI31GetS and LinkI31GetU are the host's functions that make an externref
	// of a number's lower 31 bits, of type [i32] -> [externref], and give the number that
	// is in one, extended or not, or trap if it is null.
	LinkI31Make
	LinkI31GetS
	LinkI31GetU

	// LinkWait is the host's function that waits where nobody can notify, of type
	// [i64] -> []: for so many nanoseconds, or for ever if it is negative.
	LinkWait
)

// LowerOptions are what [Lower] has to know of the surroundings.
type LowerOptions struct {
	// FirstMemory is the number that [LinkCopy] knows memory 0 by. The others follow.
	FirstMemory uint32

	// Valid tells that somebody has validated the module.
	Valid bool
}

// Lower turns a module into parts that the engine can run and that together behave
// the same. Most modules are their own only part. It checks m with [Module.Validate],
// unless o.Valid; its errors are those of Validate, or say that a table is too large.
func Lower(m *Module, o LowerOptions) (*Lowered, error) {
	m = m.withSpaces()
	if !o.Valid {
		if err := m.Validate(); err != nil {
			return nil, err
		}
	}
	m, err := m.inlineConstants()
	if err != nil {
		return nil, err
	}
	var fills map[uint32]ConstExpr
	i31 := m.declaresI31()
	if i31 {
		if m, fills, err = m.withoutI31(); err != nil {
			return nil, err
		}
	}
	l := &lowerer{m: m, o: o, hasI31: i31, i31Fills: fills, res: &Lowered{}, direct: noMemory, funcs: map[access]uint32{}}
	l.elements = m.deferredElements()
	l.bodies = m.Count(KindMemory) > 1 || m.hasWideIndices() || i31
	if !l.bodies && !slices.Contains(l.elements, true) {
		return wholeModule(m), nil
	}
	if err := l.run(); err != nil {
		return nil, err
	}
	return l.res, nil
}

// wholeModule is a module that needs no lowering.
func wholeModule(m *Module) *Lowered {
	p := Part{Module: m, Links: make([]Link, len(m.Imports))}
	for i := range p.Links {
		p.Links[i] = Link{Kind: LinkImport, Index: i}
	}
	for _, t := range m.Memories {
		p.MemoryPages += t.Limits.Min
	}
	return &Lowered{Parts: []Part{p}, Memories: make([]int, m.Count(KindMemory))}
}

// hasWideIndices reports whether something has addresses of 64 bits, or is shared.
func (m *Module) hasWideIndices() bool {
	for i := range uint32(m.Count(KindMemory)) {
		if t, _ := m.MemoryType(i); t.Limits.Is64 || t.Shared {
			return true
		}
	}
	for i := range uint32(m.Count(KindTable)) {
		if t, _ := m.TableType(i); t.Limits.Is64 {
			return true
		}
	}
	return false
}

// noMemory is the index of the memory that a module without memories keeps.
const noMemory = ^uint32(0)

// lowerer carries one Lower.
type lowerer struct {
	m   *Module // the original, not to be modified
	out *Module // the main part
	o   LowerOptions
	res *Lowered
	funcShift

	hasI31   bool                 // there were references to 31-bit numbers
	i31Fills map[uint32]ConstExpr // see Module.withoutI31
	i31Funcs i31Funcs

	bodies   bool   // code has to be written anew
	elements []bool // by segment: it is applied by the start function
	data     []bool // the same

	memories []memoryUse
	direct   uint32           // the memory that the main part keeps
	inits    map[access]bool  // memory.init with segment and memory, as in bodies
	dropped  map[uint32]bool  // segments that bodies drop
	sides    map[uint32]*side // by memory

	links   []Link            // of the main part
	types   typeTable         // of the main part
	helpers []access          // functions that the main part defines in addition
	funcs   map[access]uint32 // what stands for an access in the main part: its function index
	copier  uint32            // function index of LinkCopy, if there are helpers that copy
	waiter  uint32            // function index of LinkWait, if there are helpers that wait
}

func (l *lowerer) run() error {
	out := *l.m
	l.out = &out
	l.types = typeTable{m: l.out}
	l.out.Types = append([]Type(nil), l.m.Types...)
	if err := l.scan(); err != nil {
		return err
	}
	l.choose()
	l.data = make([]bool, len(l.m.Data))
	if l.bodies {
		l.deferData()
	}
	if err := l.makeSides(); err != nil {
		return err
	}
	l.imports()
	l.planHelpers()
	l.functions()
	if err := l.definitions(); err != nil {
		return err
	}
	l.segments()
	l.start()
	l.finish()
	return nil
}

// choose keeps the memory in the main part that is used most.
func (l *lowerer) choose() {
	for i := range l.memories {
		if l.direct == noMemory || l.memories[i].weight > l.memories[l.direct].weight {
			l.direct = uint32(i)
		}
	}
}

// imports takes the memories of side parts out of the main part's imports, and puts
// functions in.
func (l *lowerer) imports() {
	l.first = uint32(l.m.NumImported(KindFunc))
	l.out.Imports = nil
	memory := uint32(0)
	for i, im := range l.m.Imports {
		if im.Kind == KindMemory {
			memory++
			if memory-1 != l.direct {
				continue
			}
			im.Memory = narrowMemory(im.Memory)
		}
		if im.Kind == KindTable {
			im.Table = narrowTable(im.Table)
		}
		l.out.Imports = append(l.out.Imports, im)
		l.links = append(l.links, Link{Kind: LinkImport, Index: i})
	}
	for i := range l.memories {
		if s := l.sides[uint32(i)]; s != nil {
			for k, a := range s.accesses {
				l.funcs[a] = l.importFunc(Link{LinkPart, s.part, sideExport(k)}, l.signature(a).funcType())
			}
		}
	}
}

// importFunc adds an import to the main part and gives its function index.
func (l *lowerer) importFunc(from Link, t FuncType) uint32 {
	l.out.Imports = append(l.out.Imports, Import{Module: "part", Name: from.Name, Kind: KindFunc, Type: l.types.index(t)})
	l.links = append(l.links, from)
	l.by++
	return l.first + l.by - 1
}

// definitions writes what the main part defines besides functions and segments.
func (l *lowerer) definitions() error {
	l.funcShift.definitions(l.out)
	l.out.Tables = slices.Clone(l.out.Tables)
	for i := range l.out.Tables {
		t := &l.out.Tables[i].TableType
		if t.Limits.Min > MaxTableSize {
			return &Error{-1, "table section", "a table begins with more entries than the engine can give it"}
		}
		*t = narrowTable(*t)
	}
	imported := uint32(l.m.NumImported(KindMemory))
	l.out.Memories = nil
	if l.direct != noMemory && l.direct >= imported {
		l.out.Memories = []MemoryType{narrowMemory(l.memories[l.direct].typ)}
	}
	l.exports()
	return nil
}

// exports leaves out the memories that other parts have.
func (l *lowerer) exports() {
	l.out.Exports = nil
	for _, e := range l.funcShift.exports(l.m) {
		if e.Kind == KindMemory {
			if e.Index != l.direct {
				l.move(e)
				continue
			}
			e.Index = 0
		}
		l.out.Exports = append(l.out.Exports, e)
	}
}

func (l *lowerer) move(e Export) {
	if l.res.Moved == nil {
		l.res.Moved = map[string]Link{}
	}
	l.res.Moved[e.Name] = Link{LinkPart, l.sides[e.Index].part, sideMemory}
}

// finish adds the main part to the others.
func (l *lowerer) finish() {
	l.out.Customs = nil
	helpers := make([]string, len(l.helpers))
	for i, a := range l.helpers {
		helpers[i] = a.name()
	}
	if names := l.m.mappedNames(l.index, helpers); len(names) > 0 {
		l.out.Customs = []Custom{{Name: "name", Data: names}}
	}
	l.out.spaces = newSpaces(l.out.Imports)
	p := Part{Module: l.out, Links: l.links}
	if len(l.out.Memories) > 0 {
		p.MemoryPages = l.memories[l.direct].typ.Limits.Min
	}
	l.res.Parts = append(l.res.Parts, p)
	for i := range l.memories {
		part := -1
		if s := l.sides[uint32(i)]; s != nil {
			part = s.part
		} else if uint32(i) == l.direct {
			part = len(l.res.Parts) - 1
		}
		l.res.Memories = append(l.res.Memories, part)
	}
}
