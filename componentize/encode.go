package componentize

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit"
)

// Options says how a component is made. The zero Options is right for most uses.
type Options struct {
	// Library holds packages whose interfaces the module may import and export
	// although its world doesn't name them; they are added to the world. If it is
	// nil, it holds the WASI packages.
	Library *wit.Resolve

	// Features are what the world that a module carries may need.
	Features component.Feature

	// CanonicalNames cuts the versions in interface names down to what decides about
	// compatibility and keeps the rest beside the name: `a:b/c@0.2.6` becomes `a:b/c@0.2`
	// with the version suffix `.6`. Whoever reads the component needs
	// [component.FeatureCanonicalNames].
	//
	// Spec: Explainer.md#-canonical-interface-name.
	CanonicalNames bool

	// Version is Gondola's own version, for the component's producers section.
	Version string
}

// Encode makes a component of a core module and its world.
//
// The component exports what the world exports. It imports what the module uses of
// the world's imports, and the types that this and the exports mention. The order of
// everything follows the world and the module, so that equal input gives equal
// output.
//
// A world of nil stands for the one that the module carries in custom sections, as
// `wasm-tools component embed` and many compilers put them there, or for an empty
// one where there is none.
//
// If module and world don't fit, the error is an [*Error].
func Encode(core []byte, world *wit.World, opts Options) ([]byte, error) {
	m, err := corewasm.Decode(core)
	if err != nil {
		return nil, err
	}
	if world, err = completeFor(m, world, opts); err != nil {
		return nil, err
	}
	if core, err = embeddable(core, m); err != nil {
		return nil, err
	}
	if opts.CanonicalNames {
		if err := checkCanonical(world); err != nil {
			return nil, err
		}
	}
	p, err := newPlan(m, world)
	if err != nil {
		return nil, err
	}
	var b []byte
	err = catch(func() error {
		b = p.encode(core, opts)
		checkLimits(b, "the component of the world `"+world.IDString()+"`")
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// checkLimits refuses what was made if validation does: WIT can say what goes beyond its
// limits, above all types that spell out to more than any memory holds.
func checkLimits(b []byte, what string) {
	c, err := binary.Decode(b)
	if err == nil {
		_, err = validate.Validate(c, validate.Options{Features: component.AllFeatures})
	}
	if err != nil {
		refuse("%s would not be valid: %v", what, err)
	}
}

func (p *plan) encode(core []byte, opts Options) []byte {
	e := newEncoder(p)
	e.canonical = opts.CanonicalNames
	e.encodeImports()
	e.encodeMain(core)
	e.encodeFixup()
	e.encodeExports()
	e.b.Add(&component.Custom{Name: "producers", Data: producers(opts.Version)})
	return binary.Encode(e.b.Component())
}
