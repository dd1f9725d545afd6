package wat

import "errors"

func (pr *printer) component(b []byte) error { return errors.New("not yet") }
