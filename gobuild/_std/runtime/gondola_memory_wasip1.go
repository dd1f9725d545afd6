package runtime

import "unsafe"

// gondolaRoots is a hash set, with linear probing, of what cabi_realloc gave out and nobody has lifted yet.
var (
	gondolaRoots     []unsafe.Pointer // its length is a power of two
	gondolaRootCount int
	gondolaNoLeave   int // greater than 0 while no import may be called
)

// gondolaRealloc gives memory to the host, possibly in the middle of an import that a goroutine has called. While it runs no
// import may be called (may_leave is false), so it must not start a garbage collection, assist one, switch goroutines or look
// at the clock: the lock count sees to the first three, gondolaNoLeave to the clock.
//
//go:wasmexport cabi_realloc
func gondolaRealloc(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	if size <= oldSize && old != nil {
		return old
	}
	if size == 0 {
		return gondolaAt(align)
	}
	if gp := getg(); gp == gp.m.g0 {
		// The runtime asks for arguments and environment before there are goroutines.
		return persistentalloc(uintptr(size), 8, &memstats.other_sys)
	}
	mp := acquirem()
	gondolaNoLeave++
	p := mallocgc((uintptr(size)+uintptr(align)-1)&^(uintptr(align)-1), nil, false)
	if old != nil {
		memmove(p, old, uintptr(oldSize))
		gondola_v1_unroot(gondolaAddr(old))
	}
	gondolaRoot(p)
	gondolaNoLeave--
	releasem(mp)
	return p
}

// gondolaRoot keeps p alive until it is unrooted.
func gondolaRoot(p unsafe.Pointer) {
	if 2*gondolaRootCount >= len(gondolaRoots) {
		old := gondolaRoots
		gondolaRoots = make([]unsafe.Pointer, max(64, 2*len(old)))
		gondolaRootCount = 0
		for _, q := range old {
			if q != nil {
				gondolaRoot(q)
			}
		}
	}
	i := gondolaRootSlot(p)
	for gondolaRoots[i] != nil {
		i = (i + 1) & (len(gondolaRoots) - 1)
	}
	gondolaRoots[i] = p
	gondolaRootCount++
}

// gondolaRootSlot returns the slot in which the search for p starts.
func gondolaRootSlot(p unsafe.Pointer) int {
	return int(uint32(uintptr(p)>>3)*0x9e3779b1>>8) & (len(gondolaRoots) - 1)
}

// gondolaCollect lets the collector do what it would have done while gondolaRealloc allocated, had it been allowed to: a guest that
// allocates nowhere else would never see its garbage collected.
func gondolaCollect() {
	switch gp := getg(); {
	case gp == gp.m.g0 || gp.m.locks > 0 || gondolaNoLeave > 0:
	case gcBlackenEnabled != 0:
		deductAssistCredit(0) // the goroutine has the debts of gondolaRealloc
	default:
		if t := (gcTrigger{kind: gcTriggerHeap}); t.test() {
			gcStart(t)
		}
	}
}

// gondola_v1_unroot ends the rooting of a block that cabi_realloc gave out. For another address it does nothing.
//
//go:linkname gondola_v1_unroot
func gondola_v1_unroot(p uint32) {
	if gondolaRootCount == 0 {
		return
	}
	gondolaCollect() // while the block is rooted
	mask := len(gondolaRoots) - 1
	i := gondolaRootSlot(gondolaAt(p))
	for gondolaRoots[i] != gondolaAt(p) {
		if gondolaRoots[i] == nil {
			return
		}
		i = (i + 1) & mask
	}
	gondolaRootCount--
	gondolaRoots[i] = nil
	// Close the gap: move up what its search would no longer find.
	for j := (i + 1) & mask; gondolaRoots[j] != nil; j = (j + 1) & mask {
		if home := gondolaRootSlot(gondolaRoots[j]); (j-home)&mask >= (j-i)&mask {
			gondolaRoots[i], gondolaRoots[j] = gondolaRoots[j], nil
			i = j
		}
	}
}
