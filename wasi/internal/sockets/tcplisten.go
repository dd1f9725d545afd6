package sockets

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// Listener accepts connections. It holds the socket that listens; its methods but
// [Listener.Await] and [Listener.Accept] don't wait.
type Listener struct {
	*conn
	allowed Addr // by which it was allowed to listen
	set     *inherited

	mu      sync.Mutex
	pending *TCP // accepted, and not taken yet
}

// Listen makes the socket listen, once.
//
// Spec: wasi:sockets/types.tcp-socket.listen.
func (s *TCP) Listen() (*Listener, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state > tcpBound {
		return nil, InvalidState
	}
	local := s.asked
	if s.state == tcpUnbound {
		local = s.family.unspecified()
		if err := s.host.policy.Check(netpolicy.TCPBind, local.AddrPort); err != nil {
			return nil, denied(err)
		}
	}
	if err := s.host.policy.Check(netpolicy.TCPListen, local.AddrPort); err != nil {
		return nil, denied(err)
	}
	if s.state == tcpUnbound {
		if err := s.bind(local); err != nil {
			return nil, err
		}
	}
	if err := s.control(func(fd int) error { return listenSocket(fd, s.backlog) }); err != nil {
		return nil, err
	}
	s.become(tcpListening)
	return &Listener{conn: s.hold(), allowed: local, set: s.set}, nil
}

// SetListenBacklogSize sets how many connections may wait to be accepted; 0 is an
// InvalidArgument.
//
// Spec: wasi:sockets/types.tcp-socket.set-listen-backlog-size.
func (s *TCP) SetListenBacklogSize(n uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	backlog := int(min(n, math.MaxInt32))
	switch {
	case n == 0:
		return InvalidArgument
	case s.state == tcpListening:
		return s.control(func(fd int) error { return listenSocket(fd, backlog) })
	case s.state > tcpBound:
		return InvalidState
	}
	s.backlog = backlog
	return nil
}

// Close ends the listening, unless the socket itself is still there.
func (l *Listener) Close() {
	l.mu.Lock()
	pending := l.pending
	l.pending = nil
	l.mu.Unlock()
	if pending != nil {
		pending.Close()
	}
	l.letGo()
}

// Accept waits for a connection, and while there are too many sockets. The error is
// ctx's, or one after which there will be no more connections.
func (l *Listener) Accept(ctx context.Context) (*TCP, error) {
	for pause := newBackoff(); ; {
		if err := l.host.awaitSlot(ctx); err != nil {
			return nil, err
		}
		s, err := l.tryAccept()
		if s != nil {
			return s, nil
		}
		l.host.giveSlot()
		switch {
		case err == NewSocketLimit || err == OutOfMemory:
			// It will pass, and until then the poller would say that there is something
			// to accept.
			if err := pause.wait(ctx); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		default:
			if err := l.Await(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// maxRefused is how many connections that are not for the guest are looked at in one
// go.
const maxRefused = 64

// tryAccept accepts a connection if there is one; nil, nil says that there is none,
// or too many that are not for the guest. The caller has taken a slot, which goes
// with the socket.
func (l *Listener) tryAccept() (*TCP, error) {
	for range maxRefused {
		fd, peer, err := -1, Addr{}, error(nil)
		cerr := l.control(func(lfd int) error {
			fd, peer, err = acceptSocket(lfd)
			return nil
		})
		switch {
		case cerr != nil:
			return nil, cerr
		case err == nil && l.host.policy.CheckPeer(netpolicy.TCPListen, l.allowed.AddrPort, peer.AddrPort) != nil:
			resetSocket(fd)
		case err == nil:
			l.set.apply(fd, l.family)
			return newTCP(l.host.newConn(fd, l.family), tcpConnected), nil
		case isAgain(err):
			return nil, nil
		case !isTransient(err):
			return nil, codeOf(err)
		}
	}
	return nil, nil
}

// TryAccept takes a connection that Ready has seen, or another. nil, nil says that
// there is none.
func (l *Listener) TryAccept() (*TCP, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.pending; s != nil {
		l.pending = nil
		return s, nil
	}
	return l.acceptNow()
}

func (l *Listener) acceptNow() (*TCP, error) {
	if err := l.host.takeSlot(); err != nil {
		return nil, err
	}
	s, err := l.tryAccept()
	if s == nil {
		l.host.giveSlot()
	}
	return s, err
}

// Ready reports whether TryAccept has a connection or an error.
func (l *Listener) Ready() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pending != nil {
		return true
	}
	if !l.ready(isReadable) {
		return false
	}
	var err error
	l.pending, err = l.acceptNow()
	return l.pending != nil || err != nil
}

// Await returns when there may be a connection, or ctx ends.
func (l *Listener) Await(ctx context.Context) error { return l.awaitReadable(ctx) }

// backoff is how long to pause.
type backoff struct{ next time.Duration }

const (
	firstPause = 5 * time.Millisecond
	longPause  = time.Second
)

func newBackoff() *backoff { return &backoff{firstPause} }

func (b *backoff) wait(ctx context.Context) error {
	t := time.NewTimer(b.next)
	defer t.Stop()
	b.next = min(2*b.next, longPause)
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
