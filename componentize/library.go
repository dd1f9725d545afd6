package componentize

import (
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// wasiLibrary holds all WASI interfaces.
var wasiLibrary = sync.OnceValue(func() *wit.Resolve {
	const src = `package gondola:library;
		world all {
			include wasi:cli/command@0.3.0;
			include wasi:http/middleware@0.3.0;
		}`
	r, err := wit.ParseString("library.wit", src, wit.Options{Extra: []fs.FS{wasiwit.FS()}})
	if err != nil {
		panic(err) // the embedded packages have tests of their own
	}
	return r
})

// completeFor returns the world that m is to fit: the one that is given or that m
// carries, with what m uses of the library.
func completeFor(m *corewasm.Module, world *wit.World, opts Options) (*wit.World, error) {
	if world == nil {
		var err error
		if world, err = embeddedWorld(m, opts.Features); err != nil {
			return nil, err
		}
	}
	u := &union{world: world, index: newWorldIndex(world), library: opts.Library, wanted: map[wantedInterface]bool{}}
	if u.library == nil {
		u.library = wasiLibrary()
	}
	for i := range m.Imports {
		u.coreImport(&m.Imports[i])
	}
	for _, e := range m.Exports {
		if e.Kind == corewasm.KindFunc {
			u.coreExport(e.Name)
		}
	}
	return u.build()
}

// union finds what a core module uses of a library.
type union struct {
	world   *wit.World
	index   *worldIndex
	library *wit.Resolve
	wanted  map[wantedInterface]bool
	order   []wantedInterface
}

type wantedInterface struct {
	iface    *wit.Interface
	exported bool
}

func (u *union) want(i *wit.Interface, exported bool) {
	w := wantedInterface{i, exported}
	if !u.wanted[w] {
		u.wanted[w] = true
		u.order = append(u.order, w)
	}
}

// coreImport looks at an import that the world has no meaning for.
func (u *union) coreImport(im *corewasm.Import) {
	module, exported := strings.CutPrefix(im.Module, exportPrefix)
	found := u.find(module)
	if found == nil {
		return
	}
	at, ok := u.index.container(im.Module)
	if !ok || at.key.String() == found.IDString() && lacks(at.iface, found, originalName(im.Name)) {
		u.want(found, exported)
	}
}

// lacks reports whether the world's copy of an interface doesn't have what a core name means
// although the library's has, as when somebody keeps a shortened copy.
func lacks(copy, library *wit.Interface, name string) bool {
	_, label, annotated := strings.Cut(name, "]")
	if library.Functions.Has(name) {
		return !copy.Functions.Has(name)
	}
	if !annotated {
		return false
	}
	return library.Functions.Has(label) && !copy.Functions.Has(label) || library.Types.Has(label) && !copy.Types.Has(label)
}

// coreExport looks at an export that may be of an interface that the world doesn't
// export.
func (u *union) coreExport(name string) {
	name = strings.TrimPrefix(strings.TrimPrefix(name, asyncLiftPrefix), stackfulLiftPrefix)
	module, function, ok := strings.Cut(name, "#")
	if !ok {
		return
	}
	found := u.find(module)
	if found == nil || found.IDString() != module || !found.Functions.Has(function) {
		return
	}
	if _, ok := u.index.exports.find(module); !ok {
		u.want(found, true)
	}
}

// find looks an interface up in the library: under its name, else in a compatible
// version.
func (u *union) find(name string) *wit.Interface {
	id, err := names.ParseInterface(name, names.AllGates)
	if err != nil {
		return nil
	}
	var compatible *wit.Interface
	for _, p := range u.library.Packages {
		i := p.Interfaces.Get(id.Name)
		switch {
		case i == nil:
		case i.IDString() == name:
			return i
		case compatible == nil && trackKey(i.IDString()) != "" && trackKey(i.IDString()) == id.TrackKey():
			compatible = i
		}
	}
	return compatible
}

// build adds the wanted interfaces to the world.
func (u *union) build() (*wit.World, error) {
	if len(u.order) == 0 {
		return u.world, nil
	}
	m := newMerger()
	w := m.target(u.world.Name, u.world.Package.Name)
	if err := m.add(u.world); err != nil {
		return nil, err
	}
	slices.SortFunc(u.order, func(a, b wantedInterface) int {
		return strings.Compare(a.iface.IDString(), b.iface.IDString())
	})
	for _, x := range u.order {
		key, item := wit.InterfaceKey(x.iface), &wit.InterfaceItem{Interface: x.iface}
		if x.exported {
			m.item(&w.Exports, key, item)
		} else {
			m.item(&w.Imports, key, item)
		}
	}
	m.finish(w.Package)
	return w, m.err
}
