package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
	"github.com/gondola-wasm/gondola/wasi/internal/httpio"
	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

// proxy is testdata/proxy, compiled once for all tests.
var proxy = sync.OnceValues(func() (*gondola.Component, error) {
	wasm, err := build("proxy", "go.mod.txt", "main.go.txt", "wit/world.wit")
	if err != nil {
		return nil, err
	}
	return rt.Compile(context.Background(), wasm)
})

// proxyServer serves with an instance for each request, as cmd's serve may.
type proxyServer struct {
	*httptest.Server
	stdout prints
	errs   chan error // what HandleHTTP has returned
}

// prints is what guests print.
type prints struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *prints) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *prints) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func serveProxy(t *testing.T) *proxyServer {
	s := newProxyServer(t)
	s.Start()
	return s
}

// newProxyServer makes a server to be started.
func newProxyServer(t *testing.T) *proxyServer {
	comp, err := proxy()
	if err != nil {
		t.Fatal(err)
	}
	s := &proxyServer{errs: make(chan error, 1000)}
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{
		Stdout:  &s.stdout,
		Stderr:  os.Stderr,
		Network: wasi.Network{All: true, Resolver: nameless{}},
		HTTP:    wasi.HTTP{ForbiddenFields: []string{"X-Secret"}},
	})
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := linker.Instantiate(r.Context(), comp)
		if err != nil {
			if r.Context().Err() == nil { // else the client has gone
				t.Error(err)
			}
			return
		}
		defer func() {
			if err := in.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		err = host.HandleHTTP(r.Context(), in, w, r)
		s.errs <- err
		switch {
		case errors.Is(err, wasi.ErrResponseBegun):
			panic(http.ErrAbortHandler)
		case err != nil:
			w.WriteHeader(500)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// nameless is a network without names.
type nameless struct{}

func (nameless) LookupNetIP(_ context.Context, _, name string) ([]netip.Addr, error) {
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// get is a request for a path.
func (s *proxyServer) get(t *testing.T, path string) (resp *http.Response, body string, err error) {
	t.Helper()
	return s.do(t, "GET", path, nil)
}

func (s *proxyServer) do(t *testing.T, method, path string, body io.Reader) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp, string(data), err
}

func TestProxyRequestAndResponse(t *testing.T) {
	s := serveProxy(t)
	req, err := http.NewRequestWithContext(t.Context(), "PATCH", s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.URL.Opaque = "/info?a%2Fb=%zz"
	req.Host = "name.example:99"
	req.Header = http.Header{"Accept-Encoding": {"x"}, "User-Agent": {""}, "B-Field": {"1", "2"}, "Keep-Alive": {"timeout=5"}, "X-Secret": {"1"}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := "types.MethodPatch {} types.SchemeHTTP name.example:99\n/info?a%2Fb=%zz\naccept-encoding: x\nb-field: 1\nb-field: 2\ncontent-length: 0\n"
	if string(body) != want {
		t.Errorf("got\n%s\nwant\n%s", body, want)
	}
	if err := <-s.errs; err != nil {
		t.Error(err)
	}
}

// Both bodies are open at once, and trailers go both ways.
func TestProxyEchoesAsItReads(t *testing.T) {
	t.Run("HTTP/1.1", func(t *testing.T) { echoes(t, serveProxy(t)) })
	t.Run("HTTP/2.0", func(t *testing.T) {
		s := newProxyServer(t)
		s.EnableHTTP2 = true
		s.StartTLS()
		echoes(t, s)
	})
}

func echoes(t *testing.T, s *proxyServer) {
	pr, pw := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/echo", pr)
	if err != nil {
		t.Fatal(err)
	}
	req.Trailer = http.Header{"X-Last": nil}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if !strings.HasSuffix(t.Name(), resp.Proto) {
		t.Errorf("the protocol is %s", resp.Proto)
	}
	buf := make([]byte, 100)
	for i := range 3 {
		word := fmt.Sprint("word ", i)
		if _, err := io.WriteString(pw, word); err != nil {
			t.Fatal(err)
		}
		if n, err := io.ReadFull(resp.Body, buf[:len(word)]); err != nil || string(buf[:n]) != word {
			t.Fatalf("got %q, %v", buf[:n], err)
		}
	}
	req.Trailer.Set("X-Last", "bye")
	pw.Close()
	if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v", rest, err)
	}
	if resp.Trailer.Get("X-Last") != "bye" {
		t.Errorf("trailers %v", resp.Trailer)
	}
	if err := <-s.errs; err != nil {
		t.Error(err)
	}
	s.stdout.said(t, "ok trailers are had once")
}

// said checks that guests have printed lines, and nothing that is not ok.
func (o *prints) said(t *testing.T, lines ...string) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for _, l := range lines {
		for !strings.Contains(o.String(), l+"\n") && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		if !strings.Contains(o.String(), l+"\n") {
			t.Errorf("no guest has said %q; they said\n%s", l, o)
		}
	}
	if strings.Contains(o.String(), "NOT") {
		t.Errorf("guests said\n%s", o)
	}
}

func TestProxyWithoutAResponse(t *testing.T) {
	s := serveProxy(t)
	trap := func(err error) bool { _, ok := errors.AsType[*gondola.Trap](err); return ok }
	for path, is := range map[string]func(error) bool{
		"/none":        func(err error) bool { return errors.Is(err, httpio.ErrNoResponse) },
		"/dropped":     func(err error) bool { return errors.Is(err, httpio.ErrNoResponse) },
		"/panic":       trap,
		"/children-in": trap,
		"/failure":     func(err error) bool { return errors.Is(err, httpx.LoopDetected{}) },
		"/switching":   func(err error) bool { return errors.Is(err, httpx.HTTPProtocolError{}) },
	} {
		resp, body, err := s.get(t, path)
		if resp.StatusCode != 500 || body != "" || err != nil {
			t.Errorf("%s: %s, %q, %v", path, resp.Status, body, err)
		}
		if err := <-s.errs; !is(err) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// broken is a request for a path whose response breaks off, maybe before any of it
// has left the server.
func (s *proxyServer) broken(t *testing.T, path string) (body string, err error) {
	resp, err := http.Get(s.URL + path)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if resp.StatusCode == 500 && err == nil {
		err = errors.New(resp.Status)
	}
	return string(data), err
}

func TestProxyResponsesThatBreakOff(t *testing.T) {
	s := serveProxy(t)
	for path, said := range map[string]string{
		"/late-panic": "half a",
		"/unfinished": "half a",
		"/children":   "",
		"/too-much":   "",
		"/zeroes":     "",
		"/length?3":   "012",
		"/length?8":   "",
	} {
		body, err := s.broken(t, path)
		herr := <-s.errs
		if !strings.HasPrefix(said, body) || err == nil || herr == nil {
			t.Errorf("%s: %q, %v; %v", path, body, err, herr)
		}
	}
	s.stdout.said(t, "finish: a response of 3 bytes", "writing: a response of 8 bytes", "finish: a response of 8 bytes")
}

func TestProxyResponses(t *testing.T) {
	s := serveProxy(t)
	for path, want := range map[string]string{
		"/leaked":   "all of it",
		"/length?5": "01234",
		"/empty":    "",
		"/once":     "",
		"/trailers": "with trailers",
		"/requests": "",
	} {
		resp, body, err := s.get(t, path)
		if resp.StatusCode >= 300 || body != want || err != nil {
			t.Errorf("%s: %s, %q, %v", path, resp.Status, body, err)
		}
		if err := <-s.errs; err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if path == "/trailers" && resp.Trailer.Get("X-Sum") != "42" {
			t.Errorf("trailers %v", resp.Trailer)
		}
	}
	s.stdout.said(t, "ok options", "ok its stream is had once",
		"error-code: HTTP-protocol-error", "error-code: HTTP-request-URI-invalid")
}

// A guest is held back by a client that does not read: it never has more than the
// permit in hand.
func TestProxyBackpressure(t *testing.T) {
	s := serveProxy(t)
	const size = 5<<20 + 3
	resp, body, err := s.get(t, fmt.Sprint("/large?", size))
	if resp.StatusCode != 200 || len(body) != size || err != nil {
		t.Fatalf("%s, %d bytes, %v", resp.Status, len(body), err)
	}
	s.stdout.said(t, "most at once: 1048576")
}

// GHSA-243v-98vx-264h: a guest that adds fields for ever traps, and nothing else.
func TestProxyTooManyFields(t *testing.T) {
	s := serveProxy(t)
	for _, how := range []string{"append-full", "append-empty", "same-full", "same-empty"} {
		resp, _, _ := s.get(t, "/fields?"+how)
		if resp.StatusCode != 200 {
			t.Error(how, resp.Status)
		}
		<-s.errs
	}
	s.stdout.said(t, "ok syntax", "ok forbidden", "ok case", "ok forbidden in lists", "ok immutable", "ok no host")
}
