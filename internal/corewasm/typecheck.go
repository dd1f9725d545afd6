package corewasm

// types checks the type section: first that indices are in range, so that types can
// be compared, then what supertypes ask for.
func (c *checker) types() {
	supers := false
	for start := 0; start < len(c.m.Types) && c.err == nil; {
		n := max(c.m.Types[start].Group, 1)
		if c.at(itemRef{SectionType, start}, "type", start); n > len(c.m.Types)-start {
			c.failf("a recursion group of %d types, of which %d are missing", n, n-len(c.m.Types)+start)
			return
		}
		for i := start; i < start+n; i++ {
			c.at(itemRef{SectionType, i}, "type", i)
			c.typeIndices(i, start+n)
			supers = supers || len(c.m.Types[i].Supers) > 0
		}
		start += n
	}
	if supers && c.err == nil {
		c.supertypes()
	}
}

// typeIndices checks what type i refers to; end is that of its recursion group.
func (c *checker) typeIndices(i, end int) {
	t := &c.m.Types[i]
	c.shared("types", t.Shared)
	switch t.Kind {
	case TypeFunc:
		c.memberTypes(t, t.Params, end)
		c.memberTypes(t, t.Results, end)
	case TypeCont:
		if c.heapType(t.Cont, end) && (t.Cont < 0 || c.m.Types[t.Cont].Kind != TypeFunc) {
			c.failf("non-function type %s of a continuation", t.Cont)
		}
	case TypeArray:
		if len(t.Fields) != 1 {
			c.failf("an array with %d element types", len(t.Fields))
		}
		fallthrough
	default:
		for _, f := range t.Fields {
			c.memberType(t, f.Type, end)
		}
	}
	if len(t.Supers) > 1 {
		c.failf("%d supertypes: a type has at most one", len(t.Supers))
	}
	for _, x := range t.Supers {
		c.in("type", x, i)
	}
}

func (c *checker) memberTypes(t *Type, ts []ValType, end int) {
	for _, v := range ts {
		c.memberType(t, v, end)
	}
}

func (c *checker) memberType(t *Type, v ValType, end int) {
	if !v.IsRef() || !c.heapType(v.Heap(), end) {
		return
	}
	if t.Shared && !c.space.shared(v.Heap()) {
		c.failf("shared composite type must contain shared types: %s is not shared", v)
	}
}

// heapType checks a heap type, which may name one of the first nTypes types.
func (c *checker) heapType(h HeapType, nTypes int) bool {
	if h >= 0 {
		return c.in("type", uint32(h), nTypes)
	}
	f := c.features.missing(h)
	if f != "" {
		c.unsupported(f, "heap type "+h.String()+": "+f+" is not supported")
	}
	return f == ""
}

// supertypes checks that types may be declared below others, and that they match
// them.
func (c *checker) supertypes() {
	depths := make([]uint8, len(c.m.Types))
	for i := range c.m.Types {
		if c.err == nil {
			c.at(itemRef{SectionType, i}, "type", i)
			c.supertype(i, depths)
		}
	}
}

// supertype checks type i against its supertype, if it has one. depths are the numbers
// of supertypes, of which it fills in that of i.
func (c *checker) supertype(i int, depths []uint8) {
	t := &c.m.Types[i]
	if len(t.Supers) == 0 {
		return
	}
	x := t.Supers[0]
	super := &c.m.Types[x]
	depths[i] = depths[x] + 1
	switch {
	case depths[i] > MaxSubtypeDepth:
		c.failf("a chain of more than %d supertypes is not supported", MaxSubtypeDepth)
	case !super.Open:
		c.failf("sub type cannot have a final super type")
	case !c.space.compositeMatches(t, super):
		c.failf("sub type does not match super type")
	}
}
