package runtime

import "unsafe"

// A component that is no command is started long before it is called, and a host may start one and keep an image of it for
// many instances. That works where the start asks the host for nothing that differs from one instance to the other. So until
// the first export is called, or somebody asks for it:
//
//   - the monotonic clock stands still;
//   - random numbers come from the host's insecure seed, which is for keeping hash tables from collisions and may be the same
//     for several instances. The first call of an export brings real ones, and so does whoever asks for random numbers before;
//   - the environment is not read. What is in it for the runtime itself (GOGC, GOMEMLIMIT, GODEBUG, GOTRACEBACK) holds from the
//     first call of an export on.
//
// Package initialization that asks for the time, random numbers or the environment gets them, as ever; the host then sees that
// they differ.

var (
	gondolaThawed  bool // an export was called, or there is none to wait for
	gondolaTicking bool // the clock runs
	gondolaSeeded  bool
	gondolaTimed   bool // package time has been initialized
	gondolaTrue    bool // random numbers are real
	gondolaEnviron bool // the environment was read
)

// gondolaThaw is called when an export is, on the goroutine of the entry.
func gondolaThaw() {
	if gondolaCommand || gondolaThawed {
		return
	}
	gondolaThawed = true
	gondolaStartClock()
	gondolaSeedAgain()
	gondolaNeedEnviron()
	gondolaObey()
}

// gondolaClockRuns reports whether the monotonic clock does.
func gondolaClockRuns() bool { return gondolaCommand || gondolaTicking }

// gondolaStartClock starts the monotonic clock.
func gondolaStartClock() {
	if gondolaClockRuns() {
		return
	}
	gondolaTicking = true
	gondolaClockBase = gondolaLastNow - gondolaMonotonicNow()
}

// gondolaSeesTime is called when package time asks the monotonic clock, which it does once when it is initialized.
func gondolaSeesTime() {
	if gondolaTimed {
		gondolaStartClock()
	}
	gondolaTimed = true
}

// gondolaSeeds fills b for the first one who asks, which is the runtime itself.
func gondolaSeeds(b []byte) bool {
	if gondolaCommand || gondolaSeeded {
		return false
	}
	gondolaSeeded = true
	gondolaInsecureSeed(gondolaAddr(unsafe.Pointer(&gondolaSeed)))
	for i := range b {
		b[i] = byte(gondolaSeed[i/8%2]>>(i%8*8)) ^ byte(i/16)
	}
	return true
}

var gondolaSeed [2]uint64

// gondolaSeedAgain seeds the runtime's generators with real random numbers.
func gondolaSeedAgain() {
	if gondolaCommand {
		return
	}
	gondolaTrue = true
	mp := acquirem()
	lock(&globalRand.lock)
	readRandom(globalRand.seed[:])
	globalRand.state.Init(globalRand.seed)
	clear(globalRand.seed[:])
	unlock(&globalRand.lock)
	mrandinit(mp)
	releasem(mp)
}

// gondola_v1_rand is rand for math/rand.
//
//go:linkname gondola_v1_rand
func gondola_v1_rand() uint64 {
	if !gondolaCommand && !gondolaTrue {
		gondolaSeedAgain()
	}
	return rand()
}

// gondolaNeedEnviron reads the environment unless it has been read.
func gondolaNeedEnviron() {
	if gondolaCommand || gondolaEnviron {
		return
	}
	gondolaEnviron = true
	gondolaAskEnviron()
}

// gondolaObey does what the environment says to the runtime.
func gondolaObey() {
	if env := gogetenv("GODEBUG"); env != "" {
		parsegodebug(env, nil)
		p := new(string)
		*p = env
		godebugEnv.Store(p)
		godebugNotify(true)
	}
	if level := gogetenv("GOTRACEBACK"); level != "" {
		setTraceback(level)
		traceback_env = traceback_cache
	}
	if gogetenv("GOGC") != "" {
		setGCPercent(readGOGC())
	}
	if gogetenv("GOMEMLIMIT") != "" {
		setMemoryLimit(readGOMEMLIMIT())
	}
}
