package componentize

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit"
)

// coreImport is an imported core function and the one canonical definition that it
// becomes.
type coreImport struct {
	module, name string // as in the core module; unique
	sig          corewasm.FuncType
	canon        component.Canon // without indices
	needs        needs
	at           container
	fn           *wit.Function // lower, task.return
	typ          *wit.TypeDef  // resource, stream and future built-ins; nil for a unit payload
}

// late reports whether the definition refers to something of the core module, so that it
// can be made only when that was instantiated.
func (im *coreImport) late() bool {
	return im.needs.memory || im.canon.Op == component.CanonThreadNewIndirect
}

// async reports whether the definition gets the canonical option `async`. For some
// it is an immediate instead.
func (im *coreImport) async() bool {
	switch im.canon.Op {
	case component.CanonLower, component.CanonStreamRead, component.CanonStreamWrite, component.CanonFutureRead, component.CanonFutureWrite:
		return im.canon.Async
	}
	return false
}

// imported reports whether im refers to something that the component imports.
func (im *coreImport) imported() bool { return !im.at.exported }

// classifyImport finds out what an imported function is to become.
func classifyImport(x *worldIndex, module, name string, found corewasm.FuncType) (*coreImport, error) {
	at, ok := x.container(module)
	if !ok {
		return nil, unknownModule(x.world, module)
	}
	im := &coreImport{module: module, name: originalName(name), at: at}
	for _, try := range []func(*coreImport) bool{asFunction, asRootBuiltin, asResourceBuiltin, asTaskBuiltin, asTransfer} {
		if !try(im) {
			continue
		}
		if !im.sig.Equal(found) {
			return nil, &mismatch{im.sig, found}
		}
		if im.canon.Op == component.CanonLower && im.canon.Async && !im.fn.Async {
			return nil, fmt.Errorf("only `async` functions can be called asynchronously, and this one is `%s`", functionText(im.fn))
		}
		im.name = name
		return im, nil
	}
	return nil, unknownFunction(im)
}

func asFunction(im *coreImport) bool {
	if im.at.exported {
		return false
	}
	name, async := strings.CutPrefix(im.name, asyncLowerPrefix)
	im.fn = im.at.function(name)
	if im.fn == nil {
		return false
	}
	im.canon = component.Canon{Op: component.CanonLower, Async: async}
	im.sig, im.needs = im.at.sigs.lowered(im.fn, async)
	return true
}

func asRootBuiltin(im *coreImport) bool {
	if im.at.exported || im.at.iface != nil {
		return false
	}
	b, ok := rootBuiltin(im.name)
	im.canon, im.sig, im.needs = b.canon, b.sig, b.needs
	return ok
}

func asResourceBuiltin(im *coreImport) bool {
	annotation, name, ok := strings.Cut(im.name, "]")
	if !ok {
		return false
	}
	switch annotation + "]" {
	case "[resource-drop]":
		im.canon.Op, im.sig = component.CanonResourceDrop, coreFunc("i32 ->")
	case "[resource-new]":
		im.canon.Op, im.sig = component.CanonResourceNew, coreFunc("i32 -> i32")
	case "[resource-rep]":
		im.canon.Op, im.sig = component.CanonResourceRep, coreFunc("i32 -> i32")
	default:
		return false
	}
	im.typ = im.at.resource(name)
	return im.typ != nil && (im.at.exported || im.canon.Op == component.CanonResourceDrop)
}

func asTaskBuiltin(im *coreImport) bool {
	if !im.at.exported {
		return false
	}
	if im.name == "[task-cancel]" {
		im.canon.Op = component.CanonTaskCancel
		return true
	}
	name, ok := strings.CutPrefix(im.name, "[task-return]")
	if ok {
		im.fn = im.at.function(name)
	}
	if im.fn == nil {
		return false
	}
	im.canon.Op = component.CanonTaskReturn
	im.sig, im.needs = im.at.sigs.taskReturn(im.fn)
	return true
}

func asTransfer(im *coreImport) bool {
	t, ok := parseTransferName(im.name)
	if !ok {
		return false
	}
	var elem wit.Type
	if t.index >= 0 {
		f := im.at.function(t.function)
		if f == nil {
			return false
		}
		all := streamsAndFutures(f)
		if t.index >= len(all) {
			return false
		}
		im.typ = all[t.index]
		if elem, ok = payload(im.typ, t.future); !ok {
			return false
		}
	}
	im.canon, im.sig = t.canon, coreFunc(t.sig)
	switch t.canon.Op {
	case component.CanonStreamRead, component.CanonFutureRead:
		im.needs = im.at.sigs.transferNeeds(elem, true)
	case component.CanonStreamWrite, component.CanonFutureWrite:
		im.needs = im.at.sigs.transferNeeds(elem, false)
	}
	return true
}

// payload is what a future or else a stream carries; ok is false where d is the
// other one.
func payload(d *wit.TypeDef, future bool) (elem wit.Type, ok bool) {
	switch k := d.Kind.(type) {
	case *wit.Future:
		return k.Elem, future
	case *wit.Stream:
		return k.Elem, !future
	}
	return nil, false
}

func unknownModule(w *wit.World, module string) error {
	plain, exported := strings.CutPrefix(module, exportPrefix)
	verb := "imports"
	if exported {
		verb = "exports"
	}
	if module == "wasi_snapshot_preview1" || module == "wasi_unstable" {
		return fmt.Errorf("WASI preview 1 has no place in a component; the module must be built for WASI 0.2 or 0.3")
	}
	return fmt.Errorf("world `%s` %s no interface `%s`", w.Name, verb, plain)
}

func unknownFunction(im *coreImport) error {
	where := "world `" + im.at.world.Name + "`"
	if im.at.iface != nil {
		where = "interface `" + im.at.name() + "`"
	}
	return fmt.Errorf("nothing in %s gives this name a meaning", where)
}
