package wat

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// typeDef parses what stands behind `(type`.
//
// Spec: Explainer.md#type-definitions, production `type`.
func (c *componentParser) typeDef() {
	l := c.label()
	exports := c.inlineExports()
	if c.inverted(component.SortType, l, exports) {
		return
	}
	c.export(exports, component.SortType, c.defineType(c.defType(l.id.name), l))
}

// defineType adds a type definition to the current scope.
func (c *componentParser) defineType(def component.DefType, l defName) uint32 {
	c.scope.types = append(c.scope.types, typeDef{def, c.scope})
	return c.define(component.SortType, &component.Type{Def: def}, l)
}

// defType parses the right-hand side of a type definition. id is the definition's
// identifier.
//
// Spec: Explainer.md#type-definitions, production `deftype`.
func (c *componentParser) defType(id string) (def component.DefType) {
	switch {
	case c.gotOpen("func"):
		def = c.funcType()
	case c.gotOpen("component"):
		def = c.componentType(id)
	case c.gotOpen("instance"):
		def = c.instanceType(id)
	case c.gotOpen("resource"):
		def = c.resourceType()
	default:
		return c.defValType()
	}
	c.close()
	return def
}

// resourceType parses what stands behind `(resource`.
//
// Spec: Explainer.md#type-definitions, production `resourcetype`.
func (c *componentParser) resourceType() component.DefType {
	c.expectOpen("rep")
	t := &component.ResourceType{Rep: componentCoreValType(c.coreValType(c.coreIndex))}
	c.close()
	if c.gotOpen("dtor") {
		r := c.coreRef(component.SortCoreFunc)
		c.close("an export's name")
		dtor := c.resolve(r)
		t.Dtor = &dtor
	}
	return t
}

// funcType parses what stands behind `(func`, up to something else.
//
// Spec: Explainer.md#type-definitions, production `functype`.
func (c *componentParser) funcType() component.DefType {
	t := &component.FuncType{Async: c.gotKeyword("async")}
	var params []valRef
	for c.gotPart("param") {
		t.Params = append(t.Params, component.LabelValType{Name: c.quoted("the parameter's name")})
		params = append(params, c.valType())
		c.close()
	}
	result := c.result()
	if word := c.peekOpen(); word == "param" || word == "result" {
		c.failWith(syntax.Errorf(c.span(), "unexpected token `(%s`", word).WithHint("parameters stand before the result, and there is one result at most"))
	}
	for i := range params {
		t.Params[i].Type = c.val(params[i])
	}
	t.Result = c.optionalVal(result)
	return t
}

// result parses `(result t)`, or nothing.
func (c *componentParser) result() *valRef {
	if !c.gotOpen("result") {
		return nil
	}
	t := c.valType()
	c.close()
	return &t
}

// valRef is a value type in the text: one that is known already, or a reference to
// be resolved.
type valRef struct {
	known component.ValType
	ref   *ref
}

// val resolves a value type in the current scope.
func (c *componentParser) val(t valRef) component.ValType {
	if t.ref != nil {
		return component.TypeIndex(c.resolve(*t.ref))
	}
	return t.known
}

func (c *componentParser) optionalVal(t *valRef) *component.ValType {
	if t == nil {
		return nil
	}
	v := c.val(*t)
	return &v
}

// valType parses a value type. One that is written inline is defined.
//
// Spec: Explainer.md#type-definitions, production `valtype`.
func (c *componentParser) valType() valRef {
	if k, ok := c.primitive(); ok {
		return valRef{known: component.Prim(k)}
	}
	if c.atIndex() || c.atOpen("type") {
		r := c.ref(component.SortType)
		return valRef{ref: &r}
	}
	place := c.place
	c.begin()
	t := component.TypeIndex(c.defineType(c.defValType(), defName{}))
	c.place = place
	return valRef{known: t}
}

// optionalValType parses a value type, unless the form ends here or goes on with
// `(error`.
func (c *componentParser) optionalValType() *valRef {
	if c.at(tokRight) || c.atOpen("error") {
		return nil
	}
	t := c.valType()
	return &t
}

var primitives = map[string]types.Kind{
	"bool": types.KindBool, "s8": types.KindS8, "u8": types.KindU8, "s16": types.KindS16, "u16": types.KindU16, "s32": types.KindS32,
	"u32": types.KindU32, "s64": types.KindS64, "u64": types.KindU64, "f32": types.KindF32, "f64": types.KindF64, "char": types.KindChar,
	"string": types.KindString, "error-context": types.KindErrorContext,
	"float32": types.KindF32, "float64": types.KindF64, // their names before 2024
}

