package httpx

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// stuckClient is a connection by whose other end a client has sent as much as there is room for, and what watches it.
func stuckClient(t *testing.T) (client net.Conn, w *watch) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r := (&http.Request{ProtoMajor: 1, ProtoMinor: 1}).WithContext(ConnContext(t.Context(), c))
	ctx, stop := WatchClient(r.Context(), r)
	t.Cleanup(stop)
	w = ctx.(*watch)
	// Its system finds out with probes how much fits.
	for lookAt(w.conn.raw) != peerStuck {
		client.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		if _, err := client.Write(make([]byte, 1<<20)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
	}
	return client, w
}

// A client that has closed behind more than there is room for is found to be gone.
func TestClientGoesBehindMuch(t *testing.T) {
	client, w := stuckClient(t)
	client.Close()
	for i := 0; w.Err() == nil; i++ { // its system answers in its time
		w.conn.look()
		if i > stuckLooks {
			time.Sleep(time.Millisecond)
		}
	}
	if err := context.Cause(w); err != ErrClientGone {
		t.Error(err)
	}
}

// A client that only waits until something is read is left alone for long, and then asked more and more seldom.
func TestClientWaitsBehindMuch(t *testing.T) {
	client, w := stuckClient(t)
	for range stuckLooks + 100 {
		w.conn.look()
	}
	Answering(w)
	if w.Err() != nil {
		t.Fatal(context.Cause(w))
	}
	w.conn.mu.Lock()
	asked := w.asked
	w.conn.mu.Unlock()
	if asked == 0 || asked > 8 {
		t.Errorf("it was asked %d times", asked)
	}
	r := bufio.NewReader(client)
	for range asked {
		if res, err := http.ReadResponse(r, nil); err != nil || res.StatusCode != 100 {
			t.Fatalf("got %v, %v", res, err)
		}
	}
	go io.Copy(io.Discard, w.conn)
	client.SetWriteDeadline(time.Time{})
	if _, err := client.Write([]byte("more")); err != nil {
		t.Error(err)
	}
	for lookAt(w.conn.raw) != peerThere {
		time.Sleep(time.Millisecond)
	}
	w.conn.look()
	w.conn.mu.Lock()
	defer w.conn.mu.Unlock()
	if w.stuck != 0 {
		t.Error("it is still stuck")
	}
}
