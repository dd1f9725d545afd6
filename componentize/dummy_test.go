package componentize

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit"
)

// dummyModule makes a core module that imports everything a world gives, and exports
// functions that trap for everything that it asks for. Asynchronous functions are lowered
// and lifted asynchronously, with a callback. Built-ins of gated proposals are left out.
func dummyModule(w *wit.World) []byte {
	d := &dummy{b: corewasm.NewBuilder(), world: w, seen: map[string]bool{}, sigs: newSignatures()}
	for key, item := range w.Imports.All() {
		d.eachItem(container{world: w, key: key}, item, d.importFunction, d.importType)
	}
	for key, item := range w.Exports.All() {
		d.eachItem(container{world: w, exported: true, key: key}, item, d.exportBuiltins, d.exportTypeBuiltins)
	}
	for name := range sorted(plainBuiltins) {
		if name == "[thread-yield]" || !strings.HasPrefix(name, "[thread-") && !strings.HasPrefix(name, "[error") {
			d.imported(rootModule, name, coreFunc(plainBuiltins[name].sig))
		}
	}
	d.imported(rootModule, "[context-get-0]", coreFunc("-> i32"))
	d.imported(rootModule, "[context-set-0]", coreFunc("i32 ->"))
	for key, item := range w.Exports.All() {
		d.eachItem(container{world: w, exported: true, key: key}, item, d.exportFunction, d.exportDestructor)
	}
	d.b.AddMemory(corewasm.MemoryType{})
	d.b.AddExport("memory", corewasm.KindMemory, 0)
	d.exported("cabi_realloc", coreFunc("i32 i32 i32 i32 -> i32"))
	d.exported("_initialize", coreFunc("->"))
	return d.b.Encode()
}

type dummy struct {
	b     *corewasm.Builder
	world *wit.World
	seen  map[string]bool
	sigs  *signatures
}

func (d *dummy) eachItem(at container, item wit.WorldItem, function func(container, *wit.Function), typ func(container, *wit.TypeDef)) {
	switch item := item.(type) {
	case *wit.Function:
		at.key = wit.WorldKey{}
		function(at, item)
	case *wit.TypeDef:
		at.key = wit.WorldKey{}
		typ(at, item)
	case *wit.InterfaceItem:
		at.iface = item.Interface
		for f := range item.Interface.Functions.Values() {
			function(at, f)
		}
		for t := range item.Interface.Types.Values() {
			typ(at, t)
		}
	}
}

func (d *dummy) imported(module, name string, sig corewasm.FuncType) {
	d.b.ImportFunc(module, name, d.b.AddType(sig.Params, sig.Results))
}

func (d *dummy) exported(name string, sig corewasm.FuncType) {
	f := d.b.AddFunc(d.b.AddType(sig.Params, sig.Results), nil, corewasm.NewCode().Op(corewasm.OpUnreachable))
	d.b.AddExport(name, corewasm.KindFunc, f)
}

func (d *dummy) importFunction(at container, f *wit.Function) {
	name := f.Name
	if f.Async {
		name = asyncLowerPrefix + name
	}
	sig, _ := d.sigs.lowered(f, f.Async)
	d.imported(at.name(), name, sig)
	d.transfers(at.name(), f)
}

func (d *dummy) transfers(module string, f *wit.Function) {
	for i, t := range streamsAndFutures(f) {
		for _, b := range transferBuiltins {
			kind, sig := "stream", b.streamSig
			if _, future := t.Kind.(*wit.Future); future {
				kind, sig = "future", b.futureSig
			}
			prefix := ""
			if b.name == "read" || b.name == "write" {
				prefix = asyncLowerPrefix
			}
			d.imported(module, fmt.Sprintf("%s[%s-%s-%d]%s", prefix, kind, b.name, i, f.Name), coreFunc(sig))
		}
	}
}

func (d *dummy) importType(at container, t *wit.TypeDef) {
	if _, ok := t.Kind.(*wit.Resource); ok {
		d.imported(at.name(), "[resource-drop]"+t.Name, coreFunc("i32 ->"))
	}
}

func (d *dummy) exportBuiltins(at container, f *wit.Function) {
	sig, _ := d.sigs.taskReturn(f)
	if f.Async {
		d.imported(exportPrefix+at.name(), "[task-return]"+f.Name, sig)
	}
	d.transfers(exportPrefix+at.name(), f)
}

func (d *dummy) exportTypeBuiltins(at container, t *wit.TypeDef) {
	if _, ok := t.Kind.(*wit.Resource); ok {
		d.imported(exportPrefix+at.name(), "[resource-drop]"+t.Name, coreFunc("i32 ->"))
		d.imported(exportPrefix+at.name(), "[resource-new]"+t.Name, coreFunc("i32 -> i32"))
		d.imported(exportPrefix+at.name(), "[resource-rep]"+t.Name, coreFunc("i32 -> i32"))
	}
}

func (d *dummy) exportFunction(at container, f *wit.Function) {
	name := at.coreExportName(f)
	if f.Async {
		sig, _ := d.sigs.lifted(f, liftCallback)
		d.exported(asyncLiftPrefix+name, sig)
		d.exported(callbackPrefix+name, coreFunc("i32 i32 i32 -> i32"))
		return
	}
	sig, _ := d.sigs.lifted(f, liftSync)
	d.exported(name, sig)
	d.exported(postReturnPrefix+name, d.sigs.postReturn(f))
}

func (d *dummy) exportDestructor(at container, t *wit.TypeDef) {
	if _, ok := t.Kind.(*wit.Resource); ok {
		d.exported(at.name()+"#"+dtorPrefix+t.Name, coreFunc("i32 ->"))
	}
}
