package wit

import (
	"fmt"
	"strings"
)

func (p *printer) function(f *Function) {
	p.annotations(f.Docs, f.Stability, f.ExternalID)
	p.line("%s: %s;", ident(f.Name), p.funcType(f))
}

// funcType writes a function without its name. A method's `self` is left out, and so is
// the handle that a constructor returns.
func (p *printer) funcType(f *Function) string {
	word, params := "func", f.Params
	switch {
	case f.Kind == Method && len(params) > 0:
		params = params[1:]
	case f.Kind == Constructor:
		word = "constructor"
	}
	if f.Async {
		word = "async " + word
	}
	if f.Kind == Static {
		word = "static " + word
	}
	var list []string
	for _, param := range params {
		list = append(list, ident(param.Name)+": "+p.typ(param.Type))
	}
	s := word + "(" + strings.Join(list, ", ") + ")"
	if f.Result == nil || f.Kind == Constructor && isOwnOf(f.Result, f.Resource) {
		return s
	}
	return s + " -> " + p.typ(f.Result)
}

// typeDef writes the definition of a type, with its functions if it is a resource.
func (p *printer) typeDef(def *TypeDef, members []*Function) {
	block := isBlock(def.Kind, members)
	if block {
		p.line("")
	}
	p.annotations(def.Docs, def.Stability, def.ExternalID)
	p.definition(def, members)
	if block {
		p.line("")
	}
}

// isBlock reports whether a definition takes several lines, with empty ones around it.
func isBlock(kind TypeKind, members []*Function) bool {
	switch kind.(type) {
	case *Record, *Variant, *Flags, *Enum:
		return true
	}
	return len(members) > 0
}

func (p *printer) definition(def *TypeDef, members []*Function) {
	name := ident(def.Name)
	switch k := def.Kind.(type) {
	case *Record:
		p.line("record %s {", name)
		for _, f := range k.Fields {
			p.docs(f.Docs)
			p.line("%s: %s,", ident(f.Name), p.typ(f.Type))
		}
		p.line("}")
	case *Variant:
		p.line("variant %s {", name)
		for _, c := range k.Cases {
			p.docs(c.Docs)
			p.line("%s%s,", ident(c.Name), p.payload(c.Type))
		}
		p.line("}")
	case *Flags:
		p.labels("flags", name, k.Flags)
	case *Enum:
		p.labels("enum", name, k.Cases)
	case *Resource:
		p.resource(name, members)
	case *Alias:
		p.line("type %s = %s;", name, p.aliasTarget(k.Target))
	case *Own:
		// The bare name would make another name for the resource.
		p.line("type %s = own<%s>;", name, ident(k.Resource.Name))
	default:
		p.line("type %s = %s;", name, p.kind(def.Kind))
	}
}

// aliasTarget writes the right side of an alias, where a resource's name doesn't mean a
// handle.
func (p *printer) aliasTarget(t Type) string {
	if def, ok := t.(*TypeDef); ok && def.Name != "" {
		return ident(def.Name)
	}
	return p.typ(t)
}

func (p *printer) payload(t Type) string {
	if t == nil {
		return ""
	}
	return "(" + p.typ(t) + ")"
}

func (p *printer) labels(word, name string, labels []Label) {
	p.line("%s %s {", word, name)
	for _, l := range labels {
		p.docs(l.Docs)
		p.line("%s,", ident(l.Name))
	}
	p.line("}")
}

func (p *printer) resource(name string, members []*Function) {
	if len(members) == 0 {
		p.line("resource %s;", name)
		return
	}
	p.line("resource %s {", name)
	for _, f := range members {
		p.annotations(f.Docs, f.Stability, f.ExternalID)
		if f.Kind == Constructor {
			p.line("%s;", p.funcType(f))
		} else {
			p.line("%s: %s;", ident(f.ItemName()), p.funcType(f))
		}
	}
	p.line("}")
}

// typ writes a type in place.
func (p *printer) typ(t Type) string {
	switch t := t.(type) {
	case Primitive:
		return t.String()
	case *TypeDef:
		if t.Name != "" {
			return ident(t.Name)
		}
		return p.kind(t.Kind)
	}
	return "_"
}

func (p *printer) kind(kind TypeKind) string {
	switch k := kind.(type) {
	case *Tuple:
		list := make([]string, len(k.Types))
		for i, t := range k.Types {
			list[i] = p.typ(t)
		}
		return "tuple<" + strings.Join(list, ", ") + ">"
	case *Option:
		return "option<" + p.typ(k.Type) + ">"
	case *Result:
		return p.result(k)
	case *List:
		return "list<" + p.typ(k.Elem) + ">"
	case *FixedList:
		return fmt.Sprintf("list<%s, %d>", p.typ(k.Elem), k.Len)
	case *Map:
		return "map<" + p.typ(k.Key) + ", " + p.typ(k.Value) + ">"
	case *Future:
		return "future" + p.angle(k.Elem)
	case *Stream:
		return "stream" + p.angle(k.Elem)
	case *Own:
		return ident(k.Resource.Name)
	case *Borrow:
		return "borrow<" + ident(k.Resource.Name) + ">"
	case *Alias:
		return p.typ(k.Target)
	}
	panic(fmt.Sprintf("wit: a %T without a name", kind))
}

func (p *printer) result(r *Result) string {
	switch {
	case r.Err != nil:
		return "result<" + p.typ(r.OK) + ", " + p.typ(r.Err) + ">"
	case r.OK != nil:
		return "result<" + p.typ(r.OK) + ">"
	}
	return "result"
}

func (p *printer) angle(t Type) string {
	if t == nil {
		return ""
	}
	return "<" + p.typ(t) + ">"
}
