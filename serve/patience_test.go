package serve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// endless are guests that write without end and tell how that ended, or send back what they
// get at /echo.
func endless(ended chan<- error) *fakeGuests {
	return &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) (err error) {
		if r.URL.Path == "/echo" {
			task.block(func() { _, err = io.Copy(w, r.Body) })
			return err
		}
		piece := bytes.Repeat([]byte("x"), 1<<20)
		task.block(func() {
			for err == nil {
				_, err = w.Write(piece)
			}
		})
		ended <- err
		return err
	}}
}

// A client that takes nothing of a response does not keep an instance, whatever it speaks.
func TestClientThatDoesNotRead(t *testing.T) {
	for _, version := range []string{"HTTP/1.1", "h2c"} {
		t.Run(version, func(t *testing.T) {
			ended := make(chan error, 1)
			h := fakeHandler(t, endless(ended), Options{SendTimeout: 100 * time.Millisecond})
			defer shut(t, h)
			url := listen(t, h)
			switch version {
			case "h2c":
				var protocols http.Protocols
				protocols.SetUnencryptedHTTP2(true)
				tr := &http.Transport{Protocols: &protocols}
				defer tr.CloseIdleConnections()
				res, err := (&http.Client{Transport: tr}).Get(url + "/")
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
			default:
				c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
			}
			if err := <-ended; !errors.Is(err, errStuck) {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

// A client that takes what it gets, but slowly, gets it all.
func TestSlowClient(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	g := &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) (err error) {
		task.block(func() { _, err = w.Write(body) })
		return err
	}}
	bubble(t, g, Options{SendTimeout: 300 * time.Millisecond}, func(t *testing.T, h *Handler) {
		c := dialInBubble(t, h)
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		for err == nil {
			time.Sleep(200 * time.Millisecond)
			_, err = io.CopyN(&got, res.Body, 80<<10)
		}
		if err != io.EOF || !bytes.Equal(got.Bytes(), body) {
			t.Errorf("got %d bytes of %d: %v", got.Len(), len(body), err)
		}
	})
}

// What a response was given of time does not end the next one on the connection.
func TestPatienceBeginsAnew(t *testing.T) {
	bubble(t, endless(nil), Options{SendTimeout: 50 * time.Millisecond}, func(t *testing.T, h *Handler) {
		c := dialInBubble(t, h)
		r := bufio.NewReader(c)
		for range 3 {
			io.WriteString(c, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
			if line, err := r.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
				t.Fatalf("got %q, %v", line, err)
			}
			r.ReadString('\n')
			io.WriteString(c, "hello")
			res, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(res.Body); string(b) != "hello" || err != nil {
				t.Errorf("got %q, %v", b, err)
			}
			time.Sleep(150 * time.Millisecond) // more than what the response was given
		}
	})
}

// dialInBubble serves h on a connection that takes no bytes but those that are read at the
// other end, which it returns, and whose time is the bubble's.
func dialInBubble(t *testing.T, h http.Handler) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	l := &oneConn{conn: make(chan net.Conn, 1)}
	l.conn <- server
	srv := NewServer(h, nil)
	go srv.Serve(l)
	t.Cleanup(func() {
		srv.Close()
		client.Close()
	})
	return client
}

// oneConn is a listener that accepts a single connection.
type oneConn struct {
	conn chan net.Conn
	once sync.Once
}

// Accept implements [net.Listener].
func (l *oneConn) Accept() (net.Conn, error) {
	if c, ok := <-l.conn; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

// Close implements [net.Listener].
func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.conn) })
	return nil
}

// Addr implements [net.Listener].
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// A time that is too long to be doubled is none that has passed.
func TestPatienceForAges(t *testing.T) {
	h := fakeHandler(t, &fakeGuests{handle: func(_ context.Context, _ *fakeTask, w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, "hello")
		return err
	}}, Options{SendTimeout: forever - 1})
	defer shut(t, h)
	res, err := http.Get(listen(t, h))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); string(b) != "hello" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
}
