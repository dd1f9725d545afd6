package sockets

import "sync"

// inherited are the options that accepted sockets must be given by us, where the
// system does not do that.
type inherited struct {
	mu     sync.Mutex
	values map[option]int
}

func (h *inherited) note(opt option, n int) {
	if !mustInherit(opt) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.values == nil {
		h.values = map[option]int{}
	}
	h.values[opt] = n
}

func (h *inherited) apply(fd int, f Family) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for opt, n := range h.values {
		_ = setOption(fd, f, opt, n) // the connection is worth more than its options
	}
}
