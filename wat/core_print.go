package wat

import (
	"errors"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// coreModuleName is the name that a module's name section gives it, if it does.
func coreModuleName(b []byte) (name string, ok bool) {
	m, err := corewasm.Decode(b)
	if err != nil {
		return "", false
	}
	name = m.Names().Module
	return name, name != ""
}

// coreModule writes the fields of a module into the open form. id is the identifier
// that stands in the form already, without its $, or "": where the module's name is
// another one, it is written as an annotation.
func (pr *printer) coreModule(b []byte, id string) error {
	return errors.New("core modules can't be printed yet")
}
