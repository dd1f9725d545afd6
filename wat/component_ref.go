package wat

import (
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// ref is a reference to a definition that has been parsed but not resolved: an
// index or identifier, and for an inline alias the names of exports behind it.
//
// Spec: Explainer.md#index-spaces and #alias-definitions, production `sortidx`.
type ref struct {
	sort    component.Sort
	id      ident // none where index counts
	index   uint32
	at      syntax.Span
	pos     int // of the token that at is
	exports []string
}

// defined is a reference to a definition that was just made.
func defined(s component.Sort, index uint32) ref { return ref{sort: s, index: index} }

func (c *componentParser) atIndex() bool { return c.at(tokID) || c.at(tokInteger) }

// index parses `$x` or `0`.
func (c *componentParser) index(s component.Sort) ref {
	r := ref{sort: s, at: c.span(), pos: c.pos}
	switch {
	case c.at(tokID):
		r.id = c.id()
	case c.at(tokInteger):
		r.index = c.u32()
	default:
		c.unexpected("an index", "an identifier")
	}
	return r
}

// path parses `$x "name"*`, up to the end of the form.
func (c *componentParser) path(s component.Sort) ref {
	r := c.index(s)
	for c.at(tokString) {
		r.exports = append(r.exports, c.name())
	}
	if !c.at(tokRight) {
		c.unexpected("the name of an export", "`)`")
	}
	return r
}

// ref parses `$x` or `(func $x "name"*)`.
func (c *componentParser) ref(s component.Sort) ref {
	if c.atIndex() {
		return c.index(s)
	}
	return c.sortRef(s)
}

// sortRef parses `(func $x "name"*)`, for core sorts `(core func $x "name"*)`.
func (c *componentParser) sortRef(s component.Sort) ref {
	if !c.at(tokLeft) {
		c.unexpected("`(" + s.String() + " …)`")
	}
	r := c.externRef()
	c.checkSort(r, s)
	return r
}

// checkSort fails where a reference says another sort than the one that is needed.
func (c *componentParser) checkSort(r ref, s component.Sort) {
	if r.sort != s {
		c.failWith(syntax.Errorf(r.at, "%s can't stand here", r.sort.Article()).WithHint("expected `(%s …)`", s))
	}
}

// externRef parses a reference that says its sort.
//
// Spec: Explainer.md#index-spaces, production `externidx`.
func (c *componentParser) externRef() ref {
	if !c.got(tokLeft) {
		c.unexpected("a definition, such as `(func $f)`")
	}
	r := c.path(c.sort())
	c.close()
	return r
}

// coreExternRef is externRef where core sorts are written without `core`.
func (c *componentParser) coreExternRef() ref {
	if !c.got(tokLeft) {
		c.unexpected("a core definition, such as `(func $f)`")
	}
	r := c.path(c.coreSort())
	c.close()
	return r
}

// coreRef parses `$x`, `(core func $x "name"*)` or, as texts of before July 2026
// had it, `(func $x "name")`.
func (c *componentParser) coreRef(s component.Sort) ref {
	if c.atIndex() {
		return c.index(s)
	}
	q := *c.parser
	if !q.got(tokLeft) || q.atKeyword("core") || !q.at(tokKeyword) {
		return c.sortRef(s)
	}
	r := c.coreExternRef()
	c.checkSort(r, s)
	return r
}

var coreSorts = map[string]component.Sort{
	"func": component.SortCoreFunc, "table": component.SortCoreTable, "memory": component.SortCoreMemory, "global": component.SortCoreGlobal,
	"tag": component.SortCoreTag, "type": component.SortCoreType, "module": component.SortCoreModule, "instance": component.SortCoreInstance,
}

var componentSorts = map[string]component.Sort{
	"func": component.SortFunc, "value": component.SortValue, "type": component.SortType, "component": component.SortComponent,
	"instance": component.SortInstance,
}

// sort parses a sort.
//
// Spec: Explainer.md#index-spaces, production `sort`.
func (c *componentParser) sort() component.Sort {
	if c.gotKeyword("core") {
		return c.coreSort()
	}
	s, ok := componentSorts[c.text()]
	if !ok {
		c.unexpected("`core`", "`func`", "`value`", "`type`", "`component`", "`instance`")
	}
	c.advance()
	return s
}

// coreSort parses a core sort, without `core`.
func (c *componentParser) coreSort() component.Sort {
	s, ok := coreSorts[c.text()]
	if !ok {
		c.unexpected("`func`", "`table`", "`memory`", "`global`", "`tag`", "`type`", "`module`", "`instance`")
	}
	c.advance()
	return s
}

// resolve gives the index that a reference stands for in the current scope. It adds
// the aliases that this takes.
func (c *componentParser) resolve(r ref) (index uint32) {
	place := c.place
	c.place = textPlace{at: r.pos}
	if len(r.exports) > 0 {
		index = c.aliasExports(r)
	} else {
		index = c.lookup(r)
	}
	c.place = place
	return index
}

func (c *componentParser) sortIndex(r ref) component.SortIndex {
	return component.SortIndex{Sort: r.sort, Index: c.resolve(r)}
}

// aliasExports adds the export aliases that an inline alias stands for.
func (c *componentParser) aliasExports(r ref) uint32 {
	from := r
	from.exports = nil
	switch r.sort {
	case component.SortCoreType, component.SortCoreInstance:
		c.fail(r.at, "core instances have no exports that are %ss", r.sort)
	case component.SortCoreFunc, component.SortCoreTable, component.SortCoreMemory, component.SortCoreGlobal, component.SortCoreTag:
		if len(r.exports) > 1 {
			c.fail(r.at, "a core instance holds no instances: one name at most")
		}
		from.sort = component.SortCoreInstance
		return c.defineAlias(r.sort, defName{}, &component.AliasCoreExport{Instance: c.lookup(from), Name: r.exports[0]})
	}
	from.sort = component.SortInstance
	i := c.lookup(from)
	for n, name := range r.exports {
		s := component.SortInstance
		if n == len(r.exports)-1 {
			s = r.sort
		}
		i = c.defineAlias(s, defName{}, &component.AliasExport{Instance: i, Name: name})
	}
	return i
}

// lookup gives the index that an index or identifier stands for in the current
// scope. The identifier of an enclosing scope becomes an outer alias.
func (c *componentParser) lookup(r ref) uint32 {
	if r.id.isZero() {
		return r.index
	}
	key := symbol{r.sort, r.id.name}
	if b, ok := c.scope.ids[key]; ok {
		return b.index
	}
	count := uint32(1)
	for s := c.scope.outer; s != nil; s = s.outer {
		if b, ok := s.ids[key]; ok {
			c.checkOuter(r, b)
			return c.defineAlias(r.sort, defName{}, &component.AliasOuter{Count: count, Index: b.index})
		}
		count++
	}
	c.unknown(r)
	return 0
}

func (c *componentParser) checkOuter(r ref, b boundIndex) {
	if !r.sort.IsOuter() {
		c.failWith(syntax.Errorf(r.at, "the %s `%s` belongs to an enclosing component", r.sort, r.at.Text()).WithNote(b.at, "it is defined here").
			WithHint("only types, components, core types and core modules can be used from outside; pass it in with an import"))
	}
}

// unknown ends the parse because an identifier stands for nothing, and says what it
// might have been.
func (c *componentParser) unknown(r ref) {
	err := syntax.Errorf(r.at, "unknown %s `%s`", r.sort, r.at.Text())
	c.failElsewhere(err, r)
	var known []string
	for s := c.scope; s != nil; s = s.outer {
		for key, b := range s.ids {
			switch {
			case key.sort == r.sort:
				known = append(known, "$"+key.name)
			case key.name == r.id.name && len(err.Notes) == 0:
				err.WithNote(b.at, "this `$%s` is %s", key.name, key.sort.Article())
			}
		}
	}
	slices.Sort(known)
	c.failWith(err.WithHint("%s", syntax.Suggest("$"+r.id.name, known)))
}

// failElsewhere ends the parse where an identifier stands for something that can't
// be used here.
func (c *componentParser) failElsewhere(err *syntax.Error, r ref) {
	for s := c.scope; s != nil; s = s.outer {
		if b, ok := s.ids[symbol{r.sort, r.id.name}]; ok {
			c.failWith(err.WithNote(b.at, "it is defined here, outside").
				WithHint("the definition of a core type sees its own scope alone: add `(alias outer …)` in front of it"))
		}
		if i := c.definitionAt(s, r); i >= 0 {
			note := "it is defined only here"
			if i < c.pos {
				note = "it is still being defined here"
			}
			c.failWith(err.WithNote(c.spanOf(c.tokens[i]), "%s", note).WithHint("a definition can refer to what stands before it, nothing else"))
		}
		if !r.sort.IsOuter() {
			return
		}
	}
}

// definitionAt finds the token where a scope binds the identifier of a reference, or
// -1.
func (c *componentParser) definitionAt(s *componentScope, r ref) int {
	depth, word := 0, ""
	for i := s.start; i < len(c.tokens); i++ {
		switch t := c.tokens[i]; t.kind {
		case tokLeft, tokAnnotation:
			if depth++; depth == 1 {
				word = c.wordAt(i + 1)
			}
		case tokRight:
			if depth--; depth < 0 {
				return -1
			}
		case tokID:
			if c.textOf(t) == r.at.Text() && c.bindsAt(i, depth, word, r.sort) {
				return i
			}
		}
	}
	return -1
}

// bindsAt reports whether the identifier at token i names a definition of a sort,
// where so many parentheses are open and the outermost one is followed by word.
func (c *componentParser) bindsAt(i, depth int, word string, s component.Sort) bool {
	words := strings.Fields(s.String())
	for n := range words {
		if c.wordAt(i-1-n) != words[len(words)-1-n] {
			return false
		}
	}
	if !s.IsCore() && c.wordAt(i-2) == "core" {
		return false
	}
	switch word {
	case "import", "canon", "alias":
		return depth == 2
	}
	return depth == 1
}

func (c *componentParser) textOf(t token) string { return c.file.Src[t.start:t.end] }

// wordAt is the keyword that token i is, or "".
func (c *componentParser) wordAt(i int) string {
	if i < 0 || i >= len(c.tokens) || c.tokens[i].kind != tokKeyword {
		return ""
	}
	return c.textOf(c.tokens[i])
}
