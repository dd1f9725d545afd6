package rt

import (
	"context"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A Scope keeps alive what one call lends to the host: memory that arguments, results and ret areas lie in, handles that are
// lent or given away. It is used by one goroutine at a time.
type Scope struct {
	small   [smallWords]uint64 // where small blocks are, up to used
	used    int
	roots   []unsafe.Pointer
	given   []given
	wait    wait
	pending bool   // the host still has the call: memory and handles stay lent
	next    *Scope // in freeScopes
}

// given is something that a call was given and that is undone when the call ends.
type given interface {
	// returned ends the loan of a borrow, or the giving of an owned handle. When started is false the host never took the
	// arguments, and what was given away comes back.
	returned(started bool)
}

// smallWords is how much memory a scope has of its own, in words of eight bytes: enough for the results and lists of most calls.
const smallWords = 24

// freeScopes links scopes for reuse. Nothing runs in parallel in a wasm guest, so it needs no lock; but any allocation may let
// other goroutines run, so it is a list and no slice.
var freeScopes *Scope

// NewScope returns an empty scope. The caller frees it.
func NewScope() *Scope {
	if s := freeScopes; s != nil {
		freeScopes, s.next = s.next, nil
		return s
	}
	return new(Scope)
}

// Free ends the loans of s. After a call that was given up it does nothing: then the runtime frees s when the host is done.
func (s *Scope) Free() {
	if s.pending {
		return
	}
	s.settle(true)
	clear(s.roots)
	s.roots = s.roots[:0]
	clear(s.small[:s.used])
	s.used = 0
	if cap(s.roots) <= 64 && cap(s.given) <= 64 {
		s.next, freeScopes = freeScopes, s
	}
}

// settle undoes what was given.
func (s *Scope) settle(started bool) {
	for i, g := range s.given {
		s.given[i] = nil
		g.returned(started)
	}
	s.given = s.given[:0]
}

// settleFrom undoes, as never taken, what was given since given held mark entries.
func (s *Scope) settleFrom(mark int) {
	for i := mark; i < len(s.given); i++ {
		s.given[i].returned(false)
		s.given[i] = nil
	}
	s.given = s.given[:mark]
}

// String lends v and returns its address and its length in bytes. Invalid UTF-8 is replaced by U+FFFD first.
func (s *Scope) String(v string) (p, n uint32) {
	if v == "" {
		return 1, 0
	}
	if !utf8.ValidString(v) {
		v = strings.ToValidUTF8(v, "\uFFFD")
	}
	return s.root(unsafe.Pointer(unsafe.StringData(v))), uint32(len(v))
}

// Bytes lends v and returns its address and its length.
func (s *Scope) Bytes(v []byte) (p, n uint32) { return LendSlice(s, v) }

// LendSlice lends v to the call of s and returns its address and its length in elements.
func LendSlice[T Scalar](s *Scope, v []T) (p, n uint32) {
	if len(v) == 0 {
		return 8, 0
	}
	return s.root(unsafe.Pointer(unsafe.SliceData(v))), uint32(len(v))
}

// Block returns the address of a new zeroed block of size bytes, aligned to align (at most 8).
func (s *Scope) Block(size, align uint32) uint32 {
	if size == 0 {
		return align
	}
	words := int(size+7) / 8
	if words > smallWords-s.used {
		block := make([]uint64, words)
		return s.root(unsafe.Pointer(unsafe.SliceData(block)))
	}
	block := &s.small[s.used]
	s.used += words
	return addr(unsafe.Pointer(block))
}

// root keeps p, and the memory block that it points into, alive until s is freed.
func (s *Scope) root(p unsafe.Pointer) uint32 {
	s.roots = append(s.roots, p)
	return addr(p)
}

// Await waits for the async call whose import returned status. It suspends the calling goroutine only.
//
// When ctx ends first, the host is asked to cancel the call. What then comes of the call counts: Await returns ctx's error, or
// nil if there is a result all the same. The request blocks the component until the callee has answered it, since
// subtask.cancel has an async form only behind a gate (Explainer.md, 🚝). With build tag gondola_async_cancel that form is used:
// if the call isn't resolved at once, Await returns ctx's error, the scope stays lent until the host is done, and a result that
// still comes is handed to late, which may be nil.
func (s *Scope) Await(ctx context.Context, status uint32, late func()) error {
	state, subtask := status&0xf, status>>4
	if subtask == 0 {
		pause()
		return s.resolved(ctx, state)
	}
	state, done := s.wait.until(ctx, subtask)
	if done {
		subtaskDrop(subtask)
		return s.resolved(ctx, state)
	}
	awaitTurn()
	if state = subtaskCancel(subtask); state != blocked {
		subtaskDrop(subtask)
		return s.resolved(ctx, state)
	}
	s.pending = true
	go s.awaitLate(subtask, late)
	return context.Cause(ctx)
}

// resolved ends a call that the host has resolved.
func (s *Scope) resolved(ctx context.Context, state uint32) error {
	if state == subtaskReturned {
		return nil
	}
	s.settle(state != subtaskCancelledBeforeStarted)
	return context.Cause(ctx)
}

// awaitLate outlives a call that was given up.
func (s *Scope) awaitLate(subtask uint32, late func()) {
	state, _ := awaitEvent(subtask)
	subtaskDrop(subtask)
	s.pending = false
	s.settle(state != subtaskCancelledBeforeStarted)
	if state == subtaskReturned && late != nil {
		late()
	}
	s.Free()
}
