package gondola

import (
	"sync"
	"sync/atomic"
)

// driver gives a store its one thread of control.
//
// Everything that happens in a store is an entry, which happens while the store
// is held. Any goroutine may add entries at any time. Whoever adds one while
// nobody holds the store may drive it: let the entries happen and the store's
// threads go on until nothing is left to do. So a completion costs no hand-off,
// and a store that waits costs no goroutine.
//
//	       add, nobody drives             nothing left
//	idle ─────────────────────▶ driven ─────────────────────▶ idle
//	                             │  ▲
//	         it has what it came │  │ a goroutine of the runtime
//	         for, or is unwound  ▼  │ takes over
//	                            handed over
type driver struct {
	// tick lets one thread of the store go on; it reports whether there was one
	// that could. ready reports whether there is. idle is called when nothing is
	// left to do, and may add to that. All are called while the store is held.
	tick, ready func() bool
	idle        func()

	// owned says that only goroutines of the runtime may drive. Coroutines need
	// it: one that was made on a goroutine that is locked to its thread can't be
	// resumed on one that is not, which ends the process, and a caller's
	// goroutine may be either. Host functions that block need it too: a caller
	// whose context ends must be able to leave.
	owned bool

	// turn counts entries and ticks; guest is the visitor on whose goroutine they
	// happen, or nil. They are used while the store is held.
	turn  uint64
	guest visitor

	// first is what a goroutine that is to drive begins with, which runs start, bound
	// once: so the only thing that a new goroutine costs is itself. Who has taken the store
	// sets it.
	first entry
	start func()

	state atomic.Int32
	mu    sync.Mutex
	inbox []entry // not empty exactly while the state is storeWanted
}

// The states of a driver.
const (
	storeFree   int32 = iota
	storeDriven       // somebody drives
	storeWanted       // and entries wait
)

// entry is something that happens while the store is held.
type entry interface{ enter() }

type entryFunc func()

func (f entryFunc) enter() { f() }

// visitor is an entry whose goroutine leaves the store when it has what it came
// for.
type visitor interface {
	entry
	// leaves is asked while the store is held, after every step.
	leaves() bool
}

// enter adds an entry and drives on the calling goroutine if nobody does. It
// returns when there is nothing left to do; the entry may then still be waiting
// for another driver to come to it.
func (d *driver) enter(entry func()) { d.arrive(entryFunc(entry)) }

func (d *driver) arrive(e entry) {
	switch {
	case !d.add(e):
	case d.owned:
		d.delegate(e)
	default:
		d.lead(e)
	}
}

// visit is like enter, but the calling goroutine leaves as soon as v does. What
// is left then is driven by a goroutine of the runtime. It reports whether v
// happened on the calling goroutine.
func (d *driver) visit(v visitor) bool {
	switch {
	case !d.add(v):
	case d.owned:
		d.delegate(v)
	default:
		d.drive(v, v)
		return true
	}
	return false
}

// post adds an entry and never drives on the calling goroutine. It is for
// callers that may hold a lock that guest code can come to want through a host
// function.
func (d *driver) post(entry func()) { d.submit(entryFunc(entry)) }

func (d *driver) submit(e entry) {
	if d.add(e) {
		d.delegate(e)
	}
}

// add takes the store if it is free, and reports that the caller has to drive.
// Where it is not, the entry waits in the inbox.
func (d *driver) add(e entry) bool {
	for {
		if d.state.CompareAndSwap(storeFree, storeDriven) {
			return true
		}
		if d.queue(e) {
			return false
		}
	}
}

// queue puts e in the inbox, unless the store has become free.
func (d *driver) queue(e entry) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.state.CompareAndSwap(storeDriven, storeWanted) && d.state.Load() == storeFree {
		return false
	}
	d.inbox = append(d.inbox, e)
	return true
}

// waiting is how many entries wait.
func (d *driver) waiting() int {
	if d.state.Load() != storeWanted {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.inbox)
}

// drive lets e happen and goes on until nothing is left to do or v leaves. The
// caller has taken the store.
func (d *driver) drive(e entry, v visitor) {
	// A host function that ends its goroutine unwinds its driver. The store has
	// others to serve, so somebody else takes over first.
	unwound := true
	d.guest = v
	defer func() {
		if unwound {
			d.delegate(nothing)
		}
	}()
	for e != nil {
		d.turn++
		e.enter()
		d.run(v)
		if v != nil && v.leaves() {
			d.handOver()
			break
		}
		e = d.next()
	}
	unwound = false
}

// delegate has a goroutine of the runtime drive. The caller has taken the store.
func (d *driver) delegate(e entry) {
	d.first = e
	if d.start == nil {
		d.start = d.leadFirst
	}
	go d.start()
}

func (d *driver) leadFirst() {
	e := d.first
	d.first = nil
	d.lead(e)
}

// lead drives on a goroutine of the runtime, or one whose stack is not deep.
func (d *driver) lead(e entry) {
	deepen()
	d.drive(e, nil)
}

// nothing is the entry of a driver that takes over.
var nothing = entryFunc(func() {})

// run lets threads go on until none can, an entry waits, or v leaves. Entries
// come before threads that are ready, since a busy guest must not keep
// cancellations out.
func (d *driver) run(v visitor) {
	for v == nil || !v.leaves() {
		d.turn++
		if !d.tick() || d.state.Load() == storeWanted {
			return
		}
	}
}

// next is the entry that has waited longest. Where there is none, and no thread
// that could go on, the store is released and next is nil.
func (d *driver) next() entry {
	for {
		switch {
		case d.state.Load() == storeWanted:
			return d.take()
		case d.ready():
			return nothing
		}
		if d.idle != nil {
			d.idle()
		}
		if d.ready() {
			return nothing
		}
		if d.state.CompareAndSwap(storeDriven, storeFree) {
			return nil
		}
	}
}

// take takes the first entry out of the inbox.
func (d *driver) take() entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.inbox[0]
	d.inbox[0] = nil
	d.inbox = d.inbox[1:]
	if len(d.inbox) == 0 {
		d.inbox = nil
		d.state.Store(storeDriven)
	}
	return e
}

// handOver leaves what there is to do to a goroutine of the runtime.
func (d *driver) handOver() {
	if e := d.next(); e != nil {
		d.delegate(e)
	}
}
