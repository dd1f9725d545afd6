package componentize

import (
	"errors"

	"github.com/gondola-wasm/gondola/wit"
)

// Options says how a component is made. The zero Options is right for most uses.
type Options struct {
	// Library holds packages whose interfaces the module may import and export
	// although its world doesn't name them; they are added to the world. If it is
	// nil, it holds the WASI packages.
	Library *wit.Resolve
}

// Encode makes a component of a core module and its world.
func Encode(core []byte, world *wit.World, opts Options) ([]byte, error) {
	return nil, errors.New("componentize: not there yet")
}
