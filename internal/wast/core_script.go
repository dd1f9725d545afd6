package wast

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/engine/wazero"
	"github.com/gondola-wasm/gondola/wat"
)

// coreScript is what a script says of core modules. Everything that links them is
// known before anything runs, so all of them make up one program of the engine: each
// directive that instantiates a module has a site in it.
type coreScript struct {
	engine engine.Engine
	code   engine.Code
	sites  []*coreSite

	of      map[*wat.Directive]*coreSite
	getters map[getter]*coreSite
	getOf   map[*wat.Action]*coreSite
}

// coreSite is an instantiation of a core module in a script.
type coreSite struct {
	source  *source
	module  *corewasm.Module
	wasm    []byte
	imports []engine.Source
	index   int // in the program, or -1 where it is in none

	// problem is what is found out without running it; its end is done where there
	// is none.
	problem outcome
}

// getter reads a global that a site exports: a module of ours that imports it and
// exports a function.
type getter struct {
	site *coreSite
	name string
}

// coreNames is what a script calls core instances, at a place in it.
type coreNames struct {
	script      *coreScript
	file        *File
	definitions map[string]*source
	instances   map[string]*coreSite
	registered  map[string]*coreSite
	current     *coreSite
}

// core reads what the script says of core modules, and compiles them, once.
func (f *File) core(ctx context.Context) (*coreScript, error) {
	if f.coreScript != nil || f.coreErr != nil {
		return f.coreScript, f.coreErr
	}
	f.coreScript, f.coreErr = newCoreScript(ctx, f)
	return f.coreScript, f.coreErr
}

func newCoreScript(ctx context.Context, f *File) (*coreScript, error) {
	e, err := wazero.New(ctx, wazero.Config{MaxMemory: maxMemory})
	if err != nil {
		return nil, err
	}
	s := &coreScript{engine: e, of: map[*wat.Directive]*coreSite{}, getters: map[getter]*coreSite{}, getOf: map[*wat.Action]*coreSite{}}
	n := &coreNames{
		script:      s,
		file:        f,
		definitions: map[string]*source{},
		instances:   map[string]*coreSite{},
		registered:  map[string]*coreSite{"spectest": s.own(spectest), "wasmtime": s.own(`(module (func (export "gc")))`)},
	}
	for _, d := range f.script.Directives {
		n.directive(d)
	}
	return s, s.compile(ctx)
}

// spectest is the module that every core script can import.
//
// Spec: WebAssembly core interpreter/README.md#spectest-host-module.
const spectest = `(module
	(func (export "print"))
	(func (export "print_i32") (param i32))
	(func (export "print_i64") (param i64))
	(func (export "print_f32") (param f32))
	(func (export "print_f64") (param f64))
	(func (export "print_i32_f32") (param i32 f32))
	(func (export "print_f64_f64") (param f64 f64))
	(global (export "global_i32") i32 (i32.const 666))
	(global (export "global_i64") i64 (i64.const 666))
	(global (export "global_f32") f32 (f32.const 666.6))
	(global (export "global_f64") f64 (f64.const 666.6))
	(table (export "table") 10 20 funcref)
	(table (export "table64") i64 10 20 funcref)
	(memory (export "memory") 1 2)
	(memory (export "shared_memory") 1 2 shared))`

// own makes a site of a module of ours.
func (s *coreScript) own(text string, imports ...engine.Source) *coreSite {
	wasm, err := wat.Parse("harness", []byte(text))
	must(err)
	m, err := corewasm.Decode(wasm)
	must(err)
	return s.add(&coreSite{module: m, wasm: wasm, imports: imports, problem: outcome{end: done}})
}

func (s *coreScript) add(site *coreSite) *coreSite {
	site.index = -1
	if site.problem.end == done {
		site.index = len(s.sites)
		s.sites = append(s.sites, site)
	}
	return site
}

// directive notes what a directive does to names.
func (n *coreNames) directive(d *wat.Directive) {
	switch d.Kind {
	case wat.DirectiveModule:
		n.current = nil
		if !d.Source.Component {
			n.instance(d, d.Source.ID, n.file.source(d.Source))
		}
	case wat.DirectiveDefinition:
		if !d.Source.Component {
			n.definitions[d.Source.ID] = n.file.source(d.Source)
			n.definitions[""] = n.file.source(d.Source)
		}
	case wat.DirectiveInstance:
		n.current = nil
		if s := n.definitions[d.Of]; !d.Component && s != nil {
			n.instance(d, d.ID, s)
		}
	case wat.DirectiveThread:
		n.thread(d)
	case wat.DirectiveRegister:
		n.registered[d.Name] = n.find(d.ID)
	case wat.DirectiveAssertTrap, wat.DirectiveAssertUnlinkable:
		if d.Source != nil && !d.Source.Component {
			n.script.of[d] = n.site(n.file.source(d.Source))
		}
	}
	if a := d.Action; a != nil && a.Get {
		n.get(a)
	}
}

// thread reads a thread, which knows nothing but what it shares.
func (n *coreNames) thread(d *wat.Directive) {
	child := &coreNames{
		script:      n.script,
		file:        n.file,
		definitions: maps.Clone(n.definitions),
		instances:   map[string]*coreSite{},
		registered:  map[string]*coreSite{"spectest": n.registered["spectest"]},
	}
	if d.Of != "" {
		child.instances[d.Of] = n.find(d.Of)
	}
	for _, b := range d.Body {
		child.directive(b)
	}
}

func (n *coreNames) instance(d *wat.Directive, id string, s *source) {
	site := n.site(s)
	n.script.of[d] = site
	n.current = site
	if id != "" {
		n.instances[id] = site
	}
}

