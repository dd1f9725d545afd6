package wat

import "github.com/gondola-wasm/gondola/wit/syntax"

// directive parses a form of a script.
func (p *parser) directive() *Directive {
	start, word := p.tok.start, p.peekOpen()
	d := &Directive{Word: word}
	switch kind := assertions[word]; {
	case kind != 0:
		p.gotOpen(word)
		d.Kind = kind
		p.assertion(d)
		p.close()
	case word == "module" || word == "component":
		p.moduleDirective(d)
	case word == "register":
		p.gotOpen(word)
		d.Kind = DirectiveRegister
		d.Name = p.name()
		d.ID = p.id().name
		p.close()
	case word == "invoke" || word == "get":
		d.Kind = DirectiveAction
		d.Action = p.action()
	case word == "thread":
		p.gotOpen(word)
		p.thread(d)
		p.close()
	case word == "wait":
		p.gotOpen(word)
		d.Kind = DirectiveWait
		d.ID = p.requiredID()
		p.close()
	default:
		p.unexpected("a directive, such as `(component` or `(assert_return`")
	}
	d.At = p.from(start)
	return d
}

func (p *parser) requiredID() string {
	if !p.at(tokID) {
		p.unexpected(tokID.String())
	}
	return p.id().name
}

// moduleDirective parses what begins with module or component.
func (p *parser) moduleDirective(d *Directive) {
	if p.keywordAfterOpen() != "instance" {
		d.Kind = DirectiveModule
		d.Source = p.source()
		if d.Source.definition {
			d.Kind = DirectiveDefinition
			d.Word += " definition"
		}
		return
	}
	d.Kind = DirectiveInstance
	d.Component = d.Word == "component"
	p.gotOpen(d.Word)
	p.gotKeyword("instance")
	d.Word += " instance"
	d.ID = p.id().name
	d.Of = p.id().name
	p.close()
}

// keywordAfterOpen is the keyword that follows `(word`, or "". In a script's forms
// it says of which kind they are; a component has none there that could be meant
// otherwise.
func (p *parser) keywordAfterOpen() string {
	i := p.pos
	for range 2 {
		i++
		for p.tokens[i].kind == tokAnnotation {
			i = p.matching(i) + 1
		}
	}
	if t := p.tokens[i]; t.kind == tokKeyword {
		return p.file.Src[t.start:t.end]
	}
	return ""
}

// assertion parses what follows the word of an assertion.
func (p *parser) assertion(d *Directive) {
	switch d.Kind {
	case DirectiveAssertReturn:
		d.Action = p.action()
		for p.at(tokLeft) {
			d.Results = append(d.Results, p.literal())
		}
		return
	case DirectiveAssertException:
		d.Action = p.action()
		return
	case DirectiveAssertExhaustion, DirectiveAssertSuspension:
		d.Action = p.action()
	case DirectiveAssertTrap:
		if w := p.peekOpen(); w == "module" || w == "component" {
			d.Source = p.source()
		} else {
			d.Action = p.action()
		}
	default:
		d.Source = p.source()
	}
	d.Text = p.name()
}

// action parses `(invoke …)` or `(get …)`.
func (p *parser) action() *Action {
	start := p.tok.start
	a := &Action{}
	switch {
	case p.gotOpen("get"):
		a.Get = true
	case !p.gotOpen("invoke"):
		p.unexpected("`(invoke`", "`(get`")
	}
	a.Instance = p.id().name
	a.Name = p.name()
	for !a.Get && p.at(tokLeft) {
		a.Args = append(a.Args, p.literal())
	}
	p.close()
	a.At = p.from(start)
	return a
}

// thread parses what follows `(thread`.
func (p *parser) thread(d *Directive) {
	d.Kind = DirectiveThread
	d.ID = p.requiredID()
	if p.gotOpen("shared") {
		p.expectOpen("module")
		d.Of = p.requiredID()
		p.close()
		p.close()
	}
	for p.at(tokLeft) {
		p.nest(func() { d.Body = append(d.Body, p.directive()) })
	}
}

// bareModule is the directive that a file without directives stands for.
func (p *parser) bareModule() *Directive {
	at := syntax.Span{File: p.file, End: len(p.file.Src)}
	s := &Source{At: at, file: p.file, tokens: p.tokens[:len(p.tokens)-1]}
	return &Directive{Kind: DirectiveModule, Word: "module", At: at, Source: s}
}
