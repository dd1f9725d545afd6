package validate

import (
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
)

// nameSpace is a scope in which names must be strongly unique: the names so far by
// their key.
//
// Spec: Explainer.md#name-uniqueness.
type nameSpace map[string]string

func (seen nameSpace) add(at component.Offset, what, name string) {
	key := names.UniqueKey(name)
	if other, taken := seen[key]; taken {
		if other == name {
			fail(at, "duplicate %s `%s`", what, name)
		}
		fail(at, "%s `%s` conflicts with previous name `%s`: names must differ in more than letter case and annotation", what, name, other)
	}
	seen[key] = name
}

// externName parses the name of an import or export, checks that it is unique,
// and that it suits what it names.
//
// Spec: Binary.md#import-and-export-definitions, notes.
func (v *validator) externName(es *externs, n *component.ExternName, what string, e Entity) Extern {
	parsed, err := names.Parse(n.Name, v.gates())
	if err != nil {
		panic(&component.Error{At: n.At, Msg: what + " name", Err: err})
	}
	es.names.add(n.At, what+" name", n.Name)
	v.attributes(n, parsed, e)
	es.annotation(n.At, parsed, e)
	x := Extern{Name: n.Name, Parsed: parsed, Attributes: n.Attributes, Type: e}
	es.list = append(es.list, x)
	return x
}

// annotation checks `[constructor]`, `[method]` and `[static]` names, and notes
// resource types for those that follow.
func (es *externs) annotation(at component.Offset, n names.Extern, e Entity) {
	if n.Kind == names.KindLabel {
		if d, ok := e.(*TypeDef); ok && d.Resource != nil && es.resources != nil {
			es.resources[n.Label] = d.Resource
		}
		return
	}
	if n.Kind == names.KindInterface {
		return
	}
	f, ok := e.(*FuncType)
	if !ok {
		fail(at, "`%s` must name a func, not %s", n, e.Sort().Article())
	}
	r, ok := es.resources[n.Resource]
	if !ok {
		fail(at, "`%s` is not valid: no resource `%s` is imported or exported before it in the same scope", n, n.Resource)
	}
	switch n.Kind {
	case names.KindConstructor:
		checkConstructor(at, n, f, r)
	case names.KindMethod:
		checkMethod(at, n, f, r)
	}
}

func checkConstructor(at component.Offset, n names.Extern, f *FuncType, r *types.Resource) {
	t := f.Func.Result
	if t != nil && t.Kind() == types.KindResult {
		t = t.Ok()
	}
	if t == nil || t.Kind() != types.KindOwn || t.Resource() != r {
		fail(at, "`%s`: function should return one value that is `(own $T)` or `(result (own $T) ...)`, T being the resource `%s`", n, n.Resource)
	}
}

func checkMethod(at component.Offset, n names.Extern, f *FuncType, r *types.Resource) {
	if len(f.Func.Params) == 0 {
		fail(at, "`%s`: function should have at least one argument, `self`", n)
	}
	p := f.Func.Params[0]
	if p.Name != "self" {
		fail(at, "`%s`: function should have a first argument called `self`, it is called `%s`", n, p.Name)
	}
	if p.Type.Kind() != types.KindBorrow || p.Type.Resource() != r {
		fail(at, "`%s`: function should take a first argument of `(borrow $T)`, T being the resource `%s`", n, n.Resource)
	}
}

// Spec: Explainer.md#import-and-export-definitions, production `attribute`.
func (v *validator) attributes(n *component.ExternName, parsed names.Extern, e Entity) {
	var seen [component.AttrExternalID + 1]bool
	for _, a := range n.Attributes {
		if int(a.Kind) >= len(seen) {
			fail(a.At, "there is no attribute %#02x", byte(a.Kind))
		}
		if seen[a.Kind] {
			fail(a.At, "duplicate attribute `%s`", a.Kind)
		}
		seen[a.Kind] = true
		switch a.Kind {
		case component.AttrImplements:
			v.implements(a, parsed, e)
		case component.AttrVersionSuffix:
			v.versionSuffix(a, parsed)
		}
	}
}

func (v *validator) implements(a component.Attribute, n names.Extern, e Entity) {
	if _, ok := e.(*InstanceType); !ok {
		fail(a.At, "only instance names can have an `implements`, this is %s", e.Sort().Article())
	}
	if n.Kind == names.KindInterface {
		fail(a.At, "name `%s` is not valid with `implements`: a plain name is needed", n)
	}
	_, err := names.ParseInterface(a.Value, v.gates())
	if err != nil {
		panic(&component.Error{At: a.At, Msg: "the `implements` name must be an interface", Err: err})
	}
}

func (v *validator) versionSuffix(a component.Attribute, n names.Extern) {
	v.gate(a.At, component.FeatureCanonicalNames, "version suffixes")
	if strings.Trim(a.Value, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.+-") != "" {
		fail(a.At, "`%s` is not a version suffix: only letters, digits, `.`, `+` and `-` are allowed", a.Value)
	}
	canon := n.Interface.Canon
	if _, version, ok := strings.Cut(n.String(), "@"); ok && canon == "" {
		if c, suffix := n.Interface.Version.Canonical(); suffix == "" && c == version {
			canon = c
		}
	}
	if n.Kind != names.KindInterface || canon == "" {
		fail(a.At, "a version suffix needs an interface name with a canonical version before it")
	}
	full, err := names.ParseVersion(canon + a.Value)
	check(a.At, err)
	if c, _ := full.Canonical(); c != canon {
		fail(a.At, "`%s` with the suffix `%s` is the version %s, whose canonical form is %s", canon, a.Value, full, c)
	}
}
