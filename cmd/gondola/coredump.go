package main

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// coreDumpFlag is the flag --coredump.
type coreDumpFlag struct{ path string }

func (c *coreDumpFlag) options(guest string) []gondola.Option {
	if f := c.writer(guest); f != nil {
		return []gondola.Option{gondola.WithCoreDump(f)}
	}
	return nil
}

// writer writes the dump of the first trap, or is nil without the flag. That it can't be
// written is said beside what the trap says.
func (c *coreDumpFlag) writer(guest string) func(*gondola.Trap, *gondola.CoreDump) {
	if c.path == "" {
		return nil
	}
	var first sync.Once
	return func(t *gondola.Trap, d *gondola.CoreDump) {
		if errors.As(t, new(*wasi.ExitError)) { // which is how wasi:cli/exit ends a guest
			return
		}
		first.Do(func() {
			d.Name = guest
			if err := writeCoreDump(c.path, d); err != nil {
				fmt.Fprintln(os.Stderr, "gondola: --coredump:", err)
				return
			}
			fmt.Fprintln(os.Stderr, "gondola: core dumped to", c.path)
		})
	}
}

func writeCoreDump(path string, d *gondola.CoreDump) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = d.WriteTo(file)
	return errors.Join(err, file.Close())
}
