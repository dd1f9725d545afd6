package componentize

import (
	"encoding/json"

	"github.com/gondola-wasm/gondola/wit"
)

// writeDocs is the content of the section that [readDocs] reads, nil where nothing is
// documented.
func writeDocs(p *wit.Package) []byte {
	d := itemDocs{Docs: p.Docs}
	for name, i := range p.Interfaces.All() {
		put(&d.Interfaces, name, docsOfInterface(i))
	}
	for name, w := range p.Worlds.All() {
		put(&d.Worlds, name, docsOfWorld(w))
	}
	if d.empty() {
		return nil
	}
	data, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings and maps of them
	}
	return append([]byte{1}, data...)
}

// empty reports whether d says nothing.
func (d *itemDocs) empty() bool {
	maps := len(d.Worlds) + len(d.Interfaces) + len(d.InterfaceExports) + len(d.Types) + len(d.Funcs) + len(d.FuncExports) +
		len(d.ImportStability) + len(d.ExportStability) + len(d.ImportDocs) + len(d.ExportDocs) + len(d.Items)
	return d.Docs == "" && d.Stability == nil && maps == 0
}

// put enters what is said of an item, unless that is nothing.
func put(m *map[string]*itemDocs, name string, d *itemDocs) {
	if d.empty() {
		return
	}
	if *m == nil {
		*m = map[string]*itemDocs{}
	}
	(*m)[name] = d
}

func putValue[V any](m *map[string]V, name string, v V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[name] = v
}

// docsOfStability is nil for what says nothing. The format knows no item that is
// deprecated and nothing else, and neither does WIT.
func docsOfStability(s wit.Stability) *stabilityDocs {
	switch {
	case s.Feature != "":
		return &stabilityDocs{Unstable: &unstableDocs{s.Feature, s.Deprecated.String()}}
	case !s.Since.IsZero():
		return &stabilityDocs{Stable: &stableDocs{s.Since.String(), s.Deprecated.String()}}
	}
	return nil
}

func docsOfInterface(i *wit.Interface) *itemDocs {
	d := &itemDocs{Docs: i.Docs, Stability: docsOfStability(i.Stability)}
	for name, t := range i.Types.All() {
		put(&d.Types, name, docsOfType(t))
	}
	for name, f := range i.Functions.All() {
		put(&d.Funcs, name, docsOfFunction(f))
	}
	return d
}

func docsOfFunction(f *wit.Function) *itemDocs {
	return &itemDocs{Docs: f.Docs, Stability: docsOfStability(f.Stability)}
}

func docsOfWorld(w *wit.World) *itemDocs {
	d := &itemDocs{Docs: w.Docs, Stability: docsOfStability(w.Stability)}
	docsOfItems(&w.Imports, importDocs(d))
	docsOfItems(&w.Exports, exportDocs(d))
	return d
}

// sideDocs are the fields of a world's documentation that are about one direction.
type sideDocs struct {
	types, interfaces, funcs *map[string]*itemDocs
	named                    *map[string]string
	stability                *map[string]*stabilityDocs
}

func importDocs(d *itemDocs) sideDocs {
	return sideDocs{&d.Types, &d.Interfaces, &d.Funcs, &d.ImportDocs, &d.ImportStability}
}

func exportDocs(d *itemDocs) sideDocs {
	return sideDocs{&d.Types, &d.InterfaceExports, &d.FuncExports, &d.ExportDocs, &d.ExportStability}
}

func docsOfItems(items *worldItems, side sideDocs) {
	for key, item := range items.All() {
		switch item := item.(type) {
		case *wit.TypeDef:
			put(side.types, key.Name, docsOfType(item))
		case *wit.Function:
			put(side.funcs, key.Name, docsOfFunction(item))
		case *wit.InterfaceItem:
			side.interfaceItem(key, item)
		}
	}
}

func (s sideDocs) interfaceItem(key wit.WorldKey, item *wit.InterfaceItem) {
	stability := docsOfStability(item.Stability)
	if key.Interface == nil {
		d := &itemDocs{Docs: item.Docs, Stability: stability}
		if item.Interface.Name == "" {
			d = docsOfInterface(item.Interface)
			d.Stability = stability
		}
		put(s.interfaces, key.Name, d)
		return
	}
	if item.Docs != "" {
		putValue(s.named, key.String(), item.Docs)
	}
	if stability != nil {
		putValue(s.stability, key.String(), stability)
	}
}

func docsOfType(t *wit.TypeDef) *itemDocs {
	d := &itemDocs{Docs: t.Docs, Stability: docsOfStability(t.Stability)}
	item := func(name, docs string) {
		if docs != "" {
			putValue(&d.Items, name, docs)
		}
	}
	switch k := t.Kind.(type) {
	case *wit.Record:
		for _, f := range k.Fields {
			item(f.Name, f.Docs)
		}
	case *wit.Variant:
		for _, c := range k.Cases {
			item(c.Name, c.Docs)
		}
	case *wit.Enum:
		for _, l := range k.Cases {
			item(l.Name, l.Docs)
		}
	case *wit.Flags:
		for _, l := range k.Flags {
			item(l.Name, l.Docs)
		}
	}
	return d
}
