package wittest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// File is a random WIT file: a package with nested ones, in which interfaces and worlds use each other in all ways that there
// are. What it uses of gated syntax needs all gates, and its features are to be all on. Nearly every file is valid; now and then
// a world exports what its exports need as an import.
func File(r *rand.Rand) string {
	g := &generator{Rand: r, taken: map[string]bool{}}
	var nested []string
	for range g.IntN(3) {
		nested = append(nested, g.nestedPackage())
	}
	root := g.rootPackage()
	return root + strings.Join(nested, "")
}

// generator writes what it makes into out.
type generator struct {
	*rand.Rand
	out    strings.Builder
	taken  map[string]bool // keys of all names
	pkg    *pkg
	pkgs   []*pkg
	indent int
}

type pkg struct {
	namespace, name string
	version         []int // nil if it has none
	ifaces          []*iface
	worlds          []*world
}

// iface is what others can bring in with `use`.
type iface struct {
	pkg   *pkg
	name  string
	types []*named
	uses  map[*iface]bool // directly or not
}

type world struct {
	pkg   *pkg
	name  string
	plain []string // names that `with` can replace
}

// named is a type that has a name.
type named struct {
	name     string
	resource bool
	borrows  bool // contains a borrow
	depth    int
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) line(format string, args ...any) {
	g.out.WriteString(strings.Repeat("  ", g.indent))
	fmt.Fprintf(&g.out, format+"\n", args...)
}

func (g *generator) block(head string, body func()) {
	g.line("%s {", head)
	g.indent++
	body()
	g.indent--
	g.line("}")
}

var words = []string{"a", "b", "go", "x1", "error", "stdin", "HTTP", "A1", "http2", "get", "utf8", "JSON", "main", "m1x3d", "type", "list", "interface", "func", "u8", "string"}

// keywords are those of words that need a percent sign when they stand alone.
var keywords = map[string]bool{"type": true, "list": true, "interface": true, "func": true, "u8": true, "string": true}

// name is a label that was not used before.
func (g *generator) name() string {
	parts := []string{pick(g, words)}
	for g.chance(40) {
		parts = append(parts, pick(g, words))
	}
	label := strings.Join(parts, "-")
	for n := 1; g.taken[strings.ToLower(label)]; n = g.IntN(10000) {
		label = fmt.Sprintf("%s-%d", strings.Join(parts, "-"), n)
	}
	g.taken[strings.ToLower(label)] = true
	if keywords[label] || g.chance(3) {
		return "%" + label
	}
	return label
}

// word is a name for a namespace or package.
func (g *generator) word() string { return strings.ToLower(g.name()) }

func (g *generator) newPackage() *pkg {
	p := &pkg{namespace: g.word(), name: g.word()}
	if g.chance(15) {
		p.namespace += ":" + g.word()
	}
	if g.chance(15) {
		p.name += "/" + g.name()
	}
	if g.chance(60) {
		p.version = []int{g.IntN(3), g.IntN(3), g.IntN(3)}
	}
	g.pkg = p
	return p
}

func (p *pkg) versionText() string {
	if p.version == nil {
		return ""
	}
	return fmt.Sprintf("@%d.%d.%d", p.version[0], p.version[1], p.version[2])
}

// path names an item of p as another package does, or as p itself does.
func (g *generator) path(p *pkg, item string) string {
	if p == g.pkg {
		return item
	}
	return p.namespace + ":" + p.name + "/" + item + p.versionText()
}

func (g *generator) take() string {
	s := g.out.String()
	g.out.Reset()
	return s
}

func (g *generator) rootPackage() string {
	p := g.newPackage()
	g.docs()
	g.line("package %s:%s%s;", p.namespace, p.name, p.versionText())
	g.items(p)
	return g.take()
}

func (g *generator) nestedPackage() string {
	p := g.newPackage()
	g.docs()
	g.block("package "+p.namespace+":"+p.name+p.versionText(), func() { g.items(p) })
	return g.take()
}

// items writes interfaces and worlds, in an order of its own.
func (g *generator) items(p *pkg) {
	g.pkgs = append(g.pkgs, p)
	for range 1 + g.IntN(4) {
		g.iface(p)
	}
	for range g.IntN(3) {
		g.world(p)
	}
}

func (g *generator) docs() {
	if !g.chance(15) {
		return
	}
	for range 1 + g.IntN(3) {
		g.line("/// %s", pick(g, []string{"Some words.", "  indented ☃", "`code` // and /* more */", "", "\"quoted\" \\n"}))
	}
}

// annotations writes documentation and gates before an item.
func (g *generator) annotations() {
	g.docs()
	g.gates()
}

func (g *generator) gates() {
	switch {
	case g.pkg.version != nil && g.chance(15):
		g.line("@since(version = %s)", g.pkg.versionText()[1:])
	case g.chance(5):
		g.line("@unstable(feature = %s)", pick(g, words[:5]))
	default:
		return
	}
	if g.chance(30) {
		g.line("@deprecated(version = 9.9.9)")
	}
}

func (g *generator) externalID() {
	if g.chance(8) {
		g.line("@external-id(%s)", pick(g, []string{`""`, `"x/y"`, `"\"\\\n"`, `"☃ \u{202e}"`}))
	}
}
