package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola/wasi"
)

// directoryFlags are the directories that a guest gets.
type directoryFlags struct {
	dirs    []string
	maxOpen int
}

func (d *directoryFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&d.dirs, "dir", nil, "give the guest a directory, as `HOST[::GUEST][:ro]`; GUEST is what the guest calls it, :ro keeps it from changing anything; repeatable")
	countVar(f, &d.maxOpen, "max-open-files", 1024, "cap the `number` of files and directories that guests have open at a time")
}

func (d *directoryFlags) grant(cfg *wasi.Config) error {
	cfg.Limits.OpenFiles = d.maxOpen
	for _, text := range d.dirs {
		dir, err := wasi.ParseDir(text)
		if err != nil {
			return fmt.Errorf("--dir: %w", err)
		}
		cfg.Dirs = append(cfg.Dirs, dir)
	}
	return nil
}
