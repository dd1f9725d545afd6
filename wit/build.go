package wit

import (
	"maps"
	"slices"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// maxWorldItems bounds the imports and exports of all worlds together, which
// `include` and shared interfaces can multiply far beyond the size of the text. What an
// `include` copies counts with all its parts.
const maxWorldItems = 1 << 17

// maxTypeDepth bounds how deep types nest through names. Everything that walks a type
// may recurse because of it.
const maxTypeDepth = 100

// hidden is an item that exists in the text but that its feature gate leaves out.
type hidden struct {
	feature string
	span    syntax.Span
}

// hiddenItems remembers what was left out, for messages.
type hiddenItems map[hiddenName]hidden

type hiddenName struct {
	owner any // a *Package, of interfaces and worlds, or an *Interface, of types
	name  string
}

// builder turns sources into packages, one after the other.
type builder struct {
	options  Options
	features map[string]bool
	packages map[PackageName]*Package
	hidden   hiddenItems
	items    int // in all worlds, against maxWorldItems

	facts map[*TypeDef]typeFacts
	uses  map[*Interface][]*Interface // the interfaces whose types an interface uses
}

func newBuilder(options Options) *builder {
	b := &builder{
		options:  options,
		features: map[string]bool{},
		packages: map[PackageName]*Package{},
		hidden:   hiddenItems{},
		facts:    map[*TypeDef]typeFacts{},
		uses:     map[*Interface][]*Interface{},
	}
	for _, f := range options.Features {
		b.features[f] = true
	}
	return b
}

// bailout unwinds the builder at the first error.
type bailout struct{ err *syntax.Error }

func fail(err *syntax.Error) { panic(bailout{err}) }

func failf(at syntax.Span, format string, args ...any) {
	fail(syntax.Errorf(at, format, args...))
}

// catch turns a bailout into an error.
func catch(err *error) {
	if r := recover(); r != nil {
		bail, ok := r.(bailout)
		if !ok {
			panic(r)
		}
		*err = bail.err
	}
}

// build resolves sources, which stand in dependency order, and returns their
// packages in the same order.
func (b *builder) build(sources []*source) (packages []*Package, err error) {
	defer catch(&err)
	for _, s := range sources {
		p := &packageBuilder{builder: b, source: s, pkg: &Package{Name: s.name, Docs: s.docs.Text, Span: s.span}}
		p.build()
		b.packages[s.name] = p.pkg
		packages = append(packages, p.pkg)
	}
	return packages, nil
}

// packageBuilder builds one package.
type packageBuilder struct {
	*builder
	source *source
	pkg    *Package
	tops   map[string]*top
	order  []*top
}

// top is an interface or world of the package under construction.
type top struct {
	name  syntax.Name
	scope *scope
	iface *syntax.Interface // or
	world *syntax.World
}

func (t *top) kind() string {
	if t.world != nil {
		return "world"
	}
	return "interface"
}

func (t *top) attributes() syntax.Attributes {
	if t.world != nil {
		return t.world.Attributes
	}
	return t.iface.Attributes
}

func (p *packageBuilder) build() {
	p.declare()
	p.declareUses()
	p.sort()
	for _, t := range p.order {
		if t.iface != nil {
			p.buildTop(t)
		}
	}
	p.checkTopUses()
	for _, t := range p.order {
		if t.world != nil {
			p.buildTop(t)
		}
	}
}

func (p *packageBuilder) buildTop(t *top) {
	if hide := p.hides(t.attributes()); hide != nil {
		p.checkHidden(t, hide)
		p.hidden[hiddenName{p.pkg, t.name.Text}] = *hide
		return
	}
	if t.iface != nil {
		p.buildInterface(t)
	} else {
		p.buildWorld(t)
	}
}

// checkHidden demands that the types of an interface that is left out are gated too.
//
// Spec: WIT.md#rules-for-feature-gate-usage.
func (p *packageBuilder) checkHidden(t *top, hide *hidden) {
	if t.iface == nil {
		return
	}
	for _, item := range t.iface.Items {
		def, ok := item.(*syntax.TypeDef)
		if ok && p.hides(def.Attributes) == nil {
			fail(syntax.Errorf(def.Name.Span, "the type `%s` has no gate of its own, but its interface is `@unstable(feature = %s)`", def.Name.Text, hide.feature).
				WithNote(hide.span, "the interface's gate").
				WithHint("write `@unstable(feature = %s)` before the type too", hide.feature))
		}
	}
}

// declare enters interfaces and worlds into the package and into their files.
func (p *packageBuilder) declare() {
	p.tops = map[string]*top{}
	unique := uniqueNames{}
	for _, sc := range p.source.scopes {
		sc.names = map[string]syntax.Item{}
		for _, item := range sc.items {
			t := &top{scope: sc}
			switch item := item.(type) {
			case *syntax.Interface:
				t.iface, t.name = item, item.Name
			case *syntax.World:
				t.world, t.name = item, item.Name
			default:
				continue
			}
			unique.add("the package `"+p.pkg.Name.String()+"`", t.name.Text, t.name.Span)
			p.tops[t.name.Text] = t
			p.order = append(p.order, t)
			sc.names[t.name.Text] = item
		}
	}
}

// declareUses enters the names that top-level `use` items define in their files.
func (p *packageBuilder) declareUses() {
	for _, sc := range p.source.scopes {
		for _, item := range sc.items {
			use, ok := item.(*syntax.TopUse)
			if !ok {
				continue
			}
			if !use.Attributes.Span.IsZero() {
				failf(use.Attributes.Span, "a `use` outside of interfaces and worlds can't have annotations")
			}
			local := use.LocalName()
			if prev, taken := sc.names[local.Text]; taken {
				fail(syntax.Errorf(local.Span, "the name `%s` is defined twice in this file", local.Text).WithNote(itemName(prev).Span, "the other definition"))
			}
			sc.names[local.Text] = use
		}
	}
}

func itemName(item syntax.Item) syntax.Name {
	switch item := item.(type) {
	case *syntax.Interface:
		return item.Name
	case *syntax.World:
		return item.Name
	case *syntax.TopUse:
		return item.LocalName()
	}
	return syntax.Name{}
}

// sort orders interfaces and worlds by what they use and include.
func (p *packageBuilder) sort() {
	var nodes []node
	for _, t := range p.order {
		n := node{name: t.name.Text}
		for _, path := range t.dependencies() {
			if local, at := p.localTop(t.scope, path); local != nil {
				n.deps = append(n.deps, syntax.Name{Text: local.name.Text, Span: at})
			}
		}
		nodes = append(nodes, n)
	}
	order, cycle := toposort(nodes)
	if cycle != nil {
		failf(cycle.Span, "the %s `%s` depends on itself", p.tops[cycle.Text].kind(), cycle.Text)
	}
	for i, name := range order {
		p.order[i] = p.tops[name]
	}
}

// dependencies returns what must be built before t: interfaces that an interface uses,
// worlds that a world includes. What else a world refers to are interfaces, which are
// built first anyway.
func (t *top) dependencies() []*syntax.Path {
	var paths []*syntax.Path
	if t.iface != nil {
		for _, item := range t.iface.Items {
			if use, ok := item.(*syntax.Use); ok {
				paths = append(paths, &use.Path)
			}
		}
		return paths
	}
	for _, item := range t.world.Items {
		if inc, ok := item.(*syntax.Include); ok {
			paths = append(paths, &inc.Path)
		}
	}
	return paths
}

// localTop returns the item of this package that a path means, with the place where
// it is named, or nil if it means one of another package.
func (p *packageBuilder) localTop(sc *scope, path *syntax.Path) (*top, syntax.Span) {
	if path.Package != nil {
		return nil, path.Span
	}
	switch item := sc.names[path.Name.Text].(type) {
	case *syntax.TopUse:
		if item.Path.Package != nil {
			return nil, path.Span
		}
		return p.packageTop(item.Path.Name), path.Span
	case nil:
		return p.packageTop(path.Name), path.Span
	}
	return p.tops[path.Name.Text], path.Span
}

// packageTop finds an interface or world by its name in the package.
func (p *packageBuilder) packageTop(name syntax.Name) *top {
	if t := p.tops[name.Text]; t != nil {
		return t
	}
	known := slices.Collect(maps.Keys(p.tops))
	fail(syntax.Errorf(name.Span, "there is no interface or world `%s` in the package `%s`", name.Text, p.pkg.Name).
		WithHint("%s", suggest(name.Text, known)))
	return nil
}

// checkTopUses looks up what `use` items name, so that a mistake is found even if
// nothing makes use of it.
//
// Spec: WIT.md#item-toplevel-use.
func (p *packageBuilder) checkTopUses() {
	for _, sc := range p.source.scopes {
		for _, item := range sc.items {
			if use, ok := item.(*syntax.TopUse); ok {
				p.checkTopUse(use)
			}
		}
	}
}

func (p *packageBuilder) checkTopUse(use *syntax.TopUse) {
	at := syntax.Span{}
	if use.Path.Package == nil {
		if t := p.packageTop(use.Path.Name); t.world != nil {
			at = t.name.Span
		}
	} else if w := p.foreign(&use.Path).world; w != nil {
		at = w.Span
	}
	if !at.IsZero() {
		fail(syntax.Errorf(use.Path.Span, "`%s` is a world, and a `use` brings in interfaces", use.Path.Name.Text).WithNote(at, "the world"))
	}
}
