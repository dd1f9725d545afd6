package wit_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/wit"
)

// compareUI compares a model with what wit-parser made of the same text, which lies
// beside it as JSON. Both are written as dump does, package by package in the order of
// the names.
func compareUI(t *testing.T, name string, r *wit.Resolve, base string) {
	data, err := os.ReadFile(base + ".wit.json")
	if err != nil {
		t.Error(err)
		return
	}
	want := &jsonResolve{}
	if err := json.Unmarshal(data, want); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	pkgs := slices.Clone(r.Packages)
	slices.SortFunc(pkgs, func(a, b *wit.Package) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	if diff := cmp.Diff(want.dump(), dump(r, pkgs...)); diff != "" {
		t.Errorf("%s differs from wit-parser (-) :\n%s", name, diff)
	}
}

type jsonResolve struct {
	Worlds []struct {
		Name             string
		Imports, Exports object
		Stability        jsonStability
	}
	Interfaces []struct {
		Name             *string
		Types, Functions object
		Stability        jsonStability
		Package          int
	}
	Types    []jsonType
	Packages []struct {
		Name               string
		Interfaces, Worlds object
	}
}

type jsonType struct {
	Name      *string
	Kind      json.RawMessage
	Owner     map[string]int
	Stability jsonStability
}

type jsonStability struct {
	Stable *struct {
		Since      string
		Deprecated string
	}
	Unstable *struct {
		Feature    string
		Deprecated string
	}
}

func (s jsonStability) String() string {
	text := func(parts ...string) string {
		var b strings.Builder
		for i := 0; i < len(parts); i += 2 {
			if parts[i+1] != "" {
				b.WriteString(" " + parts[i] + " " + parts[i+1])
			}
		}
		return b.String()
	}
	switch {
	case s.Stable != nil:
		return text("since", s.Stable.Since, "deprecated", s.Stable.Deprecated)
	case s.Unstable != nil:
		return text("feature", s.Unstable.Feature, "deprecated", s.Unstable.Deprecated)
	}
	return ""
}

// object is a JSON object in its order.
type object struct {
	keys   []string
	values map[string]json.RawMessage
}

func (o *object) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &o.values); err != nil {
		return err
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		o.keys = append(o.keys, key.(string))
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return err
		}
	}
	return nil
}

func decodeJSON[T any](data json.RawMessage) T {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		panic(err)
	}
	return v
}

func (r *jsonResolve) dump() string {
	d := &dumper{}
	slices.SortFunc(r.Packages, func(a, b struct {
		Name               string
		Interfaces, Worlds object
	}) int {
		return strings.Compare(a.Name, b.Name)
	})
	for _, p := range r.Packages {
		d.line("package %s", p.Name)
		d.nested(func() {
			for _, key := range p.Interfaces.keys {
				id := decodeJSON[int](p.Interfaces.values[key])
				d.line("interface %s%s", key, r.Interfaces[id].Stability)
				d.nested(func() { r.iface(d, id) })
			}
			for _, key := range p.Worlds.keys {
				w := r.Worlds[decodeJSON[int](p.Worlds.values[key])]
				d.line("world %s%s", key, w.Stability)
				d.nested(func() {
					r.items(d, "import", w.Imports)
					r.items(d, "export", w.Exports)
				})
			}
		})
	}
	return d.b.String()
}

func (r *jsonResolve) iface(d *dumper, id int) {
	for _, key := range r.Interfaces[id].Types.keys {
		def := r.Types[decodeJSON[int](r.Interfaces[id].Types.values[key])]
		d.line("type %s = %s%s", key, r.kind(def.Kind), def.Stability)
	}
	for _, key := range r.Interfaces[id].Functions.keys {
		d.line("%s", r.function(r.Interfaces[id].Functions.values[key]))
	}
}

// id returns an interface's full name.
func (r *jsonResolve) id(i int) string {
	pkg := r.Packages[r.Interfaces[i].Package].Name
	for _, p := range r.Packages {
		for key, v := range p.Interfaces.values {
			if decodeJSON[int](v) == i {
				pkg = p.Name
				_ = key
			}
		}
	}
	name, version, versioned := strings.Cut(pkg, "@")
	if versioned {
		version = "@" + version
	}
	return name + "/" + *r.Interfaces[i].Name + version
}

