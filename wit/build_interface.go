package wit

import "github.com/gondola-wasm/gondola/wit/syntax"

func (p *packageBuilder) buildInterface(t *top) {
	i := &Interface{
		Name:      t.name.Text,
		Package:   p.pkg,
		Docs:      t.iface.Docs.Text,
		Stability: stabilityOf(t.iface.Attributes),
		Span:      t.name.Span,
	}
	p.fillInterface(t.scope, i, "the interface `"+i.Name+"`", t.iface.Items)
	p.pkg.Interfaces.Set(i.Name, i)
}

// fillInterface builds types and functions into i.
func (p *packageBuilder) fillInterface(sc *scope, i *Interface, where string, items []syntax.InterfaceItem) {
	s := p.newTypeScope(sc, i, where)
	var defs []*syntax.TypeDef
	functions := map[string]syntax.Span{}
	for _, item := range items {
		switch item := item.(type) {
		case *syntax.Use:
			s.use(item)
		case *syntax.TypeDef:
			defs = append(defs, item)
		case *syntax.Func:
			functions[item.Name.Text] = item.Name.Span
		}
	}
	s.definitions(defs, functions)
	for _, def := range s.defs {
		i.Types.Set(def.Name, def)
	}
	for name, b := range s.names {
		if b.hidden != nil {
			p.hidden[hiddenName{i, name}] = *b.hidden
		}
	}
	s.interfaceFunctions(i, items)
}

func (s *typeScope) interfaceFunctions(i *Interface, items []syntax.InterfaceItem) {
	add := func(f *Function) { i.Functions.Set(f.Name, f) }
	for _, item := range items {
		if f, ok := item.(*syntax.Func); ok {
			s.define(f.Name, nil, nil)
		}
	}
	for _, item := range items {
		switch item := item.(type) {
		case *syntax.Func:
			if !s.leavesOut(item) {
				add(s.function(item, item.Name.Text, Freestanding, nil))
			}
		case *syntax.TypeDef:
			s.resourceFunctions(item, add)
		}
	}
}

// resourceFunctions builds the functions of a resource.
func (s *typeScope) resourceFunctions(def *syntax.TypeDef, add func(*Function)) {
	for _, f := range def.Funcs {
		name, kind := resourceFuncName(def.Name.Text, f)
		s.taken.add(s.where, name, f.Name.Span)
		if s.leavesOut(f) {
			continue
		}
		if h := s.names[def.Name.Text].hidden; h != nil {
			fail(syntax.Errorf(f.Name.Span, "this function has no gate of its own, but its resource is `@unstable(feature = %s)`", h.feature).
				WithNote(h.span, "the resource's gate").
				WithHint("write `@unstable(feature = %s)` before the function too", h.feature))
		}
		add(s.function(f, name, kind, s.names[def.Name.Text].def))
	}
}

// leavesOut reports whether a gate leaves a function out. The names in its type must
// exist all the same.
func (s *typeScope) leavesOut(f *syntax.Func) bool {
	if s.hides(f.Attributes) == nil {
		return false
	}
	var used []syntax.Name
	for _, param := range f.Params {
		used = appendNames(used, param.Type)
	}
	for _, name := range appendNames(used, f.Result) {
		if s.names[name.Text] == nil {
			fail(s.unknownType(name, nil, nil))
		}
	}
	return true
}

// Spec: WIT.md#item-resource, the desugared names.
func resourceFuncName(resource string, f *syntax.Func) (string, FunctionKind) {
	switch f.Kind {
	case syntax.ConstructorFunc:
		return "[constructor]" + resource, Constructor
	case syntax.StaticFunc:
		return "[static]" + resource + "." + f.Name.Text, Static
	}
	return "[method]" + resource + "." + f.Name.Text, Method
}

// function builds a function under its full name.
func (s *typeScope) function(f *syntax.Func, name string, kind FunctionKind, resource *TypeDef) *Function {
	fn := &Function{
		Name:       name,
		Kind:       kind,
		Resource:   resource,
		Async:      f.Async,
		Docs:       f.Docs.Text,
		Stability:  stabilityOf(f.Attributes),
		ExternalID: f.Attributes.ExternalID,
		Span:       f.Name.Span,
	}
	s.params(fn, f)
	if kind == Constructor {
		fn.Result = s.constructorResult(f, resource)
	} else {
		fn.Result = s.optional(f.Result)
	}
	if s.typeFacts(fn.Result).borrows {
		fail(syntax.Errorf(f.Result.Span, "the result of `%s` contains a `borrow`, which can't be returned", f.Name.Text).
			WithHint("return an owned handle: the resource's name alone"))
	}
	return fn
}

func (s *typeScope) params(fn *Function, f *syntax.Func) {
	unique := uniqueNames{}
	if fn.Kind == Method {
		unique.add("", "self", f.Name.Span)
		self := &TypeDef{Kind: &Borrow{fn.Resource}, Span: f.Name.Span}
		fn.Params = append(fn.Params, Param{"self", self, f.Name.Span})
	}
	for _, param := range f.Params {
		unique.add("the parameters of `"+f.Name.Text+"`", param.Name.Text, param.Name.Span)
		fn.Params = append(fn.Params, Param{param.Name.Text, s.typ(param.Type), param.Name.Span})
	}
}

// constructorResult is an owned handle, or a result of one.
//
// Spec: WIT.md#item-resource.
func (s *typeScope) constructorResult(f *syntax.Func, resource *TypeDef) Type {
	if f.Result == nil {
		return &TypeDef{Kind: &Own{resource}, Span: f.Name.Span}
	}
	result := s.typ(f.Result)
	def, ok := result.(*TypeDef)
	kind, isResult := (*Result)(nil), false
	if ok {
		kind, isResult = def.Kind.(*Result)
	}
	if !isResult {
		fail(syntax.Errorf(f.Result.Span, "a constructor returns its resource or a `result` of it").
			WithHint("leave the result out, or write `result<%s>` or `result<%s, …>`", resource.Name, resource.Name))
	}
	if !isOwnOf(kind.OK, resource) {
		fail(syntax.Errorf(f.Result.Span, "a constructor returns its own resource, so this must be `result<%s>` or `result<%s, …>`", resource.Name, resource.Name))
	}
	return result
}

func isOwnOf(t Type, resource *TypeDef) bool {
	def, ok := t.(*TypeDef)
	if !ok {
		return false
	}
	own, ok := def.Kind.(*Own)
	return ok && own.Resource == resource
}
