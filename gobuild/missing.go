package gobuild

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gondola-wasm/gondola/bindgen"
	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/wit"
)

// head passes on what "go build" prints and keeps the beginning of it.
type head struct {
	to   io.Writer // or nil
	kept strings.Builder
}

// maxKept is more than the compiler prints before it gives up.
const maxKept = 64 << 10

func (h *head) Write(b []byte) (int, error) {
	h.kept.Write(b[:min(len(b), maxKept-h.kept.Len())])
	if h.to == nil {
		return len(b), nil
	}
	return h.to.Write(b)
}

// helpMissing adds to a compile error what to write where the package does not implement what its world exports.
func helpMissing(err error, world *wit.World, importPath, output string) error {
	if world == nil || !errors.Is(err, ErrCompile) {
		return err
	}
	missing, merr := bindgen.Missing(world, bindgen.Options{ImportPath: importPath + "/" + genDir}, output)
	if merr != nil || len(missing) == 0 {
		return err
	}
	var b strings.Builder
	for _, e := range missing {
		fmt.Fprintf(&b, "\n\t%s // %s", e, exportName(e))
	}
	return fmt.Errorf("%w: the world %s exports what the package does not implement; write%s", err, world.IDString(), b.String())
}

func exportName(e bindgen.Export) string {
	if e.Interface == "" {
		return e.Function
	}
	return e.Function + " of " + e.Interface
}

// helpExport adds to an error about exports that the core module lacks how a package hands its implementation over.
func helpExport(err error, world *wit.World, importPath string) error {
	var ce *componentize.Error
	if world == nil || !errors.As(err, &ce) || len(ce.Missing) == 0 {
		return err
	}
	help, herr := bindgen.ExportHelp(world, bindgen.Options{ImportPath: importPath + "/" + genDir})
	if herr != nil {
		return err
	}
	return fmt.Errorf("%w\nA package that implements the world %s has:\n\n%s", err, world.IDString(), help)
}
