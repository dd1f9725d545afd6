package componentize

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// dump writes a component for people, a line for each definition.
func dump(c *component.Component) string {
	var d dumper
	d.component(c)
	return d.b.String()
}

type dumper struct {
	b      strings.Builder
	indent string
	counts [component.NumSorts]int
}

func (d *dumper) line(def interface {
	Defines() (component.Sort, bool)
}, format string, args ...any) {
	label := ""
	if sort, ok := def.Defines(); ok {
		label = fmt.Sprintf("%s %d = ", sort, d.counts[sort])
		d.counts[sort]++
	}
	fmt.Fprintf(&d.b, "%s%s%s\n", d.indent, label, fmt.Sprintf(format, args...))
}

func (d *dumper) component(c *component.Component) {
	for def := range c.Definitions() {
		d.definition(def)
	}
}

func (d *dumper) definition(def component.Definition) {
	switch def := def.(type) {
	case *component.Component:
		d.line(def, "component")
		inner := dumper{indent: d.indent + "  "}
		inner.component(def)
		d.b.WriteString(inner.b.String())
	case *component.CoreModule:
		d.line(def, "core module")
		d.module(def.Bytes)
	case *component.CoreInstance:
		d.coreInstance(def)
	case *component.Instance:
		d.instance(def)
	case *component.Alias:
		d.line(def, "%s", aliasText(def))
	case *component.Type:
		d.typ(def)
	case *component.Canon:
		d.line(def, "%s", canonText(def))
	case *component.Import:
		d.line(def, "import %s: %s", externText(def.Name), externTypeText(def.Type))
	case *component.Export:
		ascribed := ""
		if def.Type != nil {
			ascribed = ": " + externTypeText(def.Type)
		}
		d.line(def, "export %s = %s %d%s", externText(def.Name), def.Def.Sort, def.Def.Index, ascribed)
	case *component.Custom:
		d.line(def, "custom %q %q", def.Name, def.Data)
	default:
		d.line(def, "%T", def)
	}
}

// module shows what links a core module of ours; that of the user it only names.
func (d *dumper) module(b []byte) {
	m, err := corewasm.Decode(b)
	if err != nil {
		panic(err)
	}
	for _, im := range m.Imports {
		fmt.Fprintf(&d.b, "%s  import %q %q\n", d.indent, im.Module, im.Name)
	}
	for _, e := range m.Exports {
		fmt.Fprintf(&d.b, "%s  export %q\n", d.indent, e.Name)
	}
	for _, e := range m.Elements {
		fmt.Fprintf(&d.b, "%s  elem %d\n", d.indent, e.Funcs)
	}
	if m.Start != nil {
		fmt.Fprintf(&d.b, "%s  start %d\n", d.indent, *m.Start)
	}
}

func (d *dumper) coreInstance(def *component.CoreInstance) {
	var parts []string
	switch x := def.Expr.(type) {
	case *component.CoreInstantiate:
		for _, a := range x.Args {
			parts = append(parts, fmt.Sprintf("%q = %d", a.Name, a.Instance))
		}
		d.line(def, "instantiate core module %d (%s)", x.Module, strings.Join(parts, ", "))
	case component.CoreInlineExports:
		for _, e := range x {
			parts = append(parts, fmt.Sprintf("%q = %s %d", e.Name, e.Def.Sort, e.Def.Index))
		}
		d.line(def, "exports (%s)", strings.Join(parts, ", "))
	}
}

func (d *dumper) instance(def *component.Instance) {
	x := def.Expr.(*component.Instantiate)
	var parts []string
	for _, a := range x.Args {
		parts = append(parts, fmt.Sprintf("%q = %s %d", a.Name, a.Def.Sort, a.Def.Index))
	}
	d.line(def, "instantiate component %d (%s)", x.Component, strings.Join(parts, ", "))
}

