package cabi

import "math/rand/v2"

// Choice is what a [Chooser] is asked about.
type Choice uint8

const (
	// ChoiceThread is which of the threads that are ready goes on.
	ChoiceThread Choice = iota

	// ChoiceWait is whether a thread that waits for what has come already lets
	// others go first.
	ChoiceWait

	// ChoiceYield is whether a thread that yields goes on without letting others
	// go first.
	ChoiceYield

	// ChoiceEvent is which of a set's events is delivered.
	ChoiceEvent

	// ChoiceCancel is which of a task's threads learns of a request to cancel.
	ChoiceCancel

	// ChoiceValue is between values: which NaN, whether a debug message is kept.
	ChoiceValue
)

// Chooser decides among the orders that the specification permits. A test that
// gives a seeded one sees orders that guests must cope with, the same ones for
// the same seed.
//
// Spec: definitions.py random.choice, random.shuffle, DETERMINISTIC_PROFILE.
type Chooser interface {
	// Choose returns one of 0 to n-1. n is at least 2. 0 is what happens where
	// nobody chooses: the first in line, or the cheaper of two ways.
	Choose(what Choice, n int) int
}

// NewSeeded makes a chooser that draws from a seed.
func NewSeeded(seed uint64) Chooser {
	return seeded{rand.New(rand.NewPCG(seed, 0))}
}

type seeded struct{ r *rand.Rand }

func (s seeded) Choose(_ Choice, n int) int { return s.r.IntN(n) }

// choose is 0 where there is no choice or nobody chooses.
func (s *Store) choose(what Choice, n int) int {
	if s.cfg.Chooser == nil || n < 2 {
		return 0
	}
	return s.cfg.Chooser.Choose(what, n)
}
