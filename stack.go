package gondola

// deepen makes the stack of a new goroutine large enough for guest code to be
// called on it. Stacks grow by being copied, which costs the less the less is on
// them.
//
//go:noinline
func deepen() byte {
	var room [stackRoom]byte
	return room[depth]
}

const stackRoom = 6 << 10

// depth keeps the compiler from knowing that room is not used.
var depth = 1
