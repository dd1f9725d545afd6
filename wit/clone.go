package wit

// cloner copies what one world owns into another that includes it: a type that a world
// defines is a different one in each world.
type cloner struct {
	from   *World
	to     *World
	owners map[Owner]Owner
	defs   map[*TypeDef]*TypeDef
	grow   func(n int) // is told how much more there is than before
}

func newCloner(from, to *World, grow func(n int)) *cloner {
	return &cloner{from, to, map[Owner]Owner{from: to}, map[*TypeDef]*TypeDef{}, grow}
}

// stability drops a version of another package, which means nothing in this one.
func (c *cloner) stability(s Stability) Stability {
	if c.from.Package != c.to.Package && !s.Since.IsZero() {
		return Stability{}
	}
	return s
}

// item copies an import or export with a plain name, under a possibly new name.
func (c *cloner) item(item WorldItem, name string) WorldItem {
	switch item := item.(type) {
	case *Function:
		f := c.function(item)
		f.Name = name
		return f
	case *TypeDef:
		def := c.def(item)
		def.Name = name
		return def
	case *InterfaceItem:
		i := *item
		i.Stability = c.stability(i.Stability)
		c.grow(textWeight(i.Docs, i.ExternalID))
		if i.Interface.Name == "" {
			i.Interface = c.inline(i.Interface)
		}
		return &i
	}
	panic("wit: a world item of unknown type")
}

// textWeight is how much text counts for beside imports and exports.
func textWeight(docs string, externalID *string) int {
	n := len(docs)
	if externalID != nil {
		n += len(*externalID)
	}
	return n / 32
}

// kindWeight is how many parts a type spells out.
func kindWeight(kind TypeKind) int {
	n := len(partList(kind))
	switch k := kind.(type) {
	case *Record:
		for _, f := range k.Fields {
			n += textWeight(f.Docs, nil)
		}
	case *Variant:
		for _, c := range k.Cases {
			n += textWeight(c.Docs, nil)
		}
	case *Flags:
		n += labelWeight(k.Flags)
	case *Enum:
		n += labelWeight(k.Cases)
	}
	return n
}

func labelWeight(labels []Label) int {
	n := len(labels)
	for _, l := range labels {
		n += textWeight(l.Docs, nil)
	}
	return n
}

// inline copies an interface that a world holds in place.
func (c *cloner) inline(i *Interface) *Interface {
	c.grow(textWeight(i.Docs, nil))
	n := &Interface{Package: c.to.Package, Docs: i.Docs, Stability: c.stability(i.Stability), Span: i.Span}
	c.owners[i] = n
	for name, def := range i.Types.All() {
		n.Types.Set(name, c.def(def))
	}
	for name, f := range i.Functions.All() {
		n.Functions.Set(name, c.function(f))
	}
	return n
}

func (c *cloner) function(f *Function) *Function {
	c.grow(1 + len(f.Params) + textWeight(f.Docs, f.ExternalID))
	n := *f
	n.Stability = c.stability(f.Stability)
	if f.Resource != nil {
		n.Resource = c.def(f.Resource)
	}
	n.Params = make([]Param, len(f.Params))
	for i, p := range f.Params {
		n.Params[i] = Param{p.Name, c.typ(p.Type), p.Span}
	}
	n.Result = c.typ(f.Result)
	return &n
}

func (c *cloner) typ(t Type) Type {
	if def, ok := t.(*TypeDef); ok {
		return c.def(def)
	}
	return t
}

// def copies a type unless it belongs to something that isn't copied.
func (c *cloner) def(def *TypeDef) *TypeDef {
	if n := c.defs[def]; n != nil {
		return n
	}
	owner, copied := c.owners[def.Owner]
	if def.Owner != nil && !copied {
		return def
	}
	c.grow(1 + kindWeight(def.Kind) + textWeight(def.Docs, def.ExternalID))
	n := *def
	n.Owner, n.Stability = owner, c.stability(def.Stability)
	c.defs[def] = &n
	n.Kind = c.kind(def.Kind)
	return &n
}

func (c *cloner) kind(kind TypeKind) TypeKind {
	switch k := kind.(type) {
	case *Record:
		n := &Record{make([]Field, len(k.Fields))}
		for i, f := range k.Fields {
			n.Fields[i] = Field{f.Name, c.typ(f.Type), f.Docs, f.Span}
		}
		return n
	case *Variant:
		n := &Variant{make([]Case, len(k.Cases))}
		for i, cs := range k.Cases {
			n.Cases[i] = Case{cs.Name, c.typ(cs.Type), cs.Docs, cs.Span}
		}
		return n
	case *Tuple:
		n := &Tuple{make([]Type, len(k.Types))}
		for i, t := range k.Types {
			n.Types[i] = c.typ(t)
		}
		return n
	case *Option:
		return &Option{c.typ(k.Type)}
	case *Result:
		return &Result{c.typ(k.OK), c.typ(k.Err)}
	case *List:
		return &List{c.typ(k.Elem)}
	case *FixedList:
		return &FixedList{c.typ(k.Elem), k.Len}
	case *Map:
		return &Map{c.typ(k.Key), c.typ(k.Value)}
	case *Future:
		return &Future{c.typ(k.Elem)}
	case *Stream:
		return &Stream{c.typ(k.Elem)}
	case *Own:
		return &Own{c.def(k.Resource)}
	case *Borrow:
		return &Borrow{c.def(k.Resource)}
	case *Alias:
		return &Alias{c.typ(k.Target)}
	}
	return kind // Flags, Enum and Resource refer to nothing
}