func (d *dumper) typ(def *component.Type) {
	decls, ok := def.Def.(component.InstanceType)
	if !ok {
		d.line(def, "%s", defText(def.Def))
		return
	}
	d.line(def, "instance")
	inner := dumper{indent: d.indent + "  "}
	for _, x := range decls {
		switch x := x.(type) {
		case *component.Type:
			inner.typ(x)
		case *component.Alias:
			inner.line(x, "%s", aliasText(x))
		case *component.ExportDecl:
			inner.line(x, "export %s: %s", externText(x.Name), externTypeText(x.Type))
		}
	}
	d.b.WriteString(inner.b.String())
}

func aliasText(a *component.Alias) string {
	switch t := a.Target.(type) {
	case *component.AliasExport:
		return fmt.Sprintf("alias instance %d %q", t.Instance, t.Name)
	case *component.AliasCoreExport:
		return fmt.Sprintf("alias core instance %d %q", t.Instance, t.Name)
	case *component.AliasOuter:
		return fmt.Sprintf("alias outer %d %d", t.Count, t.Index)
	}
	return "alias"
}

func externText(n component.ExternName) string {
	s := fmt.Sprintf("%q", n.Name)
	for _, a := range n.Attributes {
		s += fmt.Sprintf(" (%s %q)", a.Kind, a.Value)
	}
	return s
}

func externTypeText(t component.ExternType) string {
	switch t := t.(type) {
	case *component.FuncExtern:
		return fmt.Sprintf("func type %d", t.Type)
	case *component.InstanceExtern:
		return fmt.Sprintf("instance type %d", t.Type)
	case *component.TypeExtern:
		if t.Eq == nil {
			return "sub resource"
		}
		return fmt.Sprintf("eq %d", *t.Eq)
	}
	return fmt.Sprintf("%T", t)
}

func canonText(c *component.Canon) string {
	parts := []string{"canon", c.Op.String()}
	imms, _ := c.Op.Immediates()
	for _, imm := range imms {
		switch imm {
		case component.ImmFunc:
			parts = append(parts, fmt.Sprint("func ", c.Func))
		case component.ImmType:
			parts = append(parts, fmt.Sprint("type ", c.Type))
		case component.ImmResult:
			parts = append(parts, valKey(c.Result))
		case component.ImmMemory:
			parts = append(parts, fmt.Sprint("memory ", c.Memory))
		case component.ImmContext:
			parts = append(parts, c.Context.String())
		case component.ImmSlot:
			parts = append(parts, fmt.Sprint(c.Slot))
		}
	}
	if c.Async {
		parts = append(parts, "async")
	}
	if c.Cancellable {
		parts = append(parts, "cancellable")
	}
	for _, o := range c.Options {
		text := "(" + o.Kind.String()
		if o.Kind.HasIndex() {
			text += fmt.Sprint(" ", o.Index)
		}
		parts = append(parts, text+")")
	}
	return strings.Join(parts, " ")
}

func defText(def component.DefType) string {
	switch d := def.(type) {
	case component.RecordType:
		return "record { " + joinText(d, func(f component.LabelValType) string { return f.Name + ": " + valKey(&f.Type) }) + " }"
	case component.VariantType:
		return "variant { " + joinText(d, func(c component.VariantCase) string { return c.Name + "(" + valKey(c.Type) + ")" }) + " }"
	case component.TupleType:
		return "tuple " + joinText(d, func(v component.ValType) string { return valKey(&v) })
	case component.FlagsType:
		return "flags { " + joinText(d, func(l component.Label) string { return l.Name }) + " }"
	case component.EnumType:
		return "enum { " + joinText(d, func(l component.Label) string { return l.Name }) + " }"
	case component.PrimType:
		return valKey(&component.ValType{Prim: typesKind(d)})
	case component.OwnType:
		return fmt.Sprint("own ", uint32(d))
	case component.BorrowType:
		return fmt.Sprint("borrow ", uint32(d))
	case *component.ResourceType:
		if d.Dtor != nil {
			return fmt.Sprint("resource with destructor ", *d.Dtor)
		}
		return "resource"
	}
	return defKey(def)
}
