package wit

import (
	"io/fs"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Options says how WIT is read. The zero Options is right for most uses.
type Options struct {
	// Features are the names of `@unstable` features whose items are kept.
	Features []string

	// AllFeatures keeps every `@unstable` item.
	AllFeatures bool

	// Gates allows syntax that the pinned standard still gates.
	Gates syntax.Gates

	// Extra holds further packages, tried in order for a dependency that nothing
	// else provides: each is a folder of *.wit files and of folders of *.wit
	// files, one package each. Package wasiwit has one.
	Extra []fs.FS
}
