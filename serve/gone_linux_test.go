package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/bits"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// watched is a service, and what it says of its requests.
type watched struct {
	*Handler
	addr string

	mu         sync.Mutex
	begun      map[string]bool   // requests that have come, by URI
	ended      map[string]string // errors by URI
	complaints strings.Builder   // of net/http
}

// Enabled implements [slog.Handler].
func (s *watched) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements [slog.Handler].
func (s *watched) WithAttrs([]slog.Attr) slog.Handler { return s }

// WithGroup implements [slog.Handler].
func (s *watched) WithGroup(string) slog.Handler { return s }

// Handle implements [slog.Handler], for the access log.
func (s *watched) Handle(_ context.Context, r slog.Record) error {
	var uri, err string
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "uri":
			uri = a.Value.String()
		case "error":
			err = a.Value.String()
		}
		return true
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended[uri] = err
	return nil
}

// Write is for the log of net/http.
func (s *watched) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.complaints.Write(b)
}

// newWatched serves the guest of these tests on a listener.
func newWatched(t *testing.T, wrap func(net.Listener) net.Listener) *watched {
	t.Helper()
	s := &watched{begun: map[string]bool{}, ended: map[string]string{}}
	s.Handler = handlerOf(t, testGuest(t), wasi.Config{}, Options{AccessLog: slog.New(s), RequestTimeout: -1, PostReturnTimeout: time.Second})
	// The kernel of a client forgets a connection in a second, if it is told to.
	alive := net.ListenConfig{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second}}
	l, err := alive.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	srv := NewServer(s.Handler, nil)
	srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.begun[r.RequestURI] = true
		s.mu.Unlock()
		s.ServeHTTP(w, r)
	})
	srv.ErrorLog = log.New(s, "", 0)
	go srv.Serve(wrap(l))
	t.Cleanup(func() {
		srv.Close()
		if s.complaints.Len() > 0 {
			t.Errorf("net/http complains:\n%s", s.complaints.String())
		}
	})
	return s
}

// dial makes a connection.
func (s *watched) dial(t *testing.T) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	return c.(*net.TCPConn)
}

// begin waits until a request has come.
func (s *watched) begin(t *testing.T, uri string) {
	t.Helper()
	until(t, "its request has not come", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.begun[uri]
	})
}

// end waits until a request has ended and returns its error.
func (s *watched) end(t *testing.T, uri string) (err string) {
	t.Helper()
	until(t, "its request is still worked on", func() (ended bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		err, ended = s.ended[uri]
		return ended
	})
	return err
}

// A request ends when its client goes, whether or not anybody reads its body.
func TestClientGoes(t *testing.T) {
	t.Parallel()
	s := newWatched(t, func(l net.Listener) net.Listener { return LimitConnections(l, 1000) })
	reset := func(c *net.TCPConn) { c.SetLinger(0); c.Close() }
	closed := func(c *net.TCPConn) { c.Close() }
	forgotten := func(c *net.TCPConn) { // by the kernel, soon after it is closed
		raw, _ := c.SyscallConn()
		raw.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_LINGER2, 1) })
		c.Close()
	}
	for name, test := range map[string]struct {
		request string // %s stands for what tells the requests apart
		size    int    // of what is sent later
		goes    func(*net.TCPConn)
	}{
		"whole body, reset":      {"POST /sleep/%s?10m HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", 5, reset},
		"whole body, closed":     {"POST /sleep/%s?10m HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", 5, closed},
		"half the body, closed":  {"POST /sleep/%s?10m HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", 2, closed},
		"chunks, closed":         {"POST /sleep/%s?10m HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", 0, closed},
		"more than fits, reset":  {"POST /sleep/%s?10m HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n", 100_000_000, reset},
		"expecting 100, closed":  {"POST /sleep/%s?10m HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", 0, closed},
		"no body, closed":        {"GET /sleep/%s?10m HTTP/1.1\r\nHost: h\r\n\r\n", 0, closed},
		"more behind it, closed": {"GET /sleep/%s?10m HTTP/1.1\r\nHost: h\r\n\r\n", 5, closed},
		"more behind it, reset":  {"GET /sleep/%s?10m HTTP/1.1\r\nHost: h\r\n\r\n", 5, reset},
		"HTTP/1.0, reset":        {"POST /sleep/%s?10m HTTP/1.0\r\nContent-Length: 5\r\n\r\n", 5, reset},
		"HTTP/1.0, closed":       {"POST /sleep/%s?10m HTTP/1.0\r\nContent-Length: 5\r\n\r\n", 5, forgotten},
		"responding, reset":      {"POST /stream/%s?10m HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", 5, reset},
		"responding, closed":     {"POST /stream/%s?10m HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", 5, forgotten},
	} {
		id := strings.NewReplacer(" ", "-", ",", "", "/", "").Replace(name)
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			c := s.dial(t)
			fmt.Fprintf(c, test.request, id)
			_, uri, _ := strings.Cut(fmt.Sprintf(test.request, id), " ")
			uri, _, _ = strings.Cut(uri, " ")
			s.begin(t, uri)
			c.SetWriteDeadline(time.Now().Add(time.Second))
			io.CopyN(c, zeros{}, int64(test.size))
			time.Sleep(100 * time.Millisecond)
			if strings.Contains(test.request, "/stream") {
				if n, err := io.CopyN(io.Discard, c, 64<<10); err != nil {
					t.Fatalf("%d bytes of the response came: %v", n, err)
				}
				c.SetReadDeadline(time.Now().Add(time.Second)) // the rest, for whose sake the kernel would reset it
				io.Copy(io.Discard, c)
			}
			test.goes(c)
			if err := s.end(t, uri); !strings.Contains(err, "the client has gone") && !(strings.HasPrefix(test.request, "GET") && strings.Contains(err, "context canceled")) {
				t.Errorf("the request ends with: %s", err)
			}
		})
	}
}

