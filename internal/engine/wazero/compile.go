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

// module is a compiled core module: parts with one memory each at most, of
// which the last one is the main part. See corewasm.Lower.
type module struct {
	name     string
	parts    []part
	memories map[string]place  // exported ones
	funcs    map[string]bool   // the names of its exported functions
	tables   map[string]uint32 // the indices of its exported tables
}

type part struct {
	compiled    wazero.CompiledModule
	image       []corewasm.ImageSegment // what instantiation copies into the memory
	memory      string                  // the export name of the memory that image goes to
	memoryPages uint64                  // what its own memory begins with
}

// place is where something is: in a part of an instance of the program, under a
// name if it is exported.
type place struct {
	instance, part int
	name           string
}

// compileModule compiles the next module. Those before it, from which it imports,
// are in c.
func (c *code) compileModule(ctx context.Context, m *engine.Module, core *corewasm.Module) (module, error) {
	if len(core.Imports) != len(m.Imports) {
		return module{}, fmt.Errorf("it has %d imports, %d are linked", len(core.Imports), len(m.Imports))
	}
	lowered, err := corewasm.Lower(core, corewasm.LowerOptions{FirstMemory: uint32(len(c.memories)), Valid: true})
	if err != nil {
		return module{}, err
	}
	if c.parts += len(lowered.Parts) - 1; c.parts > maxParts {
		return module{}, fmt.Errorf("the component's core modules have more than %d memories beside their first ones", maxParts)
	}
	instance := len(c.modules)
	l := linker{c, m, core, instance, uint32(len(c.memories))}
	made := module{name: m.Name, memories: l.memories(lowered), funcs: exportedFuncs(core), tables: exportedTables(core)}
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

// linker compiles the parts of one module, and names the sources of their imports.
type linker struct {
	code     *code
	module   *engine.Module
	core     *corewasm.Module
	instance int // its index in the program

	firstMemory uint32 // see corewasm.LowerOptions
}

func (l linker) compile(ctx context.Context, lowered *corewasm.Lowered, i int) (part, error) {
	p := &lowered.Parts[i]
	memory := exportedMemory(p.Module)
	rewritten, err := l.code.rewrites.rewrite(source{l.module.Bytes, l.firstMemory, i}, p.Module, corewasm.RewriteOptions{
		RenameImport: func(i int, im *corewasm.Import) (string, string) { return l.importName(i, p.Links[i]) },
		// A start function runs before anybody outside could copy the image.
		ExtractData: p.Module.Start == nil && memory != "",
		MaxTable:    maxTable,
		Valid:       true,
		Fuel: &corewasm.FuelOptions{
			TickModule: hostModule, TickName: tickField, Initial: fuel,
			HostImport: func(i int, _ *corewasm.Import) bool { return p.Links[i].Kind != corewasm.LinkImport },
		},
	})
	if err != nil {
		return part{}, err
	}
	compiled, err := l.code.runtime.CompileModule(ctx, rewritten.Wasm)
	if err != nil {
		return part{}, err
	}
	return part{compiled, flatten(rewritten.Image), memory, p.MemoryPages}, nil
}

// memories finds out where the exported memories are.
func (l linker) memories(lowered *corewasm.Lowered) map[string]place {
	places := map[string]place{}
	for _, e := range l.core.Exports {
		if e.Kind != corewasm.KindMemory {
			continue
		}
		link, moved := lowered.Moved[e.Name]
		switch {
		case !moved:
			places[e.Name] = place{l.instance, len(lowered.Parts) - 1, e.Name}
		case link.Kind == corewasm.LinkPart:
			places[e.Name] = place{l.instance, link.Index, link.Name}
		default:
			places[e.Name] = l.source(link.Index)
		}
	}
	return places
}

// source is where import i of the module comes from, another instance.
func (l linker) source(i int) place {
	s := l.module.Imports[i]
	m := &l.code.modules[s.Instance]
	if l.core.Imports[i].Kind == corewasm.KindMemory {
		return m.memories[s.Name]
	}
	return place{s.Instance, len(m.parts) - 1, s.Name}
}

// importName is how a rewritten part names what satisfies its import i. The number
// behind "#" keeps names apart where two imports have one source. See
// space.resolve.
func (l linker) importName(i int, link corewasm.Link) (moduleName, name string) {
	suffix := "#" + strconv.Itoa(i)
	var p place
	switch link.Kind {
	case corewasm.LinkCopy:
		return hostModule + suffix, copyField
	case corewasm.LinkWait:
		return hostModule + suffix, waitField
	case corewasm.LinkPart:
		p = place{l.instance, link.Index, link.Name}
	default:
		s := l.module.Imports[link.Index]
		if s.Instance == engine.FromHost {
			return hostModule + suffix, strconv.Itoa(s.Index)
		}
		p = l.source(link.Index)
	}
	return strconv.Itoa(p.instance) + "." + strconv.Itoa(p.part) + suffix, p.name
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

func exportedTables(m *corewasm.Module) map[string]uint32 {
	indices := map[string]uint32{}
	for _, e := range m.Exports {
		if e.Kind == corewasm.KindTable {
			indices[e.Name] = e.Index
		}
	}
	return indices
}

// maxTable is the number of entries to which one table can grow, and with which
// all tables of a program together may begin. It is more than any program has
// functions.
const maxTable = 10_000_000

// checkTables refuses programs that would fill the host's memory with tables.
func checkTables(modules []engine.Module, cores []*corewasm.Module) error {
	left := uint64(maxTable)
	for i, m := range cores {
		for _, t := range m.Tables {
			if t.Limits.Min > left {
				return fmt.Errorf("core module %s: the component's tables begin with more than %d entries", modules[i].Name, maxTable)
			}
			left -= t.Limits.Min
		}
	}
	return nil
}

// maxParts is the number of memories beside the first ones that the modules of a
// program can have. Each costs the host some tens of kilobytes.
const maxParts = 1000

// sourceOf reads what importName wrote: a part of an instance, or the host.
func sourceOf(name string) (p place, host bool) {
	name, _, _ = strings.Cut(name, "#")
	if name == hostModule {
		return place{}, true
	}
	instance, part, _ := strings.Cut(name, ".")
	p.instance, _ = strconv.Atoi(instance)
	p.part, _ = strconv.Atoi(part)
	return p, false
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
