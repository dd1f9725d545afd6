package syntax

import "strings"

// Gates is a set of proposals that the pinned standard still gates. None is on by
// default.
//
// Spec: Explainer.md#gated-features.
type Gates uint8

const (
	// GateNestedNames (🪺) allows nested namespaces and packages: `a:b:c/d`.
	GateNestedNames Gates = 1 << iota
	// GateFixedLengthLists (🔧) allows `list<t, n>`.
	GateFixedLengthLists
	// GateErrorContext (📝) makes `error-context` a type.
	GateErrorContext

	endOfGates

	// AllGates allows all gated syntax.
	AllGates = endOfGates - 1
)

var gateNames = map[Gates]string{
	GateNestedNames:      "nested-names (🪺)",
	GateFixedLengthLists: "fixed-length-lists (🔧)",
	GateErrorContext:     "error-context (📝)",
}

// String names the features that the gates stand for, with the marks that the
// specification gives them.
func (g Gates) String() string {
	var list []string
	for bit := Gates(1); bit < endOfGates; bit <<= 1 {
		if g&bit != 0 {
			list = append(list, gateNames[bit])
		}
	}
	return strings.Join(list, ", ")
}

// Has reports whether all of want are in the set.
func (g Gates) Has(want Gates) bool { return g&want == want }

// gated reports syntax at a place that needs a gate which is off.
func (p *parser) gated(at Span, gate Gates, what string) {
	if !p.gates.Has(gate) {
		p.fail(gateError(at, gate, what))
	}
}

func gateError(at Span, gate Gates, what string) *Error {
	return Errorf(at, "%s need the feature %s, which is off", what, gate)
}
