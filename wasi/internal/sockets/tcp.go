package sockets

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// TCP is a TCP socket.
type TCP struct {
	keepAliveOptions

	mu      sync.Mutex // of what follows
	state   tcpState
	asked   Addr // to which Bind bound it, port 0 included
	backlog int

	receiverTaken, senderTaken bool
}

// tcpState is the state of a TCP socket, as the specification names it.
//
//	unbound ──▶ bound ──▶ listening
//	   └─────────┴──▶ connecting ──▶ connected
//	                       └───────▶ closed
//
// Spec: wasi:sockets/types.tcp-socket.
type tcpState uint8

const (
	tcpUnbound tcpState = iota
	tcpBound
	tcpConnecting
	tcpConnected
	tcpListening
	tcpClosed
)

// tcpNext are the states that may follow one. From every one a socket can be closed.
var tcpNext = [...][]tcpState{
	tcpUnbound:    {tcpBound, tcpConnecting},
	tcpBound:      {tcpConnecting, tcpListening},
	tcpConnecting: {tcpConnected},
	tcpConnected:  {},
	tcpListening:  {},
	tcpClosed:     {},
}

// become changes the state. The lock is held.
func (s *TCP) become(next tcpState) {
	if next != tcpClosed && !slices.Contains(tcpNext[s.state], next) {
		panic(fmt.Sprintf("sockets: from state %d to %d", s.state, next))
	}
	s.state = next
}

// defaultBacklog is how many connections wait to be accepted if nobody says.
const defaultBacklog = 128

// NewTCP makes a TCP socket.
//
// Spec: wasi:sockets/types.tcp-socket.create.
func (h *Host) NewTCP(f Family) (*TCP, error) {
	if err := h.policy.CheckProtocol(netpolicy.TCP); err != nil {
		return nil, denied(err)
	}
	c, err := h.open(f, false)
	if err != nil {
		return nil, err
	}
	return newTCP(c, tcpUnbound), nil
}

func newTCP(c *conn, state tcpState) *TCP {
	s := &TCP{state: state, backlog: defaultBacklog}
	s.options = options{c, &inherited{}}
	return s
}

// Close lets go of the socket. What was made of it goes on; what it was about to
// become it will not.
func (s *TCP) Close() {
	s.mu.Lock()
	s.become(tcpClosed)
	s.mu.Unlock()
	s.letGo()
}

// lingerTime is how long what was written may take to go out after everything was
// closed. A test shortens it.
var lingerTime = 30 * time.Second

// CloseSoon is Close, and after a while the end of all that was made of the socket,
// which a peer that reads nothing could delay for ever.
func (s *TCP) CloseSoon() {
	s.hold()
	s.Close()
	if s.holds.Load() > 1 {
		time.AfterFunc(lingerTime, func() { _ = s.file.Close() }) // it may be closed
	}
	s.letGo()
}

// Family is the kind of addresses the socket has.
func (s *TCP) Family() Family { return s.family }

// Bind binds the socket to a local address.
//
// Spec: wasi:sockets/types.tcp-socket.bind.
func (s *TCP) Bind(local Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state != tcpUnbound:
		return InvalidState
	case !s.family.has(local.Addr()) || !local.isUnicast():
		return InvalidArgument
	}
	if err := s.host.policy.Check(netpolicy.TCPBind, local.AddrPort); err != nil {
		return denied(err)
	}
	return s.bind(local)
}

// bind is Bind to an address that is all right. The lock is held.
func (s *TCP) bind(local Addr) error {
	err := s.control(func(fd int) error { return bindSocket(fd, local, true) })
	if err == nil {
		s.become(tcpBound)
		s.asked = local
	}
	return err
}

// LocalAddress is the address to which the socket is bound.
//
// Spec: wasi:sockets/types.tcp-socket.get-local-address.
func (s *TCP) LocalAddress() (Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == tcpUnbound || s.state == tcpClosed {
		return Addr{}, InvalidState
	}
	return s.localAddress()
}

// RemoteAddress is the address to which the socket is connected.
//
// Spec: wasi:sockets/types.tcp-socket.get-remote-address.
func (s *TCP) RemoteAddress() (a Addr, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != tcpConnected {
		return Addr{}, InvalidState
	}
	err = s.control(func(fd int) (err error) {
		a, err = peerAddr(fd)
		return err
	})
	return a, err
}

func (c *conn) localAddress() (a Addr, err error) {
	err = c.control(func(fd int) (err error) {
		a, err = localAddr(fd)
		return err
	})
	return a, err
}

// IsBound reports whether the socket is bound, or more.
func (s *TCP) IsBound() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state != tcpUnbound
}

// IsListening reports whether the socket listens.
//
// Spec: wasi:sockets/types.tcp-socket.get-is-listening.
func (s *TCP) IsListening() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == tcpListening
}
