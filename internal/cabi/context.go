package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
)

// liftLowerContext is what lifting and lowering depend on. One lives for one
// lift or lower; its memory is looked at anew after each realloc.
//
// Spec: CanonicalABI.md#lifting-and-lowering-context (definitions.py
// LiftLowerContext).
type liftLowerContext struct {
	opts *CanonicalOptions
	inst *ComponentInstance

	// The borrow scope: the subtask that borrowed handles are lifted for, or
	// the task that they are lowered for.
	subtask *Subtask
	task    *Task

	mem []byte // the memory, once it was needed

	// views lets lifted strings and byte lists share the memory, where they are
	// lowered into another one before any code of this instance runs.
	views bool

	// sourceEncoding is the encoding that strings to lower came from, on which
	// the sequence of reallocs depends.
	sourceEncoding StringEncoding

	// spent is how much of the host's memory the values lifted so far take.
	spent int
}

func newContext(opts *CanonicalOptions, inst *ComponentInstance) liftLowerContext {
	return liftLowerContext{opts: opts, inst: inst}
}

func (cx *liftLowerContext) ptrSize() int { return cx.opts.Ptr.Size() }

func (cx *liftLowerContext) layout(t typ) *layout.Layout { return layout.Of(t, cx.opts.Ptr) }

// memory is the memory's content.
func (cx *liftLowerContext) memory() []byte {
	if cx.mem == nil && cx.opts.Memory != nil {
		cx.mem = cx.opts.Memory.Bytes()
	}
	return cx.mem
}

// spend counts host memory that a value takes which is about to be lifted, so
// that no few bytes of a guest's become many of the host's.
func (cx *liftLowerContext) spend(bytes int) {
	cx.spent += bytes
	if most := cx.inst.store.cfg.MaxValueBytes; cx.spent > most {
		trap.Throw(trap.ValueTooLarge, most)
	}
}

// Spec: definitions.py LiftLowerContext.allocate.
func (cx *liftLowerContext) allocate(align, size int) uint64 {
	return cx.reallocate(0, 0, align, size)
}

// reallocate calls the guest's realloc, on a thread of its own as far as
// the guest can tell: its storage is zero, and leaving traps.
//
// Spec: definitions.py LiftLowerContext.reallocate.
func (cx *liftLowerContext) reallocate(old uint64, oldSize, align, size int) uint64 {
	i := cx.inst
	assert(i.mayLeave, "realloc is not called within realloc or post-return")
	assert(cx.opts.Realloc != nil, "validation requires realloc where it is needed")
	s, t := i.store, i.scrap
	i.mayLeave = false
	t.storage = [2]uint64{}
	t.resumer, s.current = s.current, t
	stack := s.takeStack()
	stack[0], stack[1], stack[2], stack[3] = old, uint64(oldSize), uint64(align), uint64(size)
	cx.opts.Realloc.Call(stack[:4])
	ptr := cx.pointer(stack[0])
	s.putStack(stack)
	s.current, t.resumer = t.resumer, nil
	i.mayLeave = true
	cx.mem = nil
	return ptr
}

// pointer is a flat value as an address: of 32-bit ones only the lower half
// counts.
func (cx *liftLowerContext) pointer(v uint64) uint64 {
	if cx.opts.Ptr == layout.Ptr32 {
		return uint64(uint32(v))
	}
	return v
}

// newScrapThread makes the thread that an instance's realloc runs on.
func newScrapThread(i *ComponentInstance) *Thread {
	k := &Task{inst: i, lift: &lifted{name: "realloc", ft: &types.Func{}, opts: &CanonicalOptions{}, inst: i}}
	k.state = taskStarted
	k.implicit = Thread{task: k, state: threadRunning, queue: noQueue}
	return &k.implicit
}

// fits reports whether size bytes at ptr lie in memory.
func (cx *liftLowerContext) fits(ptr uint64, size int) bool {
	n := uint64(len(cx.memory()))
	return uint64(size) <= n && ptr <= n-uint64(size)
}

func aligned(ptr uint64, align int) bool { return ptr&uint64(align-1) == 0 }

func trapUnlessAligned(ptr uint64, align int) {
	if !aligned(ptr, align) {
		trap.Throw(trap.UnalignedPointer, ptr, align)
	}
}

// trapUnlessInMemory checks where a guest says that a value lies.
func (cx *liftLowerContext) trapUnlessInMemory(ptr uint64, l *layout.Layout) {
	trapUnlessAligned(ptr, l.Align)
	if !cx.fits(ptr, l.Size) {
		trap.Throw(trap.PointerOutOfBounds, l.Size, ptr, len(cx.memory()))
	}
}

// trapUnlessAllocated checks what realloc returned; beyond is the trap for
// memory that isn't there.
func (cx *liftLowerContext) trapUnlessAllocated(ptr uint64, align, size int, beyond trap.Code) {
	if !aligned(ptr, align) {
		trap.Throw(trap.ReallocMisaligned, ptr, align)
	}
	if !cx.fits(ptr, size) {
		trap.Throw(beyond, size, ptr, len(cx.memory()))
	}
}
