package wit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Print writes a package as one WIT file, and with it, in nested packages, the
// interfaces of other packages that it needs, in the order of those packages' names.
// Reading the text, with the same features, gives the same package, with worlds
// completed as they are in it.
//
// Spec: WIT.md#top-level-items.
func Print(root *Package) string {
	c := newClosure()
	for i := range root.Interfaces.Values() {
		c.iface(i)
	}
	for w := range root.Worlds.Values() {
		c.world(w)
	}
	return printFile(root, c.others(root), c)
}

// PrintPackage writes a package on its own as a WIT file, which refers to other packages
// without holding them.
func PrintPackage(p *Package) string { return printFile(p, nil, everything{}) }

// PrintWorld writes a world as one WIT file with just the interfaces that it needs:
// those of its own package beside it, the others in nested packages, in the order of
// their names. Reading the text, with the same features, gives the same world.
func PrintWorld(w *World) string {
	c := newClosure()
	c.world(w)
	return printFile(w.Package, c.others(w.Package), c)
}

// selection says what of a package is printed.
type selection interface {
	hasInterface(*Interface) bool
	hasWorld(*World) bool
}

type everything struct{}

func (everything) hasInterface(*Interface) bool { return true }
func (everything) hasWorld(*World) bool         { return true }

// closure is what something refers to, directly or not.
type closure struct {
	interfaces map[*Interface]bool
	worlds     map[*World]bool
	packages   map[*Package]bool
}

func newClosure() *closure {
	return &closure{map[*Interface]bool{}, map[*World]bool{}, map[*Package]bool{}}
}

func (c *closure) hasInterface(i *Interface) bool { return c.interfaces[i] }
func (c *closure) hasWorld(w *World) bool         { return c.worlds[w] }

// iface adds an interface and what it uses. It keeps its own stack, because a chain of
// interfaces may be as long as the text allows.
func (c *closure) iface(i *Interface) {
	for stack := []*Interface{i}; len(stack) > 0; {
		i, stack = stack[len(stack)-1], stack[:len(stack)-1]
		if c.interfaces[i] {
			continue
		}
		c.interfaces[i] = true
		c.packages[i.Package] = true
		stack = append(stack, i.Uses()...)
	}
}

func (c *closure) world(w *World) {
	c.worlds[w] = true
	c.packages[w.Package] = true
	for _, items := range []*Ordered[WorldKey, WorldItem]{&w.Imports, &w.Exports} {
		for item := range items.Values() {
			if item, ok := item.(*InterfaceItem); ok {
				c.iface(item.Interface)
			}
		}
	}
}

// others returns the packages but root, in the order of their names.
func (c *closure) others(root *Package) []*Package {
	delete(c.packages, root)
	return slices.SortedFunc(maps.Keys(c.packages), func(a, b *Package) int { return comparePackageNames(a.Name, b.Name) })
}

// printFile writes a package and, nested in its file, others.
func printFile(root *Package, nested []*Package, sel selection) string {
	p := &printer{pkg: root}
	p.docs(root.Docs)
	p.line("package %s;", pathText(root.Name, ""))
	p.topItems(root, sel)
	for _, n := range nested {
		p.pkg = n
		p.line("")
		p.docs(n.Docs)
		p.line("package %s {", pathText(n.Name, ""))
		p.topItems(n, sel)
		p.line("}")
	}
	return p.format(root.Name.String())
}

// format lays the text out. The text parses unless the model holds what no text could
// say, such as a name with a space; it is better shown as it is than not at all.
func (p *printer) format(name string) string {
	file := &syntax.File{Name: name, Src: p.b.String()}
	out, err := syntax.Format(file, syntax.AllGates)
	if err != nil {
		return file.Src
	}
	return out
}

// printer writes the items of one package, without regard for layout.
type printer struct {
	pkg *Package
	b   strings.Builder
}

func (p *printer) line(format string, args ...any) {
	fmt.Fprintf(&p.b, format+"\n", args...)
}

func (p *printer) docs(text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.line("/// %s", syntax.Printable(line))
	}
}

// annotations writes what stands before an item: its documentation and gates.
func (p *printer) annotations(docs string, s Stability, externalID *string) {
	if docs != "" {
		p.line("")
	}
	p.docs(docs)
	if !s.Since.IsZero() {
		p.line("@since(version = %s)", s.Since)
	}
	if s.Feature != "" {
		p.line("@unstable(feature = %s)", ident(s.Feature))
	}
	if !s.Deprecated.IsZero() {
		p.line("@deprecated(version = %s)", s.Deprecated)
	}
	if externalID != nil {
		p.line("@external-id(%s)", syntax.Quote(*externalID))
	}
}

// ident writes a name, with a percent sign if it is a keyword.
func ident(name string) string {
	if syntax.IsKeyword(name) {
		return "%" + name
	}
	return name
}

// idents writes names that a separator stands between.
func idents(joined, separator string) string {
	list := strings.Split(joined, separator)
	for i, name := range list {
		list[i] = ident(name)
	}
	return strings.Join(list, separator)
}

