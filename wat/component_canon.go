package wat

import (
	"slices"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// canonDef parses what stands behind `(canon`.
//
// Spec: Explainer.md#canonical-definitions, production `canon`.
func (c *componentParser) canonDef() {
	op := c.canonOp()
	d, resolve := c.canon(op)
	if op == component.CanonLift {
		if !c.gotOpen("func") {
			c.unexpected(canonEnd(op, "`(func …)`")...)
		}
		l := c.label()
		use := c.typeUse(component.SortFunc)
		c.close()
		c.defineLift(d, use, resolve, l)
		return
	}
	if !c.gotOpen("core") {
		c.unexpected(canonEnd(op, "`(core func)`")...)
	}
	c.expectKeyword("func")
	l := c.label()
	c.close()
	resolve()
	c.define(component.SortCoreFunc, d, l)
}

// canonEnd is what may stand where a canonical definition says what it defines.
func canonEnd(op component.CanonOp, end string) []string {
	if imms, _ := op.Immediates(); slices.Contains(imms, component.ImmOptions) {
		return []string{"a canonical option", end}
	}
	return []string{end}
}

// funcDef parses what stands behind `(func`.
func (c *componentParser) funcDef() {
	l := c.label()
	exports := c.inlineExports()
	if c.inverted(component.SortFunc, l, exports) {
		return
	}
	use := c.typeUse(component.SortFunc)
	if !c.gotOpen("canon") {
		c.unexpected("`(canon lift`", "`(import`", "`(alias`")
	}
	at := c.span()
	op := c.canonOp()
	if op != component.CanonLift {
		c.failWith(syntax.Errorf(at, "`canon %s` makes a core function, not a function of the component", op).WithHint("write `(core func (canon %s …))`", op))
	}
	d, resolve := c.canon(op)
	c.close()
	c.export(exports, component.SortFunc, c.defineLift(d, use, resolve, l))
}

func (c *componentParser) defineLift(d *component.Canon, use ref, resolve func(), l defName) uint32 {
	d.Type = c.resolve(use)
	resolve()
	return c.define(component.SortFunc, d, l)
}

// canonOps finds a canonical definition by its keyword.
var canonOps = func() map[string]component.CanonOp {
	m := map[string]component.CanonOp{}
	for op := component.CanonOp(0); op < 0xff; op++ {
		if _, ok := op.Immediates(); ok {
			m[op.String()] = op
		}
	}
	m["thread.available_parallelism"] = component.CanonThreadAvailableParallelism // its name before 2025
	return m
}()

func (c *componentParser) canonOp() component.CanonOp {
	at := c.span()
	word := c.keyword("`lift`", "`lower`", "the name of a built-in")
	op, ok := canonOps[word]
	if !ok {
		var known []string
		for name := range canonOps {
			known = append(known, name)
		}
		slices.Sort(known)
		c.failWith(syntax.Errorf(at, "there is no canonical definition `%s`", word).WithHint("%s", syntax.Suggest(word, known)))
	}
	return op
}

// canon parses what follows the keyword of a canonical definition, for `lift`
// without the function that it defines. resolve resolves its references.
func (c *componentParser) canon(op component.CanonOp) (d *component.Canon, resolve func()) {
	d = &component.Canon{Op: op}
	imms, _ := op.Immediates()
	var resolves []func()
	for _, imm := range imms {
		if op == component.CanonLift && imm == component.ImmType {
			continue
		}
		if r := c.immediate(d, imm); r != nil {
			resolves = append(resolves, r)
		}
	}
	return d, func() {
		for _, r := range resolves {
			r()
		}
	}
}

// immediate parses a field of a canonical definition. What it returns resolves
// references.
func (c *componentParser) immediate(d *component.Canon, imm component.Immediate) (resolve func()) {
	switch imm {
	case component.ImmFunc:
		s := component.SortFunc
		if d.Op == component.CanonLift {
			s = component.SortCoreFunc
		}
		return c.into(&d.Func, c.sortRef(s))
	case component.ImmType:
		return c.into(&d.Type, c.ref(component.SortType))
	case component.ImmOptions:
		return c.canonOptions(d)
	case component.ImmResult:
		t := c.result()
		return func() { d.Result = c.optionalVal(t) }
	case component.ImmAsync:
		d.Async = c.gotKeyword("async")
	case component.ImmCancellable:
		d.Cancellable = c.gotKeyword("cancellable")
	case component.ImmShared:
		d.Shared = c.gotKeyword("shared")
	case component.ImmMemory:
		c.expectOpen("memory")
		r := c.optionRef(component.SortCoreMemory)
		c.close("`(core memory …)`")
		return c.into(&d.Memory, r)
	case component.ImmTable:
		return c.into(&d.Table, c.coreRef(component.SortCoreTable))
	case component.ImmCoreType:
		return c.into(&d.CoreType, c.coreRef(component.SortCoreType))
	case component.ImmContext:
		d.Context = componentCoreValType(c.coreValType(c.coreIndex))
	case component.ImmSlot:
		d.Slot = c.u32()
	}
	return nil
}

func (c *componentParser) into(dst *uint32, r ref) func() {
	return func() { *dst = c.resolve(r) }
}

// optionRef parses what stands behind `(memory`: `$m`, `(core memory $m "name"*)` or,
// as texts of before July 2026 had it, `$i "name"`.
func (c *componentParser) optionRef(s component.Sort) ref {
	if c.atIndex() {
		return c.path(s)
	}
	return c.sortRef(s)
}

var optionsByWord = func() map[string]component.OptionKind {
	m := map[string]component.OptionKind{}
	for k := component.OptionUTF8; k <= component.OptionCallback; k++ {
		m[k.String()] = k
	}
	return m
}()

// canonOptions parses options, as long as they come.
//
// Spec: Explainer.md#canonical-abi, production `canonopt`.
func (c *componentParser) canonOptions(d *component.Canon) (resolve func()) {
	var refs []ref
	for {
		word, open := c.text(), false
		if c.at(tokLeft) {
			word, open = c.peekOpen(), true
		}
		k, ok := optionsByWord[word]
		if !ok || k.HasIndex() != open {
			break
		}
		var r ref
		c.beginPart()
		if c.advance(); open {
			c.advance()
			if r = c.canonOptionRef(k); !c.got(tokRight) {
				c.unexpected("`)`")
			}
		}
		d.Options = append(d.Options, component.CanonOption{Kind: k})
		refs = append(refs, r)
	}
	if c.at(tokKeyword) {
		c.unexpectedOption()
	}
	return func() {
		for i := range refs {
			d.Options[i].Index = c.resolve(refs[i])
		}
	}
}

// unexpectedOption ends the parse at a word that is no canonical option.
func (c *componentParser) unexpectedOption() {
	if c.atKeyword("gc") {
		c.failWith(syntax.Errorf(c.span(), "there is no canonical option `gc`").WithHint("the specification has no canonical ABI for garbage collection yet"))
	}
	c.unexpected("a canonical option", "`)`")
}

// canonOptionRef parses what an option refers to.
func (c *componentParser) canonOptionRef(k component.OptionKind) ref {
	if k == component.OptionMemory {
		return c.optionRef(component.SortCoreMemory)
	}
	return c.coreRef(component.SortCoreFunc)
}
