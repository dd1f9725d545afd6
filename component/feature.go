package component

import (
	"fmt"
	"iter"
	"strings"
)

// Feature is a set of gated features of the Component Model: those that no
// released version of WASI relies on.
//
// Spec: Explainer.md#gated-features.
type Feature uint32

// The gated features. What has no constant here is always on: the async ABI with
// its built-ins 🔀, maps 🗺️, attributes of names 🏷️, and core WebAssembly 3.0.
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

	endOfFeatures

	// AllFeatures opens every gate.
	AllFeatures = endOfFeatures - 1
)

// featureNames has what a person writes to open a gate, and the mark that the
// specification gives it.
var featureNames = map[Feature]struct{ name, mark string }{
	FeatureValues:            {"values", "🪙"},
	FeatureNestedNames:       {"nested-names", "🪺"},
	FeatureMoreAsyncBuiltins: {"more-async-builtins", "🚝"},
	FeatureAsyncStackful:     {"async-stackful", "🚟"},
	FeatureThreads:           {"threads", "🧵"},
	FeatureSharedThreads:     {"shared-threads", "🧵②"},
	FeatureFixedLengthLists:  {"fixed-length-lists", "🔧"},
	FeatureErrorContext:      {"error-context", "📝"},
	FeatureCanonicalNames:    {"canonical-names", "🔗"},
	FeatureMemory64:          {"memory64", "🐘"},
}

// String names the features of the set for messages, with their marks:
// "values (🪙), threads (🧵)". For a single feature it begins with the name that
// [ParseFeatures] takes.
func (f Feature) String() string {
	var list []string
	for bit := range f.each() {
		n := featureNames[bit]
		list = append(list, n.name+" ("+n.mark+")")
	}
	return strings.Join(list, ", ")
}

// Names returns the names that [ParseFeatures] takes of the features in the set, in
// the order of the constants.
func (f Feature) Names() []string {
	var list []string
	for bit := range f.each() {
		list = append(list, featureNames[bit].name)
	}
	return list
}

// each yields the features of the set one by one.
func (f Feature) each() iter.Seq[Feature] {
	return func(yield func(Feature) bool) {
		for bit := Feature(1); bit < endOfFeatures; bit <<= 1 {
			if f&bit != 0 && !yield(bit) {
				return
			}
		}
	}
}

// Has reports whether all of want are in the set.
func (f Feature) Has(want Feature) bool { return f&want == want }

// ParseFeatures reads a list of features separated by commas, such as
// "threads,error-context". A feature is named as [Feature.Names] does or by the
// specification's mark, and "all" stands for all of them. The empty list is the
// empty set. The error about an unknown name lists the known ones.
func ParseFeatures(list string) (Feature, error) {
	var f Feature
	for name := range strings.SplitSeq(list, ",") {
		one, err := parseFeature(strings.TrimSpace(name))
		if err != nil {
			return 0, err
		}
		f |= one
	}
	return f, nil
}

func parseFeature(name string) (Feature, error) {
	switch name {
	case "":
		return 0, nil
	case "all":
		return AllFeatures, nil
	}
	for bit := range AllFeatures.each() {
		if n := featureNames[bit]; name == n.name || name == n.mark {
			return bit, nil
		}
	}
	return 0, fmt.Errorf("there is no feature `%s`; known are %s, and all", name, strings.Join(AllFeatures.Names(), ", "))
}
