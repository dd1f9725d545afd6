package validate

import "github.com/gondola-wasm/gondola/types"

// add counts a part into m. It does not count the whole itself.
func (m *measure) add(part *measure) {
	m.depth = max(m.depth, part.depth)
	m.names = max(m.names, part.names)
	m.size = min(m.size+part.size, MaxTypeSize)
	m.generic = m.generic || part.generic
}

// close counts the whole and checks the limits.
func (v *validator) close(m *measure) {
	m.depth++
	m.size++
	v.checkLimits(m)
}

func (v *validator) checkLimits(m *measure) {
	if m.depth > MaxDepth {
		fail(v.at(), "the type nests deeper than %d levels", MaxDepth)
	}
	if m.names > MaxNames {
		fail(v.at(), "the type is a name for a name %d times over, which is too often", MaxNames)
	}
	if m.size >= MaxTypeSize {
		fail(v.at(), "the type spells out to more than %d parts: effective type size exceeds the limit", MaxTypeSize)
	}
}

func measureOf(e Entity) *measure {
	switch e := e.(type) {
	case *FuncType:
		return &e.measure
	case *TypeDef:
		return &e.measure
	case *InstanceType:
		return &e.measure
	case *ComponentType:
		return &e.measure
	case *ValueType:
		return &e.measure
	}
	return &measure{depth: 1, size: 1}
}

func (v *validator) measureExterns(m *measure, lists ...[]Extern) {
	for _, list := range lists {
		for i := range list {
			m.add(measureOf(list[i].Type))
		}
	}
	v.close(m)
}

func (v *validator) measureFunc(f *FuncType) {
	for _, p := range f.Params {
		f.add(&p.measure)
	}
	if f.Result != nil {
		f.add(&f.Result.measure)
	}
	v.close(&f.measure)
}

// newDef finishes a type definition.
func (v *validator) newDef(d *TypeDef) *TypeDef {
	for _, p := range d.Parts {
		if p != nil {
			d.add(&p.measure)
		}
	}
	switch {
	case d.Resource != nil:
		d.generic = true
	case d.Func != nil:
		d.add(&d.Func.measure)
	case d.Instance != nil:
		d.add(&d.Instance.measure)
	case d.Component != nil:
		d.add(&d.Component.measure)
	}
	v.close(&d.measure)
	return d
}

// rename makes a new name for a type: what an import or export of it defines. A
// name of a name is no deeper, but chains of them may not get long either.
func (v *validator) rename(d *TypeDef) *TypeDef {
	n := *d
	n.Of = d
	n.generic = n.generic || d.needsName()
	n.names++
	n.size++
	v.checkLimits(&n.measure)
	return &n
}

// needsName reports whether whatever refers to the type from outside must do so
// by a name.
//
// Spec: Explainer.md#external-visibility-of-types.
func (d *TypeDef) needsName() bool {
	if d.Value == nil {
		return d.Resource != nil
	}
	switch d.Value.Kind() {
	case types.KindRecord, types.KindVariant, types.KindEnum, types.KindFlags:
		return true
	}
	return false
}
