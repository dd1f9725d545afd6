package runtime

import "unsafe"

// gondolaClockBase is added to the host's monotonic clock, because nanotime must not return 0. What never is a command sets it
// when it asks the clock for the first time, which then says 1 as it has all the time before.
var gondolaClockBase int64 = 1

var (
	gondolaLastNow int64 = 1 // what the monotonic clock said last
	gondolaInstant struct {
		seconds     int64
		nanoseconds uint32
	}
	gondolaList struct{ p, n uint32 }
)

func clock_time_get(id clockid, precision timestamp, t *timestamp) errno {
	if id == clockMonotonic {
		if gondolaNoLeave == 0 && gondolaClockRuns() {
			gondolaLastNow = gondolaMonotonicNow() + gondolaClockBase
		}
		*t = timestamp(gondolaLastNow)
		return 0
	}
	if gondolaNoLeave == 0 {
		gondolaStartClock()
		gondolaSystemNow(gondolaAddr(unsafe.Pointer(&gondolaInstant)))
	}
	*t = timestamp(gondolaInstant.seconds)*1e9 + timestamp(gondolaInstant.nanoseconds)
	return 0
}

func random_get(buf *byte, n size) errno {
	b := unsafe.Slice(buf, n)
	if gondolaSeeds(b) {
		return 0
	}
	for len(b) >= 8 {
		*(*uint64)(unsafe.Pointer(&b[0])) = gondolaRandom()
		b = b[8:]
	}
	for r := gondolaRandom(); len(b) > 0; r >>= 8 {
		b[0] = byte(r)
		b = b[1:]
	}
	return 0
}

//go:linkname gondola_v1_random
func gondola_v1_random(b []byte) {
	if len(b) > 0 {
		random_get(&b[0], size(len(b)))
	}
}

//go:linkname gondola_v1_walltime
func gondola_v1_walltime() uint64 {
	var t timestamp
	clock_time_get(clockRealtime, 0, &t)
	return uint64(t)
}

func sched_yield() errno { return 0 }

// poll_oneoff serves usleep, which the runtime calls only where nothing else can run: it spins. Where the
// clock stands still, in gondolaRealloc, the runtime is about to end the guest and only gives others time.
func poll_oneoff(in *subscription, out *event, nsubscriptions size, nevents *size) errno {
	const enosys = 52
	if nsubscriptions != 1 || *in.u.eventtype() != eventtypeClock {
		return enosys
	}
	if gondolaNoLeave == 0 {
		gondolaStartClock()
		for end := nanotime() + int64(in.u.subscriptionClock().timeout); nanotime() < end; {
		}
	}
	out.typ = eventtypeClock
	*nevents = 1
	return 0
}

// gondolaStack is how much stack a goroutine begins with. A call of an export and what it starts need more than the 2 KiB that
// Go gives elsewhere, since arguments are on the stack here, and growing takes longer than all the rest of starting.
// A garbage collection, which looks at what the stacks that it meets hold, may choose more but not less.
const gondolaStack = 8 << 10

// goenvs reads arguments and, where nobody waits for a first call, the environment, on g0, before anything else runs.
func goenvs() {
	startingStackSize = gondolaStack
	gondolaGetArguments(gondolaAddr(unsafe.Pointer(&gondolaList)))
	argslice = gondolaStrings(1)
	envs = []string{}
	if gondolaCommand {
		gondolaAskEnviron()
	}
}

// gondolaAskEnviron reads the environment.
func gondolaAskEnviron() {
	gondolaGetEnvironment(gondolaAddr(unsafe.Pointer(&gondolaList)))
	envs = gondolaStrings(2)
}

// gondolaStrings copies gondolaList, whose elements are per strings each, which are joined by "=".
func gondolaStrings(per uint32) []string {
	all := make([]string, gondolaList.n)
	for i := range all {
		for j := range per {
			e := (*struct{ p, n uint32 })(gondolaAt(gondolaList.p + (uint32(i)*per+j)*8))
			if j > 0 {
				all[i] += "="
			}
			if e.n > 0 {
				all[i] += unsafe.String((*byte)(gondolaAt(e.p)), e.n)
			}
			gondola_v1_unroot(e.p)
		}
		all[i] = string([]byte(all[i]))
	}
	gondola_v1_unroot(gondolaList.p)
	return all
}

// exit ends the component with an exit code. What was printed is written first, as far as that is possible.
func exit(code int32) {
	if gondolaNoLeave == 0 {
		gondolaLastWords()
		gondolaExitWithCode(uint32(code) & 0xff)
	}
	abort()
}

//go:linkname gondola_v1_exit
func gondola_v1_exit(code int32) { exit(code) }
