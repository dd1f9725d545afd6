package corewasm

import "github.com/gondola-wasm/gondola/internal/leb128"

// Encode gives the module's binary form. Encoding what [Decode] gave yields a module
// that decodes to the same Module; integers get their shortest form, and custom
// sections move behind the others. The result shares nothing with m.
func (m *Module) Encode() []byte {
	dst := make([]byte, 0, m.sizeHint())
	dst = append(dst, magic...)
	var body []byte
	for i := range sections {
		if m.empty(sections[i].id) {
			continue
		}
		body = m.appendSection(body[:0], sections[i].id)
		dst = appendSized(append(dst, sections[i].id), body)
	}
	for _, c := range m.Customs {
		body = append(appendName(body[:0], c.Name), c.Data...)
		dst = appendSized(append(dst, secCustom), body)
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

func (m *Module) empty(id byte) bool {
	switch id {
	case secStart:
		return m.Start == nil
	case secDataCount:
		return m.DataCount == nil
	}
	return m.sectionLen(id) == 0
}

func (m *Module) sectionLen(id byte) int {
	switch id {
	case secType:
		return len(m.Types)
	case secImport:
		return len(m.Imports)
	case secFunction, secCode:
		return len(m.Functions)
	case secTable:
		return len(m.Tables)
	case secMemory:
		return len(m.Memories)
	case secTag:
		return len(m.Tags)
	case secGlobal:
		return len(m.Globals)
	case secExport:
		return len(m.Exports)
	case secElement:
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

func (m *Module) appendSection(dst []byte, id byte) []byte {
	switch id {
	case secStart:
		return leb128.AppendU32(dst, *m.Start)
	case secDataCount:
		return leb128.AppendU32(dst, *m.DataCount)
	case secType:
		return appendTypes(dst, m.Types)
	case secImport:
		return appendVec(dst, m.Imports, appendImport)
	case secFunction:
		return appendVec(dst, m.Functions, func(dst []byte, f *Function) []byte { return leb128.AppendU32(dst, f.Type) })
	case secCode:
		return appendVec(dst, m.Functions, func(dst []byte, f *Function) []byte { return appendSized(dst, f.Body) })
	case secTable:
		return appendVec(dst, m.Tables, appendTable)
	case secMemory:
		return appendVec(dst, m.Memories, appendMemoryType)
	case secTag:
		return appendVec(dst, m.Tags, func(dst []byte, t *Tag) []byte { return appendTagType(dst, t.Type) })
	case secGlobal:
		return appendVec(dst, m.Globals, func(dst []byte, g *Global) []byte {
			return append(appendGlobalType(dst, g.GlobalType), g.Init...)
		})
	case secExport:
		return appendVec(dst, m.Exports, func(dst []byte, e *Export) []byte {
			return leb128.AppendU32(append(appendName(dst, e.Name), byte(e.Kind)), e.Index)
		})
	case secElement:
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

func appendTypes(dst []byte, types []Type) []byte {
	n := 0
	for i := range types {
		if types[i].Group >= 0 {
			n++
		}
	}
	dst = leb128.AppendU32(dst, uint32(n))
	for i := range types {
		if g := types[i].Group; g > 0 {
			dst = leb128.AppendU32(append(dst, 0x4e), uint32(g))
		}
		dst = appendFuncType(dst, types[i].FuncType)
	}
	return dst
}

func appendFuncType(dst []byte, f FuncType) []byte {
	return appendValTypes(appendValTypes(append(dst, 0x60), f.Params), f.Results)
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
	return append(g.Type.Append(dst), boolByte(g.Mutable))
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendLimits(dst []byte, l Limits, shared bool) []byte {
	dst = leb128.AppendU32(append(dst, boolByte(l.HasMax)|boolByte(shared)<<1), l.Min)
	if l.HasMax {
		dst = leb128.AppendU32(dst, l.Max)
	}
	return dst
}

func appendMemoryType(dst []byte, t *MemoryType) []byte { return appendLimits(dst, t.Limits, t.Shared) }

func appendTableType(dst []byte, t TableType) []byte {
	return appendLimits(t.Elem.Append(dst), t.Limits, false)
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

// elementFlags chooses the shortest of the eight forms.
func elementFlags(e *Element) (flags byte) {
	if e.Exprs != nil {
		flags |= elemExprs
	}
	switch {
	case e.Mode == Declarative:
		flags |= elemNotActive | elemExplicit
	case e.Mode == Passive:
		flags |= elemNotActive
	case e.Table != 0 || e.Type != FuncRef:
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
