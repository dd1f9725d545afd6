package wit

import (
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// worldBuilder builds one world.
type worldBuilder struct {
	*typeScope
	ast   *syntax.World
	world *World
	plain [2]uniqueNames // by direction: the plain names that are taken
}

func (p *packageBuilder) buildWorld(t *top) {
	w := &World{
		Name:      t.name.Text,
		Package:   p.pkg,
		Docs:      t.world.Docs.Text,
		Stability: stabilityOf(t.world.Attributes),
		Span:      t.name.Span,
	}
	b := &worldBuilder{ast: t.world, world: w, plain: [2]uniqueNames{{}, {}}}
	b.typeScope = p.newTypeScope(t.scope, w, "the world `"+w.Name+"`")
	b.types()
	b.externs()
	b.includes()
	b.elaborate()
	p.pkg.Worlds.Set(w.Name, w)
}

func (b *worldBuilder) where(d syntax.Direction) string {
	return "the " + d.String() + "s of the world `" + b.world.Name + "`"
}

func (b *worldBuilder) items(d syntax.Direction) *Ordered[WorldKey, WorldItem] {
	if d == syntax.Export {
		return &b.world.Exports
	}
	return &b.world.Imports
}

// set adds an import or export whose name is known to be free.
func (b *worldBuilder) set(d syntax.Direction, key WorldKey, item WorldItem, at syntax.Span) {
	b.countItem(at)
	b.items(d).Set(key, item)
}

func (b *builder) countItem(at syntax.Span) { b.countItems(1, at) }

func (b *builder) countItems(n int, at syntax.Span) {
	if b.items += n; b.items > maxWorldItems {
		failf(at, "the worlds are too large: more than %d imports and exports together, each `include` counting as what it brings in", maxWorldItems)
	}
}

// types builds the types of the world, which are imports.
func (b *worldBuilder) types() {
	var defs []*syntax.TypeDef
	for _, item := range b.ast.Items {
		switch item := item.(type) {
		case *syntax.Use:
			b.use(item)
		case *syntax.TypeDef:
			defs = append(defs, item)
		}
	}
	b.definitions(defs, nil)
	for _, def := range b.defs {
		b.set(syntax.Import, NameKey(def.Name), def, def.Span)
	}
	b.plain[syntax.Import] = b.taken
}

// externs builds imports, exports, and the functions of the world's resources.
func (b *worldBuilder) externs() {
	for _, item := range b.ast.Items {
		switch item := item.(type) {
		case *syntax.Extern:
			b.extern(item)
		case *syntax.TypeDef:
			b.resourceFunctions(item, func(f *Function) { b.set(syntax.Import, NameKey(f.Name), f, f.Span) })
		}
	}
}

func (b *worldBuilder) extern(e *syntax.Extern) {
	if e.Label != nil {
		b.plain[e.Direction].add(b.where(e.Direction), e.Label.Text, e.Label.Span)
	}
	if e.Func != nil && b.leavesOut(e.Func) || b.hides(e.Attributes) != nil {
		return
	}
	switch {
	case e.Func != nil:
		b.set(e.Direction, NameKey(e.Label.Text), b.function(e.Func, e.Label.Text, Freestanding, nil), e.Label.Span)
	case e.Inline != nil:
		item := b.interfaceItem(e, b.inline(e), e.Label.Span)
		item.Docs = "" // they went to the interface itself
		b.set(e.Direction, NameKey(e.Label.Text), item, e.Label.Span)
	case e.Label != nil:
		item := b.interfaceItem(e, b.interfaceAt(b.scope, e.Path), e.Label.Span)
		b.set(e.Direction, NameKey(e.Label.Text), item, e.Label.Span)
	default:
		b.externPath(e)
	}
}

// externPath builds `import path;`.
func (b *worldBuilder) externPath(e *syntax.Extern) {
	i := b.interfaceAt(b.scope, e.Path)
	key := InterfaceKey(i)
	if prev := b.items(e.Direction).Get(key); prev != nil {
		fail(syntax.Errorf(e.Path.Span, "the world `%s` %ss `%s` twice", b.world.Name, e.Direction, i.IDString()).
			WithNote(prev.(*InterfaceItem).Span, "the other %s", e.Direction))
	}
	b.set(e.Direction, key, b.interfaceItem(e, i, e.Path.Span), e.Path.Span)
}

func (b *worldBuilder) interfaceItem(e *syntax.Extern, i *Interface, at syntax.Span) *InterfaceItem {
	return &InterfaceItem{i, e.Attributes.ExternalID, e.Docs.Text, stabilityOf(e.Attributes), at}
}

func (b *worldBuilder) inline(e *syntax.Extern) *Interface {
	i := &Interface{Package: b.pkg, Docs: e.Docs.Text, Stability: stabilityOf(e.Attributes), Span: e.Inline.Span}
	b.fillInterface(b.scope, i, "the interface `"+e.Label.Text+"`", e.Inline.Items)
	return i
}

// includes adds the imports and exports of other worlds.
//
// Spec: WIT.md#union-of-worlds-with-include.
func (b *worldBuilder) includes() {
	for _, item := range b.ast.Items {
		inc, ok := item.(*syntax.Include)
		if !ok || b.hides(inc.Attributes) != nil {
			continue
		}
		in := &inclusion{b, inc, b.worldAt(b.scope, &inc.Path), map[string]string{}, nil}
		in.run()
	}
}

// inclusion is one `include`.
type inclusion struct {
	*worldBuilder
	ast     *syntax.Include
	from    *World
	renames map[string]string
	cloner  *cloner
}

func (in *inclusion) run() {
	for _, n := range in.ast.With {
		if prev, twice := in.renames[n.Name.Text]; twice {
			failf(n.Name.Span, "`%s` is renamed twice, once to `%s`", n.Name.Text, prev)
		}
		in.renames[n.Name.Text] = n.As.Text
		in.checkRename(n.Name)
	}
	in.cloner = newCloner(in.from, in.world, func(n int) { in.countItems(n, in.ast.Path.Span) })
	in.copyItems(syntax.Import, &in.from.Imports)
	in.copyItems(syntax.Export, &in.from.Exports)
}

// checkRename demands that a plain name to be renamed exists.
func (in *inclusion) checkRename(name syntax.Name) {
	key := NameKey(name.Text)
	if in.from.Imports.Has(key) || in.from.Exports.Has(key) {
		return
	}
	err := syntax.Errorf(name.Span, "the world `%s` has no import or export with the plain name `%s`", in.from.Name, name.Text).WithNote(in.from.Span, "the world")
	var known []string
	for _, items := range []*Ordered[WorldKey, WorldItem]{&in.from.Imports, &in.from.Exports} {
		for k := range items.Keys() {
			if k.Interface != nil && k.Interface.Name == name.Text {
				fail(err.WithHint("`%s` is the interface `%s`, and only plain names can be renamed", name.Text, k))
			}
			known = append(known, k.Name)
		}
	}
	fail(err.WithHint("%s", suggest(name.Text, known)))
}

func (in *inclusion) copyItems(d syntax.Direction, items *Ordered[WorldKey, WorldItem]) {
	for key, item := range items.All() {
		if key.Interface != nil {
			in.copyInterface(d, key, item.(*InterfaceItem))
			continue
		}
		name := in.rename(key.Name)
		in.checkFree(d, key.Name, name)
		in.set(d, NameKey(name), in.cloner.item(item, name), in.ast.Path.Span)
	}
}

// rename applies `with` to a plain name, or to the resource in a function's name.
func (in *inclusion) rename(name string) string {
	if as, ok := in.renames[name]; ok {
		return as
	}
	e, err := names.Parse(name, 0)
	if err != nil || e.Resource == "" {
		return name
	}
	if as, ok := in.renames[e.Resource]; ok {
		e.Resource = as
	}
	return e.String()
}

// checkFree demands that a name which the other world calls original isn't taken.
func (in *inclusion) checkFree(d syntax.Direction, original, name string) {
	key := names.UniqueKey(name)
	prev, taken := in.plain[d][key]
	at := in.ast.Path.Span
	if !taken {
		in.plain[d][key] = namedSpan{name, at}
		return
	}
	fail(syntax.Errorf(at, "the world `%s` brings in the %s `%s`, whose name is already taken in the world `%s`", in.from.Name, d, name, in.world.Name).
		WithNote(prev.span, "the other `%s`", prev.name).
		WithHint("rename it: `include %s with { %s as … }`", at.Text(), original))
}

// copyInterface adds an interface that stands under its own name, or joins it with
// the one that is there already.
func (in *inclusion) copyInterface(d syntax.Direction, key WorldKey, item *InterfaceItem) {
	items := in.items(d)
	c := *item
	if prev, ok := items.Get(key).(*InterfaceItem); ok {
		c = *prev
	}
	merged, ok := c.Stability.merge(item.Stability)
	if in.from.Package != in.world.Package && !item.Stability.Since.IsZero() {
		merged, ok = Stability{}, true
	}
	if !ok {
		failf(in.ast.Path.Span, "the world `%s` %ss `%s` under other feature gates than the world `%s`", in.from.Name, d, key, in.world.Name)
	}
	c.Stability = merged
	in.countItems(textWeight(c.Docs, c.ExternalID), in.ast.Path.Span)
	if !items.Has(key) {
		c.Span = in.ast.Path.Span
	}
	in.set(d, key, &c, in.ast.Path.Span)
}
