package engine

import (
	"runtime"
	"time"
)

// Breath lets the rest of the process run beside code that never pauses. It is
// for one goroutine at a time.
//
// The call of a tick is already a point where the garbage collector can stop the
// world. What it needs besides is that its own goroutines, and others that wait,
// get a processor. Yielding at every tick would see to that, but on an idle
// machine a yield wakes another thread, which takes the goroutine over: some 15
// µs, a third of all time at one tick in 50 µs. So a yield comes once in a while.
type Breath struct{ last time.Time }

// BreathEvery is how long code goes on between two yields. A collection waits
// for about that at most.
const BreathEvery = time.Millisecond

// Take is called at every tick.
func (b *Breath) Take() {
	if now := time.Now(); now.Sub(b.last) >= BreathEvery {
		b.last = now
		runtime.Gosched()
	}
}
