package wasi_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/wittypes"
	"github.com/gondola-wasm/gondola/wasi"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// everything are worlds that import all of a version of WASI, with what the host does
// not give of it: by interface, with the reason. The counts are of
// functions, constructors among them, and of resources.
var everything = []struct {
	version, world       string
	functions, resources int
	missing              map[string]string
}{
	{
		version: "0.3.0", world: "include wasi:cli/imports@0.3.0; include wasi:http/middleware@0.3.0;",
		functions: 129, resources: 9,
		missing: map[string]string{
			"wasi:http/handler@0.3.0": "what comes after a middleware is up to whoever composes them",
		},
	},
	{
		version: "0.2.12", world: "include wasi:cli/imports@0.2.12; include wasi:http/imports@0.2.12;",
		functions: 179, resources: 25,
	},
}

// Every function and every resource of WASI is given, with a type that fits: a
// component that imports all of them is linked.
func TestEverythingIsThere(t *testing.T) {
	for _, e := range everything {
		t.Run(e.version, func(t *testing.T) {
			comp, functions, resources := importEverything(t, e.world)
			if functions != e.functions || resources != e.resources {
				t.Errorf("%d functions and %d resources are imported, want %d and %d", functions, resources, e.functions, e.resources)
			}
			linker := rt.NewLinker()
			wasi.AddTo(linker, wasi.Config{})
			in, err := linker.Instantiate(t.Context(), comp)
			if err == nil {
				defer in.Close(t.Context())
			}
			lacks := &gondola.LinkError{}
			if err != nil && !errors.As(err, &lacks) {
				t.Fatal(err)
			}
			for _, misfit := range lacks.Misfits {
				t.Error(misfit)
			}
			lacking := map[string]bool{}
			for _, item := range lacks.Missing {
				instance, _, _ := strings.Cut(item, " ")
				lacking[instance] = true
				if e.missing[instance] == "" {
					t.Error("the host does not give ", item)
				}
			}
			for instance := range e.missing {
				if !lacking[instance] {
					t.Errorf("%s is given: take it from the list of what is missing", instance)
				}
			}
		})
	}
}

// importEverything makes a component that imports every function and resource of a
// world.
func importEverything(t *testing.T, world string) (comp *gondola.Component, functions, resources int) {
	r, err := wit.ParseString("everything.wit", "package test:everything; world w {"+world+"}",
		wit.Options{AllFeatures: true, Extra: []fs.FS{wasiwit.FS()}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	w.Exports = wit.World{}.Exports
	core := corewasm.NewBuilder()
	sigs := wittypes.New()
	for key, item := range w.Imports.All() {
		i, ok := item.(*wit.InterfaceItem)
		if !ok {
			t.Fatalf("%s is no interface", key)
		}
		for f := range i.Interface.Functions.Values() {
			sig := layout.FlattenFunc(sigs.Func(f), layout.ABI{Direction: layout.Lower})
			core.ImportFunc(key.String(), f.Name, core.AddType(valTypes(sig.Params), valTypes(sig.Results)))
			functions++
		}
		for def := range i.Interface.Types.Values() {
			if _, ok := def.Kind.(*wit.Resource); ok {
				core.ImportFunc(key.String(), "[resource-drop]"+def.Name, core.AddType([]corewasm.ValType{corewasm.I32}, nil))
				resources++
			}
		}
	}
	core.AddExport("memory", corewasm.KindMemory, core.AddMemory(corewasm.MemoryType{}))
	realloc := core.AddType(slices.Repeat([]corewasm.ValType{corewasm.I32}, 4), []corewasm.ValType{corewasm.I32})
	core.AddExport("cabi_realloc", corewasm.KindFunc, core.AddFunc(realloc, nil, corewasm.NewCode().Op(corewasm.OpUnreachable)))
	wasm, err := componentize.Encode(core.Encode(), w, componentize.Options{})
	if err != nil {
		t.Fatal(err)
	}
	comp, err = rt.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	return comp, functions, resources
}

func valTypes(ts []layout.CoreType) []corewasm.ValType {
	out := make([]corewasm.ValType, len(ts))
	for i, t := range ts {
		out[i] = map[layout.CoreType]corewasm.ValType{
			layout.I32: corewasm.I32, layout.I64: corewasm.I64, layout.F32: corewasm.F32, layout.F64: corewasm.F64,
		}[t]
	}
	return out
}
