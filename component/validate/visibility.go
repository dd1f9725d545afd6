package validate

import (
	"maps"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
)

// visible checks that whatever e refers to has a name that the outside can see,
// and gives a name to the types that e brings.
//
// Spec: Explainer.md#external-visibility-of-types.
func (v *validator) visible(at component.Offset, es *externs, e Entity, what string) {
	s := v.scope()
	if s.kind == scopeInstanceType {
		return
	}
	if !v.named(es.named, e) {
		fail(at, "%s not valid to be used as %s: it refers to a resource, record, variant, enum or flags type that no %s before it names",
			e.Sort(), what, what)
	}
	if what == "import" { // exports may refer to imported types too
		v.named(s.exports.named, e)
	}
}

// named reports whether all types that e refers to are in set, and adds those
// that e names.
func (v *validator) named(set map[*TypeDef]bool, e Entity) bool {
	v.spend(1)
	switch e := e.(type) {
	case *FuncType:
		return v.funcNamed(set, e)
	case *TypeDef:
		if !v.defNamed(set, e) {
			return false
		}
		set[e] = true
	case *ValueType:
		return v.refNamed(set, e.Type)
	case *InstanceType:
		for i := range e.Exports {
			if !v.named(set, e.Exports[i].Type) {
				return false
			}
		}
	}
	return true
}

func (v *validator) funcNamed(set map[*TypeDef]bool, f *FuncType) bool {
	for _, p := range f.Params {
		if !v.refNamed(set, p) {
			return false
		}
	}
	return f.Result == nil || v.refNamed(set, f.Result)
}

// defNamed looks at what a type that gets a name refers to.
func (v *validator) defNamed(set map[*TypeDef]bool, d *TypeDef) bool {
	switch {
	case d.Value != nil:
		return v.partsNamed(set, d)
	case d.Func != nil:
		return v.funcNamed(set, d.Func)
	case d.Instance != nil:
		inner := maps.Clone(set)
		v.spend(len(inner))
		return v.named(inner, d.Instance)
	}
	return true
}

func (v *validator) partsNamed(set map[*TypeDef]bool, d *TypeDef) bool {
	if k := d.Value.Kind(); k == types.KindOwn || k == types.KindBorrow {
		return set[d.Parts[0]]
	}
	for _, p := range d.Parts {
		if p != nil && !v.refNamed(set, p) {
			return false
		}
	}
	return true
}

// refNamed looks at a type that is referred to.
func (v *validator) refNamed(set map[*TypeDef]bool, d *TypeDef) bool {
	v.spend(1)
	if d.needsName() {
		return set[d]
	}
	return v.partsNamed(set, d)
}
