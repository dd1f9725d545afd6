package validate

import "github.com/gondola-wasm/gondola/internal/corewasm"

// CoreModule checks a core module that stands alone, and gives its type as components
// see it.
//
// An error is a *[component.Error].
func CoreModule(m *corewasm.Module) (t *ModuleType, err error) {
	defer (&validator{}).recover(&err)
	checkModule(0, m.Validate())
	return moduleTypeOf(0, m), nil
}
