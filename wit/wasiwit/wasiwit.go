package wasiwit

import (
	"embed"
	"io/fs"

	"github.com/gondola-wasm/gondola/internal/names"
)

//go:embed wit
var files embed.FS

// Version is the version of all packages in [FS].
var Version = names.MakeVersion(0, 3, 0)

// FS returns the packages, a folder each, as wit.Options.Extra takes them. It may be
// used from several goroutines.
func FS() fs.FS {
	sub, err := fs.Sub(files, "wit")
	if err != nil {
		panic(err) // the path is a constant
	}
	return sub
}
