package wat

import "errors"

// component parses what stands in `(component $id? …)` behind the identifier, up to
// the closing parenthesis.
func (p *parser) component(id ident) []byte {
	p.fail(p.span(), "components can't be parsed yet")
	return nil
}

// component writes a component as a form.
func (pr *printer) component(b []byte) error {
	return errors.New("components can't be printed yet")
}
