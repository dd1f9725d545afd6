package wazero

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
)

// fuel is how many checks running code passes between two calls of the tick: at
// the rate of real code some tens of microseconds, which is what a garbage
// collection then waits for it.
const fuel = 10_000

type module struct {
	name      string
	compiled  wazero.CompiledModule
	image     []corewasm.ImageSegment // what instantiation copies into the memory
	memory    string                  // the export name of the memory that image goes to
	memoryMin uint64                  // bytes that its own memories begin with
	funcs     map[string]bool         // the names of its exported functions
}

func (e *eng) compileModule(ctx context.Context, m *engine.Module, core *corewasm.Module) (module, error) {
	if len(core.Imports) != len(m.Imports) {
		return module{}, fmt.Errorf("it has %d imports, %d are linked", len(core.Imports), len(m.Imports))
	}
	for _, t := range core.Memories {
		if t.Shared {
			return module{}, errors.New("it has a shared memory, which is not supported")
		}
	}
	memory := exportedMemory(core)
	rewritten, err := corewasm.Rewrite(core, corewasm.RewriteOptions{
		RenameImport: func(i int, _ *corewasm.Import) (string, string) { return importName(i, m.Imports[i]) },
		// A start function runs before anybody outside could copy the image.
		ExtractData: core.Start == nil && memory != "",
		MaxTable:    maxTable,
		Valid:       true,
		Fuel:        &corewasm.FuelOptions{TickModule: hostModule, TickName: tickField, Initial: fuel},
	})
	if err != nil {
		return module{}, err
	}
	compiled, err := e.runtime.CompileModule(ctx, rewritten.Wasm)
	if err != nil {
		return module{}, err
	}
	return module{m.Name, compiled, flatten(rewritten.Image), memory, memoryMin(core), exportedFuncs(core)}, nil
}

func exportedFuncs(m *corewasm.Module) map[string]bool {
	names := map[string]bool{}
	for _, e := range m.Exports {
		if e.Kind == corewasm.KindFunc {
			names[e.Name] = true
		}
	}
	return names
}

// maxTable is the number of entries to which one table can grow, and with which
// all tables of a program together may begin. It is more than any program has
// functions.
const maxTable = 10_000_000

// checkTables refuses programs that would fill the host's memory with tables.
func checkTables(modules []engine.Module, cores []*corewasm.Module) error {
	total := uint64(0)
	for i, m := range cores {
		for _, t := range m.Tables {
			total += uint64(t.Limits.Min)
		}
		if total > maxTable {
			return fmt.Errorf("core module %s: the component's tables begin with more than %d entries", modules[i].Name, maxTable)
		}
	}
	return nil
}

func memoryMin(m *corewasm.Module) (bytes uint64) {
	for _, t := range m.Memories {
		bytes += uint64(t.Limits.Min) * pageSize
	}
	return bytes
}

// importName is how a rewritten module names the source of import i. The number
// behind "#" keeps names apart where two imports have one source. See
// space.resolve.
func importName(i int, s engine.Source) (moduleName, name string) {
	if s.Instance == engine.FromHost {
		return hostModule + "#" + strconv.Itoa(i), strconv.Itoa(s.Index)
	}
	return strconv.Itoa(s.Instance) + "#" + strconv.Itoa(i), s.Name
}

// sourceName takes what importName added off again.
func sourceName(name string) string {
	name, _, _ = strings.Cut(name, "#")
	return name
}

// exportedMemory is a name under which memory 0 is exported, or "".
func exportedMemory(m *corewasm.Module) string {
	for _, e := range m.Exports {
		if e.Kind == corewasm.KindMemory && e.Index == 0 {
			return e.Name
		}
	}
	return ""
}

// flatten joins segments into one where they lie close together. Go's linker
// makes tens of thousands, and one copy is much faster than many.
func flatten(segments []corewasm.ImageSegment) []corewasm.ImageSegment {
	if len(segments) < 2 {
		return segments
	}
	low, high, total := ^uint32(0), uint32(0), 0
	for _, s := range segments {
		low = min(low, s.Offset)
		high = max(high, s.Offset+uint32(len(s.Data)))
		total += len(s.Data)
	}
	if int(high-low) > 2*total+pageSize {
		return segments
	}
	data := make([]byte, high-low)
	for _, s := range segments {
		copy(data[s.Offset-low:], s.Data)
	}
	return []corewasm.ImageSegment{{Offset: low, Data: data}}
}

const pageSize = 1 << 16