// zeros has no end.
type zeros struct{}

// Read implements [io.Reader].
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A client that closes only its half of the connection gets its response, while nobody has read the body to
// its end.
func TestClientClosesItsHalf(t *testing.T) {
	t.Parallel()
	s := newWatched(t, func(l net.Listener) net.Listener { return l })
	for name, request := range map[string]string{ // %s stands for what tells the requests apart, and how long they take
		"whole":     "POST /sleep/%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabcde",
		"broken":    "POST /sleep/%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\nab",
		"http10":    "POST /sleep/%s HTTP/1.0\r\nContent-Length: 5\r\n\r\nabcde",
		"expecting": "POST /sleep/%s HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, takes := range []time.Duration{2500 * time.Millisecond, 10 * time.Second, time.Minute} {
				c := s.dial(t)
				begin := time.Now()
				uri := fmt.Sprintf("%s?%v", name, takes)
				fmt.Fprintf(c, request, uri)
				s.begin(t, "/sleep/"+uri)
				c.CloseWrite()
				b, err := io.ReadAll(c)
				got := string(b)
				if err != nil || !strings.Contains(got, "slept") || !strings.Contains(got, " 200 OK\r\n") {
					t.Fatalf("got %q, %v", got, err)
				}
				asked := strings.Count(got, "HTTP/1.1 100 Continue\r\n\r\n")
				// In the first second, the second, the fourth, and so on.
				most := 1 + bits.Len(uint(time.Since(begin)/time.Second))
				if before, _, _ := strings.Cut(got, " 200 OK"); name == "http10" && asked > 0 || asked > most || strings.Count(before, "100 Continue") != asked {
					t.Errorf("got %q", got)
				}
				if name == "http10" || asked > 0 {
					return
				} // else the machine was late: the client closed its half at the end
			}
			t.Error("the client was never asked")
		})
	}
}

// A client that is answered within a second is asked nothing.
func TestClientIsNotAsked(t *testing.T) {
	t.Parallel()
	s := newWatched(t, func(l net.Listener) net.Listener { return l })
	until(t, "no request was answered within a second", func() bool { // the machine may be late
		c := s.dial(t)
		begin := time.Now()
		io.WriteString(c, "POST /sleep?300ms HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabcde")
		c.CloseWrite()
		b, err := io.ReadAll(c)
		late := time.Since(begin) >= time.Second
		if err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 200 OK\r\n") && !late {
			t.Errorf("got %q, %v", b, err)
		}
		return !late
	})
}

// foreign wraps connections as others do.
type foreign struct {
	net.Listener
	blind bool
}

// Accept implements [net.Listener].
func (l foreign) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	switch {
	case err != nil:
		return nil, err
	case l.blind:
		return struct{ net.Conn }{c}, nil
	}
	return seeing{c}, nil
}

type seeing struct{ net.Conn }

func (c seeing) NetConn() net.Conn { return c.Conn }

