package gondola

import "sync"

// driver gives a store its one thread of control.
//
// Everything that happens in a store is an entry, a func that runs while the
// store is held. Any goroutine may add entries at any time. Whoever adds one
// while nobody holds the store may drive it: run the entries and let the store's
// threads go on until nothing is left to do. So a completion costs no hand-off,
// and a store that waits costs no goroutine.
//
//	         add, nobody drives             nothing left
//	idle ─────────────────────▶ driven ─────────────────────▶ idle
//	                             │  ▲
//	           its own call is   │  │ a goroutine of the runtime
//	           resolved, or it   ▼  │ takes over
//	           is unwound      handed over
type driver struct {
	// tick lets one thread of the store go on; it reports whether there was one
	// that could. ready reports whether there is. Both are called while the
	// store is held.
	tick, ready func() bool

	// owned says that only goroutines of the runtime may drive. Coroutines need
	// it: one that was made on a goroutine that is locked to its thread can't be
	// resumed on one that is not, which ends the process, and a caller's
	// goroutine may be either. Host functions that block need it too: a caller
	// whose context ends must be able to leave.
	owned bool

	mu     sync.Mutex
	inbox  []func()
	driven bool
}

// enter adds an entry and drives on the calling goroutine if nobody does. It
// returns when there is nothing left to do; the entry may then still be waiting
// for another driver to come to it.
func (d *driver) enter(entry func()) { d.enterUntil(entry, never) }

func never() bool { return false }

// enterUntil is like enter, but leaves as soon as done reports true, which is
// asked while the store is held, after every step. What is left then is driven
// by a goroutine of the runtime.
func (d *driver) enterUntil(entry func(), done func() bool) {
	if d.owned {
		d.post(entry)
		return
	}
	if d.acquire(entry) {
		d.drive(entry, done)
	}
}

// post adds an entry and never drives on the calling goroutine. It is for
// callers that may hold a lock that guest code can come to want through a host
// function.
func (d *driver) post(entry func()) {
	if d.acquire(entry) {
		go d.drive(entry, never)
	}
}

// acquire takes the store if it is free. Where it is not, the entry waits in
// the inbox.
func (d *driver) acquire(entry func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.driven {
		d.inbox = append(d.inbox, entry)
		return false
	}
	d.driven = true
	return true
}

// drive runs the entry and goes on until nothing is left to do or done reports
// true. The caller has acquired the store.
func (d *driver) drive(entry func(), done func() bool) {
	// A host function that panics, or ends its goroutine, unwinds its driver.
	// The store has others to serve, so somebody else takes over first.
	unwound := true
	defer func() {
		if unwound {
			go d.drive(func() {}, never)
		}
	}()
	for entry != nil {
		entry()
		for !done() && d.tick() {
			if d.waiting() {
				break
			}
		}
		if done() {
			d.handOver()
			break
		}
		entry = d.next()
	}
	unwound = false
}

// next is the entry that has waited longest. Where there is none, and no thread
// that could go on, the store is released and next is nil.
func (d *driver) next() func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.inbox) > 0 {
		e := d.inbox[0]
		d.inbox[0] = nil
		d.inbox = d.inbox[1:]
		return e
	}
	if d.ready() {
		return func() {}
	}
	d.driven = false
	return nil
}

// waiting reports whether an entry waits. Entries come before threads that are
// ready, since a busy guest must not keep cancellations out.
func (d *driver) waiting() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.inbox) > 0
}

// handOver leaves what there is to do to a goroutine of the runtime.
func (d *driver) handOver() {
	if e := d.next(); e != nil {
		go d.drive(e, never)
	}
}
