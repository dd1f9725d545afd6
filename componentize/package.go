package componentize

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit"
)

// DecodePackage reads a WIT package that is encoded as a component, as
// `wasm-tools component wit --wasm` writes it: each interface and world of the package
// is exported as a component type. The result holds the package as Root and
// what its interfaces mention of others, and has the documentation that wasm-tools keeps
// in a custom section.
//
// It fails as [Decode] does, and for a component that is no WIT package.
func DecodePackage(b []byte, features component.Feature) (*wit.Resolve, error) {
	c, s, err := evaluateBytes(b, features)
	if err != nil {
		return nil, err
	}
	if !isPackage(s) {
		return nil, fmt.Errorf("the component is no WIT package: a package exports nothing but component types")
	}
	var r *wit.Resolve
	err = catch(func() error {
		p, err := readPackage(s)
		if err != nil {
			return err
		}
		r = p.merge.finish(p.root)
		p.orderInterfaces()
		if docs := readDocs(c); docs != nil {
			docs.packageDocs(p.root)
		}
		return nil
	})
	return r, describe(err)
}

// IsPackage reports whether a component is an encoded WIT package. Bytes that are no
// valid component are none.
func IsPackage(b []byte) bool {
	_, s, err := evaluateBytes(b, component.AllFeatures)
	return err == nil && isPackage(s)
}

func isPackage(s *scope) bool {
	for _, m := range s.exports {
		if c, ok := m.entity.(*closure); !ok || c.def != nil {
			return false
		}
	}
	return len(s.imports) == 0 && len(s.exports) > 0
}

// packageReader collects what an encoded package exports.
type packageReader struct {
	merge      *merger
	root       *wit.Package
	interfaces []*wit.World // each with one exported interface
	worlds     []*wit.World
}

func readPackage(s *scope) (*packageReader, error) {
	p := &packageReader{merge: newMerger()}
	for _, m := range s.exports {
		inner := m.entity.(*closure).evaluate(nil)
		if len(inner.exports) != 1 {
			refuse("the component type `%s` of a WIT package must have one export, it has %d", m.name.Name, len(inner.exports))
		}
		p.item(inner)
	}
	for _, w := range slices.Concat(p.interfaces, p.worlds) {
		p.merge.complete(w)
	}
	for _, w := range p.interfaces {
		p.merge.allInterfaces(w)
	}
	for _, w := range p.worlds {
		p.merge.target(w.Name, w.Package.Name)
		if err := p.merge.add(w); err != nil {
			return nil, err
		}
	}
	return p, p.merge.err
}

// orderInterfaces brings the package's interfaces into the order in which they are
// exported. Those that are only mentioned come last.
func (p *packageReader) orderInterfaces() {
	var ordered wit.Ordered[string, *wit.Interface]
	for _, w := range p.interfaces {
		if i := p.root.Interfaces.Get(w.Name); i != nil {
			ordered.Set(i.Name, i)
		}
	}
	for name, i := range p.root.Interfaces.All() {
		ordered.Set(name, i)
	}
	p.root.Interfaces = ordered
}

// item reads a component type that stands for an interface or a world.
func (p *packageReader) item(inner *scope) {
	m := inner.exports[0]
	id := interfaceID(m.name)
	name := packageName(*id)
	p.root = p.merge.pkg(&wit.Package{Name: name})
	switch e := m.entity.(type) {
	case *instance:
		for _, im := range inner.imports {
			if _, ok := im.entity.(*instance); !ok || !strings.Contains(im.name.Name, ":") {
				refuse("`%s` imports `%s`, which is no interface with a full name", m.name.Name, im.name.Name)
			}
		}
		p.interfaces = append(p.interfaces, rebuildWorld(id.Name, name, inner))
	case *closure:
		p.worlds = append(p.worlds, rebuildWorld(id.Name, name, e.evaluate(nil)))
	default:
		refuse("`%s` in a WIT package is neither an interface nor a world", m.name.Name)
	}
}

// allInterfaces copies the interfaces of w, but not w.
func (m *merger) allInterfaces(w *wit.World) {
	for _, items := range []*worldItems{&w.Exports, &w.Imports} {
		for item := range items.Values() {
			if i, ok := item.(*wit.InterfaceItem); ok {
				m.iface(i.Interface)
			}
		}
	}
}

// embeddedWorld is the world that a core module carries, or an empty one.
func embeddedWorld(m *corewasm.Module, features component.Feature) (*wit.World, error) {
	var worlds []*wit.World
	for _, c := range m.Customs {
		if !strings.HasPrefix(c.Name, customPrefix) {
			continue
		}
		r, err := DecodePackage(c.Data, features)
		if err != nil {
			return nil, fmt.Errorf("custom section %q of the core module: %w", c.Name, err)
		}
		w, err := r.SelectWorld(nil, "")
		if err != nil {
			return nil, fmt.Errorf("custom section %q of the core module: %w", c.Name, err)
		}
		worlds = append(worlds, w)
	}
	switch len(worlds) {
	case 0:
		return newMerger().target(rootWorld, rootPackage), nil
	case 1:
		return worlds[0], nil
	}
	_, w, err := MergeWorlds(worlds[0], worlds[1:]...)
	return w, err
}
