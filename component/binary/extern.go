package binary

import "github.com/gondola-wasm/gondola/component"

// Spec: Binary.md#import-and-export-definitions.

func (d *decoder) importDef() *component.Import {
	i := &component.Import{At: d.at(), Name: d.externName()}
	d.named(i.Name.Name)
	i.Type = d.externType()
	return i
}

func (w *writer) importDef(i *component.Import) {
	w.externName(&i.Name)
	w.externType(i.Type)
}

func (d *decoder) export() *component.Export {
	e := &component.Export{At: d.at(), Name: d.externName()}
	d.named(e.Name.Name)
	e.Def = d.sortIndex()
	if d.flag("whether there is an ascribed type") {
		e.Type = d.externType()
	}
	return e
}

func (w *writer) export(e *component.Export) {
	w.externName(&e.Name)
	w.sortIndex(e.Def)
	w.flag(e.Type != nil)
	if e.Type != nil {
		w.externType(e.Type)
	}
}

func (d *decoder) externName() component.ExternName {
	n := component.ExternName{At: d.at()}
	form := d.byte("a name")
	if form > byte(component.NameAttributed) {
		fail(n.At, "a name starts with 0x00, 0x01 or 0x02, found %#02x", form)
	}
	n.Form = component.NameForm(form)
	n.Name = d.name("a name")
	if n.Form == component.NameAttributed {
		n.Attributes = vec(&d.reader, "attributes", d.attribute)
	}
	return n
}

func (d *decoder) attribute() component.Attribute {
	a := component.Attribute{At: d.at()}
	kind := d.byte("an attribute")
	if kind > byte(component.AttrExternalID) {
		fail(a.At, "there is no attribute %#02x", kind)
	}
	a.Kind = component.AttributeKind(kind)
	a.Value = d.name("an attribute's value")
	return a
}

func (w *writer) externName(n *component.ExternName) {
	form := n.Form
	if len(n.Attributes) > 0 {
		form = component.NameAttributed
	}
	w.byte(byte(form))
	w.name(n.Name)
	if form == component.NameAttributed {
		list(w, n.Attributes, func(a *component.Attribute) {
			w.byte(byte(a.Kind))
			w.name(a.Value)
		})
	}
}

func (d *decoder) externType() component.ExternType {
	at := d.at()
	switch c := d.byte("the type of an import or export"); c {
	case 0x00:
		d.expect(0x11, "the core module sort")
		return &component.CoreModuleExtern{At: at, Type: d.u32("a core type index")}
	case 0x01:
		return &component.FuncExtern{At: at, Type: d.u32("a type index")}
	case 0x02:
		return d.valueExtern(at)
	case 0x03:
		return d.typeExtern(at)
	case 0x04:
		return &component.ComponentExtern{At: at, Type: d.u32("a type index")}
	case 0x05:
		return &component.InstanceExtern{At: at, Type: d.u32("a type index")}
	default:
		fail(at, "there is no type %#02x of imports and exports", c)
		return nil
	}
}

func (d *decoder) typeExtern(at component.Offset) *component.TypeExtern {
	boundAt := d.at()
	switch c := d.byte("a type bound"); c {
	case 0x00:
		i := d.u32("a type index")
		return &component.TypeExtern{At: at, Eq: &i}
	case 0x01:
	default:
		fail(boundAt, "there is no type bound %#02x", c)
	}
	return &component.TypeExtern{At: at}
}

func (d *decoder) valueExtern(at component.Offset) *component.ValueExtern {
	if d.flag("a value bound") {
		return &component.ValueExtern{At: at, Type: d.valType()}
	}
	i := d.u32("a value index")
	return &component.ValueExtern{At: at, Eq: &i}
}

func (w *writer) externType(t component.ExternType) {
	switch t := t.(type) {
	case *component.CoreModuleExtern:
		w.byte(0x00, 0x11)
		w.u32(t.Type)
	case *component.FuncExtern:
		w.byte(0x01)
		w.u32(t.Type)
	case *component.ValueExtern:
		w.byte(0x02)
		w.valueBound(t)
	case *component.TypeExtern:
		w.byte(0x03)
		w.typeBound(t)
	case *component.ComponentExtern:
		w.byte(0x04)
		w.u32(t.Type)
	case *component.InstanceExtern:
		w.byte(0x05)
		w.u32(t.Type)
	default:
		panic("binary: an import or export without a type")
	}
}

func (w *writer) valueBound(t *component.ValueExtern) {
	w.flag(t.Eq == nil)
	if t.Eq != nil {
		w.u32(*t.Eq)
	} else {
		w.valType(t.Type)
	}
}

func (w *writer) typeBound(t *component.TypeExtern) {
	w.flag(t.Eq == nil)
	if t.Eq != nil {
		w.u32(*t.Eq)
	}
}
