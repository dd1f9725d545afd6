package serve

import (
	"time"
)

// worker is an instance and what the pool knows of it. It is read and written while the
// pool is locked.
type worker struct {
	id    string
	pool  *pool
	inst  instance // nil while it is being made
	state workerState

	// Limits of its own: how many requests it gets, how many at a time, and how long it is
	// kept without any.
	reuse, concurrent int
	idle              time.Duration

	active int       // requests that it has been given and not answered
	taken  int       // requests that it has been given
	rested bool      // it has come to rest since it was given the last one
	last   condition // when it came to rest the last time

	waiting bool      // it is among pool.ready
	freeAt  time.Time // when its last request was answered; counts while none is active
	late    bool      // that one, or one before, took too long, and may still be worked on
	askedAt time.Time // when it was asked to tell that it rests and has not; zero where it has
}

// workerState is what an instance is for.
//
//	making ──▶ serving ──▶ retired ──▶ closed
//	              └──▶ ended ◀─┘  └──────▲
//	                     └───────────────┘
type workerState uint8

const (
	making  workerState = iota
	serving             // it takes requests
	retired             // it takes none, but works on
	ended               // it trapped, or was killed: what it works on fails
	closed
)

// takes reports whether the worker may be given a request now.
func (w *worker) takes() bool {
	return w.state == serving && w.rested && w.last.admits && w.active < w.concurrent &&
		(w.concurrent > 1 || w.last.tasks == 0)
}

// done reports whether nothing is left to do.
func (w *worker) done() bool { return w.active == 0 && w.rested && w.last.tasks == 0 }

// give gives the worker a request.
func (w *worker) give() {
	assert(w.takes(), "a request goes to a worker that takes it")
	w.active++
	w.taken++
	w.setRested(false)
	if w.taken >= w.reuse {
		w.retire()
	}
}

// setRested notes that the worker has come to rest, or may be running.
func (w *worker) setRested(rested bool) {
	switch {
	case w.rested == rested:
		return
	case rested:
		w.pool.running--
	default:
		w.pool.running++
	}
	w.rested = rested
}

// retire has the worker take no more requests.
func (w *worker) retire() {
	if w.state == serving {
		w.state = retired
	}
}

// rests is called when the instance has come to rest.
func (w *worker) rests(c condition) {
	p := w.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if !w.askedAt.IsZero() {
		p.checkTasks(w, c)
	}
	c.callers = nil
	w.last, w.askedAt = c, time.Time{}
	if w.state == making {
		return // for its request, with which it runs on: see pool.make
	}
	w.setRested(true)
	w.late = w.late && c.tasks > 0
	if c.ended != nil {
		p.end(w, c.ended)
	}
	p.settle(w)
	p.wake()
}

// deadline is when w is closed if nothing happens, or zero.
func (w *worker) deadline() time.Time {
	limit := w.idle
	if !w.done() {
		limit = w.pool.patience(w.late)
	}
	if w.active > 0 || limit == forever || w.state != serving && w.state != retired {
		return time.Time{}
	}
	return w.freeAt.Add(limit)
}

func assert(ok bool, what string) {
	if !ok {
		panic("serve: " + what)
	}
}
