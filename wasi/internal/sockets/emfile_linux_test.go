package sockets

import (
	"context"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Where the process has no file left, accepting pauses, longer each time, and goes on
// when there is one; and a guest that makes a socket is told.
func TestNoFileLeft(t *testing.T) {
	h := all()
	l := newTCPSocket(t, h, IPv4)
	defer l.Close()
	noError(t, l.Bind(loopback(IPv4, 0)))
	listener, err := l.Listen()
	noError(t, err)
	defer listener.Close()
	addr, err := l.LocalAddress()
	noError(t, err)
	c, err := net.Dial("tcp", addr.String())
	noError(t, err)
	defer c.Close()

	restore := noFilesLeft(t)
	defer restore()
	_, err = h.NewTCP(IPv4)
	wantCode(t, "a new socket", err, NewSocketLimit)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	before := processorTime(t)
	if _, err := listener.Accept(ctx); err != context.DeadlineExceeded {
		t.Errorf("accepted: %v", err)
	}
	if spent := processorTime(t) - before; spent > 500*time.Millisecond {
		t.Errorf("it took %v of processor time to wait", spent)
	}
	time.AfterFunc(20*time.Millisecond, restore)
	s, err := listener.Accept(t.Context())
	noError(t, err)
	s.Close()
	if h.Open() != 1 { // the one that listens
		t.Errorf("%d sockets are left", h.Open())
	}
}

// noFilesLeft takes all the files that the process may have. No other test of the
// package runs beside this one.
func noFilesLeft(t *testing.T) (restore func()) {
	t.Helper()
	var old unix.Rlimit
	noError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &old))
	f, err := os.Open("/dev/null")
	noError(t, err)
	limit := old
	limit.Cur = uint64(f.Fd()) + 4
	noError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
	var taken []int
	for {
		fd, err := unix.Dup(int(f.Fd()))
		if err != nil {
			break
		}
		taken = append(taken, fd)
	}
	return sync.OnceFunc(func() {
		f.Close()
		for _, fd := range taken {
			unix.Close(fd)
		}
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Error(err)
		}
	})
}

func processorTime(t *testing.T) time.Duration {
	var u unix.Rusage
	noError(t, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
