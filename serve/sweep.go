package serve

import "time"

// wakeAt has sweep called at a time, or before.
func (p *pool) wakeAt(t time.Time) {
	if p.next.IsZero() || t.Before(p.next) {
		p.next = t
		p.timer.Reset(time.Until(t))
	}
}

// sweep does what is due.
func (p *pool) sweep() {
	p.mu.Lock()
	now := time.Now()
	p.next = time.Time{}
	late := p.lateRequests(now)
	for w := range p.workers {
		p.sweepWorker(w, now)
	}
	p.mu.Unlock()
	for _, x := range late { // who is told may do anything
		x.ctx.CancelCause(errTimeout)
	}
}

// lateRequests takes the requests that have been answered for long enough without a
// header out of the list.
func (p *pool) lateRequests(now time.Time) (late []*exchange) {
	limit := p.opts.RequestTimeout
	for x := p.headless.first; x != nil && limit != forever; x = p.headless.first {
		switch due := x.given.Add(limit); {
		case x.headed():
			p.headless.remove(x)
		case now.Before(due):
			p.wakeAt(due)
			return late
		default:
			p.headless.remove(x)
			x.late = true
			late = append(late, x)
		}
	}
	return late
}

// sweepWorker does what is due about w.
func (p *pool) sweepWorker(w *worker, now time.Time) {
	if w.inst == nil || w.state == closed {
		return
	}
	switch due := w.deadline(); {
	case due.IsZero():
		p.watchBusy(w, now)
	case now.Before(due):
		p.wakeAt(due)
		p.watchBusy(w, now)
	case w.done():
		p.close(w)
	default:
		p.kill(w, "it works on for longer than allowed after its last response")
	}
}

// watchBusy asks w again and again what it is doing. An instance that doesn't tell runs on
// and on; since it answers nobody then, it need not be left alone for those whom it works
// for.
func (p *pool) watchBusy(w *worker, now time.Time) {
	limit := p.opts.RequestTimeout
	switch {
	case !p.watches || p.watchEvery() == forever || w.done():
		return
	case w.askedAt.IsZero():
		p.ask(w)
	case now.Sub(w.askedAt) >= limit:
		p.kill(w, "it runs on and on without a pause")
		return
	}
	p.wakeAt(now.Add(p.watchEvery()))
}

// watchEvery is how often instances are asked.
func (p *pool) watchEvery() time.Duration {
	if d := min(p.opts.RequestTimeout, p.opts.PostReturnTimeout); d != forever {
		return d / 4
	}
	return forever // nothing is ever late
}

// patience is how long an instance may work on when a request has been answered, or was
// cancelled since it took too long.
func (p *pool) patience(late bool) time.Duration {
	if late {
		return min(p.opts.PostReturnTimeout, time.Second)
	}
	return p.opts.PostReturnTimeout
}

// checkTasks retires w if it still works on what was answered long ago. What it has been
// given goes on.
func (p *pool) checkTasks(w *worker, c condition) {
	if w.state != serving {
		return
	}
	now := time.Now()
	for ctx := range c.callers {
		x := exchangeOf(ctx)
		if x != nil && !x.answered.IsZero() && now.Sub(x.answered) > p.patience(x.late) {
			p.opts.Log.Warn("an instance gets no more requests: it works on for longer than allowed after a response",
				"instance", w.id, "method", x.r.Method, "uri", x.r.RequestURI)
			w.retire()
			return
		}
	}
}
