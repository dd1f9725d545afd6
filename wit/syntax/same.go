package syntax

// Same reports whether two files say the same, comments and layout aside.
func Same(a, b *Document) bool {
	if (a.Package == nil) != (b.Package == nil) {
		return false
	}
	if a.Package != nil {
		var x, y signature
		x.decl(a.Package)
		y.decl(b.Package)
		if string(x) != string(y) {
			return false
		}
	}
	return SameItems(a.Items, b.Items)
}

// SameItems reports whether two lists of items say the same, comments and layout
// aside.
func SameItems(a, b []Item) bool {
	var x, y signature
	for _, item := range a {
		x.item(item)
	}
	for _, item := range b {
		y.item(item)
	}
	return string(x) == string(y)
}

// signature is a text that two items share if and only if they say the same.
type signature []byte

func (s *signature) word(words ...string) {
	for _, w := range words {
		*s = append(*s, Quote(w)...)
	}
}

func (s *signature) open(what string) { *s = append(append(*s, what...), '(') }

func (s *signature) close() { *s = append(*s, ')') }

func (s *signature) item(item Item) {
	switch item := item.(type) {
	case *TopUse:
		s.open("use")
		s.path(&item.Path)
		s.word(item.LocalName().Text)
	case *Interface:
		s.open("interface")
		s.attributes(item.Attributes)
		s.word(item.Name.Text)
		s.interfaceItems(item.Items)
	case *World:
		s.open("world")
		s.attributes(item.Attributes)
		s.word(item.Name.Text)
		for _, i := range item.Items {
			s.worldItem(i)
		}
	case *NestedPackage:
		s.open("package")
		s.decl(&item.Decl)
		for _, i := range item.Items {
			s.item(i)
		}
	}
	s.close()
}

func (s *signature) decl(d *PackageDecl) {
	s.word(d.Namespace.Text, d.Name.Text, d.Version.String())
}

func (s *signature) path(p *Path) {
	s.open("path")
	if p.Package != nil {
		s.decl(p.Package)
	}
	s.word(p.Name.Text)
	s.close()
}

func (s *signature) attributes(a Attributes) {
	s.open("attributes")
	if a.Since != nil {
		s.word("since", a.Since.String())
	}
	if a.Unstable != nil {
		s.word("unstable", a.Unstable.Text)
	}
	if a.Deprecated != nil {
		s.word("deprecated", a.Deprecated.String())
	}
	if a.ExternalID != nil {
		s.word("external-id", *a.ExternalID)
	}
	s.close()
}

func (s *signature) interfaceItems(items []InterfaceItem) {
	for _, item := range items {
		switch item := item.(type) {
		case *Use:
			s.use(item)
		case *TypeDef:
			s.typeDef(item)
		case *Func:
			s.function(item)
		}
	}
}

func (s *signature) worldItem(item WorldItem) {
	switch item := item.(type) {
	case *Use:
		s.use(item)
	case *TypeDef:
		s.typeDef(item)
	case *Include:
		s.open("include")
		s.attributes(item.Attributes)
		s.path(&item.Path)
		for _, n := range item.With {
			s.word(n.Name.Text, n.As.Text)
		}
		s.close()
	case *Extern:
		s.extern(item)
	}
}

func (s *signature) extern(e *Extern) {
	s.open(e.Direction.String())
	s.attributes(e.Attributes)
	if e.Label != nil {
		s.word(e.Label.Text)
	}
	switch {
	case e.Func != nil:
		s.function(e.Func)
	case e.Inline != nil:
		s.open("inline")
		s.interfaceItems(e.Inline.Items)
		s.close()
	default:
		s.path(e.Path)
	}
	s.close()
}

func (s *signature) use(u *Use) {
	s.open("use")
	s.attributes(u.Attributes)
	s.path(&u.Path)
	for _, n := range u.Names {
		s.word(n.Name.Text, n.LocalName().Text)
	}
	s.close()
}

func (s *signature) typeDef(d *TypeDef) {
	s.open(d.Kind.String())
	s.attributes(d.Attributes)
	s.word(d.Name.Text)
	s.typ(d.Alias)
	for _, f := range d.Fields {
		s.word(f.Name.Text)
		s.typ(f.Type)
	}
	for _, c := range d.Cases {
		s.word(c.Name.Text)
		s.typ(c.Type)
	}
	for _, f := range d.Funcs {
		s.function(f)
	}
	s.close()
}

func (s *signature) function(f *Func) {
	s.open([...]string{"func", "static", "constructor"}[f.Kind])
	s.attributes(f.Attributes)
	s.word(f.Name.Text)
	if f.Async {
		s.word("async")
	}
	for _, p := range f.Params {
		s.open("param")
		s.word(p.Name.Text)
		s.typ(p.Type)
		s.close()
	}
	s.typ(f.Result)
	s.close()
}

func (s *signature) typ(t *Type) {
	if t == nil {
		*s = append(*s, '_')
		return
	}
	s.open(string(rune('a' + t.Kind)))
	s.word(t.Name.Text, t.Primitive)
	for _, arg := range t.Args {
		s.typ(arg)
	}
	if t.Kind == FixedListType {
		*s = append(*s, '#', byte(t.Len), byte(t.Len>>8), byte(t.Len>>16), byte(t.Len>>24))
	}
	s.close()
}
