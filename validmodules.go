package gondola

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// validModules is a folder that remembers core modules whose function bodies are
// valid: an empty file for each, named after the module, the features, and the code
// that checked it. It implements [validate.Seen]. Whatever goes wrong with the folder,
// modules are only checked again.
type validModules struct {
	dir      string
	features component.Feature
}

// minRemembered is the size of modules from which on remembering takes less time than
// checking.
const minRemembered = 64 << 10

func (v validModules) Has(module []byte) bool {
	if len(module) < minRemembered {
		return false
	}
	_, err := os.Stat(v.file(module))
	return err == nil
}

func (v validModules) Add(module []byte) {
	if len(module) < minRemembered || os.MkdirAll(v.dir, 0o700) != nil {
		return
	}
	_ = os.WriteFile(v.file(module), nil, 0o600)
}

func (v validModules) file(module []byte) string {
	checker, sum := corewasm.Fingerprint(), sha256.Sum256(module)
	key := sha256.Sum256(fmt.Appendf(nil, "%x %x %d", checker, sum, v.features))
	return filepath.Join(v.dir, hex.EncodeToString(key[:]))
}
