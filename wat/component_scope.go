package wat

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// What scopes are.
const (
	inComponent     = "component"
	inComponentType = "component type"
	inInstanceType  = "instance type"
	inModuleType    = "core module type"
)

// componentScope is a component or type whose definitions are being parsed: its index
// spaces and identifiers.
type componentScope struct {
	what    string // one of the constants above
	id      string // its identifier, which outer aliases may name, or ""
	start   int    // the token at which its definitions begin
	outer   *componentScope
	add     func(d any) // appends a definition or declarator
	counts  [component.NumSorts]uint32
	ids     map[symbol]boundIndex
	types   []typeDef       // what the type index space holds
	exports []inlineExport  // to be added at the end
	names   *componentNames // of a component
}

// symbol is an identifier of a sort.
type symbol struct {
	sort component.Sort
	name string
}

// boundIndex is what a symbol stands for, and where it was said.
type boundIndex struct {
	index uint32
	at    syntax.Span
}

// inlineExport is an `(export "name")` in the definition that it exports.
type inlineExport struct {
	name component.ExternName
	at   int // its first token
	def  component.SortIndex
}

// componentNames collects what goes into a component's name section.
type componentNames struct {
	own      string
	sorts    [component.NumSorts][]component.IndexName
	explicit bool // the text has a name section of its own
}

// section is the name section, or nil where there are no names or the text has its
// own.
func (n *componentNames) section() *component.Custom {
	names := component.Names{Component: n.own}
	for s, list := range n.sorts {
		if len(list) > 0 {
			names.Sorts = append(names.Sorts, component.SortNames{Sort: component.Sort(s), Names: list})
		}
	}
	if n.explicit || names.Component == "" && names.Sorts == nil {
		return nil
	}
	return &component.Custom{Name: component.NameSection, Data: binary.EncodeNames(&names)}
}

// inScope parses definitions of a scope that is nested in the current one.
func (c *componentParser) inScope(s *componentScope, parse func()) {
	depth := 1
	for o := c.scope; o != nil; o = o.outer {
		depth++
	}
	if depth > binary.MaxNesting {
		c.fail(c.span(), "nesting too deep: components and types nest %d levels at most", binary.MaxNesting)
	}
	s.outer, s.start, s.ids = c.scope, c.pos, map[symbol]boundIndex{}
	place := c.place
	c.scope = s
	parse()
	c.scope = s.outer
	c.place = place
}

// add adds a definition or declarator to the current scope, and notes its place.
func (c *componentParser) add(d any) {
	c.scope.add(d)
	if c.places != nil {
		c.places[d] = c.place
		c.place.parts = nil
	}
}

// defName is how the text names a definition.
type defName struct {
	id    ident
	name  string // for the name section
	named bool   // name is from an annotation
}

// label parses an identifier and a `(@name "…")`, both of which may be missing.
func (c *componentParser) label() defName {
	id := c.id()
	return defName{id: id, name: id.name}.annotated(c.parser)
}

// annotated is l with the name of a `(@name "…")` before tok, if there is one.
func (l defName) annotated(p *parser) defName {
	in, ok := p.takeAnnotation("name")
	if !ok {
		return l
	}
	l.name, l.named = in.name(), true
	if !in.at(tokEOF) {
		in.unexpected("`)`")
	}
	return l
}

// withoutAnnotation is what names a module or component in the one around it. An
// annotation says what it calls itself.
func (l defName) withoutAnnotation() defName { return defName{id: l.id, name: l.id.name} }

// quoted consumes a name. what says which one, for the error.
func (c *componentParser) quoted(what string) string {
	if !c.at(tokString) {
		c.unexpected(what + " in double quotes")
	}
	return c.name()
}

// define adds a definition to the current scope and gives its index.
func (c *componentParser) define(s component.Sort, d any, l defName) uint32 {
	c.add(d)
	return c.bind(s, l)
}

// bind takes the next index of a sort for what a label names.
func (c *componentParser) bind(s component.Sort, l defName) uint32 {
	i := c.scope.counts[s]
	c.scope.counts[s]++
	if !l.id.isZero() {
		c.bindID(s, l.id, i)
	}
	if n := c.scope.names; n != nil && (l.named || !l.id.isZero()) {
		n.sorts[s] = append(n.sorts[s], component.IndexName{Index: i, Name: l.name})
	}
	return i
}

func (c *componentParser) bindID(s component.Sort, id ident, index uint32) {
	key := symbol{s, id.name}
	if first, dup := c.scope.ids[key]; dup {
		c.failWith(syntax.Errorf(id.at, "duplicate %s identifier `%s`", s, id.at.Text()).WithNote(first.at, "the first one"))
	}
	c.scope.ids[key] = boundIndex{index, id.at}
}
