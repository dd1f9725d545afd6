package wat

import (
	"slices"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// coreModule parses what stands in `(module $id? …)` behind the identifier, up to the
// closing parenthesis, and gives the module's binary form. What stands there is fields,
// `binary "…"*`, or `quote "…"*`.
//
// Spec: WebAssembly core 3.0, section 6.6.14 (modules).
func (p *parser) coreModule(id ident) []byte {
	switch {
	case p.gotKeyword("binary"):
		return p.strs()
	case p.gotKeyword("quote"):
		return p.quotedText().whole()
	}
	t := newModuleText(p)
	t.takeName(id)
	t.declare()
	t.strict = true
	t.defineTypes()
	t.define()
	t.checkTaken()
	t.strict = false
	return t.encode()
}

// quotedText is a parser for the text that strings hold.
func (p *parser) quotedText() *parser {
	if p.inQuote {
		p.fail(p.span(), "quoted text can't hold quoted text")
	}
	in := newParser(&syntax.File{Name: p.file.Name + ": quoted text", Src: string(p.quoted())})
	in.inQuote = true
	return in
}

// space names an index space of a module.
type space uint8

// The index spaces. The first ones are in the order of corewasm.ExternKind.
const (
	spaceFunc space = iota
	spaceTable
	spaceMemory
	spaceGlobal
	spaceTag
	spaceType
	spaceElem
	spaceData
	spaces
)

var spaceNames = [spaces]string{"function", "table", "memory", "global", "tag", "type", "elem segment", "data segment"}

// moduleText is a core module whose text is being parsed: first declare finds out what
// has which index, then defineTypes and define parse the fields, straight into m.
type moduleText struct {
	*parser
	m      corewasm.Module
	spaces [spaces]scope
	next   [spaces]uint32 // the index of what define comes to next
	types  indexOf

	typeFields []int             // where the type definitions stand: the indices of their parentheses
	fields     map[uint32]*scope // of structs that name some
	params     map[uint32]*scope // of function types that name some
	byType     map[string]uint32 // indices of function types, see funcType
	key        []byte

	firstDefinition string // the kind of the first definition, which no import may follow
	start           syntax.Span
	usesData        bool // a function refers to a data segment
	customs         []placedCustom
	hints           branchHints
	body            bodyText
	names           moduleNames
}

func newModuleText(p *parser) *moduleText {
	t := &moduleText{parser: p, fields: map[uint32]*scope{}, params: map[uint32]*scope{}}
	for i := range t.spaces {
		t.spaces[i].what = spaceNames[i]
	}
	t.types = t.spaces[spaceType].index
	t.body.init(t)
	return t
}

// takeName takes over the module's name.
func (t *moduleText) takeName(id ident) {
	b := binding{id: id, name: id.name, named: !id.isZero()}
	t.annotatedName(&b)
	t.names.module, t.names.named = b.name, b.named
}

// declare gives everything its index, and goes back to the first field.
func (t *moduleText) declare() {
	begin := *t.parser
	for t.at(tokLeft) {
		end := t.matching(t.pos)
		t.declareField()
		t.seek(end + 1)
	}
	*t.parser = begin
}

var moduleFields = []string{"type", "rec", "import", "func", "table", "memory", "global", "tag", "export", "start", "elem", "data"}

// unknownField ends the parse because of a form that is no field of a module.
func (t *moduleText) unknownField(word string) {
	err := syntax.Errorf(t.span(), "unexpected token %s", t.found())
	for _, f := range moduleFields {
		err.Expected = append(err.Expected, "`("+f+"`")
	}
	t.failWith(err.WithHint("%s", syntax.Suggest(word, moduleFields)))
}

func (t *moduleText) declareField() {
	at := t.pos
	word := t.peekOpen()
	if !slices.Contains(moduleFields, word) {
		t.unknownField(word)
	}
	t.advance()
	t.advance()
	switch word {
	case "type":
		t.typeFields = append(t.typeFields, at)
		t.spaces[spaceType].define(t.parser, t.binding())
	case "rec":
		t.typeFields = append(t.typeFields, at)
		t.declareRec()
	case "import":
		t.declareImport()
	case "elem":
		t.spaces[spaceElem].define(t.parser, t.binding())
	case "data":
		t.spaces[spaceData].define(t.parser, t.binding())
	case "export", "start":
	default:
		t.declareItem(spaceOf(word))
	}
}

// spaceOf is the index space of what a keyword defines.
func spaceOf(word string) space {
	for k := corewasm.KindFunc; k <= corewasm.KindTag; k++ {
		if k.String() == word {
			return space(k)
		}
	}
	return spaces
}

func (t *moduleText) declareRec() {
	for t.atOpen("type") {
		end := t.matching(t.pos)
		t.gotOpen("type")
		t.spaces[spaceType].define(t.parser, t.binding())
		t.seek(end + 1)
	}
}

// declareImport declares what `(import "…" "…" (func $id? …))` imports.
func (t *moduleText) declareImport() {
	t.noDefinitionBefore()
	t.importNames()
	s := t.externKind()
	t.spaces[s].define(t.parser, t.binding())
}

// externKind consumes `(func`, `(table` and so on.
func (t *moduleText) externKind() space {
	s := spaceOf(t.peekOpen())
	if s == spaces {
		t.unexpected("`(func`", "`(table`", "`(memory`", "`(global`", "`(tag`")
	}
	t.advance()
	t.advance()
	return s
}

// importNames consumes the two names of an import.
func (t *moduleText) importNames() (module, name string) {
	module = t.name()
	return module, t.name()
}

func (t *moduleText) noDefinitionBefore() {
	if t.firstDefinition != "" {
		t.failWith(syntax.Errorf(t.from(t.tokens[t.pos-1].start), "import after %s", t.firstDefinition).
			WithHint("imports stand in front of all functions, tables, memories, globals and tags"))
	}
}

// declareItem declares a definition, or an import that is written like one, and the
// segment that may stand in it.
func (t *moduleText) declareItem(s space) {
	t.spaces[s].define(t.parser, t.binding())
	for t.atOpen("export") {
		t.skip()
	}
	if t.atOpen("import") {
		t.noDefinitionBefore()
		return
	}
	if t.firstDefinition == "" {
		t.firstDefinition = spaceNames[s]
	}
	switch {
	case s == spaceMemory && t.atInlineData():
		t.spaces[spaceData].define(t.parser, binding{})
	case s == spaceTable && t.atInlineElems():
		t.spaces[spaceElem].define(t.parser, binding{})
	}
}

// atInlineData reports whether a memory's contents come instead of its limits.
func (t *moduleText) atInlineData() bool {
	ahead := *t.parser
	ahead.addressType()
	if ahead.atOpen("pagesize") {
		ahead.skip()
	}
	return ahead.atOpen("data")
}

// atInlineElems reports whether a table's contents come instead of its limits.
func (t *moduleText) atInlineElems() bool {
	ahead := *t.parser
	if !ahead.gotKeyword("shared") {
		ahead.addressType()
	}
	return ahead.atRefType()
}

// defineTypes parses the type definitions, which all other fields may refer to.
func (t *moduleText) defineTypes() {
	begin := *t.parser
	for _, at := range t.typeFields {
		t.seek(at)
		if t.gotOpen("type") {
			t.typeField(0)
			continue
		}
		t.expectOpen("rec")
		t.recField()
	}
	*t.parser = begin
	t.indexTypes()
}

func (t *moduleText) typeField(group int) {
	t.binding()
	index := uint32(len(t.m.Types))
	typ := t.typeDef(t.types, typeParts{
		param: t.partNames(t.params, "parameter", index),
		field: t.partNames(t.fields, "field", index),
	})
	typ.Group = group
	t.m.Types = append(t.m.Types, typ)
	t.close()
}

func (t *moduleText) recField() {
	first := len(t.m.Types)
	for t.gotOpen("type") {
		t.typeField(-1)
	}
	t.close("`(type`")
	if len(t.m.Types) == first {
		t.m.EmptyGroups = append(t.m.EmptyGroups, uint32(first))
	}
	numberGroup(t.m.Types[first:])
}

// partNames gives a function that gets to know the names of a type's parameters or
// fields, and keeps those that there are in scopes.
func (t *moduleText) partNames(scopes map[uint32]*scope, what string, typ uint32) func(binding) {
	next := uint32(0)
	return func(b binding) {
		if b.named {
			s := scopes[typ]
			if s == nil {
				s = &scope{what: what}
				scopes[typ] = s
			}
			s.count = next
			s.define(t.parser, b)
		}
		next++
	}
}

// define parses all other fields.
func (t *moduleText) define() {
	for {
		t.takeCustoms()
		if t.at(tokRight) || t.at(tokEOF) {
			return
		}
		if word := t.peekOpen(); word == "type" || word == "rec" {
			t.skip()
			continue
		}
		t.expect(tokLeft)
		t.field(t.keyword())
		t.close()
	}
}

func (t *moduleText) field(word string) {
	switch word {
	case "import":
		t.importField()
	case "export":
		t.exportField()
	case "start":
		t.startField()
	case "elem":
		t.elemField()
	case "data":
		t.dataField()
	default:
		t.itemField(spaceOf(word))
	}
}

func (t *moduleText) encode() []byte {
	if t.usesData {
		n := uint32(len(t.m.Data))
		t.m.DataCount = &n
	}
	t.placeCustoms()
	return t.m.Encode()
}
