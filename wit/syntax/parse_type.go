package syntax

import "strconv"

// typ parses a type.
//
// Spec: WIT.md#types-1.
func (p *parser) typ() *Type {
	p.depth++
	if p.depth > MaxDepth {
		p.fail(Errorf(p.span(), "types nest too deep: at most %d levels are allowed", MaxDepth))
	}
	t := &Type{}
	start := p.tok.Start
	p.typeInto(t)
	t.Span = p.from(start)
	p.depth--
	return t
}

func (p *parser) typeInto(t *Type) {
	if k := p.tok.Kind; k.isPrimitive() {
		t.Kind, t.Primitive = PrimitiveType, kindText[k]
		p.advance()
		return
	}
	switch p.tok.Kind {
	case KwList:
		p.listType(t)
	case KwMap:
		p.mapType(t)
	case KwTuple:
		p.tupleType(t)
	case KwOption:
		t.Kind = OptionType
		p.advance()
		p.expect(LessThan)
		t.Args = []*Type{p.typ()}
		p.expect(GreaterThan)
	case KwResult:
		p.resultType(t)
	case KwFuture:
		t.Kind = FutureType
		p.optionalArg(t)
	case KwStream:
		t.Kind = StreamType
		p.optionalArg(t)
	case KwOwn, KwBorrow:
		p.handleType(t)
	case Ident:
		p.namedType(t)
	case KwRecord, KwVariant, KwEnum, KwFlags, KwResource:
		p.fail(p.unexpectedErr("a type").WithHint("a %s is defined with a name of its own: `%s name { … }`", p.span().Text(), p.span().Text()))
	default:
		p.unexpected("a type")
	}
}

func (p *parser) namedType(t *Type) {
	if p.span().Text() == "error-context" && p.gates.Has(GateErrorContext) {
		t.Kind, t.Primitive = PrimitiveType, "error-context"
		p.advance()
		return
	}
	t.Kind, t.Name = NamedType, p.name("a type")
}

// listType parses `list<t>` and, behind 🔧, `list<t, n>`.
func (p *parser) listType(t *Type) {
	t.Kind = ListType
	p.advance()
	p.expect(LessThan)
	t.Args = []*Type{p.typ()}
	if p.tok.Kind == Comma {
		p.fixedLength(t)
	}
	p.expect(GreaterThan)
}

func (p *parser) fixedLength(t *Type) {
	comma := p.span()
	p.advance()
	if p.tok.Kind != Integer {
		p.fail(Errorf(p.span(), "unexpected %s in a list with a fixed length, expected a number", p.found()))
	}
	p.gated(Span{p.file, comma.Start, p.tok.End}, GateFixedLengthLists, "lists of fixed length")
	n, err := strconv.ParseUint(p.span().Text(), 10, 31)
	if err != nil || n == 0 || p.span().Text()[0] == '0' {
		p.fail(Errorf(p.span(), "the length of a list is a number from 1 to 2147483647 without leading zeros"))
	}
	t.Kind, t.Len = FixedListType, uint32(n)
	p.advance()
}

func (p *parser) mapType(t *Type) {
	t.Kind = MapType
	p.advance()
	p.expect(LessThan)
	key := p.typ()
	p.checkKey(key)
	p.expect(Comma)
	t.Args = []*Type{key, p.typ()}
	p.expect(GreaterThan)
}

// checkKey rejects what is no key: one is written as the primitive type that it is.
//
// Spec: WIT.md#types-1, production `kt`.
func (p *parser) checkKey(key *Type) {
	switch {
	case key.Kind == NamedType:
		p.fail(Errorf(key.Span, "`%s` can't be the key of a map, even if it is another name for a type that can", key.Span.Text()).
			WithHint("write the type itself: an integer, bool, char or string"))
	case key.Kind != PrimitiveType, key.Primitive == "f32", key.Primitive == "f64", key.Primitive == "error-context":
		p.fail(Errorf(key.Span, "`%s` can't be the key of a map", key.Span.Text()).WithHint("keys are integers, bool, char or string"))
	}
}

func (p *parser) tupleType(t *Type) {
	t.Kind = TupleType
	p.advance()
	p.expect(LessThan)
	p.list(GreaterThan, func() { t.Args = append(t.Args, p.typ()) })
}

// resultType parses `result`, `result<t>`, `result<_, e>` and `result<t, e>`.
func (p *parser) resultType(t *Type) {
	t.Kind, t.Args = ResultType, []*Type{nil, nil}
	p.advance()
	if !p.got(LessThan) {
		return
	}
	if p.got(Underscore) {
		p.expect(Comma)
		t.Args[1] = p.typ()
	} else {
		t.Args[0] = p.typ()
		if p.got(Comma) {
			t.Args[1] = p.typ()
		}
	}
	p.expect(GreaterThan)
}

// optionalArg parses the rest of `future`, `future<t>`, `stream` and `stream<t>`.
func (p *parser) optionalArg(t *Type) {
	t.Args = []*Type{nil}
	p.advance()
	if p.got(LessThan) {
		t.Args[0] = p.typ()
		p.expect(GreaterThan)
	}
}

// handleType parses `borrow<r>` and `own<r>`. The grammar in WIT.md has no `own`,
// though it reserves the word; existing files use it.
func (p *parser) handleType(t *Type) {
	t.Kind = BorrowType
	if p.tok.Kind == KwOwn {
		t.Kind = OwnType
	}
	p.advance()
	p.expect(LessThan)
	t.Name = p.name("the name of a resource")
	p.expect(GreaterThan)
}
