package corewasm

func (d *decoder) types(r *reader) {
	n := r.count("types", MaxTypes, 2)
	d.m.Types = make([]Type, 0, n)
	for ; n > 0 && r.err == nil; n-- {
		d.recGroup(r)
	}
}

func (d *decoder) recGroup(r *reader) {
	if r.peek() != codeRec {
		d.subType(r, 0)
		return
	}
	r.pos++
	n := r.count("types of a recursion group", MaxTypes, 2)
	if n == 0 {
		d.m.EmptyGroups = append(d.m.EmptyGroups, uint32(len(d.m.Types)))
	}
	group := n
	for ; n > 0 && r.err == nil; n-- {
		d.subType(r, group)
		group = -1
	}
}

func (d *decoder) subType(r *reader, group int) {
	if len(d.m.Types) == MaxTypes {
		r.fail(r.pos, "more than %d types", MaxTypes)
	}
	d.item(SectionType, len(d.m.Types), r)
	t := Type{Group: group}
	if c := r.peek(); c == codeSub || c == codeSubFinal {
		r.pos++
		t.Open = c == codeSub
		t.Supers = r.indices("supertypes", MaxSupers)
	}
	r.compositeType(&t)
	d.m.Types = append(d.m.Types, t)
}

// Codes of types.
const (
	codeRec      = 0x4e
	codeSubFinal = 0x4f
	codeSub      = 0x50
	codeFunc     = 0x60
	codeStruct   = 0x5f
	codeArray    = 0x5e
	codeCont     = 0x5d
)

func (r *reader) compositeType(t *Type) {
	if t.Shared = r.peek() == codeShared; t.Shared {
		r.pos++
	}
	pos := r.pos
	switch c := r.byte(); c {
	case codeFunc:
		t.FuncType = FuncType{r.valTypes("parameters", MaxParams), r.valTypes("results", MaxResults)}
	case codeStruct:
		t.Kind = TypeStruct
		t.Fields = make([]FieldType, r.count("fields", MaxFields, 2))
		for i := range t.Fields {
			t.Fields[i] = r.fieldType()
		}
	case codeArray:
		t.Kind = TypeArray
		t.Fields = []FieldType{r.fieldType()}
	case codeCont:
		t.Kind = TypeCont
		t.Cont = r.heapType()
	default:
		r.fail(pos, "malformed type %#x", c)
	}
}

func (r *reader) fieldType() (f FieldType) {
	if c := ValType(r.peek()); c == I8 || c == I16 {
		r.pos++
		f.Type = c
	} else {
		f.Type = r.valType()
	}
	pos := r.pos
	mut := r.byte()
	if r.err == nil && mut > 1 {
		r.fail(pos, "malformed mutability %#x", mut)
	}
	f.Mutable = mut == 1
	return f
}
