package wit_test

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/wit"
)

// dump writes a model as text, with everything that decides about components and in the
// model's order, but without documentation.
func dump(r *wit.Resolve, pkgs ...*wit.Package) string {
	d := &dumper{}
	for _, p := range pkgs {
		d.line("package %s", p.Name)
		d.nested(func() {
			for i := range p.Interfaces.Values() {
				d.line("interface %s%s", i.Name, stability(i.Stability))
				d.nested(func() { d.iface(i) })
			}
			for w := range p.Worlds.Values() {
				d.line("world %s%s", w.Name, stability(w.Stability))
				d.nested(func() { d.world(w) })
			}
		})
	}
	return d.b.String()
}

type dumper struct {
	b     strings.Builder
	depth int
}

func (d *dumper) line(format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", d.depth))
	fmt.Fprintf(&d.b, format+"\n", args...)
}

func (d *dumper) nested(f func()) { d.depth++; f(); d.depth-- }

func (d *dumper) iface(i *wit.Interface) {
	for def := range i.Types.Values() {
		d.line("type %s = %s%s", def.Name, kind(def.Kind), stability(def.Stability))
	}
	for f := range i.Functions.Values() {
		d.line("%s%s", function(f), stability(f.Stability))
	}
}

func (d *dumper) world(w *wit.World) {
	for _, part := range []struct {
		word  string
		items *wit.Ordered[wit.WorldKey, wit.WorldItem]
	}{{"import", &w.Imports}, {"export", &w.Exports}} {
		for key, item := range part.items.All() {
			d.worldItem(part.word, key, item)
		}
	}
}

func (d *dumper) worldItem(word string, key wit.WorldKey, item wit.WorldItem) {
	switch item := item.(type) {
	case *wit.InterfaceItem:
		implements := ""
		if i := wit.Implements(key, item); i != nil {
			implements = " implements " + i.IDString()
		}
		d.line("%s interface %s%s%s", word, key, implements, stability(item.Stability))
		if item.Interface.Name == "" {
			d.nested(func() { d.iface(item.Interface) })
		}
	case *wit.Function:
		d.line("%s %s%s", word, function(item), stability(item.Stability))
	case *wit.TypeDef:
		d.line("%s type %s = %s%s", word, item.Name, kind(item.Kind), stability(item.Stability))
	}
}

func stability(s wit.Stability) string {
	var b strings.Builder
	if !s.Since.IsZero() {
		b.WriteString(" since " + s.Since.String())
	}
	if s.Feature != "" {
		b.WriteString(" feature " + s.Feature)
	}
	if !s.Deprecated.IsZero() {
		b.WriteString(" deprecated " + s.Deprecated.String())
	}
	return b.String()
}

func function(f *wit.Function) string {
	var params []string
	for _, p := range f.Params {
		params = append(params, p.Name+": "+typ(p.Type))
	}
	word := [...]string{"func", "method", "static", "constructor"}[f.Kind]
	if f.Async {
		word = "async " + word
	}
	if f.Resource != nil {
		word += " of " + typ(f.Resource)
	}
	s := fmt.Sprintf("%s %s(%s)", word, f.Name, strings.Join(params, ", "))
	if f.Result != nil {
		s += " -> " + typ(f.Result)
	}
	return s
}

// typ names types that have a name by their owner, and spells the others out.
func typ(t wit.Type) string {
	switch t := t.(type) {
	case wit.Primitive:
		return t.String()
	case *wit.TypeDef:
		switch owner := t.Owner.(type) {
		case *wit.Interface:
			return ownerOf(owner.Name) + t.Name
		case *wit.World:
			return ownerOf(owner.Name) + t.Name
		}
		return kind(t.Kind)
	}
	return "_"
}

func ownerOf(name string) string {
	if name == "" {
		return "inline."
	}
	return name + "."
}

func kind(k wit.TypeKind) string {
	switch k := k.(type) {
	case *wit.Record:
		var fields []string
		for _, f := range k.Fields {
			fields = append(fields, f.Name+": "+typ(f.Type))
		}
		return "record{" + strings.Join(fields, ", ") + "}"
	case *wit.Variant:
		var cases []string
		for _, c := range k.Cases {
			cases = append(cases, c.Name+": "+typ(c.Type))
		}
		return "variant{" + strings.Join(cases, ", ") + "}"
	case *wit.Flags:
		return "flags{" + labels(k.Flags) + "}"
	case *wit.Enum:
		return "enum{" + labels(k.Cases) + "}"
	case *wit.Tuple:
		var types []string
		for _, t := range k.Types {
			types = append(types, typ(t))
		}
		return "tuple<" + strings.Join(types, ", ") + ">"
	case *wit.Resource:
		return "resource"
	case *wit.Option:
		return "option<" + typ(k.Type) + ">"
	case *wit.Result:
		return "result<" + typ(k.OK) + ", " + typ(k.Err) + ">"
	case *wit.List:
		return "list<" + typ(k.Elem) + ">"
	case *wit.FixedList:
		return fmt.Sprintf("list<%s, %d>", typ(k.Elem), k.Len)
	case *wit.Map:
		return "map<" + typ(k.Key) + ", " + typ(k.Value) + ">"
	case *wit.Future:
		return "future<" + typ(k.Elem) + ">"
	case *wit.Stream:
		return "stream<" + typ(k.Elem) + ">"
	case *wit.Own:
		return "own<" + typ(k.Resource) + ">"
	case *wit.Borrow:
		return "borrow<" + typ(k.Resource) + ">"
	case *wit.Alias:
		return typ(k.Target)
	}
	return fmt.Sprintf("%T", k)
}

func labels(ls []wit.Label) string {
	var names []string
	for _, l := range ls {
		names = append(names, l.Name)
	}
	return strings.Join(names, ", ")
}
