package corewasm

import (
	"crypto/sha256"
	"embed"
	"io/fs"
	"strings"
	"sync"
)

//go:embed *.go
var sources embed.FS

// Fingerprint changes whenever this package does, and with it perhaps what [Rewrite]
// makes: it is part of the key under which that may be kept.
var Fingerprint = sync.OnceValue(func() (sum [sha256.Size]byte) {
	h := sha256.New()
	files, err := sources.ReadDir(".")
	if err != nil {
		panic(err) // it is always there
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := fs.ReadFile(sources, f.Name())
		if err != nil {
			panic(err)
		}
		h.Write(text)
	}
	h.Sum(sum[:0])
	return sum
})
