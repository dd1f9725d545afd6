package wat

import (
	"slices"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// scope is an index space with its identifiers: the functions of a module, the
// locals of a function, the fields of a struct.
type scope struct {
	what  string // for messages: "function"
	count uint32
	ids   map[string]definition
	names []naming // in the order of indices
}

// definition is what an identifier stands for.
type definition struct {
	index uint32
	at    syntax.Span
}

// naming is an entry of a name map.
type naming struct {
	index uint32
	name  string
}

// binding is how something that is being defined is called.
type binding struct {
	id    ident
	name  string // for the name section
	named bool
}

// binding consumes an identifier, and a @name annotation behind it, which decides what
// the name section says.
func (p *parser) binding() binding {
	id := p.id()
	b := binding{id: id, name: id.name, named: !id.isZero()}
	p.annotatedName(&b)
	return b
}

// annotatedName consumes a @name annotation.
func (p *parser) annotatedName(b *binding) {
	in, ok := p.takeAnnotation("name")
	if !ok {
		return
	}
	b.name, b.named = in.name(), true
	if !in.at(tokEOF) {
		in.unexpected("`)`")
	}
	if in, twice := p.takeAnnotation("name"); twice {
		in.fail(in.span(), "@name annotation: multiple names for one thing")
	}
}

// define gives something the next index.
func (s *scope) define(p *parser, b binding) uint32 {
	i := s.count
	s.count++
	if !b.id.isZero() {
		s.bind(p, b.id, i)
	}
	if b.named {
		s.names = append(s.names, naming{i, b.name})
	}
	return i
}

func (s *scope) bind(p *parser, id ident, i uint32) {
	if before, dup := s.ids[id.name]; dup {
		p.failWith(syntax.Errorf(id.at, "duplicate %s `%s`", s.what, id.at.Text()).
			WithNote(before.at, "it is defined here"))
	}
	if s.ids == nil {
		s.ids = map[string]definition{}
	}
	s.ids[id.name] = definition{i, id.at}
}

// reset empties the scope. It keeps memory, but no large map: emptying one takes as
// long as filling it did.
func (s *scope) reset() {
	const small = 100
	if len(s.ids) > small {
		s.ids = nil
	}
	clear(s.ids)
	s.count, s.names = 0, s.names[:0]
}

// atIndex reports whether an index or an identifier comes.
func (p *parser) atIndex() bool { return p.at(tokInteger) || p.at(tokID) }

// index consumes an index or an identifier. Indices may be out of range: that is
// for validation to find.
func (s *scope) index(p *parser) uint32 {
	switch {
	case p.at(tokInteger):
		return p.u32()
	case !p.at(tokID):
		p.unexpected("the index or name of a " + s.what)
	}
	id := p.id()
	def, ok := s.ids[id.name]
	if !ok {
		p.unknown(s.what, id, s.ids)
	}
	return def.index
}

// unknown ends the parse because of an identifier that is not among the known ones.
func (p *parser) unknown(what string, id ident, known map[string]definition) {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, idText(name))
	}
	slices.Sort(names)
	hint := syntax.Suggest(id.at.Text(), names)
	if len(names) == 0 {
		hint = "no " + what + " has a name here"
	}
	p.failWith(syntax.Errorf(id.at, "unknown %s `%s`", what, id.at.Text()).WithHint("%s", hint))
}

// idText spells an identifier with that name.
func idText(name string) string {
	for i := 0; i < len(name); i++ {
		if !isIDChar(name[i]) {
			return "$" + quote(name)
		}
	}
	return "$" + name
}
