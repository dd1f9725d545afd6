package sockets

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// MaxDatagram is the size of the largest datagram there could be, headers included.
const MaxDatagram = 1<<16 - 1

// UDP is a UDP socket.
type UDP struct {
	options
	unsent atomic.Int64 // what datagrams take together that wait for room

	mu     sync.Mutex // of what follows
	state  udpState
	asked  Addr // to which Bind bound it, port 0 included
	remote Addr // the zero Addr where it is not connected
}

// udpState is how a socket got its local address.
type udpState uint8

const (
	udpUnbound udpState = iota
	udpImplicit
	udpExplicit // by Bind
)

// NewUDP makes a UDP socket.
//
// Spec: wasi:sockets/types.udp-socket.create.
func (h *Host) NewUDP(f Family) (*UDP, error) {
	if err := h.policy.CheckProtocol(netpolicy.UDP); err != nil {
		return nil, denied(err)
	}
	c, err := h.open(f, true)
	if err != nil {
		return nil, err
	}
	return &UDP{options: options{c, &inherited{}}}, nil
}

// Close lets go of the socket.
func (s *UDP) Close() { s.letGo() }

// Family is the kind of addresses the socket has.
func (s *UDP) Family() Family { return s.family }

// Bind binds the socket to a local address.
//
// Spec: wasi:sockets/types.udp-socket.bind.
func (s *UDP) Bind(local Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state != udpUnbound:
		return InvalidState
	case !s.family.has(local.Addr()):
		return InvalidArgument
	}
	if err := s.host.policy.Check(netpolicy.UDPBind, local.AddrPort); err != nil {
		return denied(err)
	}
	return s.bind(local, udpExplicit)
}

func (s *UDP) bind(local Addr, as udpState) error {
	err := s.control(func(fd int) error { return bindSocket(fd, local, false) })
	if err == nil {
		s.state, s.asked = as, local
	}
	return err
}

// bindImplicitly gives the socket an address if it has none. The lock is held.
func (s *UDP) bindImplicitly() error {
	if s.state != udpUnbound {
		return nil
	}
	return s.bind(s.family.unspecified(), udpImplicit)
}

// IsBound reports whether the socket has a local address.
func (s *UDP) IsBound() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state != udpUnbound
}

// LocalAddress is the address to which the socket is bound.
//
// Spec: wasi:sockets/types.udp-socket.get-local-address.
func (s *UDP) LocalAddress() (Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == udpUnbound {
		return Addr{}, InvalidState
	}
	return s.localAddress()
}

// RemoteAddress is the address to which the socket is connected.
//
// Spec: wasi:sockets/types.udp-socket.get-remote-address.
func (s *UDP) RemoteAddress() (Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.remote == (Addr{}) {
		return Addr{}, InvalidState
	}
	return s.remote, nil
}

// Connect makes an address the only one that the socket sends to and receives
// from. It may be called again.
//
// Spec: wasi:sockets/types.udp-socket.connect.
func (s *UDP) Connect(remote Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkRemote(remote); err != nil {
		return err
	}
	if err := s.bindImplicitly(); err != nil {
		return err
	}
	err := s.control(func(fd int) error { return s.connect(fd, remote) })
	if err != nil {
		// The system may have kept the old association or not.
		if s.remote != (Addr{}) {
			_ = s.disconnect()
		}
		return err
	}
	s.remote = remote
	return nil
}

// connect connects. Linux does not choose another local address by itself where the
// old one does not lead to a new peer.
func (s *UDP) connect(fd int, remote Addr) error {
	err := connectDatagram(fd, remote)
	if err != nil && s.remote != (Addr{}) && s.unlink(fd) == nil {
		err = connectDatagram(fd, remote)
	}
	return err
}

func (s *UDP) checkRemote(remote Addr) error {
	if !s.family.has(remote.Addr()) || !remote.isRemote() {
		return InvalidArgument
	}
	return denied(s.host.policy.Check(netpolicy.UDPSend, remote.AddrPort))
}