func (c *componentParser) primitive() (k types.Kind, ok bool) {
	if !c.at(tokKeyword) {
		return 0, false
	}
	if k, ok = primitives[c.text()]; ok {
		c.advance()
	}
	return k, ok
}

var valTypeForms = []string{"a primitive type", "the index of a type", "a type such as `(list …)`"}

// defValType parses a value type that is no reference.
//
// Spec: Explainer.md#type-definitions, production `defvaltype`.
func (c *componentParser) defValType() (def component.DefType) {
	if k, ok := c.primitive(); ok {
		return component.PrimType(k)
	}
	word := c.peekOpen()
	parse := c.compoundParser(word)
	if parse == nil {
		c.unexpected(valTypeForms...)
	}
	c.gotOpen(word)
	c.nest(func() { def = parse() })
	c.close()
	return def
}

// compoundParser is what parses a compound value type behind the word that it
// begins with.
func (c *componentParser) compoundParser(word string) func() component.DefType {
	switch word {
	case "record":
		return c.recordType
	case "variant":
		return c.variantType
	case "list":
		return c.listType
	case "map":
		return c.mapType
	case "tuple":
		return c.tupleType
	case "flags":
		return func() component.DefType { return component.FlagsType(c.labels()) }
	case "enum":
		return func() component.DefType { return component.EnumType(c.labels()) }
	case "option":
		return func() component.DefType { return &component.OptionType{Elem: c.val(c.valType())} }
	case "result":
		return c.resultType
	case "own":
		return func() component.DefType { return component.OwnType(c.resolve(c.ref(component.SortType))) }
	case "borrow":
		return func() component.DefType { return component.BorrowType(c.resolve(c.ref(component.SortType))) }
	case "stream":
		return func() component.DefType { return &component.StreamType{Elem: c.optionalVal(c.optionalValType())} }
	case "future":
		return func() component.DefType { return &component.FutureType{Elem: c.optionalVal(c.optionalValType())} }
	}
	return nil
}

func (c *componentParser) recordType() component.DefType {
	var t component.RecordType
	var fields []valRef
	for c.gotPart("field") {
		t = append(t, component.LabelValType{Name: c.quoted("the field's name")})
		fields = append(fields, c.valType())
		c.close()
	}
	c.expectEnd("`(field`")
	for i := range t {
		t[i].Type = c.val(fields[i])
	}
	return t
}

func (c *componentParser) variantType() component.DefType {
	var t component.VariantType
	var cases []*valRef
	ids := map[string]bool{}
	for c.gotPart("case") {
		if id := c.id(); !id.isZero() {
			if ids[id.name] {
				c.fail(id.at, "duplicate variant case identifier `%s`", id.at.Text())
			}
			ids[id.name] = true
		}
		t = append(t, component.VariantCase{Name: c.quoted("the case's name")})
		cases = append(cases, c.optionalValType())
		c.close()
	}
	c.expectEnd("`(case`")
	for i := range t {
		t[i].Type = c.optionalVal(cases[i])
	}
	return t
}

func (c *componentParser) listType() component.DefType {
	elem := c.valType()
	t := &component.ListType{}
	if c.at(tokInteger) {
		n := c.u32()
		t.Length = &n
	}
	t.Elem = c.val(elem)
	return t
}

func (c *componentParser) mapType() component.DefType {
	key, value := c.valType(), c.valType()
	return &component.MapType{Key: c.val(key), Value: c.val(value)}
}

func (c *componentParser) tupleType() component.DefType {
	var elems []valRef
	for !c.at(tokRight) {
		elems = append(elems, c.valType())
	}
	t := make(component.TupleType, len(elems))
	for i := range t {
		t[i] = c.val(elems[i])
	}
	return t
}

func (c *componentParser) labels() (list []component.Label) {
	for c.at(tokString) {
		c.beginPart()
		list = append(list, component.Label{Name: c.name()})
	}
	c.expectEnd("a label in double quotes")
	return list
}

func (c *componentParser) resultType() component.DefType {
	ok := c.optionalValType()
	var err *valRef
	if c.gotOpen("error") {
		t := c.valType()
		err = &t
		c.close()
	} else {
		c.expectEnd("`(error`")
	}
	return &component.ResultType{Ok: c.optionalVal(ok), Err: c.optionalVal(err)}
}
