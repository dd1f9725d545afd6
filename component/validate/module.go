package validate

import "github.com/gondola-wasm/gondola/internal/corewasm"

// CoreModule checks a core module that stands alone, and gives its type as components
// see it.
//
// An error is a *[component.Error].
func CoreModule(m *corewasm.Module) (t *ModuleType, err error) {
	v := newValidator(Options{})
	defer v.recover(&err)
	checkModule(0, m.Validate())
	return v.moduleTypeOf(0, m), nil
}
