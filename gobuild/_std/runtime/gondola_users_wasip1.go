package runtime

import "internal/stringslite"

// gondolaUsers remembers, by a few bits of theirs, functions of goroutines that are not the runtime's own.
var gondolaUsers [64]uintptr

// gondolaIsUsers reports whether a goroutine that starts at pc is none of the runtime's own. isSystemGoroutine asks when
// a goroutine begins and when it ends, and would look up the function's name each time.
func gondolaIsUsers(pc uintptr) bool {
	known := &gondolaUsers[pc>>16%uintptr(len(gondolaUsers))]
	if *known == pc {
		return true
	}
	f := findfunc(pc)
	if !f.valid() || stringslite.HasPrefix(funcname(f), "runtime.") {
		return false
	}
	*known = pc
	return true
}
