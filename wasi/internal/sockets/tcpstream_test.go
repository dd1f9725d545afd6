//go:build linux || darwin

package sockets

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

func TestPingPong(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		server, client := pair(t, h, f)
		defer server.Close()
		defer client.Close()
		for _, ends := range [][2]*TCP{{server, client}, {client, server}} {
			to, err := ends[0].Sender()
			noError(t, err)
			from, err := ends[1].Receiver()
			noError(t, err)
			_, err = ends[0].Sender()
			wantCode(t, "twice", err, InvalidState)
			_, err = ends[1].Receiver()
			wantCode(t, "twice", err, InvalidState)
			n, err := to.Write(t.Context(), []byte("ping"))
			if n != 4 || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
			got := make([]byte, 10)
			n, err = from.Read(t.Context(), got)
			if string(got[:n]) != "ping" || err != nil {
				t.Errorf("read %q, %v", got[:n], err)
			}
			to.Close()
			if n, err := from.Read(t.Context(), got); n != 0 || err != io.EOF {
				t.Errorf("at the end: %d, %v", n, err)
			}
			from.Close()
		}
	})
}

// What was made of a socket outlives it.
func TestHalvesOutliveTheSocket(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		server, client := pair(t, h, f)
		to, err := server.Sender()
		noError(t, err)
		from, err := client.Receiver()
		noError(t, err)
		server.Close()
		client.Close()
		want := bytes.Repeat([]byte("0123456789"), 100_000)
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			to.Write(context.Background(), want)
			to.Close()
		})
		var got bytes.Buffer
		buf := make([]byte, 4096)
		for {
			n, err := from.Read(t.Context(), buf)
			got.Write(buf[:n])
			if err == io.EOF {
				break
			}
			noError(t, err)
		}
		from.Close()
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("got %d bytes of %d", got.Len(), len(want))
		}
	})
}

func TestReset(t *testing.T) {
	h := all()
	server, client := pair(t, h, IPv4)
	from, err := server.Receiver()
	noError(t, err)
	to, err := server.Sender()
	noError(t, err)
	server.Close()
	noError(t, client.control(func(fd int) error { return lingerForNothing(fd) }))
	client.Close()
	_, err = from.Read(t.Context(), make([]byte, 1))
	wantCode(t, "read", err, ConnectionReset)
	_, err = to.Write(t.Context(), make([]byte, 1))
	wantCode(t, "write", err, ConnectionBroken)
	from.Close()
	to.Close()
	if h.Open() != 0 {
		t.Errorf("%d sockets are left", h.Open())
	}
}

// A peer that reads nothing does not keep a socket that was closed soon.
func TestCloseSoon(t *testing.T) {
	defer func(d time.Duration) { lingerTime = d }(lingerTime)
	lingerTime = 50 * time.Millisecond
	h := all()
	server, client := pair(t, h, IPv4)
	defer client.Close()
	to, err := server.Sender()
	noError(t, err)
	done := make(chan error)
	go func() {
		_, err := to.Write(context.Background(), make([]byte, 64<<20))
		to.Close()
		done <- err
	}()
	server.CloseSoon()
	wantCode(t, "write", <-done, InvalidState)
	if h.Open() != 1 {
		t.Errorf("%d sockets", h.Open())
	}

	// What goes out in time does.
	lingerTime = time.Minute
	server, peer := pair(t, h, IPv4)
	defer peer.Close()
	to, err = server.Sender()
	noError(t, err)
	_, err = to.Write(t.Context(), []byte("all"))
	noError(t, err)
	server.CloseSoon()
	to.Close()
	from, err := peer.Receiver()
	noError(t, err)
	defer from.Close()
	got := make([]byte, 10)
	n, err := from.Read(t.Context(), got)
	if string(got[:n]) != "all" || err != nil {
		t.Errorf("read %q, %v", got[:n], err)
	}
	if n, err := from.Read(t.Context(), got); n != 0 || err != io.EOF {
		t.Errorf("read %d, %v", n, err)
	}
}

