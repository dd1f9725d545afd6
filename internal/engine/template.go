package engine

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/plan"
)

// Template is a component whose core code is compiled. It can be instantiated
// any number of times, from several goroutines.
type Template struct {
	Plan  *plan.Plan
	code  Code
	names []string // of the functions that are lifted

	made      atomic.Int32 // instances, or enough
	beginning atomic.Pointer[beginning]
	gaveUp    atomic.Bool // on finding one
}

// NewTemplate compiles what p needs.
func NewTemplate(ctx context.Context, e Engine, p *plan.Plan) (*Template, error) {
	names := liftNames(p)
	prog, err := program(p, names)
	if err != nil {
		return nil, err
	}
	code, err := e.Compile(ctx, prog)
	if err != nil {
		return nil, err
	}
	return &Template{Plan: p, code: code, names: names}, nil
}

// Close frees the compiled code. No instance may be in use.
func (t *Template) Close(ctx context.Context) error { return t.code.Close(ctx) }

// program is the core code of p: its core instances in order, and its
// trampolines as host functions.
func program(p *plan.Plan, lifts []string) (*Program, error) {
	prog := &Program{Host: make([]HostType, p.Counts.Trampolines)}
	for _, s := range p.Steps {
		switch s := s.(type) {
		case *plan.InstantiateModule:
			if s.Module.Imported {
				path := p.Imports[s.Module.Index].Path
				return nil, fmt.Errorf("the component imports the core module %s, which is not supported yet", strings.Join(path, "/"))
			}
			prog.Modules = append(prog.Modules, siteOf(p, s))
		case *plan.Lower:
			prog.Host[s.Number] = HostType{trampolineName(p, lifts, s), s.Core}
		case *plan.Builtin:
			prog.Host[s.Number] = HostType{trampolineName(p, lifts, s), s.Core}
		}
	}
	return prog, nil
}

func siteOf(p *plan.Plan, s *plan.InstantiateModule) Module {
	m := &p.Modules[s.Module.Index]
	site := Module{Name: m.Name, Bytes: m.Bytes, Imports: make([]Source, len(s.Args))}
	for i, d := range s.Args {
		if d.IsTrampoline() {
			site.Imports[i] = Source{Instance: FromHost, Index: d.Trampoline}
		} else {
			site.Imports[i] = Source{Instance: d.Instance, Name: d.Name}
		}
	}
	return site
}

// Links are what satisfies a plan's imports, each at the index that it has in
// Plan.Imports.
type Links struct {
	Funcs     []cabi.FuncInst
	Resources []*cabi.ResourceType
}

// Instance is an instance of a template.
type Instance struct {
	Lifts     []cabi.FuncInst      // by the number of the lift
	Resources []*cabi.ResourceType // by the resource's index
	Root      *cabi.ComponentInstance

	space Space
}

// Instantiate makes an instance in a store, which must be held. link gives what
// satisfies the imports of the root instance. tick is called by running code as
// [Code.NewSpace] says; spend is called in place of ticks of start functions that need not
// run, with their number, and may panic like tick. When it fails, it has closed the store.
func (t *Template) Instantiate(ctx context.Context, store *cabi.Store, link func(root *cabi.ComponentInstance) Links, tick func(), spend func(ticks int)) (*Instance, error) {
	b := newBuilder(t, store, link, tick, spend)
	for _, s := range t.Plan.Steps {
		if err := b.step(ctx, s); err != nil {
			store.Close() // or what start functions began would go on in freed code
			b.space.Close()
			return nil, err
		}
	}
	b.end()
	return &Instance{
		Lifts:     b.lifts,
		Resources: b.resources,
		Root:      b.instances[0],
		space:     b.space,
	}, nil
}

// Close frees the instance. Its store must have been closed before, so that no
// call is parked in it.
func (i *Instance) Close() { i.space.Close() }

// Skips reports whether start functions of the next instance need not run, if the host
// answers what it answered before.
func (t *Template) Skips() bool { return t.beginning.Load() != nil }
