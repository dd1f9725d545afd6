package serve

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"
)

// pool distributes requests over instances.
type pool struct {
	opts    Options
	src     source
	watches bool // instances come to rest again and again, if they do not run on and on

	processors int // how many instances can run at once; read only

	mu       sync.Mutex
	workers  map[*worker]struct{} // that are not closed yet
	running  int                  // of them have not come to rest, or are being closed
	ready    []*worker            // that take a request; the one used last is at the end
	waiting  []*waiter            // for a worker, the one that has waited longest first
	servedAt time.Time            // when one of them got one, or lost patience
	headless exchangeList         // requests that workers were given and have no header for, oldest first
	stats    Stats
	ids      uint64
	random   *rand.Rand
	down     bool
	gone     chan struct{} // closed when the pool is down and no worker is left

	timer *time.Timer
	next  time.Time // when the timer goes off, or zero
}

func newPool(src source, opts Options, watches bool) *pool {
	p := &pool{opts: opts, src: src, watches: watches, processors: runtime.GOMAXPROCS(0),
		workers: map[*worker]struct{}{}, random: rand.New(rand.NewPCG(opts.Seed, 0)), gone: make(chan struct{})}
	p.timer = time.AfterFunc(forever, p.sweep)
	p.timer.Stop()
	return p
}

// Errors of requests that no instance was given.
var (
	errDown     = errors.New("the service is being shut down")
	errOverload = errors.New("too many requests")
	errQueue    = errors.New("no instance was free in time")
)

// give gives x to w, which takes it.
func (p *pool) give(w *worker, x *exchange) {
	w.give()
	p.stats.Active++
	x.given, x.answered = time.Now(), time.Time{}
	p.headless.push(x)
	p.settle(w)
	if d := p.watchEvery(); d != forever {
		p.wakeAt(x.given.Add(d))
	}
}

// take ends what give began.
func (p *pool) take(w *worker, x *exchange) {
	w.active--
	p.stats.Active--
	p.headless.remove(x)
	x.answered = time.Now()
	w.late = w.late || x.late
	if w.active == 0 {
		w.freeAt = x.answered
	}
	p.settle(w)
}

// release is called when x has been answered, or failed with err.
func (p *pool) release(w *worker, x *exchange, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if endsInstance(err) {
		// Whoever looks for a worker must not find this one, even if it has not come
		// to rest yet.
		p.end(w, err)
	}
	ask := !w.rested && w.state != ended && w.state != closed
	p.take(w, x)
	if ask { // it may never have been called
		p.ask(w)
	}
}

// newWorker makes room for a worker.
func (p *pool) newWorker() *worker {
	p.ids++
	o := &p.opts
	w := &worker{id: strconv.FormatUint(p.ids, 10), pool: p,
		reuse:      draw(p.random, o.MinReuse, o.MaxReuse),
		concurrent: draw(p.random, o.MinConcurrent, o.MaxConcurrent),
		idle:       draw(p.random, o.MinIdleTimeout, o.IdleTimeout),
		last:       condition{admits: true}, // as long as it has not said otherwise
	}
	p.workers[w] = struct{}{}
	p.running++
	return w
}

// draw is a number between two others, both included.
func draw[N int | time.Duration](r *rand.Rand, lowest, highest N) N {
	return lowest + N(r.Uint64N(uint64(highest-lowest)+1))
}

// make makes the instance of w and gives it x, if x is not nil.
func (p *pool) make(ctx context.Context, w *worker, x *exchange) error {
	inst, err := p.src.make(ctx, w.id, w.rests)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.stats.NotMade++
		w.setRested(true)
		p.remove(w)
		return &makeError{err}
	}
	p.stats.Made++
	w.inst, w.state, w.freeAt = inst, serving, time.Now()
	w.setRested(true)
	switch {
	case w.last.ended != nil:
		err = &makeError{w.last.ended}
		p.end(w, w.last.ended)
	case p.down:
		err = errDown
		w.retire()
	case x != nil && !w.takes():
		err = &makeError{errors.New("the guest holds callers back from the beginning")}
	case x != nil:
		p.give(w, x)
		return nil
	}
	p.settle(w)
	p.wake()
	return err
}

