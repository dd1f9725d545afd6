package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/gondola-wasm/gondola"
)

// profileFlag is the flag --profile, and what comes of it.
type profileFlag struct {
	path      string
	collected *gondola.Profile // nil without the flag
}

// during does what runs a guest, and writes the profile then, however that has ended. What
// stands in the way of the file is said before anything runs.
func (p *profileFlag) during(run func() error) (err error) {
	if p.path == "" {
		return run()
	}
	file, err := os.Create(p.path)
	if err != nil {
		return fmt.Errorf("--profile: %w", err)
	}
	p.collected = gondola.NewProfile()
	defer func() {
		_, werr := p.collected.WriteTo(file)
		if werr = errors.Join(werr, file.Close()); werr != nil && err == nil {
			err = fmt.Errorf("--profile: %w", werr)
		}
	}()
	return run()
}
