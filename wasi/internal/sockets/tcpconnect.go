package sockets

import (
	"context"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// Connect connects the socket. When it fails once it has begun to, or ctx ends, the
// socket is closed.
//
// Spec: wasi:sockets/types.tcp-socket.connect.
func (s *TCP) Connect(ctx context.Context, remote Addr) error {
	if err := s.StartConnect(remote); err != nil {
		return err
	}
	return s.AwaitConnected(ctx)
}

// AwaitConnected waits for a connection that StartConnect has begun to make.
func (s *TCP) AwaitConnected(ctx context.Context) error {
	for {
		done, err := s.FinishConnect()
		if done {
			return err
		}
		if err := s.AwaitConnect(ctx); err != nil {
			s.fail()
			return err
		}
	}
}

// StartConnect begins to connect. Where it begins to and fails, FinishConnect says
// so.
//
// Spec: wasi:sockets/tcp@0.2.12.tcp-socket.start-connect.
func (s *TCP) StartConnect(remote Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state > tcpBound:
		return InvalidState
	case !s.family.has(remote.Addr()) || !remote.isRemote() || !remote.isUnicast():
		return InvalidArgument
	}
	if err := s.host.policy.Check(netpolicy.TCPConnect, remote.AddrPort); err != nil {
		s.become(tcpClosed)
		return denied(err)
	}
	if err := s.control(func(fd int) error { return connectSocket(fd, remote) }); err != nil {
		s.become(tcpClosed)
		return err
	}
	s.become(tcpConnecting)
	return nil
}

// FinishConnect reports, without waiting, whether a connection has been made or
// could not be.
//
// Spec: wasi:sockets/tcp@0.2.12.tcp-socket.finish-connect.
func (s *TCP) FinishConnect() (done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != tcpConnecting {
		return true, InvalidState
	}
	err = s.control(func(fd int) (err error) {
		done, err = connected(fd)
		return err
	})
	switch {
	case err != nil:
		s.become(tcpClosed)
		return true, err
	case done:
		s.become(tcpConnected)
	}
	return done, nil
}

// ConnectReady reports, without waiting, whether FinishConnect has something to say.
func (s *TCP) ConnectReady() bool { return s.ready(isWritable) }

// AwaitConnect returns when FinishConnect may have something to say, or ctx ends.
func (s *TCP) AwaitConnect(ctx context.Context) error { return s.awaitWritable(ctx) }

func (s *TCP) fail() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.become(tcpClosed)
	_ = s.control(abortConnect)
}

func (c *conn) awaitReadable(ctx context.Context) error { return c.do(ctx, &c.reading, isReadable) }
func (c *conn) awaitWritable(ctx context.Context) error { return c.do(ctx, &c.writing, isWritable) }

func (c *conn) ready(is func(fd int) bool) (ready bool) {
	err := c.control(func(fd int) error {
		ready = is(fd)
		return nil
	})
	return ready || err != nil
}
