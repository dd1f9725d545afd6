package corewasm

import (
	"math/bits"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// Encode gives the module's binary form. Encoding what [Decode] gave yields a module
// that decodes to the same Module; integers get their shortest form, and empty
// sections vanish. The result shares nothing with m.
func (m *Module) Encode() []byte {
	dst := make([]byte, 0, m.sizeHint())
	dst = append(dst, magic...)
	var body []byte
	customs := m.customsByPlace()
	for rank := range sections {
		id := sections[rank].id
		dst = appendCustoms(dst, customs[rank])
		if m.empty(id) {
			continue
		}
		body = m.appendSection(body[:0], id)
		dst = appendSized(append(dst, byte(id)), body)
	}
	return appendCustoms(dst, customs[len(sections)])
}

// customsByPlace sorts custom sections by the rank of the section behind them.
func (m *Module) customsByPlace() [][]*Custom {
	places := make([][]*Custom, len(sections)+1)
	for i := range m.Customs {
		rank := sectionRank(m.Customs[i].Before)
		if rank < 0 {
			rank = len(sections)
		}
		places[rank] = append(places[rank], &m.Customs[i])
	}
	return places
}

func appendCustoms(dst []byte, customs []*Custom) []byte {
	for _, c := range customs {
		size := leb128.SizeU32(uint32(len(c.Name))) + len(c.Name) + len(c.Data)
		dst = leb128.AppendU32(append(dst, byte(SectionCustom)), uint32(size))
		dst = append(appendName(dst, c.Name), c.Data...)
	}
	return dst
}

func (m *Module) sizeHint() int {
	n := 1024
	for i := range m.Functions {
		n += len(m.Functions[i].Body) + 6
	}
	for i := range m.Data {
		n += len(m.Data[i].Init) + 12
	}
	for i := range m.Customs {
		n += len(m.Customs[i].Data) + 32
	}
	return n
}

func (m *Module) empty(id SectionID) bool {
	switch id {
	case SectionStart:
		return m.Start == nil
	case SectionDataCount:
		return m.DataCount == nil
	}
	return m.sectionLen(id) == 0
}

func (m *Module) sectionLen(id SectionID) int {
	switch id {
	case SectionType:
		return len(m.Types) + len(m.EmptyGroups)
	case SectionImport:
		return len(m.Imports)
	case SectionFunction, SectionCode:
		return len(m.Functions)
	case SectionTable:
		return len(m.Tables)
	case SectionMemory:
		return len(m.Memories)
	case SectionTag:
		return len(m.Tags)
	case SectionGlobal:
		return len(m.Globals)
	case SectionExport:
		return len(m.Exports)
	case SectionElement:
		return len(m.Elements)
	default:
		return len(m.Data)
	}
}

func appendSized(dst, body []byte) []byte {
	return append(leb128.AppendU32(dst, uint32(len(body))), body...)
}

func appendName(dst []byte, s string) []byte {
	return append(leb128.AppendU32(dst, uint32(len(s))), s...)
}

func (m *Module) appendSection(dst []byte, id SectionID) []byte {
	switch id {
	case SectionStart:
		return leb128.AppendU32(dst, *m.Start)
	case SectionDataCount:
		return leb128.AppendU32(dst, *m.DataCount)
	case SectionType:
		return m.appendTypes(dst)
	case SectionImport:
		return appendVec(dst, m.Imports, appendImport)
	case SectionFunction:
		return appendVec(dst, m.Functions, func(dst []byte, f *Function) []byte { return leb128.AppendU32(dst, f.Type) })
	case SectionCode:
		return appendVec(dst, m.Functions, func(dst []byte, f *Function) []byte { return appendSized(dst, f.Body) })
	case SectionTable:
		return appendVec(dst, m.Tables, appendTable)
	case SectionMemory:
		return appendVec(dst, m.Memories, appendMemoryType)
	case SectionTag:
		return appendVec(dst, m.Tags, func(dst []byte, t *Tag) []byte { return appendTagType(dst, t.Type) })
	case SectionGlobal:
		return appendVec(dst, m.Globals, func(dst []byte, g *Global) []byte {
			return append(appendGlobalType(dst, g.GlobalType), g.Init...)
		})
	case SectionExport:
		return appendVec(dst, m.Exports, func(dst []byte, e *Export) []byte {
			return leb128.AppendU32(append(appendName(dst, e.Name), byte(e.Kind)), e.Index)
		})
	case SectionElement:
		return appendVec(dst, m.Elements, appendElement)
	default:
		return appendVec(dst, m.Data, appendData)
	}
}

func appendVec[T any](dst []byte, items []T, one func([]byte, *T) []byte) []byte {
	dst = leb128.AppendU32(dst, uint32(len(items)))
	for i := range items {
		dst = one(dst, &items[i])
	}
	return dst
}

func (m *Module) appendTypes(dst []byte) []byte {
	n := len(m.EmptyGroups)
	for i := range m.Types {
		if m.Types[i].Group >= 0 {
			n++
		}
	}
	dst = leb128.AppendU32(dst, uint32(n))
	done := 0
	for _, before := range m.EmptyGroups {
		dst = append(AppendGroup(dst, m.Types[done:before]), codeRec, 0)
		done = int(before)
	}
	return AppendGroup(dst, m.Types[done:])
}

func appendType(dst []byte, t *Type) []byte {
	if t.Open || len(t.Supers) > 0 {
		code := byte(codeSubFinal)
		if t.Open {
			code = codeSub
		}
		dst = appendVec(append(dst, code), t.Supers, func(dst []byte, i *uint32) []byte { return leb128.AppendU32(dst, *i) })
	}
	if t.Shared {
		dst = append(dst, codeShared)
	}
	switch t.Kind {
	case TypeStruct:
		return appendVec(append(dst, codeStruct), t.Fields, appendFieldType)
	case TypeArray:
		return appendFieldType(append(dst, codeArray), &t.Fields[0])
	case TypeCont:
		return t.Cont.Append(append(dst, codeCont))
	default:
		return appendFuncType(dst, t.FuncType)
	}
}

func appendFieldType(dst []byte, f *FieldType) []byte {
	return append(f.Type.Append(dst), boolByte(f.Mutable))
}

func appendFuncType(dst []byte, f FuncType) []byte {
	return appendValTypes(appendValTypes(append(dst, codeFunc), f.Params), f.Results)
}

func appendValTypes(dst []byte, ts []ValType) []byte {
	dst = leb128.AppendU32(dst, uint32(len(ts)))
	for _, t := range ts {
		dst = t.Append(dst)
	}
	return dst
}

func appendImport(dst []byte, im *Import) []byte {
	dst = append(appendName(appendName(dst, im.Module), im.Name), byte(im.Kind))
	switch im.Kind {
	case KindFunc:
		return leb128.AppendU32(dst, im.Type)
	case KindTable:
		return appendTableType(dst, im.Table)
	case KindMemory:
		return appendMemoryType(dst, &im.Memory)
	case KindGlobal:
		return appendGlobalType(dst, im.Global)
	default:
		return appendTagType(dst, im.Type)
	}
}

func appendTagType(dst []byte, t uint32) []byte { return leb128.AppendU32(append(dst, 0), t) }

func appendGlobalType(dst []byte, g GlobalType) []byte {
	return append(g.Type.Append(dst), boolByte(g.Mutable)*globalMutable|boolByte(g.Shared)*globalShared)
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// appendLimits appends limits behind the flags that say more than they do.
func appendLimits(dst []byte, l Limits, flags byte) []byte {
	flags |= boolByte(l.HasMax)*limitsMax | boolByte(l.Is64)*limits64
	dst = leb128.AppendU64(append(dst, flags), l.Min)
	if l.HasMax {
		dst = leb128.AppendU64(dst, l.Max)
	}
	return dst
}

func appendMemoryType(dst []byte, t *MemoryType) []byte {
	shared := boolByte(t.Shared) * limitsShared
	if t.PageSize == 0 {
		return appendLimits(dst, t.Limits, shared)
	}
	return append(appendLimits(dst, t.Limits, shared|limitsPageSize), byte(bits.TrailingZeros32(t.PageSize)))
}

func appendTableType(dst []byte, t TableType) []byte {
	return appendLimits(t.Elem.Append(dst), t.Limits, boolByte(t.Shared)*limitsShared)
}

func appendTable(dst []byte, t *Table) []byte {
	if t.Init == nil {
		return appendTableType(dst, t.TableType)
	}
	return append(appendTableType(append(dst, 0x40, 0), t.TableType), t.Init...)
}

func appendData(dst []byte, d *Data) []byte {
	switch {
	case d.Mode == Passive:
		dst = append(dst, 1)
	case d.Memory == 0:
		dst = append(append(dst, 0), d.Offset...)
	default:
		dst = append(leb128.AppendU32(append(dst, 2), d.Memory), d.Offset...)
	}
	return appendSized(dst, d.Init)
}

// elementFlags chooses the shortest of the eight forms that says what e says.
func elementFlags(e *Element) (flags byte) {
	if e.Exprs != nil {
		flags |= elemExprs
	}
	switch {
	case e.Mode == Declarative:
		flags |= elemNotActive | elemExplicit
	case e.Mode == Passive:
		flags |= elemNotActive
	case e.TableGiven || e.Table != 0 || e.Type != FuncRef:
		flags |= elemExplicit
	}
	return flags
}

func appendElement(dst []byte, e *Element) []byte {
	flags := elementFlags(e)
	dst = append(dst, flags)
	if e.Mode == Active {
		if flags&elemExplicit != 0 {
			dst = leb128.AppendU32(dst, e.Table)
		}
		dst = append(dst, e.Offset...)
	}
	if flags&(elemNotActive|elemExplicit) != 0 {
		if flags&elemExprs != 0 {
			dst = e.Type.Append(dst)
		} else {
			dst = append(dst, 0)
		}
	}
	return appendElementInit(dst, e)
}

func appendElementInit(dst []byte, e *Element) []byte {
	if e.Exprs != nil {
		return appendVec(dst, e.Exprs, func(dst []byte, c *ConstExpr) []byte { return append(dst, *c...) })
	}
	return appendVec(dst, e.Funcs, func(dst []byte, f *uint32) []byte { return leb128.AppendU32(dst, *f) })
}