func (p *printer) topItems(pkg *Package, sel selection) {
	for i := range pkg.Interfaces.Values() {
		if !sel.hasInterface(i) {
			continue
		}
		p.line("")
		p.annotations(i.Docs, i.Stability, nil)
		p.line("interface %s {", ident(i.Name))
		p.interfaceItems(i)
		p.line("}")
	}
	for w := range pkg.Worlds.Values() {
		if sel.hasWorld(w) {
			p.world(w)
		}
	}
}

// path writes how an interface is named in the current package.
func (p *printer) path(i *Interface) string {
	if i.Package == p.pkg {
		return ident(i.Name)
	}
	return pathText(i.Package.Name, "/"+ident(i.Name))
}

// pathText writes a package's name, with something before the version.
func pathText(n PackageName, item string) string {
	s := idents(n.Namespace, ":") + ":" + idents(n.Name, "/") + item
	if !n.Version.IsZero() {
		s += "@" + n.Version.String()
	}
	return s
}

// interfaceItems writes types and functions in an order from which both orders of the
// interface come back: a resource brings its functions with it, so that types and
// functions advance side by side.
func (p *printer) interfaceItems(i *Interface) {
	defs := slices.Collect(i.Types.Values())
	members := map[*TypeDef][]*Function{}
	for f := range i.Functions.Values() {
		if f.Resource != nil {
			members[f.Resource] = append(members[f.Resource], f)
		}
	}
	written := map[*TypeDef]bool{}
	for f := range i.Functions.Values() {
		if f.Resource == nil {
			// Types that hold up no function come first.
			defs = p.typesWhile(defs, members, func(def *TypeDef) bool { return len(members[def]) == 0 }, written)
			p.function(f)
		} else if !written[f.Resource] {
			defs = p.typesWhile(defs, members, func(*TypeDef) bool { return !written[f.Resource] }, written)
		}
	}
	p.typesWhile(defs, members, func(*TypeDef) bool { return true }, written)
}

// typesWhile writes types as long as the next one qualifies, and returns the rest.
func (p *printer) typesWhile(defs []*TypeDef, members map[*TypeDef][]*Function, more func(*TypeDef) bool, written map[*TypeDef]bool) []*TypeDef {
	for len(defs) > 0 && more(defs[0]) {
		defs = p.typeOrUses(defs, members, written)
	}
	return defs
}

// typeOrUses writes the first type, or all at the front that come through one `use`.
func (p *printer) typeOrUses(defs []*TypeDef, members map[*TypeDef][]*Function, written map[*TypeDef]bool) []*TypeDef {
	n := p.uses(defs)
	if n == 0 {
		p.typeDef(defs[0], members[defs[0]])
		n = 1
	}
	for _, def := range defs[:n] {
		written[def] = true
	}
	return defs[n:]
}

// uses writes a `use` for as many types as it can stand for, and returns their number.
func (p *printer) uses(defs []*TypeDef) int {
	var list []string
	first := defs[0].Used()
	for _, def := range defs {
		used := def.Used()
		if used == nil || used.Owner != first.Owner || def.Stability != defs[0].Stability {
			break
		}
		item := ident(used.Name)
		if def.Name != used.Name {
			item += " as " + ident(def.Name)
		}
		list = append(list, item)
	}
	if len(list) > 0 {
		p.annotations("", defs[0].Stability, nil)
		p.line("use %s.{%s};", p.path(first.Owner.(*Interface)), strings.Join(list, ", "))
		if len(defs) == len(list) || defs[len(list)].Used() == nil {
			p.line("")
		}
	}
	return len(list)
}

func (p *printer) world(w *World) {
	p.line("")
	p.annotations(w.Docs, w.Stability, nil)
	p.line("world %s {", ident(w.Name))
	var defs []*TypeDef
	members := map[*TypeDef][]*Function{}
	var functions []*Function
	for key, item := range w.Imports.All() {
		switch item := item.(type) {
		case *InterfaceItem:
			p.externInterface("import", key, item)
		case *TypeDef:
			defs = append(defs, item)
		case *Function:
			if item.Resource != nil {
				members[item.Resource] = append(members[item.Resource], item)
			} else {
				functions = append(functions, item)
			}
		}
	}
	p.typesWhile(defs, members, func(*TypeDef) bool { return true }, map[*TypeDef]bool{})
	for _, f := range functions {
		p.externFunction("import", f)
	}
	for key, item := range w.Exports.All() {
		switch item := item.(type) {
		case *InterfaceItem:
			p.externInterface("export", key, item)
		case *Function:
			p.externFunction("export", item)
		}
	}
	p.line("}")
}

func (p *printer) externFunction(word string, f *Function) {
	p.annotations(f.Docs, f.Stability, f.ExternalID)
	p.line("%s %s: %s;", word, ident(f.Name), p.funcType(f))
}

func (p *printer) externInterface(word string, key WorldKey, item *InterfaceItem) {
	docs := item.Docs
	if item.Interface.Name == "" {
		docs = item.Interface.Docs
	}
	p.annotations(docs, item.Stability, item.ExternalID)
	switch {
	case key.Interface != nil:
		p.line("%s %s;", word, p.path(item.Interface))
	case item.Interface.Name != "":
		p.line("%s %s: %s;", word, ident(key.Name), p.path(item.Interface))
	default:
		p.line("%s %s: interface {", word, ident(key.Name))
		p.interfaceItems(item.Interface)
		p.line("}")
	}
}
