package wat

import (
	encbin "encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// typeDef is what an index of a type stands for, as far as the text says: def, in
// whose scope its own indices are. def is nil where it can't be known, such as for
// an alias of an instance's export.
type typeDef struct {
	def component.DefType
	in  *componentScope
}

// typeAt is what a type of the current scope stands for.
func (c *componentParser) typeAt(i uint32) typeDef { return c.scope.typeAt(i) }

func (s *componentScope) typeAt(i uint32) typeDef {
	if int(i) < len(s.types) {
		return s.types[i]
	}
	return typeDef{}
}

// outerType is what an outer alias of a type stands for.
func (c *componentParser) outerType(a *component.AliasOuter) typeDef {
	s := c.scope
	for range a.Count {
		if s == nil {
			return typeDef{}
		}
		s = s.outer
	}
	if s == nil {
		return typeDef{}
	}
	return s.typeAt(a.Index)
}

// startDef parses what stands behind `(start`.
//
// Spec: Explainer.md#-start-definitions.
func (c *componentParser) startDef() {
	f := c.ref(component.SortFunc)
	var args []ref
	for c.atOpen("value") {
		args = append(args, c.sortRef(component.SortValue))
	}
	var results []defName
	for c.gotOpen("result") {
		c.expectOpen("value")
		results = append(results, c.label())
		c.close()
		c.close()
	}
	d := &component.Start{Func: c.resolve(f), Results: uint32(len(results))}
	for _, a := range args {
		d.Args = append(d.Args, c.resolve(a))
	}
	c.add(d)
	for _, l := range results {
		c.bind(component.SortValue, l)
	}
}

// valueDef parses what stands behind `(value`.
//
// Spec: Explainer.md#-value-definitions.
func (c *componentParser) valueDef() {
	var l defName
	if !c.atValueOfNamedType() {
		l = c.label()
	}
	exports := c.inlineExports()
	s := component.SortValue
	if c.inverted(s, l, exports) {
		return
	}
	t := c.val(c.valType())
	d := &component.Value{Type: t}
	if c.gotOpen("binary") {
		d.Data = c.strs()
		c.close("a string")
	} else {
		d.Data = c.value(nil, t, c.scope)
	}
	c.export(exports, s, c.define(s, d, l))
}

// atValueOfNamedType tells `(value $t 1)` from `(value $v $t 1)` and `(value $v u8 1)`:
// only one thing follows the identifier.
func (c *componentParser) atValueOfNamedType() bool {
	q := *c.parser
	if !q.got(tokID) || q.atOpen("import") || q.atOpen("alias") || q.at(tokRight) {
		return false
	}
	q.skip()
	return q.at(tokRight)
}

// value parses a value of a type whose index is one of scope in, and appends its
// encoding to dst.
//
// Spec: Explainer.md#-value-definitions, production `val`; Binary.md, `val(t)`.
func (c *componentParser) value(dst []byte, t component.ValType, in *componentScope) []byte {
	if t.Prim != 0 {
		return c.primitiveValue(dst, t.Prim)
	}
	def := in.typeAt(t.Index)
	if def.def == nil {
		c.failWith(syntax.Errorf(c.span(), "the text doesn't say what type %d is", t.Index).
			WithHint("values of such types are written in the binary format: `(binary \"…\")`"))
	}
	c.nest(func() { dst = c.compoundValue(dst, def) })
	return dst
}

func (c *componentParser) compoundValue(dst []byte, t typeDef) []byte {
	switch def := t.def.(type) {
	case component.PrimType:
		return c.primitiveValue(dst, types.Kind(def))
	case component.RecordType:
		c.expectOpen("record")
		for _, f := range def {
			dst = c.value(dst, f.Type, t.in)
		}
		c.close()
	case component.TupleType:
		c.expectOpen("tuple")
		for _, e := range def {
			dst = c.value(dst, e, t.in)
		}
		c.close()
	case component.VariantType:
		return c.variantValue(dst, def, t.in)
	case *component.ListType:
		if def.Length == nil {
			return c.listValue(dst, def, t.in)
		}
		c.noValues("lists of fixed length")
	case component.FlagsType:
		return c.flagsValue(dst, def)
	case component.EnumType:
		c.expectOpen("enum")
		if len(def) == 0 {
			c.noValues("an enum without cases")
		}
		dst = leb128.AppendU32(dst, uint32(c.labelIndex(&def[0], len(def), func(i int) string { return def[i].Name })))
		c.close()
	case *component.OptionType:
		if c.gotKeyword("none") {
			return append(dst, 0)
		}
		if !c.gotOpen("some") {
			c.unexpected("`none`", "`(some …)`")
		}
		dst = c.value(append(dst, 1), def.Elem, t.in)
		c.close()
	case *component.ResultType:
		return c.resultValue(dst, def, t.in)
	default:
		c.noValues("this type")
	}
	return dst
}

func (c *componentParser) noValues(what string) {
	c.fail(c.span(), "there are no constants of %s", what)
}

// labelIndex parses a label and finds it among the n ones of a type. key is what
// tells the type from others.
func (c *componentParser) labelIndex(key any, n int, label func(int) string) int {
	indices, ok := c.labelIndices[key]
	if !ok {
		indices = map[string]int{}
		for i := range n {
			indices[label(i)] = i
		}
		c.labelIndices[key] = indices
	}
	at := c.span()
	name := c.quoted("a label")
	i, ok := indices[name]
	if !ok {
		c.failWith(syntax.Errorf(at, "the type has no label `%s`", name).
			WithHint("%s", syntax.Suggest(name, slices.Sorted(maps.Keys(indices)))))
	}
	return i
}

func (c *componentParser) variantValue(dst []byte, t component.VariantType, in *componentScope) []byte {
	c.expectOpen("variant")
	if len(t) == 0 {
		c.noValues("a variant without cases")
	}
	i := c.labelIndex(&t[0], len(t), func(i int) string { return t[i].Name })
	dst = leb128.AppendU32(dst, uint32(i))
	if t[i].Type != nil {
		dst = c.value(dst, *t[i].Type, in)
	}
	c.close()
	return dst
}

func (c *componentParser) listValue(dst []byte, t *component.ListType, in *componentScope) []byte {
	c.expectOpen("list")
	var elems []byte
	n := uint32(0)
	for !c.at(tokRight) {
		elems = c.value(elems, t.Elem, in)
		n++
	}
	c.close()
	return append(leb128.AppendU32(dst, n), elems...)
}

// maxFlags is what Binary.md allows. More would make values larger than their text.
const maxFlags = 32

func (c *componentParser) flagsValue(dst []byte, t component.FlagsType) []byte {
	if len(t) > maxFlags {
		c.fail(c.span(), "a flags type has %d labels at most, this one has %d", maxFlags, len(t))
	}
	c.expectOpen("flags")
	bits := make([]byte, (len(t)+7)/8)
	for c.at(tokString) && len(t) > 0 {
		i := c.labelIndex(&t[0], len(t), func(i int) string { return t[i].Name })
		bits[i/8] |= 1 << (i % 8)
	}
	c.close("a label")
	return append(dst, bits...)
}

func (c *componentParser) resultValue(dst []byte, t *component.ResultType, in *componentScope) []byte {
	sides := []struct {
		word string
		typ  *component.ValType
	}{{"ok", t.Ok}, {"error", t.Err}}
	var expected []string
	for i, side := range sides {
		switch {
		case side.typ == nil && c.gotKeyword(side.word):
			return append(dst, byte(i))
		case side.typ != nil && c.gotOpen(side.word):
			dst = c.value(append(dst, byte(i)), *side.typ, in)
			c.close()
			return dst
		case side.typ == nil:
			expected = append(expected, "`"+side.word+"`")
		default:
			expected = append(expected, "`("+side.word+" …)`")
		}
	}
	c.unexpected(expected...)
	return nil
}

func (c *componentParser) primitiveValue(dst []byte, k types.Kind) []byte {
	switch k {
	case types.KindBool:
		switch {
		case c.gotKeyword("false"):
			return append(dst, 0)
		case c.gotKeyword("true"):
			return append(dst, 1)
		}
		c.unexpected("`true`", "`false`")
	case types.KindU8, types.KindS8:
		return append(dst, byte(c.integer(k)))
	case types.KindU16, types.KindU32, types.KindU64:
		return leb128.AppendU64(dst, c.integer(k))
	case types.KindS16, types.KindS32, types.KindS64:
		return leb128.AppendS64(dst, int64(c.integer(k)))
	case types.KindF32:
		return encbin.LittleEndian.AppendUint32(dst, uint32(c.floatValue(formatF32)))
	case types.KindF64:
		return encbin.LittleEndian.AppendUint64(dst, c.floatValue(formatF64))
	case types.KindChar:
		if !c.at(tokChar) {
			c.unexpected("a character such as `'a'`")
		}
		dst = append(dst, unquote(c.text())...)
		c.advance()
		return dst
	case types.KindString:
		s := c.name()
		return append(leb128.AppendU32(dst, uint32(len(s))), s...)
	}
	c.noValues(k.String())
	return nil
}

var integerKinds = map[types.Kind]struct {
	bits   int
	signed bool
}{
	types.KindU8: {8, false}, types.KindU16: {16, false}, types.KindU32: {32, false}, types.KindU64: {64, false},
	types.KindS8: {8, true}, types.KindS16: {16, true}, types.KindS32: {32, true}, types.KindS64: {64, true},
}

// integer parses an integer of a kind, sign-extended to 64 bits.
func (c *componentParser) integer(k types.Kind) uint64 {
	kind := integerKinds[k]
	if !kind.signed {
		return c.uint(kind.bits)
	}
	at, negative := c.span(), strings.HasPrefix(c.text(), "-")
	v := c.int(kind.bits)
	v = uint64(int64(v) << (64 - kind.bits) >> (64 - kind.bits))
	if int64(v) < 0 != (negative && v != 0) {
		c.fail(at, "constant out of range: %s is no %s", at.Text(), k)
	}
	return v
}

// floatValue parses a float, which has only one NaN.
func (c *componentParser) floatValue(f floatFormat) uint64 {
	at := c.span()
	v := c.float(f)
	if strings.Contains(at.Text(), "nan") && at.Text() != "nan" {
		c.fail(at, "a component's floats have only one NaN: `nan`")
	}
	return v
}
