package wazero

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
)

// fuel is how many checks running code passes between two calls of the tick.
const fuel = engine.StepsPerTick

// module is a compiled core module: parts with one memory each at most, of
// which the last one is the main part. See corewasm.Lower.
type module struct {
	name    string
	parts   []part
	exports map[string]export
	misfit  error // why it can't be instantiated with the sources of its imports

	numbered *numbered // nil without core dumps
}

type part struct {
	compiled    wazero.CompiledModule
	image       []corewasm.ImageSegment // what instantiation copies into the memory
	memory      string                  // the export name of the memory that image goes to
	memoryPages uint64                  // what its own memory begins with
	rooms       *sync.Pool              // for its memory: see linearMemory
	start       string                  // the export name of the start function; "" if there is none
	globals     []string                // the export names of globals that can change, the fuel included

	unrepeatable bool // see set
	fillsImports bool // puts functions into a table that it imports
}

// compileModule compiles the next module. Those before it, from which it imports,
// are in c.
func (c *code) compileModule(ctx context.Context, m *engine.Module, core *corewasm.Module) (module, error) {
	if len(core.Imports) != len(m.Imports) {
		return module{}, fmt.Errorf("it has %d imports, %d are linked", len(core.Imports), len(m.Imports))
	}
	instance := len(c.modules)
	var numbers *numbered
	if c.dump != nil {
		numbers = &numbered{names: core.Names(), globals: core.Count(corewasm.KindGlobal)}
		core = withNumbers(core, instance)
	}
	lowered, err := corewasm.Lower(core, corewasm.LowerOptions{FirstMemory: uint32(len(c.memories)), Valid: true})
	if err != nil {
		return module{}, err
	}
	if numbers != nil {
		numbers.memories = lowered.Memories
	}
	l := linker{c, m, core, instance, uint32(len(c.memories)), numbers}
	made := module{name: m.Name, exports: l.exports(lowered), misfit: l.check(), numbered: numbers}
	for i := range lowered.Parts {
		p, err := l.compile(ctx, lowered, i)
		if err != nil {
			return module{}, errors.Join(err, made.close(ctx))
		}
		made.parts = append(made.parts, p)
	}
	for _, p := range lowered.Memories {
		c.memories = append(c.memories, place{instance: instance, part: p})
	}
	return made, nil
}

func (m *module) close(ctx context.Context) error {
	var errs []error
	for _, p := range m.parts {
		errs = append(errs, p.compiled.Close(ctx))
	}
	return errors.Join(errs...)
}

func (l linker) compile(ctx context.Context, lowered *corewasm.Lowered, i int) (part, error) {
	p := &lowered.Parts[i]
	memory := exportedMemory(p.Module)
	rewritten, err := l.code.rewrites.rewrite(source{l.module.Bytes, l.firstMemory, i, l.numbers()}, p.Module, corewasm.RewriteOptions{
		RenameImport:  func(i int, im *corewasm.Import) (string, string) { return l.importName(i, p.Links[i]) },
		ExportGlobals: true,
		ExportStart:   true,
		ExtractData:   memory != "",
		MaxTable:      l.code.maxTable,
		Valid:         true,
		Fuel: &corewasm.FuelOptions{
			TickModule: hostModule, TickName: tickField, Initial: fuel,
			HostImport: func(i int, _ *corewasm.Import) bool { return p.Links[i].Kind != corewasm.LinkImport },
		},
	})
	if err != nil {
		return part{}, err
	}
	compiled, err := l.code.compileBinary(ctx, rewritten.Wasm)
	if err != nil {
		return part{}, err
	}
	l.code.profiler.compiled(profiledModule{l.module.Name, l.numbered.realNames(), compiled})
	return part{
		compiled:    compiled,
		image:       flatten(rewritten.Image),
		memory:      memory,
		memoryPages: p.MemoryPages,
		rooms:       new(sync.Pool),

		start:        rewritten.Start,
		globals:      changing(rewritten),
		unrepeatable: unrepeatable(rewritten),
		fillsImports: rewritten.Facts.FillsImports,
	}, nil
}

// changing are the names of the globals that can change.
func changing(r *corewasm.Rewritten) (names []string) {
	for _, g := range r.Globals {
		names = append(names, g.Name)
	}
	if r.Ticks {
		names = append(names, r.Fuel)
	}
	return names
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
