package componentize

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/wit"
)

// rootPackage and rootWorld are what the world of a component is called, since
// components don't keep its name.
var rootPackage = wit.PackageName{Namespace: "root", Name: "component"}

const rootWorld = "root"

// Decode finds the world of a component, which is called `root:component/root`, in a
// set of packages that holds every interface that it mentions. Interfaces that a
// component imports hold no more than what it imports.
//
// It fails with a *[component.Error] where the bytes are no valid component, or one
// that needs more than the features, and with another error where WIT can't describe
// the component, for instance because it imports a core module.
func Decode(b []byte, features component.Feature) (*wit.Resolve, *wit.World, error) {
	_, s, err := evaluateBytes(b, features)
	if err != nil {
		return nil, nil, err
	}
	var r *wit.Resolve
	var w *wit.World
	err = catch(func() error {
		m := newMerger()
		w = m.target(rootWorld, rootPackage)
		raw := rebuildWorld(rootWorld, rootPackage, s)
		m.complete(raw)
		if err := m.add(raw); err != nil {
			return err
		}
		r = m.finish(w.Package)
		return nil
	})
	return r, w, describe(err)
}

// describe says what a refusal to decode is about.
func describe(err error) error {
	if _, ok := err.(*refusal); ok {
		return fmt.Errorf("WIT can't describe this component: %w", err)
	}
	return err
}

// evaluateBytes decodes, validates and evaluates a component.
func evaluateBytes(b []byte, features component.Feature) (c *component.Component, s *scope, err error) {
	if c, err = binary.Decode(b); err != nil {
		return nil, nil, err
	}
	if _, err := validate.Validate(c, validate.Options{Features: features}); err != nil {
		return nil, nil, err
	}
	err = catch(func() error {
		s = evaluateRoot(c)
		return nil
	})
	return c, s, err
}

// complete remembers the exported interfaces of a world that was rebuilt. An
// imported one of the same name may lack what nobody uses.
func (m *merger) complete(w *wit.World) {
	for item := range w.Exports.Values() {
		if i, ok := item.(*wit.InterfaceItem); ok && i.Interface.Name != "" && m.whole[i.Interface.IDString()] == nil {
			m.whole[i.Interface.IDString()] = i.Interface
		}
	}
}
