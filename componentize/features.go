package componentize

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// gateFeatures are the features that also open syntax in WIT.
var gateFeatures = map[component.Feature]syntax.Gates{
	component.FeatureNestedNames:      syntax.GateNestedNames,
	component.FeatureFixedLengthLists: syntax.GateFixedLengthLists,
	component.FeatureErrorContext:     syntax.GateErrorContext,
}

// Gates returns what features allow in WIT text, for [wit.Options].
func Gates(features component.Feature) syntax.Gates {
	var g syntax.Gates
	for f, gate := range gateFeatures {
		if features.Has(f) {
			g |= gate
		}
	}
	return g
}
