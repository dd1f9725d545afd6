package sockets

import (
	"context"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// Host makes the sockets of the guests of one linker. It is safe for use from
// several goroutines, as everything that it makes.
type Host struct {
	policy *netpolicy.Policy
	slots  chan struct{} // an element for each socket there is
}

// New makes a host with at most so many sockets at a time.
func New(policy *netpolicy.Policy, maxSockets int) *Host {
	return &Host{policy: policy, slots: make(chan struct{}, max(maxSockets, 0))}
}

// Open is how many sockets there are.
func (h *Host) Open() int { return len(h.slots) }

func (h *Host) takeSlot() error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
		return NewSocketLimit
	}
}

func (h *Host) awaitSlot(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Host) giveSlot() { <-h.slots }

// open makes a socket of the system.
func (h *Host) open(f Family, datagram bool) (*conn, error) {
	if err := h.takeSlot(); err != nil {
		return nil, err
	}
	fd, err := openSocket(f, datagram)
	if err != nil {
		h.giveSlot()
		return nil, codeOf(err)
	}
	return h.newConn(fd, f), nil
}
