package binary

import "github.com/gondola-wasm/gondola/component"

// Spec: Binary.md#alias-definitions.

func (d *decoder) alias() *component.Alias {
	a := &component.Alias{At: d.at(), Sort: d.sort()}
	at := d.at()
	switch c := d.byte("an alias target"); c {
	case 0x00:
		a.Target = &component.AliasExport{Instance: d.u32("an instance index"), Name: d.name("an export's name")}
	case 0x01:
		a.Target = &component.AliasCoreExport{Instance: d.u32("a core instance index"), Name: d.name("an export's name")}
	case 0x02:
		if !a.Sort.IsOuter() {
			fail(a.At, "there is no outer alias of %s", a.Sort.Article())
		}
		a.Target = &component.AliasOuter{Count: d.u32("a number of scopes"), Index: d.u32("an index")}
	default:
		fail(at, "there is no alias target %#02x", c)
	}
	return a
}

func (w *writer) alias(a *component.Alias) {
	w.sort(a.Sort)
	switch t := a.Target.(type) {
	case *component.AliasExport:
		w.byte(0x00)
		w.u32(t.Instance)
		w.name(t.Name)
	case *component.AliasCoreExport:
		w.byte(0x01)
		w.u32(t.Instance)
		w.name(t.Name)
	case *component.AliasOuter:
		w.byte(0x02)
		w.u32(t.Count)
		w.u32(t.Index)
	default:
		panic("binary: an alias without a target")
	}
}
