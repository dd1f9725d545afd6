package serve

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

func TestLimitConnections(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := LimitConnections(inner, 2)
	accepted := make(chan net.Conn, 10)
	ended := make(chan error, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first, second := <-accepted, <-accepted
	select {
	case <-accepted:
		t.Error("a third connection was accepted")
	case <-time.After(20 * time.Millisecond):
	}
	first.Close()
	first.Close() // again
	third := <-accepted
	l.Close()
	if err := <-ended; err == nil {
		t.Error("no error")
	}
	second.Close()
	third.Close()
}

// A request that is refused does not keep its connection, or count, for as long as its client takes to send the body.
func TestRefusedRequestWithoutItsBody(t *testing.T) {
	h := fakeHandler(t, sleepers(), Options{MaxRequests: 1})
	defer shut(t, h)
	addr := strings.TrimPrefix(listen(t, h), "http://")
	busy, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	io.WriteString(busy, "GET /1h HTTP/1.1\r\nHost: h\r\n\r\n")
	for h.Stats().Active == 0 {
		time.Sleep(time.Millisecond)
	}
	for _, framing := range []string{"Content-Length: 5", "Transfer-Encoding: chunked"} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(time.Minute))
		io.WriteString(c, "POST /1h HTTP/1.1\r\nHost: h\r\n"+framing+"\r\n\r\n")
		if b, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 503 ") {
			t.Errorf("%s: got %q, %v", framing, b, err)
		}
	}
}

// A body that comes although it was not asked for is no part of the next request, with a limit and without.
func TestBodyThatWasNotAskedFor(t *testing.T) {
	for _, limit := range []int64{0, 1000} {
		h := handlerOf(t, testGuest(t), wasi.Config{}, Options{MaxBodyBytes: limit})
		var complaints lockedBuffer
		srv := NewServer(h, nil)
		srv.ErrorLog = log.New(&complaints, "", 0)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go srv.Serve(l)
		defer srv.Close()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(time.Minute))
		io.WriteString(c, "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
		r := bufio.NewReader(c)
		line, err := r.ReadString('\n')
		if line != "HTTP/1.1 200 OK\r\n" {
			t.Errorf("got %q, %v", line, err)
		}
		io.WriteString(c, "0123456789")
		if rest, err := io.ReadAll(r); err != nil || strings.Contains(string(rest), "HTTP/1.1") {
			t.Errorf("got %q, %v", rest, err)
		}
		if got := complaints.String(); got != "" {
			t.Errorf("the server complains:\n%s", got)
		}
	}
}

// A request that no instance could begin with, since each had trapped, is answered without harm to the server.
func TestRequestThatNobodyBegins(t *testing.T) {
	var complaints lockedBuffer
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := fakeHandler(t, &fakeGuests{handle: func(_ context.Context, _ *fakeTask, w http.ResponseWriter, r *http.Request) error {
		return errFakeEnded
	}}, Options{})
	defer shut(t, h)
	srv := NewServer(h, nil)
	srv.ErrorLog = log.New(&complaints, "", 0)
	go srv.Serve(l)
	defer srv.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
	if b, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 500 ") {
		t.Errorf("got %q, %v", b, err)
	}
	if got := complaints.String(); got != "" {
		t.Errorf("the server complains:\n%s", got)
	}
}

// Who reads a body that is too long leaves the response to who writes it, perhaps at the same time.
func TestLongBodyBesideItsResponse(t *testing.T) {
	g := &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		var tooLong *http.MaxBytesError
		if _, err := io.Copy(io.Discard, r.Body); !errors.As(err, &tooLong) {
			t.Errorf("reading the body: %v", err)
		}
		if h := w.Header(); len(h) > 0 {
			t.Errorf("who reads it writes a header: %v", h)
		}
		w.WriteHeader(http.StatusTeapot)
		return nil
	}}
	h := fakeHandler(t, g, Options{MaxBodyBytes: 1000})
	defer shut(t, h)
	body := struct{ io.Reader }{strings.NewReader(strings.Repeat("x", 5000))} // whose length nobody knows
	res, err := http.Post(listen(t, h), "text/plain", body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusTeapot {
		t.Errorf("got %v", res.Status)
	}
}
