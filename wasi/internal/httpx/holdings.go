package httpx

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// holdings bound what all guests of a host make it keep of headers and targets: each may
// be small, but there may be as many as there are handles. What takes next to nothing is
// not counted, which is all that most programs have. What is counted is given back when
// it is collected, as nobody else knows for sure when a guest, and whoever sends what it
// made, has it no more. Nil has no limit.
type holdings struct {
	limit int64
	used  atomic.Int64

	mu     sync.Mutex
	barren time.Time // when garbage was last collected for next to nothing
}

// DefaultMaxHeld is what guests may hold of headers and targets.
const DefaultMaxHeld = 256 << 20

// uncounted is what takes next to nothing: not much more than the handle that it costs
// the guest.
const uncounted = 1 << 10

// LimitHeld bounds what guests hold together of fields and of targets of requests, in
// bytes, in place of [DefaultMaxHeld]. It is for who has made the rules, before anybody
// uses them.
func (r *FieldRules) LimitHeld(bytes int64) { r.held = newHoldings(bytes) }

func newHoldings(limit int64) *holdings {
	if limit <= 0 {
		limit = DefaultMaxHeld
	}
	return &holdings{limit: limit}
}

// take reports whether there is room for so many bytes more, and takes it.
func (h *holdings) take(bytes int64) bool {
	return h.add(bytes) || h.collect(bytes)
}

func (h *holdings) add(bytes int64) bool {
	if h.used.Add(bytes) <= h.limit {
		return true
	}
	h.used.Add(-bytes)
	return false
}

func (h *holdings) give(bytes int64) { h.used.Add(-bytes) }

// collect is take after garbage was collected. Where that does not help it is not tried
// again for a second, so that a guest can't keep the process busy with it.
func (h *holdings) collect(bytes int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.add(bytes) {
		return true // somebody else has collected
	}
	if time.Since(h.barren) < time.Second {
		return false
	}
	before := h.used.Load()
	runtime.GC()
	for range 200 { // cleanups come a little later
		if h.used.Load() <= before-h.limit/8 {
			return h.add(bytes)
		}
		time.Sleep(time.Millisecond)
	}
	h.barren = time.Now()
	return h.add(bytes)
}

// holding is what one thing takes of the holdings.
type holding struct {
	of    *holdings
	bytes atomic.Int64
}

// raise makes it so many bytes at least.
func (h *holding) raise(bytes int64) bool {
	more := bytes - h.bytes.Load()
	if more <= 0 {
		return true
	}
	if !h.of.take(more) {
		return false
	}
	h.bytes.Add(more)
	return true
}

func (h *holding) end() { h.of.give(h.bytes.Swap(0)) }

// hold takes room for a set of so many bytes, until nobody has it any more.
func (r *FieldRules) hold(s *fieldSet, bytes int) bool {
	if bytes <= uncounted || r == nil || r.held == nil {
		return true
	}
	if s.held == nil {
		s.held = &holding{of: r.held}
		runtime.AddCleanup(s, (*holding).end, s.held)
	}
	return s.held.raise(int64(bytes))
}

// HoldText reports whether there is room for a guest's text, and takes it until nobody
// points to it any more: not for the text alone, but for s.
func (r *FieldRules) HoldText(s *string) bool {
	n := int64(len(*s))
	if n <= uncounted || r == nil || r.held == nil {
		return true
	}
	if !r.held.take(n) {
		return false
	}
	runtime.AddCleanup(s, r.held.give, n)
	return true
}
