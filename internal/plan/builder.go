package plan

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/types"
)

// The limits on what a component may unfold to. Nested components are walked once
// for every instance of them, so that a few bytes can ask for a great deal.
const (
	DefaultMaxInstances = 10_000    // component instances
	MaxSteps            = 500_000   // steps
	MaxWork             = 2_000_000 // definitions walked and exports looked at
)

// New makes the plan of a root component, which may have so many component instances. It
// shares the memory of c.
//
// An error is a *[component.Error]: the component goes beyond a limit, or imports a
// component, which [Link] is for.
func New(c *validate.Component, maxInstances int) (*Plan, error) {
	return newPlan(c, maxInstances, nil)
}

func newPlan(c *validate.Component, maxInstances int, given func([]string) Definition) (p *Plan, err error) {
	b := &builder{
		plan:     &Plan{},
		given:    given,
		most:     maxInstances,
		sources:  map[*component.Component]sourceNames{},
		modules:  map[*corewasm.Module]int{},
		funcs:    map[CoreDef]int{},
		memories: map[CoreDef]int{},
		tables:   map[CoreDef]int{},
	}
	defer b.recover(&err)
	root := b.frame(&closure{c: c}, "component", -1, nil)
	b.plan.Exports = root.exportTree()
	return b.plan, nil
}

// builder is the state of planning. Its methods panic with a *component.Error,
// which [New] recovers.
type builder struct {
	plan  *Plan
	given func(path []string) Definition // or nil
	most  int                            // component instances
	work  int
	path  component.Path // of the definition that is being walked, through instances

	sources                 map[*component.Component]sourceNames
	modules                 map[*corewasm.Module]int
	funcs, memories, tables map[CoreDef]int // what has been extracted, by number
}

func (b *builder) recover(err *error) {
	switch r := recover().(type) {
	case nil:
	case *component.Error:
		r.Path = b.path
		*err = r
	default:
		panic(r)
	}
}

func fail(at component.Offset, format string, args ...any) {
	panic(&component.Error{At: at, Msg: fmt.Sprintf(format, args...)})
}

// refuse says what is valid but can't be run.
func refuse(at component.Offset, what string, f component.Feature) {
	panic(&component.Error{At: at, Feature: f, Msg: what + " can be validated, but not instantiated yet: " + f.String()})
}

func (b *builder) spend(at component.Offset, n int) {
	if b.work += n; b.work > MaxWork {
		fail(at, "the component is too complex: its nested components unfold to more than %d definitions", MaxWork)
	}
}

func (b *builder) step(at component.Offset, s Step) {
	if len(b.plan.Steps) >= MaxSteps {
		fail(at, "the component is too complex: it takes more than %d steps to instantiate", MaxSteps)
	}
	b.plan.Steps = append(b.plan.Steps, s)
}

// next takes the next number of a space.
func next(count *int) int {
	*count++
	return *count - 1
}

// extract takes out a core definition once, with the step that make makes.
func (b *builder) extract(at component.Offset, done map[CoreDef]int, d CoreDef, count *int, make func(number int) Step) int {
	if n, ok := done[d]; ok {
		return n
	}
	n := next(count)
	done[d] = n
	b.step(at, make(n))
	return n
}

func (b *builder) extractFunc(at component.Offset, f coreFunc) int {
	return b.extract(at, b.funcs, f.def, &b.plan.Counts.Funcs, func(n int) Step {
		return &ExtractFunc{Number: n, From: f.def, Type: f.typ}
	})
}

func (b *builder) extractMemory(at component.Offset, d CoreDef) int {
	return b.extract(at, b.memories, d, &b.plan.Counts.Memories, func(n int) Step {
		return &ExtractMemory{Number: n, From: d}
	})
}

func (b *builder) extractTable(at component.Offset, d CoreDef) int {
	return b.extract(at, b.tables, d, &b.plan.Counts.Tables, func(n int) Step {
		return &ExtractTable{Number: n, From: d}
	})
}

// module numbers a core module of the component's bytes.
func (b *builder) module(name string, d *validate.Def) ModuleRef {
	n, ok := b.modules[d.Module]
	if !ok {
		n = len(b.plan.Modules)
		b.modules[d.Module] = n
		b.plan.Modules = append(b.plan.Modules, Module{
			Name: name, Bytes: d.Source.(*component.CoreModule).Bytes, Decoded: d.Module,
		})
	}
	return ModuleRef{Index: n}
}

// resource makes the plan's resource type that stands for a static one.
func (b *builder) resource(static *types.Resource) *types.Resource {
	r := types.NewResource(static.Name(), len(b.plan.Resources))
	b.plan.Resources = append(b.plan.Resources, r)
	return r
}

// sourceNames are the names that a component's source gave to definitions, by kind
// and index.
type sourceNames map[string]map[uint32]string

// names reads the names of a component's definitions. Without a name section, or
// with one that can't be read, there are none.
func (b *builder) names(c *component.Component) sourceNames {
	if n, ok := b.sources[c]; ok {
		return n
	}
	out := sourceNames{}
	b.sources[c] = out
	for d := range c.Definitions() {
		s, ok := d.(*component.Custom)
		if !ok || s.Name != component.NameSection {
			continue
		}
		if n, err := binary.DecodeNames(s.Data); err == nil {
			for _, sort := range []component.Sort{component.SortCoreModule, component.SortComponent, component.SortInstance} {
				out[sort.String()] = n.Map(sort)
			}
		}
	}
	return out
}
