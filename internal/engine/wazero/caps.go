package wazero

import (
	"fmt"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
)

// Caps bound what the core code of one program has, which is known before it runs. Where
// one is 0, there is a default.
type Caps struct {
	// TableElements caps the entries of all tables together: 10 million, which is more
	// than any program has functions. Each table can grow to its share.
	TableElements uint64

	// Instances caps the core instances: 10,000.
	Instances int

	// Tables caps the tables: 10,000.
	Tables int

	// Memories caps the memories: 1000. Each costs the host some tens of kilobytes.
	Memories int
}

func (c Caps) withDefaults() Caps {
	if c.TableElements == 0 {
		c.TableElements = 10_000_000
	}
	for _, n := range []struct {
		cap *int
		def int
	}{{&c.Instances, 10_000}, {&c.Tables, 10_000}, {&c.Memories, 1000}} {
		if *n.cap == 0 {
			*n.cap = n.def
		}
	}
	return c
}

// check refuses programs that have more.
func (c Caps) check(modules []engine.Module, cores []*corewasm.Module) error {
	if len(cores) > c.Instances {
		return fmt.Errorf("the component has %d instances of core modules; there may be %d", len(cores), c.Instances)
	}
	tables, memories, elements := 0, 0, c.TableElements
	for i, m := range cores {
		tables += len(m.Tables)
		memories += len(m.Memories)
		switch {
		case tables > c.Tables:
			return fmt.Errorf("%s: that makes %d tables; there may be %d", modules[i].Name, tables, c.Tables)
		case memories > c.Memories:
			return fmt.Errorf("%s: that makes %d memories; there may be %d", modules[i].Name, memories, c.Memories)
		}
		for _, t := range m.Tables {
			if t.Limits.Min > elements {
				return fmt.Errorf("%s: the tables begin with more than %d entries", modules[i].Name, c.TableElements)
			}
			elements -= t.Limits.Min
		}
	}
	return nil
}

// tableShare is to how many entries each table of a program can grow.
func (c Caps) tableShare(cores []*corewasm.Module) uint32 {
	tables := 0
	for _, m := range cores {
		tables += len(m.Tables)
	}
	return uint32(min(max(c.TableElements/uint64(max(tables, 1)), 1), 1<<32-1))
}
