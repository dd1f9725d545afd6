package sockets

import (
	"context"
	"io"
)

// Receiver is the receiving half of a connection, which it holds.
type Receiver struct{ *conn }

// Receiver takes the receiving half, once.
func (s *TCP) Receiver() (*Receiver, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != tcpConnected || s.receiverTaken {
		return nil, InvalidState
	}
	s.receiverTaken = true
	return &Receiver{s.hold()}, nil
}

// Read reads what there is, waiting for at least a byte. It returns io.EOF where the
// peer has sent all, or the half was shut down.
func (r *Receiver) Read(ctx context.Context, p []byte) (n int, err error) {
	derr := r.do(ctx, &r.reading, func(fd int) bool {
		n, err = receive(fd, p)
		return !isAgain(err)
	})
	switch {
	case derr != nil:
		return 0, derr
	case err != nil:
		return 0, codeOf(err)
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}

// Take reads what there is without waiting; 0, nil is nothing yet. With an empty p it
// says what a read would, but for a byte, which it leaves where it is.
func (r *Receiver) Take(p []byte) (n int, err error) {
	cerr := r.control(func(fd int) error {
		if len(p) == 0 {
			err = peek(fd)
		} else if n, err = receive(fd, p); err == nil && n == 0 {
			err = io.EOF
		}
		return nil
	})
	switch {
	case cerr != nil:
		return 0, cerr
	case isAgain(err):
		return 0, nil
	case err != nil && err != io.EOF:
		return 0, codeOf(err)
	}
	return n, err
}

// Ready reports whether Take has a byte, the end, or an error.
func (r *Receiver) Ready() bool { return r.ready(isReadable) }

// Await returns when Ready may have become true, or ctx ends.
func (r *Receiver) Await(ctx context.Context) error { return r.awaitReadable(ctx) }

// Shutdown ends the half: reads come to the end, and those that wait too.
func (r *Receiver) Shutdown() { _ = r.control(shutdownRead) } // it may be over anyway

// Close shuts the half down and lets go of the socket.
func (r *Receiver) Close() {
	r.Shutdown()
	r.letGo()
}

// Sender is the sending half of a connection, which it holds.
type Sender struct{ *conn }

// Sender takes the sending half, once.
func (s *TCP) Sender() (*Sender, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != tcpConnected || s.senderTaken {
		return nil, InvalidState
	}
	s.senderTaken = true
	return &Sender{s.hold()}, nil
}

// Write writes all of p, waiting for room.
func (s *Sender) Write(ctx context.Context, p []byte) (n int, err error) {
	derr := s.do(ctx, &s.writing, func(fd int) bool {
		for n < len(p) && err == nil {
			var m int
			m, err = send(fd, p[n:])
			n += m
		}
		if isAgain(err) {
			err = nil
			return false
		}
		return true
	})
	switch {
	case derr != nil:
		return n, derr
	case err != nil:
		return n, codeOf(err)
	}
	return n, nil
}

// TryWrite writes as much of p as there is room for, without waiting.
func (s *Sender) TryWrite(p []byte) (n int, err error) {
	cerr := s.control(func(fd int) error {
		for n < len(p) && err == nil {
			var m int
			m, err = send(fd, p[n:])
			n += m
		}
		return nil
	})
	switch {
	case cerr != nil:
		return 0, cerr
	case err != nil && !isAgain(err):
		return n, codeOf(err)
	}
	return n, nil
}

// Shutdown ends the half: the peer sees the end after what was written.
func (s *Sender) Shutdown() { _ = s.control(shutdownWrite) } // it may be over anyway

// Close shuts the half down and lets go of the socket.
func (s *Sender) Close() {
	s.Shutdown()
	s.letGo()
}
