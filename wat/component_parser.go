package wat

import (
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// component parses what stands in `(component $id? …)` behind the identifier, up to
// the closing parenthesis, and gives the component's binary form. What stands there
// is definitions, `binary "…"*`, or `quote "…"*`.
//
// Spec: Explainer.md#component-definitions.
func (p *parser) component(id ident) []byte {
	if p.gotKeyword("binary") {
		return p.strs()
	}
	return binary.Encode(p.componentModel(id))
}

// componentModel is component without the encoding, and without the `binary` form.
func (p *parser) componentModel(id ident) *component.Component {
	if p.gotKeyword("quote") {
		var src strings.Builder
		for p.at(tokString) {
			src.WriteString(p.str() + "\n")
		}
		quoted := newParser(&syntax.File{Name: p.file.Name, Src: src.String()})
		m := quoted.componentModel(id)
		if !quoted.at(tokEOF) {
			quoted.unexpected("a definition")
		}
		return m
	}
	return newComponentParser(p).root(id)
}

// componentParser parses definitions of components and types.
//
// Definitions are acyclic, so that one pass does: what has been parsed is defined at
// once and has its index. The abbreviations add definitions before the one that
// they stand in. First come those of types and instances that are written inline,
// in the order of the text; a definition's own references are resolved when it has
// been parsed to its end, which is when inline aliases and implicit outer aliases
// are added.
type componentParser struct {
	*parser
	scope *componentScope

	labelIndices map[any]map[string]int // of the types that values have had

	places map[any]textPlace // where definitions and declarators stand; nil if nobody asks
	place  textPlace         // of what is being parsed
}

func newComponentParser(p *parser) *componentParser {
	return &componentParser{parser: p, labelIndices: map[any]map[string]int{}}
}

// root parses what stands in a component that stands in nothing else.
func (c *componentParser) root(id ident) *component.Component {
	return c.component(defName{id: id, name: id.name}.annotated(c.parser))
}

// component parses definitions up to the end of the form or text that they stand
// in.
func (c *componentParser) component(l defName) *component.Component {
	m := &component.Component{}
	c.inScope(&componentScope{
		what:  inComponent,
		id:    l.id.name,
		add:   func(d any) { m.Append(d.(component.Definition)) },
		names: &componentNames{own: l.name},
	}, c.definitions)
	return m
}

func (c *componentParser) definitions() {
	for c.customs(); !c.at(tokRight) && !c.at(tokEOF); c.customs() {
		c.definition()
	}
	for _, x := range c.scope.exports {
		c.place = textPlace{at: x.at}
		c.define(x.def.Sort, &component.Export{Name: x.name, Def: x.def}, defName{})
	}
	if section := c.scope.names.section(); section != nil {
		c.add(section)
	}
}

// customs adds the custom sections that annotations before tok stand for.
func (c *componentParser) customs() {
	for _, in := range c.takeAnnotations("custom") {
		section := &component.Custom{Name: in.name(), Data: in.strs()}
		if !in.at(tokEOF) {
			in.unexpected("a string", "`)`")
		}
		if section.Name == component.NameSection {
			c.scope.names.explicit = true
		}
		c.add(section)
	}
}

var definitionForms = []string{
	"`(core …`", "`(component`", "`(instance`", "`(alias`", "`(type`", "`(func`", "`(canon`", "`(import`", "`(export`", "`(start`", "`(value`",
}

// definition parses a definition with its parentheses.
//
// Spec: Explainer.md#component-definitions, production `definition`.
func (c *componentParser) definition() {
	word := c.peekOpen()
	parse := c.definitionParser(word)
	if parse == nil {
		c.unknownDefinition(word)
	}
	c.begin()
	c.gotOpen(word)
	parse()
	c.close()
}

// definitionParser is what parses a definition behind the word that it begins with.
func (c *componentParser) definitionParser(word string) func() {
	switch word {
	case "core":
		return c.coreDefinition
	case "component":
		return c.componentDef
	case "instance":
		return c.instanceDef
	case "alias":
		return c.aliasDef
	case "type":
		return c.typeDef
	case "func":
		return c.funcDef
	case "canon":
		return c.canonDef
	case "import":
		return c.importDef
	case "export":
		return c.exportDef
	case "start":
		return c.startDef
	case "value":
		return c.valueDef
	}
	return nil
}

func (c *componentParser) unknownDefinition(word string) {
	switch word {
	case "module", "memory", "table", "global", "tag", "rec":
		c.failWith(syntax.Errorf(c.span(), "a component has no `(%s`", word).WithHint("core definitions in a component begin with `(core %s`", word))
	}
	c.unexpected(definitionForms...)
}

// coreDefinition parses what stands behind `(core`.
func (c *componentParser) coreDefinition() {
	switch word := c.keyword("`module`", "`instance`", "`type`", "`rec`", "`func`"); word {
	case "module":
		c.coreModuleDef()
	case "instance":
		c.coreInstanceDef()
	case "type":
		c.coreTypeDefinition()
	case "rec":
		c.coreRecDefinition()
	case "func", "table", "memory", "global", "tag":
		c.coreItemDef(coreSorts[word])
	default:
		c.failWith(syntax.Errorf(c.from(c.last-int32(len(word))), "a component has no `(core %s`", word).
			WithHint("there are `(core module`, `(core instance`, `(core type`, `(core rec` and `(core func`"))
	}
}

// coreItemDef parses `(core func $f (canon …))`, and `(core memory $m (alias …))` for
// any sort that core instances export.
func (c *componentParser) coreItemDef(s component.Sort) {
	l := c.label()
	switch {
	case s == component.SortCoreFunc && c.gotOpen("canon"):
		at := c.span()
		op := c.canonOp()
		if op == component.CanonLift {
			c.fail(at, "`canon lift` makes a function of the component, not a core function")
		}
		d, resolve := c.canon(op)
		c.close()
		resolve()
		c.define(s, d, l)
	case c.gotOpen("alias"):
		c.aliasOf(s, l, c.aliasTarget())
		c.close()
	case s == component.SortCoreFunc:
		c.unexpected("`(canon`", "`(alias`")
	default:
		c.unexpected("`(alias`")
	}
}

// coreModuleDef parses what stands behind `(core module`.
func (c *componentParser) coreModuleDef() {
	l := defName{id: c.id()}
	l.name = l.id.name
	own := l.id
	var exports []inlineExport
	s := component.SortCoreModule
	if c.atNameOnly("export") || c.atNameOnly("import") || c.atInvertedAlias() { // else coreModule takes the annotation
		l = l.annotated(c.parser)
		own.name = l.name
		exports = c.inlineExports()
	}
	if c.inverted(s, l, exports) {
		return
	}
	d := &component.CoreModule{Bytes: c.coreModule(own)}
	c.export(exports, s, c.define(s, d, l.withoutAnnotation()))
}

// componentDef parses what stands behind `(component`.
func (c *componentParser) componentDef() {
	l := c.label()
	exports := c.inlineExports()
	s := component.SortComponent
	if c.inverted(s, l, exports) {
		return
	}
	c.export(exports, s, c.define(s, c.nested(l), l.withoutAnnotation()))
}

func (c *componentParser) nested(l defName) *component.Component {
	if !c.atKeyword("binary") {
		return c.component(l)
	}
	at := c.span()
	c.advance()
	m, err := binary.Decode(c.strs())
	if err != nil {
		c.fail(at, "malformed component: %v", err)
	}
	return m
}

// inverted parses what follows a sort, an identifier and inline exports, where it
// is an import or alias that was written with the sort first.
//
// Spec: Explainer.md#alias-definitions.
func (c *componentParser) inverted(s component.Sort, l defName, exports []inlineExport) bool {
	switch {
	case c.atNameOnly("import"):
		c.checkImport(c.span())
		c.gotOpen("import")
		name := c.externName()
		c.close()
		t := c.externType(s)()
		c.noteType(t)
		c.export(exports, s, c.define(s, &component.Import{Name: name, Type: t}, l))
	case c.atInvertedAlias():
		c.gotOpen("alias")
		target := c.aliasTarget()
		c.close()
		c.export(exports, s, c.aliasOf(s, l, target))
	default:
		return false
	}
	return true
}

// inlineExports parses `(export "name")*`.
func (c *componentParser) inlineExports() (list []inlineExport) {
	for c.atNameOnly("export") {
		at := c.pos
		c.gotOpen("export")
		list = append(list, inlineExport{name: c.externName(), at: at})
		c.close()
	}
	return list
}

// export notes inline exports of a definition. They come behind all others.
func (c *componentParser) export(list []inlineExport, s component.Sort, index uint32) {
	for _, x := range list {
		x.def = component.SortIndex{Sort: s, Index: index}
		c.scope.exports = append(c.scope.exports, x)
	}
}

// atNameOnly reports whether tok begins a form that holds a name, with attributes,
// and nothing else: an inline import or export.
func (c *componentParser) atNameOnly(word string) bool {
	q := *c.parser
	if !q.gotOpen(word) {
		return false
	}
	if q.atOpen("interface") {
		q.skip()
	} else if !q.got(tokString) {
		return false
	}
	for attributeKinds[q.peekOpen()] != nil {
		q.skip()
	}
	return q.at(tokRight)
}

// atInvertedAlias reports whether tok begins an alias that doesn't say its sort.
func (c *componentParser) atInvertedAlias() bool {
	q := *c.parser
	if !q.gotOpen("alias") {
		return false
	}
	for q.at(tokKeyword) || q.at(tokID) || q.at(tokInteger) || q.at(tokString) {
		q.advance()
	}
	return q.at(tokRight)
}