func (n *coreNames) find(id string) *coreSite {
	if id == "" {
		return n.current
	}
	return n.instances[id]
}

// site links a module with what is registered now.
func (n *coreNames) site(s *source) *coreSite {
	site := &coreSite{source: s, problem: s.check()}
	if site.problem.end == done {
		site.module, site.wasm = s.core, s.wasm
		site.imports, site.problem = n.link(s.core)
	}
	return n.script.add(site)
}

func (n *coreNames) link(m *corewasm.Module) (sources []engine.Source, o outcome) {
	for i := range m.Imports {
		im := &m.Imports[i]
		from := n.registered[im.Module]
		what := im.Module + " " + im.Name
		if from == nil {
			return nil, outcome{end: unlinkable, err: fmt.Errorf("unknown import: nothing is registered for %s", what)}
		}
		if from.problem.end == unsupported {
			return nil, from.problem
		}
		if from.problem.end != done {
			return nil, failure("what it imports from is not there: %w", from.problem.err)
		}
		if err := linkable(m, im, from.module); err != nil {
			return nil, outcome{end: unlinkable, err: fmt.Errorf("%s: %w", what, err)}
		}
		sources = append(sources, engine.Source{Instance: from.index, Name: im.Name})
	}
	return sources, outcome{end: done}
}

// linkable says why an export does not fit an import. That of memories and tables
// which may have grown since is left to the engine.
func linkable(m *corewasm.Module, im *corewasm.Import, from *corewasm.Module) error {
	for _, x := range from.Exports {
		if x.Name != im.Name {
			continue
		}
		if x.Kind != im.Kind {
			return fmt.Errorf("incompatible import type: expected a %v, found a %v", im.Kind, x.Kind)
		}
		return nil
	}
	return errors.New("unknown import: there is no such export")
}

// get makes the module that reads a global.
func (n *coreNames) get(a *wat.Action) {
	site := n.find(a.Instance)
	if site == nil || site.index < 0 {
		return
	}
	key := getter{site, a.Name}
	if n.script.getters[key] == nil {
		n.script.getters[key] = n.script.newGetter(key)
	}
	n.script.getOf[a] = n.script.getters[key]
}

func (s *coreScript) newGetter(g getter) *coreSite {
	for _, x := range g.site.module.Exports {
		if x.Name != g.name || x.Kind != corewasm.KindGlobal {
			continue
		}
		t, _ := g.site.module.GlobalType(x.Index)
		global := t.Type.String()
		if t.Mutable {
			global = "(mut " + global + ")"
		}
		text := fmt.Sprintf(`(module (import "" "" (global %s)) (func (export "get") (result %s) (global.get 0)))`, global, t.Type)
		return s.own(text, engine.Source{Instance: g.site.index, Name: g.name})
	}
	return nil
}

// compile compiles all sites. What the engine refuses is taken out, with what imports
// from it.
func (s *coreScript) compile(ctx context.Context) (err error) {
	if s.code, err = s.engine.Compile(ctx, programOf(s.sites)); err == nil {
		return nil
	}
	all := s.sites
	s.sites = nil
	for _, site := range all {
		if site.problem = s.tryAlone(ctx, all, site); site.problem.end == done {
			s.sites = append(s.sites, site)
		}
	}
	// What is left out keeps its number, which nobody asks for.
	renumber(s.sites)
	s.code, err = s.engine.Compile(ctx, programOf(s.sites))
	return err
}

// tryAlone finds out whether the engine takes a module, with what it imports from.
func (s *coreScript) tryAlone(ctx context.Context, all []*coreSite, site *coreSite) outcome {
	needed := map[int]bool{}
	for _, from := range site.imports {
		if o := all[from.Instance].problem; o.end != done {
			return o
		}
		needs(all, from.Instance, needed)
	}
	var sites []*coreSite
	for _, i := range slices.Sorted(maps.Keys(needed)) {
		one := *all[i]
		sites = append(sites, &one)
	}
	one := *site
	sites = append(sites, &one)
	renumber(sites)
	code, err := s.engine.Compile(ctx, programOf(sites))
	if err != nil {
		return outcome{end: unsupported, err: err}
	}
	must(code.Close(ctx))
	return outcome{end: done}
}

// needs adds a site and all that it imports from.
func needs(all []*coreSite, i int, needed map[int]bool) {
	if needed[i] {
		return
	}
	needed[i] = true
	for _, from := range all[i].imports {
		needs(all, from.Instance, needed)
	}
}

// renumber numbers sites that are some of those that were numbered before, and all
// that they import from.
func renumber(sites []*coreSite) {
	number := map[int]int{}
	for i, site := range sites {
		number[site.index] = i
	}
	for i, site := range sites {
		site.index = i
		site.imports = slices.Clone(site.imports)
		for j := range site.imports {
			site.imports[j].Instance = number[site.imports[j].Instance]
		}
	}
}

func programOf(sites []*coreSite) *engine.Program {
	p := &engine.Program{}
	for _, site := range sites {
		p.Modules = append(p.Modules, site.engineModule())
	}
	return p
}

func (s *coreSite) engineModule() engine.Module {
	name := "module"
	if s.source != nil {
		at := s.source.At.Location()
		name = fmt.Sprintf("%s:%d", at.File[strings.LastIndexByte(at.File, '/')+1:], at.Line)
	}
	return engine.Module{Name: name, Bytes: s.wasm, Imports: s.imports}
}

func (s *coreScript) close(ctx context.Context) error {
	var err error
	if s.code != nil {
		err = s.code.Close(ctx)
	}
	return errors.Join(err, s.engine.Close(ctx))
}
