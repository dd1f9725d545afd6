package serve

import (
	"context"
	"errors"
	"slices"
	"time"
)

// waiter is a request that waits for a worker.
type waiter struct {
	x    *exchange
	room chan *worker // nil says to try again

	// reserved says that it counts as a worker that runs until it has tried again, so
	// that nobody who comes later is first.
	reserved bool
}

// acquire gives x to a worker.
func (p *pool) acquire(ctx context.Context, x *exchange) (*worker, error) {
	patient := p.watches // else instances stand still in ways that look like running
	for reserved := false; ; {
		p.mu.Lock()
		if reserved {
			p.running--
		}
		crowded := patient && p.running >= p.processors
		switch {
		case p.down:
			p.mu.Unlock()
			return nil, errDown
		case crowded:
		case len(p.ready) > 0:
			w := p.ready[len(p.ready)-1]
			p.give(w, x)
			p.mu.Unlock()
			return w, nil
		case len(p.workers) < p.opts.MaxInstances:
			w := p.newWorker()
			p.mu.Unlock()
			if err := p.make(ctx, w, x); err != nil {
				return nil, err
			}
			return w, nil
		}
		q := &waiter{x: x, room: make(chan *worker, 1)}
		p.waiting = append(p.waiting, q)
		p.mu.Unlock()
		w, err := p.wait(ctx, q, crowded)
		switch {
		case err == errPause:
			patient = false
		case w != nil || err != nil:
			return w, err
		}
		reserved = q.reserved
	}
}

// pause is how long a request waits for one of the instances that run to come to rest,
// where another one would have to wait for a processor anyway. The one that has run
// last is the fastest, and where few do the work others can be closed.
const pause = 5 * time.Millisecond

// errPause says that nobody got an instance for that long.
var errPause = errors.New("the instances that run do not come to rest")

// wait waits for what q waits for. crowded says that others may be there at once.
func (p *pool) wait(ctx context.Context, q *waiter, crowded bool) (*worker, error) {
	limit := p.opts.QueueTimeout
	if crowded {
		limit = min(limit, pause)
	}
	begin := time.Now()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		var why error
		select {
		case w := <-q.room:
			return w, nil
		case <-ctx.Done():
			why = context.Cause(ctx)
		case now := <-timer.C:
			why = errQueue
			if now.Sub(begin) < p.opts.QueueTimeout {
				why = errPause
			}
		}
		if w, done, err := p.leave(q, why); done {
			return w, err
		}
		timer.Reset(pause)
	}
}

// leave has q wait no longer because of why, and returns what wait returns. It is not
// done where others get what q has no patience to wait for.
func (p *pool) leave(q *waiter, why error) (w *worker, done bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.waiting, q); i >= 0 {
		now := time.Now()
		if why == errPause {
			if now.Sub(p.servedAt) < pause {
				return nil, false, nil
			}
			p.servedAt = now // one loses patience at a time
		}
		p.waiting = slices.Delete(p.waiting, i, i+1)
		if why == errPause {
			p.hurry(now)
		}
		return nil, true, why
	}
	w = <-q.room // just now
	switch {
	case why == errPause:
		return w, true, nil
	case w != nil:
		p.take(w, q.x)
		p.ask(w)
	case q.reserved:
		p.running--
		p.wake() // the next
	}
	return nil, true, why
}

// wake lets the request that has waited longest try again, if it has reason to.
func (p *pool) wake() {
	switch {
	case len(p.waiting) == 0:
		return
	case p.down:
	case p.watches && p.running >= p.processors, len(p.ready) == 0 && len(p.workers) >= p.opts.MaxInstances:
		return
	}
	q := p.waiting[0]
	p.waiting = p.waiting[1:]
	q.reserved = true
	p.running++
	p.servedAt = time.Now()
	q.room <- nil
}
