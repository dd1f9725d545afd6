package main

import (
	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/component"
)

// engineFlags say how guests are compiled and what they may take. Every command
// that runs guests has them.
type engineFlags struct {
	features  component.Feature
	maxMemory uint64
}

func (e *engineFlags) register(cmd *cobra.Command) {
	featuresFlag(cmd, &e.features)
	cmd.Flags().Uint64Var(&e.maxMemory, "max-memory", 1<<30, "cap what the memories of an instance take together at this many `bytes`")
}

// options are what the flags say, and the cache of compiled code.
func (e *engineFlags) options() []gondola.Option {
	opts := []gondola.Option{gondola.WithFeatures(e.features), gondola.WithMaxMemory(e.maxMemory)}
	if dir, err := cacheDir("compiled"); err == nil {
		opts = append(opts, gondola.WithCacheDir(dir))
	}
	return opts
}
