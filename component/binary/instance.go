package binary

import "github.com/gondola-wasm/gondola/component"

// Spec: Binary.md#instance-definitions.

func (d *decoder) coreInstance() *component.CoreInstance {
	i := &component.CoreInstance{At: d.at()}
	switch c := d.byte("a core instance expression"); c {
	case 0x00:
		i.Expr = &component.CoreInstantiate{
			Module: d.u32("a core module index"),
			Args:   vec(&d.reader, "arguments", d.coreInstantiateArg),
		}
	case 0x01:
		i.Expr = component.CoreInlineExports(vec(&d.reader, "exports", d.coreInlineExport))
	default:
		fail(i.At, "there is no core instance expression %#02x", c)
	}
	return i
}

func (d *decoder) coreInstantiateArg() component.CoreInstantiateArg {
	a := component.CoreInstantiateArg{At: d.at(), Name: d.name("an argument's name")}
	d.expect(0x12, "the core instance sort")
	a.Instance = d.u32("a core instance index")
	return a
}

func (d *decoder) coreInlineExport() component.CoreInlineExport {
	return component.CoreInlineExport{At: d.at(), Name: d.name("an export's name"), Def: d.coreSortIndex()}
}

func (w *writer) coreInstance(i *component.CoreInstance) {
	switch e := i.Expr.(type) {
	case *component.CoreInstantiate:
		w.byte(0x00)
		w.u32(e.Module)
		list(w, e.Args, func(a *component.CoreInstantiateArg) {
			w.name(a.Name)
			w.byte(0x12)
			w.u32(a.Instance)
		})
	case component.CoreInlineExports:
		w.byte(0x01)
		list(w, e, func(x *component.CoreInlineExport) {
			w.name(x.Name)
			w.coreSort(x.Def.Sort)
			w.u32(x.Def.Index)
		})
	default:
		panic("binary: a core instance without an expression")
	}
}

func (d *decoder) instance() *component.Instance {
	i := &component.Instance{At: d.at()}
	switch c := d.byte("an instance expression"); c {
	case 0x00:
		i.Expr = &component.Instantiate{
			Component: d.u32("a component index"),
			Args:      vec(&d.reader, "arguments", d.instantiateArg),
		}
	case 0x01:
		i.Expr = component.InlineExports(vec(&d.reader, "exports", d.inlineExport))
	default:
		fail(i.At, "there is no instance expression %#02x", c)
	}
	return i
}

func (d *decoder) instantiateArg() component.InstantiateArg {
	return component.InstantiateArg{At: d.at(), Name: d.name("an argument's name"), Def: d.sortIndex()}
}

func (d *decoder) inlineExport() component.InlineExport {
	return component.InlineExport{At: d.at(), Name: d.externName(), Def: d.sortIndex()}
}

func (w *writer) instance(i *component.Instance) {
	switch e := i.Expr.(type) {
	case *component.Instantiate:
		w.byte(0x00)
		w.u32(e.Component)
		list(w, e.Args, func(a *component.InstantiateArg) {
			w.name(a.Name)
			w.sortIndex(a.Def)
		})
	case component.InlineExports:
		w.byte(0x01)
		list(w, e, func(x *component.InlineExport) {
			w.externName(&x.Name)
			w.sortIndex(x.Def)
		})
	default:
		panic("binary: an instance without an expression")
	}
}
