package gondola

import "github.com/gondola-wasm/gondola/component"

// WithFeatures opens gates: features of the Component Model that no released
// version of WASI relies on, and which other hosts may not have. All are closed by
// default, and a component that needs one is refused with its name. Sets given in
// several options add up.
//
// Not every feature is supported behind its gate; what is not stays refused.
//
// Spec: Explainer.md#gated-features.
func WithFeatures(f component.Feature) Option { return func(c *config) { c.features |= f } }