// Disconnect undoes Connect.
//
// Spec: wasi:sockets/types.udp-socket.disconnect.
func (s *UDP) Disconnect() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.remote == (Addr{}) {
		return InvalidState
	}
	return s.disconnect()
}

func (s *UDP) disconnect() error {
	err := s.control(s.unlink)
	if err == nil {
		s.remote = Addr{}
	}
	return err
}

// unlink dissolves the association, and keeps the local port: Linux forgets one
// that it chose itself.
func (s *UDP) unlink(fd int) error {
	before, err := localAddr(fd)
	if err != nil {
		return err
	}
	if err := disconnectSocket(fd); err != nil {
		return err
	}
	if after, err := localAddr(fd); err != nil || after.Port() != 0 {
		return err
	}
	return bindSocket(fd, s.asked.withPort(before.Port()), false)
}

// Send sends a datagram, waiting for room. to is nil where the socket is connected,
// or the address to which it is.
//
// Spec: wasi:sockets/types.udp-socket.send.
func (s *UDP) Send(ctx context.Context, data []byte, to *Addr) error {
	dst, err := s.destination(data, to)
	if err != nil {
		return err
	}
	derr := s.do(ctx, &s.writing, func(fd int) bool {
		err = sendDatagram(fd, data, dst)
		return !isAgain(err)
	})
	switch {
	case derr != nil:
		return derr
	case err != nil:
		return codeOf(err)
	}
	return nil
}

// maxUnsent is how much the datagrams of one socket that wait for room take together:
// a system that has no route to somebody yet gives no room for seconds.
const maxUnsent = 1 << 20

// datagramCost is what a datagram takes that waits, besides its bytes.
const datagramCost = 512

// StartSend is Send up to where it would have to wait: wait, if it is not nil, does the
// rest. The error is OutOfMemory where too much waits.
func (s *UDP) StartSend(data []byte, to *Addr) (wait func(context.Context) error, err error) {
	if sent, err := s.TrySend(data, to); sent || err != nil {
		return nil, err
	}
	release, err := s.keep(len(data))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		defer release()
		return s.Send(ctx, data, to)
	}, nil
}

// keep counts a datagram of n bytes that waits.
func (s *UDP) keep(n int) (release func(), err error) {
	cost := int64(n + datagramCost)
	release = func() { s.unsent.Add(-cost) }
	if s.unsent.Add(cost) > maxUnsent {
		release()
		return nil, OutOfMemory
	}
	return release, nil
}

// TrySend is Send without waiting: it reports whether there was room.
func (s *UDP) TrySend(data []byte, to *Addr) (sent bool, err error) {
	dst, err := s.destination(data, to)
	if err != nil {
		return false, err
	}
	cerr := s.control(func(fd int) error {
		err = sendDatagram(fd, data, dst)
		return nil
	})
	switch {
	case cerr != nil:
		return false, cerr
	case isAgain(err):
		return false, nil
	case err != nil:
		return false, codeOf(err)
	}
	return true, nil
}

// destination is where a datagram goes, nil for the peer. It sees to it that the
// socket is bound.
func (s *UDP) destination(data []byte, to *Addr) (*Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	connected := s.remote != (Addr{})
	switch {
	case len(data) > MaxDatagram:
		return nil, DatagramTooLarge
	case to == nil && !connected:
		return nil, InvalidArgument
	case to == nil:
		return nil, nil
	}
	if err := s.checkRemote(*to); err != nil {
		return nil, err
	}
	switch {
	case !connected:
		return to, s.bindImplicitly()
	case *to != s.remote:
		return nil, InvalidArgument
	}
	return nil, nil
}

// Writable reports whether there is room for a datagram.
func (s *UDP) Writable() bool { return s.ready(isWritable) }

// AwaitWritable returns when there may be room, or ctx ends.
func (s *UDP) AwaitWritable(ctx context.Context) error { return s.awaitWritable(ctx) }
