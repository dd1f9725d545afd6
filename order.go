package gondola

import (
	"fmt"

	"github.com/gondola-wasm/gondola/internal/cabi"
)

// WithOrder lets a function decide wherever the specification permits several
// ways: see [Choice]. choose is told what is chosen and the number of ways, 2 or more,
// and returns the one to go, from 0; way 0 is what happens without this option. It is
// called while the instance is held, by one goroutine at a time, and must not call
// into it.
//
// Guests must cope with any of these ways. That makes tests of it: see
// [WithSeed].
//
// Spec: CanonicalABI.md#embedding (definitions.py random.choice, random.shuffle).
func WithOrder(choose func(c Choice, ways int) int) InstanceOption {
	return func(s *store) { s.order = chooser(choose) }
}

// WithSeed is [WithOrder] with decisions that are drawn at random, always the same
// ones for one seed. With [Stepwise], and as long as neither goroutines of the host nor
// calls that overlap are involved, an instance that goes wrong under a seed does so each
// time.
func WithSeed(seed uint64) InstanceOption {
	return func(s *store) { s.order = cabi.NewSeeded(seed) }
}

// Stepwise says that tasks of the instance go on only while a call of the host's has
// not resolved, and stand still in between. Without it they go on whenever they can. So
// what a call finds does not depend on how much time has passed since the one before,
// and a seed chooses the same order each time: for tests.
func Stepwise() InstanceOption {
	return func(s *store) { s.stepwise = true }
}

// chooser is the function of [WithOrder].
type chooser func(c Choice, ways int) int

// Choose implements [cabi.Chooser].
func (f chooser) Choose(c cabi.Choice, ways int) int {
	way := f(Choice(c), ways)
	if way < 0 || way >= ways {
		panic(fmt.Sprintf("the function of WithOrder chose way %d of %d", way, ways))
	}
	return way
}