// first makes a worker that no request waits for.
func (p *pool) first(ctx context.Context) error {
	p.mu.Lock()
	w := p.newWorker()
	p.mu.Unlock()
	err := p.make(ctx, w, nil)
	if e, ok := errors.AsType[*makeError](err); ok {
		return e.err
	}
	return err
}

// makeError is why there is no new instance.
type makeError struct{ err error }

func (e *makeError) Error() string {
	return "no instance of the component can be made: " + e.err.Error()
}
func (e *makeError) Unwrap() error { return e.err }

// settle does what follows from what is new about w.
func (p *pool) settle(w *worker) {
	if w.inst == nil || w.state == closed {
		return
	}
	switch {
	case w.active == 0 && w.state == ended, w.state == retired && w.done():
		p.close(w)
	case !w.takes():
		p.unready(w)
	case len(p.waiting) > 0:
		q := p.waiting[0]
		p.waiting = p.waiting[1:]
		p.give(w, q.x)
		p.servedAt = q.x.given
		q.room <- w
		return
	case !w.waiting:
		w.waiting = true
		p.ready = append(p.ready, w)
	}
	if t := w.deadline(); !t.IsZero() {
		p.wakeAt(t)
	}
}

// unready takes w out of those that take requests.
func (p *pool) unready(w *worker) {
	if !w.waiting {
		return
	}
	w.waiting = false
	if last := len(p.ready) - 1; p.ready[last] == w {
		p.ready[last] = nil
		p.ready = p.ready[:last]
		return
	}
	i := slices.Index(p.ready, w)
	p.ready = slices.Delete(p.ready, i, i+1)
}

// end has w take nothing any more, since its instance has ended.
func (p *pool) end(w *worker, why error) {
	if w.state == ended || w.state == closed {
		return
	}
	if w.inst != nil {
		p.stats.Trapped++
		p.opts.Log.Error("an instance has ended", "instance", w.id, "requests", w.active, "error", why)
	}
	w.state = ended
}

// kill ends w, which has not ended by itself.
func (p *pool) kill(w *worker, why string) {
	p.stats.Killed++
	p.opts.Log.Error("an instance is ended: "+why, "instance", w.id, "requests", w.active)
	p.close(w)
}

// close closes w, whatever it is doing.
func (p *pool) close(w *worker) {
	assert(w.inst != nil && w.state != closed, "an instance is closed once")
	// To close one that has nothing to do takes a processor, as running does, and leaves what
	// the next one can be made of. For any other nobody waits any more.
	w.setRested(!w.done())
	w.state, w.freeAt = closed, time.Now()
	p.unready(w)
	p.wake()
	go func() {
		w.inst.close()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stats.Closed++
		w.setRested(true)
		p.remove(w)
	}()
}

// hurry has nobody wait for instances that take long to close.
func (p *pool) hurry(now time.Time) {
	for w := range p.workers {
		if w.state == closed && !w.rested && now.Sub(w.freeAt) >= pause {
			w.setRested(true)
			p.wake()
		}
	}
}

// remove forgets w.
func (p *pool) remove(w *worker) {
	delete(p.workers, w)
	p.wake()
	if p.down && len(p.workers) == 0 {
		close(p.gone)
	}
}

// ask has w tell when it rests.
func (p *pool) ask(w *worker) {
	if w.askedAt.IsZero() && w.state != closed {
		w.askedAt = time.Now()
		w.inst.tell()
	}
}

// shutdown takes nothing any more and returns when what was taken is done, or, where
// ctx ends before, everything has been ended.
func (p *pool) shutdown(ctx context.Context) error {
	p.mu.Lock()
	if !p.down {
		p.down = true
		for len(p.waiting) > 0 {
			p.wake()
		}
		for w := range p.workers {
			w.retire()
			p.settle(w)
		}
		if len(p.workers) == 0 {
			close(p.gone)
		}
	}
	p.mu.Unlock()
	var err error
	select {
	case <-p.gone:
	case <-ctx.Done():
		err = context.Cause(ctx)
		p.closeAll()
		<-p.gone
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer.Stop()
	return err
}

func (p *pool) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		if w.inst != nil && w.state != closed {
			p.opts.Log.Warn("an instance is ended at shutdown", "instance", w.id, "requests", w.active, "tasks", w.last.tasks)
			p.close(w)
		}
	}
}
