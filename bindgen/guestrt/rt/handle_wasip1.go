package rt

// A Handle is the Go side of an entry of the component's handle table: a resource that the component owns or has borrowed.
// Generated resource types hold one, which must not be copied. Not safe for use after Close, like a closed file: its methods
// panic then. The zero value is no entry, and can be made one by [Handle.Own] or [Handle.Borrow].
type Handle struct {
	_      noCopy
	index  uint32
	lends  int32 // calls that borrow it right now
	state  handleState
	what   string // what made it unusable, for the panic
	drop   func(index uint32)
	keeper *keeper // of an owned handle
}

type handleState uint8

const (
	handleNone handleState = iota
	handleOwned
	handleBorrowed
	handleClosing // closed while lent: dropped when the last loan ends
	handleGone
)

// noCopy makes go vet report copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// Own makes h the owned handle index, which was lifted. drop is the resource.drop import of its type. A handle that is never
// closed is dropped some time after it became garbage.
func (h *Handle) Own(index uint32, drop func(index uint32)) {
	h.index, h.drop, h.state = index, drop, handleOwned
	h.keeper = keep(index, drop)
}

// Borrow makes h the borrowed handle index, which was lifted from the arguments of task t, which drops it when it resolves.
func (h *Handle) Borrow(t *Task, index uint32, drop func(index uint32)) {
	h.index, h.drop, h.state = index, drop, handleBorrowed
	t.borrows = append(t.borrows, h)
}

// letGo ends the keeping of an owned handle that is closed or given away.
func (h *Handle) letGo() {
	h.keeper.release()
	h.keeper = nil
}

// Lend returns the handle's index as an argument of type borrow. It stays lent until s is freed.
func (h *Handle) Lend(s *Scope) uint32 {
	h.check()
	h.lends++
	s.given = append(s.given, (*lent)(h))
	return h.index
}

// Give moves an owned handle into a call, as an argument or result of type own. If the call never starts it comes back.
func (h *Handle) Give(s *Scope) uint32 {
	h.check()
	switch {
	case h.state == handleBorrowed:
		panic("a borrowed resource can't be given away")
	case h.lends > 0:
		panic("a resource can't be given away while a call borrows it")
	}
	h.letGo()
	h.state, h.what = handleGone, "was given away"
	s.given = append(s.given, (*gone)(h))
	return h.index
}

// Close drops the handle. While calls borrow it, the drop waits for them. Closing a handle that is closed or given away does
// nothing.
func (h *Handle) Close() error {
	switch h.state {
	case handleNone, handleClosing, handleGone:
		return nil
	case handleBorrowed:
		panic("a borrowed resource can't be closed")
	}
	h.letGo()
	h.what = "is closed"
	h.state = handleClosing
	h.dropIfIdle()
	return nil
}

// dropIfIdle finishes a Close.
func (h *Handle) dropIfIdle() {
	if h.state == handleClosing && h.lends == 0 {
		h.state = handleGone
		h.drop(h.index)
	}
}

// endBorrow drops a borrowed handle because its task resolves.
func (h *Handle) endBorrow(task string) {
	if h.lends > 0 {
		panic(task + " returned while a call still borrows a resource that was lent to it")
	}
	h.state, h.what = handleGone, "was lent to "+task+", which has returned"
	h.drop(h.index)
}

// check panics unless the handle can be used.
func (h *Handle) check() {
	if h.state == handleNone {
		panic("use of a resource that no function has made: the zero value of its type is none")
	}
	if h.state >= handleClosing {
		panic("use of a resource that " + h.what)
	}
}

// lent is a handle in a scope that borrows it.
type lent Handle

func (l *lent) returned(bool) {
	h := (*Handle)(l)
	h.lends--
	h.dropIfIdle()
}

// gone is a handle in a scope that it was given to.
type gone Handle

func (g *gone) returned(started bool) {
	if h := (*Handle)(g); !started {
		h.Own(h.index, h.drop)
	}
}
