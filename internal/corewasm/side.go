package corewasm

import (
	"strconv"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// side is a part that defines or imports one memory and has a function for every
// kind of access to it.
type side struct {
	l        *lowerer
	memory   uint32
	part     int
	accesses []access
	b        *Builder
	links    []Link
	waiter   uint32
	segments map[uint32]uint32 // data segments by their index in the original
}

// sideMemory is the name under which a side part exports its memory.
const sideMemory = "memory"

// sideExport is the name under which a side part exports the function for its k-th
// access.
func sideExport(k int) string { return strconv.Itoa(k) }

// makeSides makes the parts for memories that the main part doesn't keep.
func (l *lowerer) makeSides() error {
	l.sides = map[uint32]*side{}
	for i := range l.memories {
		if u := &l.memories[i]; uint32(i) != l.direct && u.used() {
			s := &side{l: l, memory: uint32(i), part: len(l.sides), b: NewBuilder(), segments: map[uint32]uint32{}}
			s.accesses = u.accesses.list
			l.sides[uint32(i)] = s
			l.planSegments(s)
			l.res.Parts = append(l.res.Parts, s.build())
		}
	}
	return nil
}

// planSegments gives a side the accesses that applying and dropping its segments
// takes.
func (l *lowerer) planSegments(s *side) {
	for i := range l.m.Data {
		d := &l.m.Data[i]
		init := access{op: OpMemoryInit, index: uint32(i), index2: s.memory}
		applied := d.Mode == Active && d.Memory == s.memory && l.data[i]
		if applied && !l.inits[init] {
			s.accesses = append(s.accesses, init)
		}
		if applied || d.Mode == Passive && l.inits[init] && l.dropped[uint32(i)] {
			s.accesses = append(s.accesses, access{op: OpDataDrop, index: uint32(i), index2: s.memory})
		}
	}
}

func (s *side) build() Part {
	u := &s.l.memories[s.memory]
	p := Part{}
	typ := narrowMemory(u.typ)
	if u.imported >= 0 {
		s.b.ImportMemory("part", "memory", typ)
		s.links = append(s.links, Link{Kind: LinkImport, Index: u.imported})
	} else {
		p.MemoryPages = u.typ.Limits.Min
	}
	for _, a := range s.accesses {
		if isWait(a.op) && u.typ.Shared {
			t := waiterType()
			s.waiter = s.b.ImportFunc("part", "wait", s.b.AddType(t.Params, t.Results))
			s.links = append(s.links, Link{Kind: LinkWait})
			break
		}
	}
	if u.imported < 0 {
		s.b.AddMemory(typ)
	}
	s.b.AddExport(sideMemory, KindMemory, 0)
	s.nativeSegments()
	for k, a := range s.accesses {
		s.b.AddExport(sideExport(k), KindFunc, s.function(a))
	}
	if len(s.segments) > 0 {
		s.b.SetDataCount()
	}
	s.b.AddCustom("name", s.names())
	p.Module, p.Links = s.b.Module(), s.links
	return p
}

func (s *side) function(a access) uint32 {
	t := s.l.signature(a).funcType()
	p := place{waiter: s.waiter}
	if a.op == OpMemoryInit || a.op == OpDataDrop {
		p.segment = s.segment(a.index)
	}
	return s.b.AddFunc(s.b.AddType(t.Params, t.Results), a.locals(), s.l.code(a, p))
}

// nativeSegments adds the active segments that the engine can apply.
func (s *side) nativeSegments() {
	for i := range s.l.m.Data {
		if d := &s.l.m.Data[i]; d.Mode == Active && d.Memory == s.memory && !s.l.data[i] {
			s.segments[uint32(i)] = s.b.AddData(narrowSegment(d))
		}
	}
}

// segment is the side's own index of a data segment. One that has been applied has
// nothing in it for whoever names it.
func (s *side) segment(i uint32) uint32 {
	k, ok := s.segments[i]
	if !ok {
		d := Data{Mode: Passive}
		if o := &s.l.m.Data[i]; o.Mode == Passive || s.l.data[i] && o.Memory == s.memory {
			d.Init = o.Init
		}
		k = s.b.AddData(d)
		s.segments[i] = k
	}
	return k
}

// names is a name section that tells what the functions are.
func (s *side) names() []byte {
	first := s.b.next(KindFunc) - uint32(len(s.accesses))
	names := make([]string, len(s.accesses))
	for i, a := range s.accesses {
		names[i] = a.name()
	}
	return funcNames(first, names)
}

// funcNames is a name section with the names of functions from the first one on.
func funcNames(first uint32, names []string) []byte {
	body := leb128.AppendU32(nil, uint32(len(names)))
	for i, n := range names {
		body = appendName(leb128.AppendU32(body, first+uint32(i)), n)
	}
	return appendSized([]byte{nameFunctions}, body)
}
