package wazero

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
)

// place is where something is: in a part of an instance of the program, under a
// name if it is exported.
type place struct {
	instance, part int
	name           string
}

// export is what a module exports under a name.
type export struct {
	kind  corewasm.ExternKind
	index uint32 // in the module's index space
	place place

	// What the engine makes of memories and tables does not show these.
	wide, shared bool
}

// linker compiles the parts of one module, and names the sources of their imports.
type linker struct {
	code     *code
	module   *engine.Module
	core     *corewasm.Module
	instance int // its index in the program

	firstMemory uint32    // see corewasm.LowerOptions
	numbered    *numbered // nil without core dumps
}

// numbers is the number of the instance if that is to stand in names, or -1.
func (l linker) numbers() int {
	if l.numbered == nil {
		return -1
	}
	return l.instance
}

// exports finds out where what the module exports is.
func (l linker) exports(lowered *corewasm.Lowered) map[string]export {
	exports := make(map[string]export, len(l.core.Exports))
	for _, e := range l.core.Exports {
		x := export{kind: e.Kind, index: e.Index, place: place{l.instance, len(lowered.Parts) - 1, e.Name}}
		switch e.Kind {
		case corewasm.KindMemory:
			t, _ := l.core.MemoryType(e.Index)
			x.wide, x.shared = t.Limits.Is64, t.Shared
			if link, moved := lowered.Moved[e.Name]; moved {
				x.place = place{l.instance, link.Index, link.Name}
			}
		case corewasm.KindTable:
			t, _ := l.core.TableType(e.Index)
			x.wide = t.Limits.Is64
		}
		exports[e.Name] = x
	}
	return exports
}

// check says which import does not fit its source in a way that wazero can't see.
func (l linker) check() error {
	for i := range l.core.Imports {
		im := &l.core.Imports[i]
		from, ok := l.source(i)
		if !ok {
			continue
		}
		var wide, shared bool
		switch im.Kind {
		case corewasm.KindMemory:
			wide, shared = im.Memory.Limits.Is64, im.Memory.Shared
		case corewasm.KindTable:
			wide = im.Table.Limits.Is64
		}
		if im.Kind != from.kind || wide != from.wide || shared != from.shared {
			return fmt.Errorf("import %q %q: incompatible import type: expected a %s, found a %s", im.Module, im.Name,
				export{kind: im.Kind, wide: wide, shared: shared}, from)
		}
	}
	return nil
}

func (e export) String() string {
	s := e.kind.String()
	if e.wide {
		s = "64-bit " + s
	}
	if e.shared {
		s = "shared " + s
	}
	return s
}

// source is what import i of the module comes from, if that is another instance.
func (l linker) source(i int) (export, bool) {
	s := l.module.Imports[i]
	if s.Instance < 0 || s.Instance >= len(l.code.modules) {
		return export{}, false
	}
	e, ok := l.code.modules[s.Instance].exports[s.Name]
	return e, ok
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
	case corewasm.LinkI31Make:
		return hostModule + suffix, i31Field
	case corewasm.LinkI31GetS:
		return hostModule + suffix, getSField
	case corewasm.LinkI31GetU:
		return hostModule + suffix, getUField
	case corewasm.LinkPart:
		p = place{l.instance, link.Index, link.Name}
	default:
		s := l.module.Imports[link.Index]
		switch s.Instance {
		case engine.FromHost:
			return hostModule + suffix, strconv.Itoa(s.Index)
		case engine.FromPreview1:
			return preview1Module + suffix, s.Name
		}
		p = place{s.Instance, 0, s.Name}
		if from, ok := l.source(link.Index); ok {
			p = from.place
		}
	}
	return strconv.Itoa(p.instance) + "." + strconv.Itoa(p.part) + suffix, p.name
}

// sourceOf reads what importName wrote: a part of an instance, or one of the modules of
// the host.
func sourceOf(name string) (p place, host string) {
	name, _, _ = strings.Cut(name, "#")
	if name == hostModule || name == preview1Module {
		return place{}, name
	}
	instance, part, _ := strings.Cut(name, ".")
	p.instance, _ = strconv.Atoi(instance)
	p.part, _ = strconv.Atoi(part)
	return p, ""
}
