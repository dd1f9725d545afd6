package syntax

// Gates is a set of proposals that the pinned standard still gates. None is on by
// default.
type Gates uint8

const (
	// GateFixedLengthLists (🔧) allows `list<t, n>`.
	GateFixedLengthLists Gates = 1 << iota
	// GateErrorContext (📝) makes `error-context` a type.
	GateErrorContext
)
