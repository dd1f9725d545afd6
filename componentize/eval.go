package componentize

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

// This file finds the types of a component's imports and exports as WIT types, in
// which names and identities are kept: each import or export of a type makes a
// [wit.TypeDef] of its own that is an alias of what it names. An instantiation is
// evaluated anew each time, with its arguments in the place of imports, so that a
// type that goes in and comes out again stays the same type. The component was
// validated before.

// maxEvaluated bounds how many definitions are evaluated: components that
// instantiate each other can ask for exponentially many.
const maxEvaluated = 1 << 20

// entity is what an index stands for: a [wit.Type], a *[wit.Function] without a
// name, an *[instance], a *[closure], or nil for what WIT knows nothing of.
type entity any

// member is a named import or export.
type member struct {
	name   component.ExternName
	entity entity
}

// instance is a component instance: its exports in order.
type instance struct {
	members []member
	index   map[string]entity // made when first needed
}

func (i *instance) get(name string) entity {
	if i.index == nil {
		i.index = make(map[string]entity, len(i.members))
		for _, m := range i.members {
			i.index[m.name.Name] = m.entity
		}
	}
	return i.index[name]
}

// closure is a component, or the type of a component or instance, with the scope
// that it was defined in. One of def and decls counts.
type closure struct {
	def   *component.Component
	decls []component.Declarator
	outer *scope
}

// scope is a component or type that is being evaluated.
type scope struct {
	outer            *scope
	spaces           [component.NumSorts][]entity
	args             map[string]entity // what imports are bound to; nil if to nothing
	imports, exports []member
	budget           *int
}

func (c *closure) scope(args map[string]entity) *scope {
	return &scope{outer: c.outer, args: args, budget: c.outer.budget}
}

// evaluate runs through the definitions or declarators.
func (c *closure) evaluate(args map[string]entity) *scope {
	s := c.scope(args)
	if c.def == nil {
		for _, d := range c.decls {
			s.definition(d)
		}
		return s
	}
	for d := range c.def.Definitions() {
		s.definition(d)
	}
	return s
}

func evaluateRoot(c *component.Component) *scope {
	budget := maxEvaluated
	root := &closure{def: c, outer: &scope{budget: &budget}}
	return root.evaluate(nil)
}

func (s *scope) add(sort component.Sort, e entity) {
	if *s.budget--; *s.budget < 0 {
		refuse("the component instantiates too much to find its types out")
	}
	s.spaces[sort] = append(s.spaces[sort], e)
}

func (s *scope) at(sort component.Sort, i uint32) entity { return s.spaces[sort][i] }

// definition evaluates a definition or declarator.
func (s *scope) definition(d any) {
	switch d := d.(type) {
	case *component.Component:
		s.add(component.SortComponent, &closure{def: d, outer: s})
	case *component.Type:
		s.add(component.SortType, s.defType(d.Def))
	case *component.Instance:
		s.add(component.SortInstance, s.instance(d.Expr))
	case *component.Alias:
		s.alias(d)
	case *component.Canon:
		if d.Op == component.CanonLift {
			s.add(component.SortFunc, s.at(component.SortType, d.Type))
		}
	case *component.Import:
		s.importDef(d)
	case *component.Export:
		s.export(d)
	case *component.ExportDecl:
		e := s.named(d.Name.Name, d.Type)
		s.add(d.Type.Sort(), e)
		s.exports = append(s.exports, member{d.Name, e})
	case component.Definition:
		if sort, ok := d.Defines(); ok {
			s.add(sort, nil)
		}
	case component.Declarator:
		if sort, ok := d.Defines(); ok {
			s.add(sort, nil)
		}
	}
}

func (s *scope) importDef(d *component.Import) {
	e, bound := s.args[d.Name.Name]
	if !bound {
		e = s.named(d.Name.Name, d.Type)
	}
	s.add(d.Type.Sort(), e)
	s.imports = append(s.imports, member{d.Name, e})
}

func (s *scope) export(d *component.Export) {
	e := s.at(d.Def.Sort, d.Def.Index)
	if d.Type != nil && d.Def.Sort != component.SortInstance && d.Def.Sort != component.SortType {
		e = s.extern(d.Type)
	}
	e = alias(d.Name.Name, e)
	s.add(d.Def.Sort, e)
	s.exports = append(s.exports, member{d.Name, e})
}

// alias gives a type a name; other entities have none of their own.
func alias(name string, e entity) entity {
	if t, ok := e.(wit.Type); ok {
		return &wit.TypeDef{Name: name, Kind: &wit.Alias{Target: t}}
	}
	return e
}

// named is something new of a type, under a name.
func (s *scope) named(name string, t component.ExternType) entity {
	if t, ok := t.(*component.TypeExtern); ok && t.Eq == nil {
		return &wit.TypeDef{Name: name, Kind: &wit.Resource{}}
	}
	return alias(name, s.extern(t))
}

