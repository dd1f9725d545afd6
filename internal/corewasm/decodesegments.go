package corewasm

import "math"

func (d *decoder) data(r *reader) {
	n := r.count("data segments", MaxDataSegments, 2)
	d.m.Data = make([]Data, 0, n)
	for ; n > 0 && r.err == nil; n-- {
		d.item(SectionData, len(d.m.Data), r)
		d.m.Data = append(d.m.Data, r.dataSegment())
	}
}

func (r *reader) dataSegment() (s Data) {
	pos := r.pos
	switch flags := r.u32(); flags {
	case 0:
		s.Offset = r.constExpr()
	case 1:
		s.Mode = Passive
	case 2:
		s.Memory = r.u32()
		s.Offset = r.constExpr()
	default:
		r.fail(pos, "malformed data segment flags %d", flags)
	}
	n := r.u32()
	if uint64(n) > math.MaxInt32 {
		r.fail(pos, "data segment of %d bytes", n)
		return s
	}
	s.Init = r.bytes(int(n))
	return s
}

func (d *decoder) elements(r *reader) {
	left := MaxElements
	for n := r.count("element segments", MaxSegments, 2); n > 0 && r.err == nil; n-- {
		d.item(SectionElement, len(d.m.Elements), r)
		e := r.element(left)
		left -= len(e.Funcs) + len(e.Exprs)
		d.m.Elements = append(d.m.Elements, e)
	}
}

// Bits of an element segment's flags.
const (
	elemNotActive = 1 << iota // passive or declarative
	elemExplicit              // a table index, or declarative rather than passive
	elemExprs
)

// element reads a segment of at most limit entries.
func (r *reader) element(limit int) (e Element) {
	pos := r.pos
	flags := r.u32()
	if flags > 7 {
		r.fail(pos, "malformed element segment flags %d", flags)
		return e
	}
	switch {
	case flags&elemNotActive == 0:
		if flags&elemExplicit != 0 {
			e.Table = r.u32()
		}
		e.Offset = r.constExpr()
	case flags&elemExplicit != 0:
		e.Mode = Declarative
	default:
		e.Mode = Passive
	}
	e.Type = r.elementType(flags)
	r.elementInit(&e, flags, limit)
	e.TableGiven = byte(flags)&^elementFlags(&e) == elemExplicit
	return e
}

func (r *reader) elementType(flags uint32) ValType {
	switch {
	case flags&(elemNotActive|elemExplicit) == 0:
		return FuncRef
	case flags&elemExprs != 0:
		return r.refType()
	}
	pos := r.pos
	if k := r.byte(); r.err == nil && k != 0 {
		r.fail(pos, "malformed element kind %#x", k)
	}
	return FuncRef
}

func (r *reader) elementInit(e *Element, flags uint32, limit int) {
	if flags&elemExprs == 0 {
		e.Funcs = make([]uint32, r.count("elements", limit, 1))
		for i := range e.Funcs {
			e.Funcs[i] = r.u32()
		}
		return
	}
	e.Exprs = []ConstExpr{}
	for n := r.count("elements", limit, 2); n > 0 && r.err == nil; n-- {
		e.Exprs = append(e.Exprs, r.constExpr())
	}
}
