package sockets

import (
	"bytes"
	"context"
	"sync"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// Datagram is one that was received.
type Datagram struct {
	Data []byte
	From Addr
}

// Receive waits for a datagram. What others than the peer have sent to a socket
// before it was connected it drops, and what the policy does not let in.
//
// Spec: wasi:sockets/types.udp-socket.receive.
func (s *UDP) Receive(ctx context.Context) (Datagram, error) {
	for {
		d, ok, err := s.TryReceive()
		if ok || err != nil {
			return d, err
		}
		if err := s.AwaitReadable(ctx); err != nil {
			return Datagram{}, err
		}
	}
}

// maxDropped is how many datagrams that are not for the guest are looked at in one
// go.
const maxDropped = 64

// TryReceive is Receive without waiting: it reports whether there was a datagram.
// There may be one although it says no, behind many that are not for the guest.
func (s *UDP) TryReceive() (d Datagram, ok bool, err error) {
	if !s.IsBound() {
		return Datagram{}, false, InvalidState
	}
	buf := datagrams.Get().(*[MaxDatagram]byte)
	defer datagrams.Put(buf)
	for range maxDropped {
		n, from, err := 0, Addr{}, error(nil)
		cerr := s.control(func(fd int) error {
			n, from, err = receiveDatagram(fd, buf[:])
			return nil
		})
		switch {
		case cerr != nil:
			return Datagram{}, false, cerr
		case isAgain(err):
			return Datagram{}, false, nil
		case err != nil:
			return Datagram{}, false, codeOf(err)
		case s.hears(from):
			return Datagram{bytes.Clone(buf[:n]), from}, true, nil
		}
	}
	return Datagram{}, false, nil
}

var datagrams = sync.Pool{New: func() any { return new([MaxDatagram]byte) }}

// hears reports whether datagrams of somebody are for the guest.
func (s *UDP) hears(from Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	policy := s.host.policy
	switch {
	case s.remote != (Addr{}):
		return from == s.remote
	case s.state == udpExplicit:
		return policy.CheckPeer(netpolicy.UDPBind, s.asked.AddrPort, from.AddrPort) == nil
	}
	return policy.Check(netpolicy.UDPSend, from.AddrPort) == nil
}

// Readable reports whether there is something to receive, for whomever.
func (s *UDP) Readable() bool { return s.ready(isReadable) }

// AwaitReadable returns when there may be something to receive, or ctx ends.
func (s *UDP) AwaitReadable(ctx context.Context) error { return s.awaitReadable(ctx) }
