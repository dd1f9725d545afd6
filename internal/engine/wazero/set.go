package wazero

import (
	"context"
	"runtime"
	"slices"

	"github.com/tetratelabs/wazero/api"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// set is what a space has in the engine: the instances of a program's modules, and their
// memories. Making those is most of what a small instance costs, so where the program
// allows it (see [repeatable]) a set outlives its space: it is put back to how it was
// before any of its code had run, or to an [image] of how it was when all start functions
// had, and serves the next space of the same program.
//
// Nothing of what one space did must be seen by the next: memories, globals that can
// change and the fuel are put back; tables and segments can't have changed, nor can anything
// else.
type set struct {
	cores   []core // by index in the program
	memory  *memoryBudget
	globals []savedGlobal
	at      *image          // what a set that is kept has been put to; nil for what it was at first
	cleanup runtime.Cleanup // of one that is kept and that the garbage collector takes
}

// core is the instance of a module: that of each part, the main one last.
type core struct {
	parts []api.Module
	idle  map[string][]*callee // by the export's name; see function
}

// savedGlobal is a global with what it was at first.
type savedGlobal struct {
	global api.MutableGlobal
	first  uint64
}

func newSet(c *code) *set {
	return &set{cores: make([]core, len(c.modules)), memory: &memoryBudget{left: c.maxMemory, spare: maxSpare}}
}

// note notes how a part's instance is before any of its code has run.
func (s *set) note(p *part, mod api.Module) {
	if m := s.memory.last(); m != nil && m.grower == nil {
		m.grower, m.first = mod.Memory(), memoryImage{len(m.bytes), p.image}
	}
	for _, name := range p.globals {
		g := mod.ExportedGlobal(name).(api.MutableGlobal)
		s.globals = append(s.globals, savedGlobal{g, g.Get()})
	}
}

// keep has the set closed when the garbage collector takes it.
func (s *set) keep() {
	var mods []api.Module // which know nothing of the set
	for i := range s.cores {
		mods = append(mods, s.cores[i].parts...)
	}
	s.cleanup = runtime.AddCleanup(s, closeAll, mods)
}

func closeAll(mods []api.Module) {
	for _, mod := range mods {
		// With no exit code to report, closing can't fail. It frees no memory: see
		// linearMemory.Free.
		_ = mod.Close(context.Background())
	}
}

// put makes everything what it is in an image, or what it was at first if there is
// none. It reports whether it could.
func (s *set) put(img *image, maxMemory uint64) bool {
	if !s.memory.put(img, maxMemory) {
		return false
	}
	for i, g := range s.globals {
		v := g.first
		if img != nil {
			v = img.globals[i]
		}
		g.global.Set(v)
	}
	s.at = img
	return true
}

// isOpen reports whether no instance has been closed, as by an exit.
func (s *set) isOpen() bool {
	for i := range s.cores {
		for _, mod := range s.cores[i].parts {
			if mod.IsClosed() {
				return false
			}
		}
	}
	return true
}

// close frees the set. No call may be under way, parked ones included.
func (s *set) close() {
	s.cleanup.Stop()
	for i := range s.cores {
		closeAll(s.cores[i].parts)
	}
	s.memory.free()
}

// repeatable reports whether sets of the program can serve one space after the other. What
// can't be put back from outside must not change: tables, segments, globals of vectors
// or references. Nor may what a start function finds depend on what is instantiated later,
// because it runs again when everything is there.
func (c *code) repeatable() bool {
	if c.preview1 != nil {
		return false // what it keeps for a guest is in the instance
	}
	started := false
	for i := range c.modules {
		if c.modules[i].misfit != nil {
			return false
		}
		for k := range c.modules[i].parts {
			p := &c.modules[i].parts[k]
			if p.unrepeatable || started && p.fillsImports {
				return false
			}
			started = started || p.start != ""
		}
	}
	return true
}

// unrepeatable reports whether an instance of a part can't be put back.
func unrepeatable(r *corewasm.Rewritten) bool {
	f := r.Facts
	if f.WritesTables || f.DropsData || f.DropsElems || f.MakesRefs || f.AppliesData {
		return true
	}
	for _, g := range r.Globals {
		switch g.Type.Type {
		case corewasm.I32, corewasm.I64, corewasm.F32, corewasm.F64:
		default:
			return true
		}
	}
	return false
}

// maxIdle is how many calls in flight a set keeps the means for, of each function.
const maxIdle = 2

// leave keeps what a function has for calls.
func (c *core) leave(name string, idle []*callee) {
	if len(idle) == 0 {
		return
	}
	if c.idle == nil {
		c.idle = map[string][]*callee{}
	}
	c.idle[name] = slices.Clone(idle[:min(len(idle), maxIdle)])
}
