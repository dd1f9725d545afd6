package main

import (
	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola/wasi"
)

// sandboxFlags say what a guest may see and use. Every command that runs guests has
// them all. Each kind of thing is a part, in a file of its own.
type sandboxFlags struct {
	environment environmentFlags
	directories directoryFlags
	network     networkFlags
	limits      limitFlags
}

// sandboxPart is the flags for one kind of thing that a guest may get.
type sandboxPart interface {
	// register adds the flags.
	register(f *pflag.FlagSet)
	// grant puts what the flags give into cfg, which has what other parts give. The
	// error says which flag is wrong.
	grant(cfg *wasi.Config) error
}

func (s *sandboxFlags) parts() []sandboxPart {
	return []sandboxPart{
		&s.environment,
		&s.directories,
		&s.network,
		&s.limits,
	}
}

func (s *sandboxFlags) register(f *pflag.FlagSet) {
	for _, p := range s.parts() {
		p.register(f)
	}
}

// grant puts what all flags give into cfg.
func (s *sandboxFlags) grant(cfg *wasi.Config) error {
	for _, p := range s.parts() {
		if err := p.grant(cfg); err != nil {
			return err
		}
	}
	return nil
}
