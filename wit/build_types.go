package wit

import (
	"maps"
	"slices"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// typeScope is the names that types may refer to inside one interface or world.
type typeScope struct {
	*packageBuilder
	scope *scope
	owner Owner
	where string // for messages: "the interface `x`"
	names map[string]*binding
	defs  []*TypeDef // in dependency order
	taken uniqueNames
}

// binding is what a name means in a typeScope. A function has neither def nor hidden.
type binding struct {
	def    *TypeDef
	hidden *hidden
	span   syntax.Span
}

func (p *packageBuilder) newTypeScope(sc *scope, owner Owner, where string) *typeScope {
	return &typeScope{packageBuilder: p, scope: sc, owner: owner, where: where, names: map[string]*binding{}, taken: uniqueNames{}}
}

// define enters a name. A nil def with a nil hidden enters a function's.
func (s *typeScope) define(name syntax.Name, def *TypeDef, hide *hidden) {
	s.taken.add(s.where, name.Text, name.Span)
	s.names[name.Text] = &binding{def, hide, name.Span}
	if def != nil {
		s.defs = append(s.defs, def)
	}
}

// use brings in the types of a `use`.
func (s *typeScope) use(u *syntax.Use) {
	if hide := s.hides(u.Attributes); hide != nil {
		for _, n := range u.Names {
			s.define(n.LocalName(), nil, hide)
		}
		return
	}
	from := s.interfaceAt(s.scope, &u.Path)
	for _, n := range u.Names {
		local := n.LocalName()
		s.define(local, &TypeDef{
			Name:      local.Text,
			Kind:      &Alias{s.usable(from, n.Name)},
			Owner:     s.owner,
			Stability: stabilityOf(u.Attributes),
			Span:      local.Span,
		}, nil)
	}
}

// usable finds the type of an interface that a `use` names.
func (s *typeScope) usable(from *Interface, name syntax.Name) *TypeDef {
	if def := from.Types.Get(name.Text); def != nil {
		return def
	}
	if h, ok := s.hidden[hiddenName{from, name.Text}]; ok {
		fail(hiddenErr("type", name, h))
	}
	if f := from.Functions.Get(name.Text); f != nil {
		fail(syntax.Errorf(name.Span, "`%s` is a function, and only types can be used", name.Text).WithNote(f.Span, "the function"))
	}
	fail(syntax.Errorf(name.Span, "there is no type `%s` in the interface `%s`", name.Text, from.Name).
		WithNote(from.Span, "the interface").
		WithHint("%s", suggest(name.Text, slices.Collect(from.Types.Keys()))))
	return nil
}

// definitions enters the types that are defined in place, each after those that it
// refers to. Functions must be known by name, for messages.
func (s *typeScope) definitions(defs []*syntax.TypeDef, functions map[string]syntax.Span) {
	local := map[string]*syntax.TypeDef{}
	for _, d := range defs {
		if prev := local[d.Name.Text]; prev != nil {
			fail(syntax.Errorf(d.Name.Span, "the name `%s` is defined twice in %s", d.Name.Text, s.where).WithNote(prev.Name.Span, "the other definition"))
		}
		local[d.Name.Text] = d
	}
	var nodes []node
	for _, d := range defs {
		n := node{name: d.Name.Text}
		for _, dep := range definitionNames(d) {
			if local[dep.Text] != nil {
				n.deps = append(n.deps, dep)
			} else if s.names[dep.Text] == nil {
				fail(s.unknownType(dep, local, functions))
			}
		}
		nodes = append(nodes, n)
	}
	order, cycle := toposort(nodes)
	if cycle != nil {
		fail(syntax.Errorf(cycle.Span, "the type `%s` contains itself", cycle.Text).WithHint("types can't be recursive; a resource can break the cycle"))
	}
	for _, name := range order {
		s.definition(local[name])
	}
}

func (s *typeScope) definition(d *syntax.TypeDef) {
	if hide := s.hides(d.Attributes); hide != nil {
		s.define(d.Name, nil, hide)
		return
	}
	def := &TypeDef{
		Name:       d.Name.Text,
		Kind:       s.definitionKind(d),
		Owner:      s.owner,
		Docs:       d.Docs.Text,
		Stability:  stabilityOf(d.Attributes),
		ExternalID: d.Attributes.ExternalID,
		Span:       d.Name.Span,
	}
	s.checkDepth(def)
	s.define(d.Name, def, nil)
}

func (s *typeScope) unknownType(name syntax.Name, local map[string]*syntax.TypeDef, functions map[string]syntax.Span) *syntax.Error {
	if at, ok := functions[name.Text]; ok {
		return syntax.Errorf(name.Span, "`%s` is a function, and a type is needed here", name.Text).WithNote(at, "the function")
	}
	err := syntax.Errorf(name.Span, "there is no type `%s` in %s", name.Text, s.where)
	switch name.Text {
	case "float32", "float64":
		return err.WithHint("it is called `f%s` now", name.Text[len("float"):])
	case "unit":
		return err.WithHint("leave the result out, or use an empty `tuple`")
	case "error-context":
		return err.WithHint("the type `error-context` needs the feature %s, which is off", syntax.GateErrorContext)
	}
	known := append(slices.Collect(maps.Keys(s.names)), slices.Collect(maps.Keys(local))...)
	known = append(known, "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "bool", "char", "string")
	slices.Sort(known)
	return err.WithHint("%s", suggest(name.Text, known))
}

// definitionNames returns the names that a definition refers to. Those in the
// functions of a resource don't count: they are looked up when all types are known.
func definitionNames(d *syntax.TypeDef) []syntax.Name {
	var found []syntax.Name
	add := func(t *syntax.Type) { found = appendNames(found, t) }
	add(d.Alias)
	for _, f := range d.Fields {
		add(f.Type)
	}
	for _, c := range d.Cases {
		add(c.Type)
	}
	return found
}

func appendNames(found []syntax.Name, t *syntax.Type) []syntax.Name {
	if t == nil {
		return found
	}
	if t.Name.Text != "" {
		found = append(found, t.Name)
	}
	for _, arg := range t.Args {
		found = appendNames(found, arg)
	}
	return found
}

// definitionKind builds what a definition says.
func (s *typeScope) definitionKind(d *syntax.TypeDef) TypeKind {
	switch d.Kind {
	case syntax.RecordDef:
		return s.record(d)
	case syntax.FlagsDef:
		if len(d.Cases) > 32 {
			failf(d.Cases[32].Name.Span, "the flags `%s` have more than 32 flags, which no component may have", d.Name.Text)
		}
		return &Flags{s.labels(d)}
	case syntax.EnumDef:
		return &Enum{s.labels(d)}
	case syntax.VariantDef:
		return s.variant(d)
	case syntax.ResourceDef:
		return &Resource{}
	}
	return s.aliasKind(d.Alias)
}

func (s *typeScope) record(d *syntax.TypeDef) TypeKind {
	r, unique := &Record{}, uniqueNames{}
	for _, f := range d.Fields {
		unique.add("the record `"+d.Name.Text+"`", f.Name.Text, f.Name.Span)
		r.Fields = append(r.Fields, Field{f.Name.Text, s.typ(f.Type), f.Docs.Text, f.Name.Span})
	}
	return r
}

func (s *typeScope) labels(d *syntax.TypeDef) []Label {
	var labels []Label
	unique := uniqueNames{}
	for _, c := range d.Cases {
		unique.add("the "+d.Kind.String()+" `"+d.Name.Text+"`", c.Name.Text, c.Name.Span)
		labels = append(labels, Label{c.Name.Text, c.Docs.Text, c.Name.Span})
	}
	return labels
}

func (s *typeScope) variant(d *syntax.TypeDef) TypeKind {
	v, unique := &Variant{}, uniqueNames{}
	for _, c := range d.Cases {
		unique.add("the variant `"+d.Name.Text+"`", c.Name.Text, c.Name.Span)
		v.Cases = append(v.Cases, Case{c.Name.Text, s.optional(c.Type), c.Docs.Text, c.Name.Span})
	}
	return v
}

// aliasKind builds the right side of `type a = …`. A resource's name is just another
// name for it there, and a handle everywhere else.
func (s *typeScope) aliasKind(t *syntax.Type) TypeKind {
	switch t.Kind {
	case syntax.NamedType:
		return &Alias{s.named(t.Name)}
	case syntax.PrimitiveType:
		return &Alias{primitives[t.Primitive]}
	}
	return s.kind(t)
}

var primitives = func() map[string]Primitive {
	m := map[string]Primitive{}
	for i, name := range primitiveNames {
		m[name] = Primitive(i)
	}
	return m
}()

// named finds the type that a name means.
func (s *typeScope) named(name syntax.Name) *TypeDef {
	switch b := s.names[name.Text]; {
	case b == nil:
		fail(s.unknownType(name, nil, nil))
	case b.hidden != nil:
		fail(hiddenErr("type", name, *b.hidden))
	case b.def == nil:
		fail(syntax.Errorf(name.Span, "`%s` is a function, and a type is needed here", name.Text).WithNote(b.span, "the function"))
	}
	return s.names[name.Text].def
}

func (s *typeScope) optional(t *syntax.Type) Type {
	if t == nil {
		return nil
	}
	return s.typ(t)
}

// typ builds a type that is written in place.
func (s *typeScope) typ(t *syntax.Type) Type {
	switch t.Kind {
	case syntax.PrimitiveType:
		return primitives[t.Primitive]
	case syntax.NamedType:
		def := s.named(t.Name)
		if !s.typeFacts(def).resource {
			return def
		}
		return &TypeDef{Kind: &Own{def}, Span: t.Span}
	}
	def := &TypeDef{Kind: s.kind(t), Span: t.Span}
	s.checkDepth(def)
	return def
}

// kind builds a type that is neither a name nor primitive.
func (s *typeScope) kind(t *syntax.Type) TypeKind {
	switch t.Kind {
	case syntax.ListType:
		return &List{s.typ(t.Args[0])}
	case syntax.FixedListType:
		return &FixedList{s.typ(t.Args[0]), t.Len}
	case syntax.MapType:
		return &Map{s.typ(t.Args[0]), s.typ(t.Args[1])}
	case syntax.TupleType:
		tuple := &Tuple{}
		for _, arg := range t.Args {
			tuple.Types = append(tuple.Types, s.typ(arg))
		}
		return tuple
	case syntax.OptionType:
		return &Option{s.typ(t.Args[0])}
	case syntax.ResultType:
		return &Result{s.optional(t.Args[0]), s.optional(t.Args[1])}
	case syntax.FutureType:
		return &Future{s.payload(t)}
	case syntax.StreamType:
		return &Stream{s.streamPayload(t)}
	case syntax.OwnType:
		return &Own{s.resource(t.Name)}
	case syntax.BorrowType:
		return &Borrow{s.resource(t.Name)}
	}
	panic("wit: a type of unknown syntax")
}

// payload builds the element of a stream or future.
//
// Spec: Binary.md#type-definitions, the rules on `stream` and `future`.
func (s *typeScope) payload(t *syntax.Type) Type {
	elem := s.optional(t.Args[0])
	if s.typeFacts(elem).borrows {
		failf(t.Args[0].Span, "the element of a stream or future can't contain a `borrow`")
	}
	return elem
}

func (s *typeScope) streamPayload(t *syntax.Type) Type {
	elem := s.payload(t)
	if elem != nil && Dealias(elem) == Char {
		failf(t.Args[0].Span, "`stream<char>` is not allowed yet")
	}
	return elem
}

func (s *typeScope) resource(name syntax.Name) *TypeDef {
	def := s.named(name)
	if !s.typeFacts(def).resource {
		fail(syntax.Errorf(name.Span, "`%s` is not a resource, and only resources have handles", name.Text).WithNote(def.Span, "its definition"))
	}
	return def
}