// Waiting ends with its context, costs nothing afterwards, and can be taken up again.
func TestWaitingEndsWithItsContext(t *testing.T) {
	h := all()
	server, client := pair(t, h, IPv4)
	defer server.Close()
	defer client.Close()
	from, err := server.Receiver()
	noError(t, err)
	defer from.Close()
	for range 3 {
		var wg sync.WaitGroup
		for range 4 { // one waits for the socket, others for it
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			wg.Go(func() {
				defer cancel()
				if n, err := from.Read(ctx, make([]byte, 1)); n != 0 || err != context.DeadlineExceeded {
					t.Errorf("read %d, %v", n, err)
				}
			})
		}
		wg.Wait()
	}
	to, err := client.Sender()
	noError(t, err)
	defer to.Close()
	time.AfterFunc(10*time.Millisecond, func() { to.Write(context.Background(), []byte{1}) })
	if n, err := from.Read(t.Context(), make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("read %d, %v", n, err)
	}
}

// A shut-down half ends those who wait.
func TestShutdownWakes(t *testing.T) {
	h := all()
	server, client := pair(t, h, IPv4)
	defer server.Close()
	defer client.Close()
	from, err := server.Receiver()
	noError(t, err)
	time.AfterFunc(10*time.Millisecond, from.Shutdown)
	if n, err := from.Read(t.Context(), make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d, %v", n, err)
	}
	from.Close()
}

func TestTakeDoesNotWait(t *testing.T) {
	h := all()
	server, client := pair(t, h, IPv4)
	defer server.Close()
	defer client.Close()
	from, err := server.Receiver()
	noError(t, err)
	defer from.Close()
	to, err := client.Sender()
	noError(t, err)
	for _, p := range [][]byte{nil, make([]byte, 1)} {
		if n, err := from.Take(p); n != 0 || err != nil || from.Ready() {
			t.Errorf("nothing is there: %d, %v", n, err)
		}
	}
	_, err = to.Write(t.Context(), []byte{1, 2})
	noError(t, err)
	noError(t, from.Await(t.Context()))
	if n, err := from.Take(nil); n != 0 || err != nil || !from.Ready() {
		t.Errorf("bytes are there: %d, %v", n, err)
	}
	if n, err := from.Take(make([]byte, 5)); n != 2 || err != nil {
		t.Errorf("took %d, %v", n, err)
	}
	to.Close()
	noError(t, from.Await(t.Context()))
	for _, p := range [][]byte{nil, make([]byte, 1)} {
		if n, err := from.Take(p); n != 0 || err != io.EOF || !from.Ready() {
			t.Errorf("the end is there: %d, %v", n, err)
		}
	}
}

// A thousand connections that wait cost a goroutine each, and no thread.
func TestIdleConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("2,000 sockets")
	}
	const n = 1000
	h := New(netpolicy.New(netpolicy.Config{All: true}, 16), 3*n)
	l := newTCPSocket(t, h, IPv4)
	noError(t, l.Bind(loopback(IPv4, 0)))
	noError(t, l.SetListenBacklogSize(n))
	listener, err := l.Listen()
	noError(t, err)
	addr, err := l.LocalAddress()
	noError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	before := runtime.NumGoroutine()
	for range n {
		c := newTCPSocket(t, h, IPv4)
		if err := c.Connect(ctx, addr); err != nil {
			c.Close()
			t.Skip("not so many connections here: ", err)
		}
		s, err := listener.Accept(ctx)
		noError(t, err)
		from, err := s.Receiver()
		noError(t, err)
		s.Close()
		wg.Go(func() {
			defer c.Close()
			defer from.Close()
			if err := from.Await(ctx); err != context.Canceled {
				t.Errorf("awaited: %v", err)
			}
		})
	}
	if now := runtime.NumGoroutine(); now > before+n+5 {
		t.Errorf("%d goroutines for %d connections", now-before, n)
	}
	cancel()
	wg.Wait()
	listener.Close()
	l.Close()
	if h.Open() != 0 {
		t.Errorf("%d sockets are left", h.Open())
	}
}
