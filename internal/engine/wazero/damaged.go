package wazero

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/tetratelabs/wazero"
)

// compileBinary compiles a rewritten module. What wazero can't read in its cache, it
// reports instead of making it again: then the cache is emptied first.
func (c *code) compileBinary(ctx context.Context, wasm []byte) (wazero.CompiledModule, error) {
	compiled, err := c.runtime.CompileModule(ctx, wasm)
	if err != nil && strings.HasPrefix(err.Error(), "compilationcache: ") {
		emptyCache(c.cacheDir)
		compiled, err = c.runtime.CompileModule(ctx, wasm)
	}
	return compiled, err
}

// emptyCache removes what wazero has kept in a folder for this sort of machine. Other
// processes find nothing then, and compile again.
func emptyCache(dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "wazero-*-"+runtime.GOARCH+"-"+runtime.GOOS, "*"))
	for _, f := range files {
		_ = os.Remove(f) // what stays is reported when it is read
	}
}
