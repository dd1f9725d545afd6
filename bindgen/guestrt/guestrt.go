package guestrt

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed rt/*.go
var sources embed.FS

// A File is one source file of gen/rt.
type File struct {
	// Name is the file's base name, such as "scope_wasip1.go".
	Name string
	// Source is its text. The package clause is "package rt".
	Source []byte
}

// Files returns the sources of gen/rt, sorted by name, tests left out. The caller owns the result.
func Files() []File {
	entries, err := fs.ReadDir(sources, "rt")
	if err != nil {
		panic("guestrt: embedded folder rt: " + err.Error())
	}
	var files []File
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		source, err := sources.ReadFile("rt/" + entry.Name())
		if err != nil {
			panic("guestrt: embedded file " + entry.Name() + ": " + err.Error())
		}
		files = append(files, File{Name: entry.Name(), Source: source})
	}
	return files
}
