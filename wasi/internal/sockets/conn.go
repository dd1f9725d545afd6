package sockets

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// conn is a socket of the system. Whoever uses it holds it; the last to let go
// closes it.
type conn struct {
	host   *Host
	family Family
	file   *os.File
	raw    syscall.RawConn
	holds  atomic.Int32

	reading, writing lane
}

// newConn takes a socket over, which must not block, and a slot.
func (h *Host) newConn(fd int, f Family) *conn {
	file := os.NewFile(uintptr(fd), "socket")
	raw, _ := file.SyscallConn() // it fails for a nil file alone
	c := &conn{host: h, family: f, file: file, raw: raw}
	c.reading = lane{make(chan struct{}, 1), raw.Read, file.SetReadDeadline}
	c.writing = lane{make(chan struct{}, 1), raw.Write, file.SetWriteDeadline}
	c.holds.Store(1)
	return c
}

func (c *conn) hold() *conn {
	c.holds.Add(1)
	return c
}

func (c *conn) letGo() {
	switch n := c.holds.Add(-1); {
	case n == 0:
		_ = c.file.Close() // nobody could do anything about it
		c.host.giveSlot()
	case n < 0:
		panic("sockets: let go of more often than held")
	}
}

// control calls f with the socket. The error is f's, as a [Code].
func (c *conn) control(f func(fd int) error) (err error) {
	cerr := c.raw.Control(func(fd uintptr) { err = f(int(fd)) })
	switch {
	case cerr != nil:
		return InvalidState // closed
	case err != nil:
		return codeOf(err)
	}
	return nil
}

// lane is one direction of a socket, in which one goroutine at a time waits.
type lane struct {
	turn        chan struct{}
	raw         func(func(fd uintptr) (done bool)) error
	setDeadline func(time.Time) error
}

var longAgo = time.Unix(1, 0)

// await calls f until it reports that it is done, each time that the socket is
// ready for something in the lane's direction, and at least once. The error is ctx's,
// or InvalidState where the socket is closed.
func (l *lane) await(ctx context.Context, f func(fd int) (done bool)) error {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = l.setDeadline(longAgo)
		close(woken)
	})
	err := l.raw(func(fd uintptr) bool { return f(int(fd)) })
	if !stop() {
		<-woken
		_ = l.setDeadline(time.Time{})
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil:
		return ctx.Err()
	}
	return InvalidState // closed
}

// do calls f at once, and then as [lane.await] does where f is not done.
func (c *conn) do(ctx context.Context, l *lane, f func(fd int) (done bool)) error {
	done := false
	err := c.control(func(fd int) error {
		done = f(fd)
		return nil
	})
	if err != nil || done {
		return err
	}
	return l.await(ctx, f)
}
