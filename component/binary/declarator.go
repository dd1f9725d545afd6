package binary

import "github.com/gondola-wasm/gondola/component"

// Spec: Binary.md#type-definitions, productions `componentdecl` and
// `instancedecl`.

func (d *decoder) declarators(what string, read func() component.Declarator) []component.Declarator {
	d.enter(what)
	ds := vec(&d.reader, "declarators", read)
	d.leave()
	return ds
}

func (d *decoder) componentDecl() component.Declarator {
	if d.peek() != 0x03 {
		return d.instanceDecl()
	}
	d.pos++
	d.begin(component.SectionImport)
	return d.declared(component.SectionImport, d.importDef())
}

func (d *decoder) instanceDecl() component.Declarator {
	at := d.at()
	switch c := d.byte("a declarator"); c {
	case 0x00:
		d.begin(component.SectionCoreType)
		return d.declared(component.SectionCoreType, d.coreType())
	case 0x01:
		d.begin(component.SectionType)
		return d.declared(component.SectionType, d.typ())
	case 0x02:
		d.begin(component.SectionAlias)
		return d.declared(component.SectionAlias, d.alias())
	case 0x04:
		d.begin(component.SectionExport)
		return d.declared(component.SectionExport, d.exportDecl())
	default:
		fail(at, "there is no declarator %#02x here", c)
		return nil
	}
}

func (d *decoder) declared(id component.SectionID, decl component.Declarator) component.Declarator {
	d.done(id, decl)
	return decl
}

func (d *decoder) exportDecl() *component.ExportDecl {
	e := &component.ExportDecl{At: d.at(), Name: d.externName()}
	d.named(e.Name.Name)
	e.Type = d.externType()
	return e
}

func (w *writer) declarator(decl *component.Declarator) {
	switch decl := (*decl).(type) {
	case *component.CoreType:
		w.byte(0x00)
		w.coreType(decl.Def)
	case *component.Type:
		w.byte(0x01)
		w.defType(decl.Def)
	case *component.Alias:
		w.byte(0x02)
		w.alias(decl)
	case *component.Import:
		w.byte(0x03)
		w.importDef(decl)
	case *component.ExportDecl:
		w.byte(0x04)
		w.externName(&decl.Name)
		w.externType(decl.Type)
	default:
		panic("binary: an empty declarator")
	}
}
