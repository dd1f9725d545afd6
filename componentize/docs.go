package componentize

import (
	"encoding/json"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit"
)

// docsSection is the custom section of an encoded package in which wasm-tools keeps
// documentation and stability: a byte for the version, 0 or 1, and JSON.
const docsSection = "package-docs"

// itemDocs is what the section says of one thing and of what is in it. Version 0
// has a string in its place for functions.
type itemDocs struct {
	Docs      string         `json:"docs,omitempty"`
	Stability *stabilityDocs `json:"stability,omitempty"`

	// Of a package, world or interface. The plain names of a world's are imports, or
	// exports where there is no such import.
	Worlds           map[string]*itemDocs `json:"worlds,omitempty"`
	Interfaces       map[string]*itemDocs `json:"interfaces,omitempty"`
	InterfaceExports map[string]*itemDocs `json:"interface_exports,omitempty"`
	Types            map[string]*itemDocs `json:"types,omitempty"`
	Funcs            map[string]*itemDocs `json:"funcs,omitempty"`
	FuncExports      map[string]*itemDocs `json:"func_exports,omitempty"`

	// Of a world's imports and exports of named interfaces.
	ImportStability map[string]*stabilityDocs `json:"interface_import_stability,omitempty"`
	ExportStability map[string]*stabilityDocs `json:"interface_export_stability,omitempty"`
	ImportDocs      map[string]string         `json:"interface_import_docs,omitempty"`
	ExportDocs      map[string]string         `json:"interface_export_docs,omitempty"`

	Items map[string]string `json:"items,omitempty"` // of a type: fields, cases, flags
}

type stabilityDocs struct {
	Stable   *stableDocs   `json:"stable,omitempty"`
	Unstable *unstableDocs `json:"unstable,omitempty"`
}

type stableDocs struct {
	Since      string `json:"since"`
	Deprecated string `json:"deprecated,omitempty"`
}

type unstableDocs struct {
	Feature    string `json:"feature"`
	Deprecated string `json:"deprecated,omitempty"`
}

// UnmarshalJSON takes a string for documentation alone.
func (d *itemDocs) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &d.Docs)
	}
	type plain itemDocs
	return json.Unmarshal(b, (*plain)(d))
}

// readDocs finds the documentation of an encoded package. Where it can't be read,
// there is none.
func readDocs(c *component.Component) *itemDocs {
	for def := range c.Definitions() {
		custom, ok := def.(*component.Custom)
		if !ok || custom.Name != docsSection || len(custom.Data) == 0 || custom.Data[0] > 1 {
			continue
		}
		d := &itemDocs{}
		if json.Unmarshal(custom.Data[1:], d) == nil {
			return d
		}
	}
	return nil
}

// stability is what is said about it; the zero Stability if nothing is, or nothing that
// WIT could say.
func (s *stabilityDocs) stability() wit.Stability {
	version := func(s string) names.Version {
		v, _ := names.ParseVersion(s)
		return v
	}
	switch {
	case s == nil:
	case s.Stable != nil:
		if since := version(s.Stable.Since); !since.IsZero() {
			return wit.Stability{Since: since, Deprecated: version(s.Stable.Deprecated)}
		}
	case s.Unstable != nil:
		if names.IsLabel(s.Unstable.Feature) {
			return wit.Stability{Feature: s.Unstable.Feature, Deprecated: version(s.Unstable.Deprecated)}
		}
	}
	return wit.Stability{}
}

func (d *itemDocs) packageDocs(p *wit.Package) {
	p.Docs = d.Docs
	for name, i := range d.Interfaces {
		if to := p.Interfaces.Get(name); to != nil && i != nil {
			i.interfaceDocs(to)
		}
	}
	for name, w := range d.Worlds {
		if to := p.Worlds.Get(name); to != nil && w != nil {
			w.worldDocs(to)
		}
	}
}

func (d *itemDocs) interfaceDocs(i *wit.Interface) {
	i.Docs, i.Stability = d.Docs, d.Stability.stability()
	for name, t := range d.Types {
		if to := i.Types.Get(name); to != nil && t != nil {
			t.typeDocs(to)
		}
	}
	for name, f := range d.Funcs {
		if to := i.Functions.Get(name); to != nil && f != nil {
			to.Docs, to.Stability = f.Docs, f.Stability.stability()
		}
	}
}

func (d *itemDocs) worldDocs(w *wit.World) {
	w.Docs, w.Stability = d.Docs, d.Stability.stability()
	either := func(name string) *worldItems {
		if w.Imports.Has(wit.NameKey(name)) {
			return &w.Imports
		}
		return &w.Exports
	}
	for name, x := range d.Types {
		x.plainItem(&w.Imports, name)
	}
	for _, named := range []map[string]*itemDocs{d.Funcs, d.Interfaces} {
		for name, x := range named {
			x.plainItem(either(name), name)
		}
	}
	for _, named := range []map[string]*itemDocs{d.FuncExports, d.InterfaceExports} {
		for name, x := range named {
			x.plainItem(&w.Exports, name)
		}
	}
	namedItems(&w.Imports, d.ImportDocs, d.ImportStability)
	namedItems(&w.Exports, d.ExportDocs, d.ExportStability)
}

// plainItem documents an import or export with a plain name.
func (d *itemDocs) plainItem(items *worldItems, name string) {
	if d == nil {
		return
	}
	switch to := items.Get(wit.NameKey(name)).(type) {
	case *wit.TypeDef:
		d.typeDocs(to)
	case *wit.Function:
		to.Docs, to.Stability = d.Docs, d.Stability.stability()
	case *wit.InterfaceItem:
		to.Docs, to.Stability = d.Docs, d.Stability.stability()
		if to.Interface.Name == "" {
			d.interfaceDocs(to.Interface)
		}
	}
}

// namedItems documents imports or exports of interfaces under their own names.
func namedItems(items *worldItems, docs map[string]string, stability map[string]*stabilityDocs) {
	for key, item := range items.All() {
		if to, ok := item.(*wit.InterfaceItem); ok {
			if text, ok := docs[key.String()]; ok {
				to.Docs = text
			}
			if s, ok := stability[key.String()]; ok {
				to.Stability = s.stability()
			}
		}
	}
}

func (d *itemDocs) typeDocs(t *wit.TypeDef) {
	t.Docs, t.Stability = d.Docs, d.Stability.stability()
	if len(d.Items) == 0 {
		return
	}
	switch k := t.Kind.(type) {
	case *wit.Record:
		for i := range k.Fields {
			k.Fields[i].Docs = d.Items[k.Fields[i].Name]
		}
	case *wit.Variant:
		for i := range k.Cases {
			k.Cases[i].Docs = d.Items[k.Cases[i].Name]
		}
	case *wit.Enum:
		labelDocs(k.Cases, d.Items)
	case *wit.Flags:
		labelDocs(k.Flags, d.Items)
	}
}

func labelDocs(labels []wit.Label, docs map[string]string) {
	for i := range labels {
		labels[i].Docs = docs[labels[i].Name]
	}
}