// extern is something new of a type.
func (s *scope) extern(t component.ExternType) entity {
	switch t := t.(type) {
	case *component.FuncExtern:
		return s.at(component.SortType, t.Type)
	case *component.TypeExtern:
		return s.at(component.SortType, *t.Eq)
	case *component.InstanceExtern:
		return &instance{members: s.at(component.SortType, t.Type).(*closure).evaluate(nil).exports}
	case *component.ComponentExtern:
		return s.at(component.SortType, t.Type)
	}
	return nil
}

func (s *scope) instance(x component.InstanceExpr) entity {
	switch x := x.(type) {
	case *component.Instantiate:
		args := make(map[string]entity, len(x.Args))
		for _, a := range x.Args {
			args[a.Name] = s.at(a.Def.Sort, a.Def.Index)
		}
		return &instance{members: s.at(component.SortComponent, x.Component).(*closure).evaluate(args).exports}
	case component.InlineExports:
		i := &instance{}
		for _, e := range x {
			i.members = append(i.members, member{e.Name, alias(e.Name.Name, s.at(e.Def.Sort, e.Def.Index))})
		}
		return i
	}
	return nil
}

func (s *scope) alias(d *component.Alias) {
	switch t := d.Target.(type) {
	case *component.AliasExport:
		s.add(d.Sort, s.at(component.SortInstance, t.Instance).(*instance).get(t.Name))
	case *component.AliasOuter:
		from := s
		for range t.Count {
			from = from.outer
		}
		s.add(d.Sort, from.at(d.Sort, t.Index))
	default:
		s.add(d.Sort, nil)
	}
}

// defType evaluates a type definition.
func (s *scope) defType(def component.DefType) entity {
	switch def := def.(type) {
	case component.PrimType:
		return witPrimitive(types.Kind(def))
	case component.ComponentType:
		return &closure{decls: def, outer: s}
	case component.InstanceType:
		return &closure{decls: def, outer: s}
	case *component.FuncType:
		return s.function(def)
	}
	return &wit.TypeDef{Kind: s.kind(def)}
}

func (s *scope) function(def *component.FuncType) *wit.Function {
	f := &wit.Function{Async: def.Async, Result: s.optional(def.Result)}
	for _, p := range def.Params {
		f.Params = append(f.Params, wit.Param{Name: p.Name, Type: s.value(p.Type)})
	}
	return f
}

func (s *scope) value(v component.ValType) wit.Type {
	if v.Prim != 0 {
		return witPrimitive(v.Prim)
	}
	return s.at(component.SortType, v.Index).(wit.Type)
}

func (s *scope) optional(v *component.ValType) wit.Type {
	if v == nil {
		return nil
	}
	return s.value(*v)
}

func (s *scope) resource(i uint32) *wit.TypeDef { return s.at(component.SortType, i).(*wit.TypeDef) }

func (s *scope) kind(def component.DefType) wit.TypeKind {
	switch def := def.(type) {
	case component.RecordType:
		k := &wit.Record{}
		for _, f := range def {
			k.Fields = append(k.Fields, wit.Field{Name: f.Name, Type: s.value(f.Type)})
		}
		return k
	case component.VariantType:
		k := &wit.Variant{}
		for _, c := range def {
			k.Cases = append(k.Cases, wit.Case{Name: c.Name, Type: s.optional(c.Type)})
		}
		return k
	case *component.ListType:
		if def.Length != nil {
			return &wit.FixedList{Elem: s.value(def.Elem), Len: *def.Length}
		}
		return &wit.List{Elem: s.value(def.Elem)}
	case *component.MapType:
		// A component may name the key's type, WIT can't.
		return &wit.Map{Key: wit.Dealias(s.value(def.Key)), Value: s.value(def.Value)}
	case component.TupleType:
		k := &wit.Tuple{}
		for _, t := range def {
			k.Types = append(k.Types, s.value(t))
		}
		return k
	case component.FlagsType:
		return &wit.Flags{Flags: witLabels(def)}
	case component.EnumType:
		return &wit.Enum{Cases: witLabels(def)}
	case *component.OptionType:
		return &wit.Option{Type: s.value(def.Elem)}
	case *component.ResultType:
		return &wit.Result{OK: s.optional(def.Ok), Err: s.optional(def.Err)}
	case component.OwnType:
		return &wit.Own{Resource: s.resource(uint32(def))}
	case component.BorrowType:
		return &wit.Borrow{Resource: s.resource(uint32(def))}
	case *component.StreamType:
		return &wit.Stream{Elem: s.optional(def.Elem)}
	case *component.FutureType:
		return &wit.Future{Elem: s.optional(def.Elem)}
	default: // the only one left
		return &wit.Resource{}
	}
}

func witLabels(labels []component.Label) []wit.Label {
	out := make([]wit.Label, len(labels))
	for i, l := range labels {
		out[i].Name = l.Name
	}
	return out
}

func witPrimitive(k types.Kind) wit.Type {
	for p, kind := range primitiveKinds {
		if kind == k {
			return wit.Primitive(p)
		}
	}
	return nil
}