// Connections are found under others, TLS among them.
func TestClientGoesThatIsWrapped(t *testing.T) {
	t.Parallel()
	certs := certificates(t)
	for name, test := range map[string]struct {
		wrap func(net.Listener) net.Listener
		tls  bool
		uri  string
		seen bool
	}{
		"foreign": {func(l net.Listener) net.Listener { return foreign{l, false} }, false, "/sleep?10m", true},
		"blind":   {func(l net.Listener) net.Listener { return foreign{l, true} }, false, "/sleep?4s", false},
		"TLS": {func(l net.Listener) net.Listener {
			return tls.NewListener(LimitConnections(foreign{l, false}, 10), &tls.Config{Certificates: certs})
		}, true, "/sleep?10m", true},
	} {
		for _, how := range []string{"closed", "reset"} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				s := newWatched(t, test.wrap)
				tcp := s.dial(t)
				c := net.Conn(tcp)
				if test.tls {
					c = tls.Client(tcp, &tls.Config{InsecureSkipVerify: true})
				}
				io.WriteString(c, "POST "+test.uri+" HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde")
				s.begin(t, test.uri)
				if how == "reset" {
					tcp.SetLinger(0)
					tcp.Close()
				} else {
					c.Close()
				}
				if err := s.end(t, test.uri); test.seen != strings.Contains(err, "the client has gone") {
					t.Errorf("the request ends with: %q", err)
				}
			})
		}
	}
}

// A client that goes while its request waits for an instance leaves the queue.
func TestClientGoesFromTheQueue(t *testing.T) {
	t.Parallel()
	h := fakeHandler(t, sleepers(), Options{Isolation: IsolationInstance, MaxInstances: 1, QueueTimeout: -1, RequestTimeout: -1})
	t.Cleanup(func() { shut(t, h) })
	addr := strings.TrimPrefix(listen(t, h), "http://")
	first, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	io.WriteString(first, "POST /1h HTTP/1.1\r\nHost: h\r\n\r\n")
	until(t, "the first request has not come", func() bool { return h.Stats().Active == 1 })
	second, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(second, "POST /1ms HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde")
	until(t, "the second request does not wait", func() bool { return h.Stats().Waiting == 1 })
	second.Close()
	until(t, "the second request waits on", func() bool { return h.Stats().Waiting == 0 })
	if s := h.Stats(); s.Active != 1 {
		t.Errorf("%+v", s)
	}
}

// Over HTTP/2 it is the server who notices, in any case.
func TestClientGoesOverHTTP2(t *testing.T) {
	t.Parallel()
	s := newWatched(t, func(l net.Listener) net.Listener { return l })
	for _, how := range []string{"stream", "connection"} {
		t.Run(how, func(t *testing.T) {
			conns := make(chan net.Conn, 1)
			transport := &http.Transport{Protocols: new(http.Protocols), DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				c, err := new(net.Dialer).DialContext(ctx, network, addr)
				if err == nil {
					conns <- c
				}
				return c, err
			}}
			transport.Protocols.SetUnencryptedHTTP2(true)
			defer transport.CloseIdleConnections()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			uri := "/sleep/" + how + "?10m"
			r, err := http.NewRequestWithContext(ctx, "POST", "http://"+s.addr+uri, io.LimitReader(zeros{}, 10_000_000))
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error)
			go func() {
				_, err := transport.RoundTrip(r)
				done <- err
			}()
			s.begin(t, uri)
			if how == "stream" {
				cancel()
			} else {
				(<-conns).Close()
			}
			if err := <-done; err == nil || how == "stream" && !errors.Is(err, context.Canceled) {
				t.Errorf("the client has got %v", err)
			}
			if err := s.end(t, uri); !strings.Contains(err, "context canceled") {
				t.Errorf("the request ends with: %s", err)
			}
		})
	}
}

// A response that is complete before the body of its request has come ends the connection, which is
// taken over from the server for that; the next request finds the instance as it was.
func TestClientSendsTooMuch(t *testing.T) {
	t.Parallel()
	s := newWatched(t, func(l net.Listener) net.Listener { return LimitConnections(l, 10) })
	for range 20 {
		c := s.dial(t)
		io.WriteString(c, "POST /sleep?1ms HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n")
		go io.CopyN(c, zeros{}, 10_000_000)
		b, _ := io.ReadAll(c)
		if got := string(b); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") || !strings.Contains(got, "slept") {
			t.Errorf("got %q", got)
		}
	}
}
