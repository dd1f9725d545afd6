package wat

import "github.com/gondola-wasm/gondola/wit/syntax"

// Parse gives the binary form of a text: a module, a component, or the fields of a
// module without the `(module …)` around them. name is the file's name, for
// messages. Identifiers are kept in name sections.
//
// What comes out is well-formed, but it is not validated. The error is a
// [*syntax.Error]. Texts may be hostile: they cost time and memory in proportion to
// their length.
//
// Specification: WebAssembly core 3.0, section 6; Explainer.md.
func Parse(name string, src []byte) (wasm []byte, err error) {
	err = catch(func() {
		wasm = newParser(&syntax.File{Name: name, Src: string(src)}).whole()
	})
	return wasm, err
}

// whole parses a text from its first token to its last.
func (p *parser) whole() (wasm []byte) {
	switch {
	case len(p.tokens) == 1:
		p.failWith(syntax.Errorf(p.span(), "the text is empty").WithHint("the smallest module is `(module)`"))
	case p.gotOpen("component"):
		wasm = p.component(p.id())
		p.close()
	case p.gotOpen("module"):
		wasm = p.coreModule(p.id())
		p.close()
	default:
		wasm = p.coreModule(ident{})
	}
	if !p.at(tokEOF) {
		p.unexpected(tokEOF.String())
	}
	return wasm
}
