package componentize

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/wit"
)

// functionText writes a function as WIT does, with its core-level name in front:
// `[method]r.f: async func(self: borrow<r>) -> string`.
func functionText(f *wit.Function) string { return f.Name + ": " + signatureText(f) }

func signatureText(f *wit.Function) string {
	var b strings.Builder
	if f.Async {
		b.WriteString("async ")
	}
	b.WriteString("func(")
	for i, p := range f.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Name + ": " + typeText(p.Type))
	}
	b.WriteString(")")
	if f.Result != nil {
		b.WriteString(" -> " + typeText(f.Result))
	}
	return b.String()
}

// typeText writes a reference to a type as WIT does.
func typeText(t wit.Type) string {
	switch t := t.(type) {
	case nil:
		return "_"
	case wit.Primitive:
		return t.String()
	case *wit.TypeDef:
		if t.Name != "" {
			return t.Name
		}
		return kindText(t.Kind)
	}
	panic(fmt.Sprintf("componentize: no type: %T", t))
}

// definitionText tells different definitions of one name apart.
func definitionText(d *wit.TypeDef) string { return kindText(d.Kind) }

func kindText(k wit.TypeKind) string {
	switch k := k.(type) {
	case *wit.Record:
		return "record { " + joinText(k.Fields, func(f wit.Field) string { return f.Name + ": " + typeText(f.Type) }) + " }"
	case *wit.Tuple:
		return "tuple<" + joinText(k.Types, typeText) + ">"
	case *wit.Flags:
		return "flags { " + joinText(k.Flags, labelText) + " }"
	case *wit.Enum:
		return "enum { " + joinText(k.Cases, labelText) + " }"
	case *wit.Variant:
		return "variant { " + joinText(k.Cases, caseText) + " }"
	case *wit.Option:
		return "option<" + typeText(k.Type) + ">"
	case *wit.Result:
		return resultText(k)
	case *wit.List:
		return "list<" + typeText(k.Elem) + ">"
	case *wit.FixedList:
		return fmt.Sprintf("list<%s, %d>", typeText(k.Elem), k.Len)
	case *wit.Map:
		return "map<" + typeText(k.Key) + ", " + typeText(k.Value) + ">"
	case *wit.Future:
		return optionalText("future", k.Elem)
	case *wit.Stream:
		return optionalText("stream", k.Elem)
	case *wit.Own:
		return k.Resource.Name
	case *wit.Borrow:
		return "borrow<" + k.Resource.Name + ">"
	case *wit.Resource:
		return "resource"
	case *wit.Alias:
		return typeText(k.Target)
	}
	panic(fmt.Sprintf("componentize: no kind of type: %T", k))
}

func joinText[T any](list []T, text func(T) string) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = text(x)
	}
	return strings.Join(parts, ", ")
}

func labelText(l wit.Label) string { return l.Name }

func caseText(c wit.Case) string {
	if c.Type == nil {
		return c.Name
	}
	return c.Name + "(" + typeText(c.Type) + ")"
}

func optionalText(name string, elem wit.Type) string {
	if elem == nil {
		return name
	}
	return name + "<" + typeText(elem) + ">"
}

func resultText(r *wit.Result) string {
	switch {
	case r.OK == nil && r.Err == nil:
		return "result"
	case r.Err == nil:
		return "result<" + typeText(r.OK) + ">"
	default:
		return "result<" + typeText(r.OK) + ", " + typeText(r.Err) + ">"
	}
}
