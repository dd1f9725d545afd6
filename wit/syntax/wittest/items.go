package wittest

import (
	"fmt"
	"strings"
)

// scope is where types and functions are being defined.
type scope struct {
	types []*named
	uses  map[*iface]bool
}

func (g *generator) iface(p *pkg) {
	i := &iface{pkg: p, name: g.name()}
	g.annotations()
	g.block("interface "+i.name, func() {
		s := g.interfaceItems()
		i.types, i.uses = s.types, s.uses
	})
	p.ifaces = append(p.ifaces, i)
}

// interfaceItems writes what stands in an interface.
func (g *generator) interfaceItems() *scope {
	s := &scope{uses: map[*iface]bool{}}
	for range g.IntN(7) {
		switch g.IntN(6) {
		case 0:
			g.use(s)
		case 1, 2:
			g.annotations()
			g.externalID()
			g.typeDef(s)
		default:
			g.annotations()
			g.externalID()
			g.line("%s: %s;", g.name(), g.funcType(s))
		}
	}
	return s
}

// anyInterface is an interface that was written before, or nil.
func (g *generator) anyInterface() *iface {
	p := pick(g, g.pkgs)
	if len(p.ifaces) == 0 {
		return nil
	}
	return pick(g, p.ifaces)
}

// use brings in types of an interface.
func (g *generator) use(s *scope) {
	i := g.anyInterface()
	if i == nil || len(i.types) == 0 {
		return
	}
	s.uses[i] = true
	for u := range i.uses {
		s.uses[u] = true
	}
	var list []string
	seen := map[*named]bool{}
	for range 1 + g.IntN(3) {
		t := pick(g, i.types)
		if seen[t] {
			continue
		}
		seen[t] = true
		as := g.name()
		list = append(list, t.name+" as "+as)
		s.types = append(s.types, &named{as, t.resource, t.borrows, t.depth})
	}
	g.gates()
	g.line("use %s.{%s};", g.path(i.pkg, i.name), strings.Join(list, ", "))
}

// typeDef writes the definition of a type.
func (g *generator) typeDef(s *scope) {
	t := &named{name: g.name(), depth: 1}
	part := func(borrow bool) string {
		text, p := g.typ(s, 2, borrow)
		t.borrows = t.borrows || p.borrows
		t.depth = max(t.depth, p.depth+1)
		return text
	}
	switch g.IntN(6) {
	case 0:
		g.block("record "+t.name, func() {
			for range 1 + g.IntN(4) {
				g.docs()
				g.line("%s: %s,", g.name(), part(true))
			}
		})
	case 1:
		g.block("variant "+t.name, func() {
			for range 1 + g.IntN(4) {
				g.docs()
				if g.chance(40) {
					g.line("%s,", g.name())
				} else {
					g.line("%s(%s),", g.name(), part(true))
				}
			}
		})
	case 2, 3:
		g.block(pick(g, []string{"enum ", "flags "})+t.name, func() {
			for range 1 + g.IntN(9) {
				g.docs()
				g.line("%s,", g.name())
			}
		})
	case 4:
		g.line("type %s = %s;", t.name, part(true))
	default:
		t.resource = true
		s.types = append(s.types, t)
		g.resource(s, t)
		return
	}
	if t.depth < 20 {
		s.types = append(s.types, t)
	}
}

func (g *generator) resource(s *scope, t *named) {
	if g.chance(30) {
		g.line("resource %s;", t.name)
		return
	}
	g.block("resource "+t.name, func() {
		if g.chance(50) {
			result := ""
			if g.chance(30) {
				result = " -> result<" + t.name + ">"
			}
			g.annotations()
			g.line("constructor(%s)%s;", g.params(s), result)
		}
		for range g.IntN(4) {
			static := ""
			if g.chance(30) {
				static = "static "
			}
			g.annotations()
			g.externalID()
			g.line("%s: %s%s;", g.name(), static, g.funcType(s))
		}
	})
}

func (g *generator) funcType(s *scope) string {
	text := "func(" + g.params(s) + ")"
	if g.chance(30) {
		text = "async " + text
	}
	if g.chance(60) {
		result, _ := g.typ(s, 3, false)
		text += " -> " + result
	}
	return text
}

func (g *generator) params(s *scope) string {
	var list []string
	for range g.IntN(4) {
		t, _ := g.typ(s, 3, true)
		list = append(list, g.name()+": "+t)
	}
	return strings.Join(list, ", ")
}

var primitives = []string{"u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "bool", "char", "string", "error-context"}

// typ is a type in place, and what must be known of it.
func (g *generator) typ(s *scope, depth int, borrow bool) (string, named) {
	if depth == 0 || g.chance(35) {
		return pick(g, primitives), named{depth: 1}
	}
	if len(s.types) > 0 && g.chance(45) {
		if text, t, ok := g.reference(s, borrow); ok {
			return text, t
		}
	}
	var all named
	part := func() string {
		text, t := g.typ(s, depth-1, borrow)
		all.borrows = all.borrows || t.borrows
		all.depth = max(all.depth, t.depth+1)
		return text
	}
	owned := func() string {
		text, t := g.typ(s, depth-1, false)
		all.depth = max(all.depth, t.depth+1)
		if text == "char" {
			return "bool"
		}
		return text
	}
	text := ""
	switch g.IntN(12) {
	case 0:
		text = "list<" + part() + ">"
	case 1:
		text = fmt.Sprintf("list<%s, %d>", part(), 1+g.IntN(5))
	case 2:
		text = "option<" + part() + ">"
	case 3:
		text = "result"
	case 4:
		text = "result<" + part() + ">"
	case 5:
		text = "result<_, " + part() + ">"
	case 6:
		text = "result<" + part() + ", " + part() + ">"
	case 7:
		text = "tuple<" + part() + ", " + part() + ">"
	case 8:
		text = "map<" + pick(g, []string{"u8", "string", "char", "bool", "s64"}) + ", " + part() + ">"
	case 9:
		text = "stream<" + owned() + ">"
	case 10:
		text = "future<" + owned() + ">"
	default:
		text = pick(g, []string{"stream", "future", "tuple<u8>"})
	}
	return text, all
}

// reference names a type of the scope, where one fits.
func (g *generator) reference(s *scope, borrow bool) (string, named, bool) {
	t := pick(g, s.types)
	if t.borrows && !borrow {
		return "", named{}, false
	}
	if t.resource && borrow && g.chance(50) {
		return "borrow<" + t.name + ">", named{borrows: true, depth: 1}, true
	}
	return t.name, named{borrows: t.borrows, depth: t.depth}, true
}
