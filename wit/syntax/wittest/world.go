package wittest

import "strings"

// worldScope is a world that is being written.
type worldScope struct {
	*world
	scope
	imports, exports map[*iface]bool
}

func (g *generator) world(p *pkg) {
	w := &worldScope{
		world:   &world{pkg: p, name: g.name()},
		scope:   scope{uses: map[*iface]bool{}},
		imports: map[*iface]bool{},
		exports: map[*iface]bool{},
	}
	g.annotations()
	g.block("world "+w.name, func() {
		for range g.IntN(8) {
			g.worldItem(w)
		}
		if len(p.worlds) > 0 && g.chance(30) {
			g.include(w)
		}
	})
	p.worlds = append(p.worlds, w.world)
}

func (g *generator) worldItem(w *worldScope) {
	switch g.IntN(8) {
	case 0:
		g.use(&w.scope)
	case 1:
		g.annotations()
		g.externalID()
		g.typeDef(&w.scope)
	case 2, 3:
		g.wholeInterface(w)
	case 4:
		if i := g.anyInterface(); i != nil {
			g.annotations()
			g.externalID()
			g.line("%s %s: %s;", g.direction(), g.plain(w), g.path(i.pkg, i.name))
		}
	case 5:
		g.annotations()
		g.externalID()
		g.block(g.direction()+" "+g.plain(w)+": interface", func() { g.interfaceItems() })
	default:
		g.annotations()
		g.externalID()
		g.line("%s %s: %s;", g.direction(), g.plain(w), g.funcType(&w.scope))
	}
}

func (g *generator) direction() string { return pick(g, []string{"import", "export"}) }

// plain is a new plain name of w.
func (g *generator) plain(w *worldScope) string {
	name := g.name()
	w.world.plain = append(w.world.plain, name)
	return name
}

// wholeInterface imports or exports an interface under its own name.
func (g *generator) wholeInterface(w *worldScope) {
	i := g.anyInterface()
	direction, taken := "import", w.imports
	if g.chance(50) {
		direction, taken = "export", w.exports
	}
	if i == nil || taken[i] {
		return
	}
	taken[i] = true
	g.annotations()
	g.line("%s %s;", direction, g.path(i.pkg, i.name))
}

// include takes in another world, with some of its names replaced.
func (g *generator) include(w *worldScope) {
	from := pick(g, w.pkg.worlds)
	var with []string
	for _, name := range from.plain {
		if g.chance(40) {
			with = append(with, name+" as "+g.plain(w))
		} else {
			w.world.plain = append(w.world.plain, name)
		}
	}
	if len(with) == 0 {
		g.line("include %s;", from.name)
		return
	}
	g.line("include %s with { %s }", from.name, strings.Join(with, ", "))
}
