package wasiwit

import (
	"embed"
	"io/fs"

	"github.com/gondola-wasm/gondola/internal/names"
)

//go:embed wit
var files embed.FS

// The versions of the packages in [FS]: each is there in Version, which worlds should
// use, and in Version02, which has wasi:io besides.
var (
	Version   = names.MakeVersion(0, 3, 0)
	Version02 = names.MakeVersion(0, 2, 12)
)

// FS returns the packages, a folder each, as wit.Options.Extra takes them. It may be
// used from several goroutines.
func FS() fs.FS {
	sub, err := fs.Sub(files, "wit")
	if err != nil {
		panic(err) // the path is a constant
	}
	return sub
}
