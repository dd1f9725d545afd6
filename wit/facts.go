package wit

// typeFacts is what must be known of the parts of a type when it is used in another.
type typeFacts struct {
	depth    int  // levels of nesting, names included
	borrows  bool // whether a `borrow` is in it
	resource bool // whether it is a resource, possibly behind aliases
}

// typeFacts computes the facts of t, or of no type. It recurses no deeper than
// maxTypeDepth, because checkDepth bounds every type before others refer to it. An alias
// has the facts of its target and keeps them too: chains of aliases may be long.
func (b *builder) typeFacts(t Type) typeFacts {
	if t == nil {
		return typeFacts{}
	}
	def, ok := t.(*TypeDef)
	if !ok {
		return typeFacts{depth: 1}
	}
	if f, known := b.facts[def]; known {
		return f
	}
	if alias, ok := def.Kind.(*Alias); ok {
		f := b.typeFacts(alias.Target)
		b.facts[def] = f
		return f
	}
	f := typeFacts{}
	for part := range parts(def) {
		pf := b.typeFacts(part)
		f.depth = max(f.depth, pf.depth)
		f.borrows = f.borrows || pf.borrows
	}
	f.depth++
	switch def.Kind.(type) {
	case *Borrow:
		f.borrows = true
	case *Resource:
		f.resource = true
	}
	b.facts[def] = f
	return f
}

// checkDepth rejects a type whose nesting others couldn't walk.
func (b *builder) checkDepth(def *TypeDef) {
	if b.typeFacts(def).depth > maxTypeDepth {
		failf(def.Span, "types nest too deep: at most %d levels are allowed, those behind names included", maxTypeDepth)
	}
}

// parts yields the types that a type is made of, without nil ones. A handle isn't made
// of its resource, and a resource of nothing.
func parts(def *TypeDef) func(yield func(Type) bool) {
	return func(yield func(Type) bool) {
		for _, t := range partList(def.Kind) {
			if t != nil && !yield(t) {
				return
			}
		}
	}
}

func partList(kind TypeKind) []Type {
	switch k := kind.(type) {
	case *Record:
		list := make([]Type, len(k.Fields))
		for i, f := range k.Fields {
			list[i] = f.Type
		}
		return list
	case *Variant:
		list := make([]Type, len(k.Cases))
		for i, c := range k.Cases {
			list[i] = c.Type
		}
		return list
	case *Tuple:
		return k.Types
	case *Option:
		return []Type{k.Type}
	case *Result:
		return []Type{k.OK, k.Err}
	case *List:
		return []Type{k.Elem}
	case *FixedList:
		return []Type{k.Elem}
	case *Map:
		return []Type{k.Key, k.Value}
	case *Future:
		return []Type{k.Elem}
	case *Stream:
		return []Type{k.Elem}
	case *Alias:
		return []Type{k.Target}
	}
	return nil
}
