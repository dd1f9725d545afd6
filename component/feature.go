package component

import "strings"

// Feature is a set of gated features of the Component Model: those that no
// released version of WASI relies on.
//
// Spec: Explainer.md#gated-features.
type Feature uint32

// The gated features. What has no constant here is always on: the async ABI with
// its built-ins 🔀, maps 🗺️, and attributes of names 🏷️.
const (
	FeatureValues            Feature = 1 << iota // 🪙 value definitions, imports and exports; start definitions
	FeatureNestedNames                           // 🪺 nested namespaces and packages
	FeatureMoreAsyncBuiltins                     // 🚝 more options on async built-ins
	FeatureAsyncStackful                         // 🚟 async lift without callback
	FeatureThreads                               // 🧵 cooperative threads
	FeatureSharedThreads                         // 🧵② shared-everything threads
	FeatureFixedLengthLists                      // 🔧 lists of fixed length
	FeatureErrorContext                          // 📝 error-context
	FeatureCanonicalNames                        // 🔗 truncated versions and their suffixes
	FeatureMemory64                              // 🐘 64-bit memories in canonical options

	// FeatureGC is core WebAssembly's garbage collection in core types, which is no
	// gate of the Component Model. Such types can be defined with it, not used yet.
	FeatureGC

	endOfFeatures

	// AllFeatures opens every gate.
	AllFeatures = endOfFeatures - 1
)

var featureNames = map[Feature]string{
	FeatureValues:            "values (🪙)",
	FeatureNestedNames:       "nested names (🪺)",
	FeatureMoreAsyncBuiltins: "more async built-ins (🚝)",
	FeatureAsyncStackful:     "stackful async lift (🚟)",
	FeatureThreads:           "threads (🧵)",
	FeatureSharedThreads:     "shared-everything threads (🧵②)",
	FeatureFixedLengthLists:  "fixed-length lists (🔧)",
	FeatureErrorContext:      "error-context (📝)",
	FeatureCanonicalNames:    "canonical interface names (🔗)",
	FeatureMemory64:          "64-bit memories (🐘)",
	FeatureGC:                "garbage-collected core types",
}

// String names the features of the set.
func (f Feature) String() string {
	var names []string
	for bit := Feature(1); bit < endOfFeatures; bit <<= 1 {
		if f&bit != 0 {
			names = append(names, featureNames[bit])
		}
	}
	return strings.Join(names, ", ")
}

// Has reports whether all of want are in the set.
func (f Feature) Has(want Feature) bool { return f&want == want }
