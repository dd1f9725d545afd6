package validate

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
)

// Options say what is allowed. The zero Options is what a host should use: the
// released Component Model.
type Options struct {
	// Features are the gates that are open.
	Features component.Feature
}

// MaxWork is how many types all comparisons and substitutions of one component
// may visit together, where making a new type counts for several. Real components
// need a small part of it.
const MaxWork = 5_000_000

// newType is what making a type counts for.
const newType = 4

// MaxNesting bounds how deep components and types may stand in one another.
const MaxNesting = 100

// Validate checks a component. The result shares the memory of c, which must not
// be changed while it is in use.
//
// An error is a *[component.Error]: the first that was found.
func Validate(c *component.Component, opts Options) (typed *Component, err error) {
	v := newValidator(opts)
	defer v.recover(&err)
	return v.component(c), nil
}

// Seen are core modules, by their binaries, whose function bodies have been found valid
// under one set of features. It may forget.
type Seen interface {
	Has(module []byte) bool
	Add(module []byte)
}

// ValidateWith is Validate, but that function bodies of core modules in seen, which may
// be nil, are not checked again: that is most of the work. Those that are valid come to
// it.
func ValidateWith(c *component.Component, opts Options, seen Seen) (typed *Component, err error) {
	v := newValidator(opts)
	v.seen = seen
	defer v.recover(&err)
	return v.component(c), nil
}

func newValidator(opts Options) *validator {
	return &validator{features: opts.Features, work: MaxWork, universe: &corewasm.Universe{}, pointers: map[*types.Type]bool{}}
}

// validator is the state of validation. Its methods panic with a
// *component.Error, which [Validate] recovers.
type validator struct {
	features component.Feature
	work     int                // what is left of MaxWork
	scopes   []*scope           // the components and types that enclose the current definition
	universe *corewasm.Universe // the types of all core code
	seen     Seen               // or nil

	pointers map[*types.Type]bool // what needsMemory found out
}

func (v *validator) recover(err *error) {
	switch r := recover().(type) {
	case nil:
	case *component.Error:
		r.Path = v.path()
		*err = r
	default:
		panic(r)
	}
}

func (v *validator) path() component.Path {
	var p component.Path
	for _, s := range v.scopes {
		if s.step.Kind != "" {
			p = append(p, s.step)
		}
	}
	return p
}

func fail(at component.Offset, format string, args ...any) {
	panic(&component.Error{At: at, Msg: fmt.Sprintf(format, args...)})
}

// check fails with err, if there is one.
func check(at component.Offset, err error) {
	if err != nil {
		panic(&component.Error{At: at, Err: err})
	}
}

// gate fails where a feature's gate is closed.
func (v *validator) gate(at component.Offset, f component.Feature, what string) {
	if !v.features.Has(f) {
		panic(&component.Error{At: at, Feature: f, Msg: what + " need the feature " + f.String() + ", which is off"})
	}
}

// gateSort fails for a sort whose gate is closed.
func (v *validator) gateSort(at component.Offset, s component.Sort) {
	if s == component.SortValue {
		v.gate(at, component.FeatureValues, "values")
	}
}

// spend counts n visits of types against [MaxWork].
func (v *validator) spend(n int) {
	if v.work -= n; v.work < 0 {
		fail(v.at(), "the types are too complex: comparing and substituting them takes more than %d visits", MaxWork)
	}
}

// at is the offset of the definition that is being validated.
func (v *validator) at() component.Offset {
	if len(v.scopes) == 0 { // a core module that stands alone
		return 0
	}
	return v.scope().at
}

// gates are those of the name grammar.
func (v *validator) gates() (g names.Gates) {
	if v.features.Has(component.FeatureNestedNames) {
		g |= names.GateNested
	}
	if v.features.Has(component.FeatureCanonicalNames) {
		g |= names.GateCanonVersion
	}
	return g
}

// component validates a component in a scope of its own.
func (v *validator) component(c *component.Component) *Component {
	s := v.enter(scopeComponent, c.At)
	s.typeNames = typeNames(c)
	out := &Component{Source: c}
	for d := range c.Definitions() {
		if d == nil {
			fail(c.At, "a definition is missing")
		}
		if _, custom := d.(*component.Custom); !custom {
			s.begin(d)
			out.Defs = append(out.Defs, v.definition(d))
			s.step = component.Step{}
		}
	}
	s.allUsed()
	out.Type = s.componentType(v)
	v.leave()
	return out
}

func (v *validator) definition(d component.Definition) Def {
	def := Def{Source: d}
	switch d := d.(type) {
	case *component.CoreModule:
		v.coreModule(d, &def)
	case *component.CoreInstance:
		v.coreInstance(d)
	case *component.CoreType:
		v.coreType(d)
	case *component.Component:
		v.nested(d, &def)
	case *component.Instance:
		def.Entity = v.instance(d)
	case *component.Alias:
		def.Entity = v.alias(d)
	case *component.Type:
		def.Entity = v.typ(d)
	case *component.Canon:
		v.canon(d, &def)
	case *component.Start:
		v.start(d, &def)
	case *component.Import:
		def.Entity = v.importDef(d)
	case *component.Export:
		def.Entity = v.export(d)
	case *component.Value:
		def.Entity = v.valueDef(d)
	}
	return def
}

func (v *validator) nested(c *component.Component, def *Def) {
	def.Component = v.component(c)
	s := v.scope()
	s.components = append(s.components, def.Component.Type)
	def.Entity = def.Component.Type
}

func typeNames(c *component.Component) map[uint32]string {
	m := map[uint32]string{}
	for d := range c.Definitions() {
		if x, ok := d.(*component.Export); ok && x.Def.Sort == component.SortType && m[x.Def.Index] == "" {
			m[x.Def.Index] = x.Name.Name
		}
	}
	return m
}