func (r *jsonResolve) items(d *dumper, word string, items object) {
	for _, key := range items.keys {
		item := decodeJSON[map[string]json.RawMessage](items.values[key])
		switch {
		case item["function"] != nil:
			d.line("%s %s", word, r.function(item["function"]))
		case item["type"] != nil:
			def := r.Types[decodeJSON[int](item["type"])]
			d.line("%s type %s = %s%s", word, *def.Name, r.kind(def.Kind), def.Stability)
		default:
			r.interfaceItem(d, word, key, item["interface"])
		}
	}
}

func (r *jsonResolve) interfaceItem(d *dumper, word, key string, data json.RawMessage) {
	item := decodeJSON[struct {
		ID        int
		Stability jsonStability
	}](data)
	named := r.Interfaces[item.ID].Name != nil
	implements := ""
	if key == fmt.Sprintf("interface-%d", item.ID) {
		key = r.id(item.ID)
	} else if named {
		implements = " implements " + r.id(item.ID)
	}
	d.line("%s interface %s%s%s", word, key, implements, item.Stability)
	if !named {
		d.nested(func() { r.iface(d, item.ID) })
	}
}

func (r *jsonResolve) function(data json.RawMessage) string {
	f := decodeJSON[struct {
		Name   string
		Kind   any
		Params []struct {
			Name string
			Type json.RawMessage
		}
		Result    json.RawMessage
		Stability jsonStability
	}](data)
	word, resource := "", ""
	switch k := f.Kind.(type) {
	case string:
		word = k
	case map[string]any:
		for name, id := range k {
			word, resource = name, " of "+r.typ(json.RawMessage(fmt.Sprint(id)))
		}
	}
	word = strings.Replace(strings.Replace(word, "async-", "async ", 1), "freestanding", "func", 1)
	var params []string
	for _, p := range f.Params {
		params = append(params, p.Name+": "+r.typ(p.Type))
	}
	s := fmt.Sprintf("%s%s %s(%s)", word, resource, f.Name, strings.Join(params, ", "))
	if f.Result != nil {
		s += " -> " + r.typ(f.Result)
	}
	return s + f.Stability.String()
}

func (r *jsonResolve) typ(data json.RawMessage) string {
	switch v := decodeJSON[any](data).(type) {
	case string:
		return v
	case float64:
		def := r.Types[int(v)]
		for owner, id := range def.Owner {
			if owner == "world" {
				return ownerOf(r.Worlds[id].Name) + *def.Name
			}
			if r.Interfaces[id].Name == nil {
				return ownerOf("") + *def.Name
			}
			return ownerOf(*r.Interfaces[id].Name) + *def.Name
		}
		return r.kind(def.Kind)
	}
	return "_"
}

func (r *jsonResolve) kind(data json.RawMessage) string {
	type named struct {
		Name string
		Type json.RawMessage
	}
	list := func(items []named, typed bool) string {
		var parts []string
		for _, i := range items {
			if typed {
				i.Name += ": " + r.typ(i.Type)
			}
			parts = append(parts, i.Name)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	var kinds map[string]json.RawMessage
	if json.Unmarshal(data, &kinds) != nil {
		return decodeJSON[string](data)
	}
	for k, v := range kinds {
		switch k {
		case "type":
			return r.typ(v)
		case "record":
			return k + list(decodeJSON[struct{ Fields []named }](v).Fields, true)
		case "variant":
			return k + list(decodeJSON[struct{ Cases []named }](v).Cases, true)
		case "enum":
			return k + list(decodeJSON[struct{ Cases []named }](v).Cases, false)
		case "flags":
			return k + list(decodeJSON[struct{ Flags []named }](v).Flags, false)
		case "tuple":
			var types []string
			for _, t := range decodeJSON[struct{ Types []json.RawMessage }](v).Types {
				types = append(types, r.typ(t))
			}
			return "tuple<" + strings.Join(types, ", ") + ">"
		case "handle":
			for h, id := range decodeJSON[map[string]json.RawMessage](v) {
				return h + "<" + r.typ(id) + ">"
			}
		case "result":
			res := decodeJSON[struct{ OK, Err json.RawMessage }](v)
			return "result<" + r.typ(res.OK) + ", " + r.typ(res.Err) + ">"
		case "map":
			kv := decodeJSON[[]json.RawMessage](v)
			return "map<" + r.typ(kv[0]) + ", " + r.typ(kv[1]) + ">"
		case "fixed-length-list":
			kv := decodeJSON[[]json.RawMessage](v)
			return "list<" + r.typ(kv[0]) + ", " + string(kv[1]) + ">"
		case "list", "option", "future", "stream":
			return k + "<" + r.typ(v) + ">"
		}
	}
	return string(data)
}
