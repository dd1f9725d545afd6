package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// httpGuest is testdata/http, compiled once for all tests.
var httpGuest = sync.OnceValues(func() (*gondola.Component, error) {
	wasm, err := build("http", "go.mod.txt", "main.go.txt", "wit/world.wit")
	if err != nil {
		return nil, err
	}
	return rt.Compile(context.Background(), wasm)
})

// printed is what guests print, by the line.
type printed struct {
	mu    sync.Mutex
	lines []string
	rest  []byte
	more  chan struct{}
}

func newPrinted() *printed { return &printed{more: make(chan struct{}, 1)} }

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, b...)
	for {
		line, rest, ok := bytes.Cut(p.rest, []byte("\n"))
		if !ok {
			break
		}
		p.lines, p.rest = append(p.lines, string(line)), rest
	}
	select {
	case p.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

// next is the next line.
func (p *printed) next(t *testing.T) string {
	t.Helper()
	timeout := time.After(2 * time.Minute)
	for {
		p.mu.Lock()
		if len(p.lines) > 0 {
			line := p.lines[0]
			p.lines = p.lines[1:]
			p.mu.Unlock()
			return line
		}
		p.mu.Unlock()
		select {
		case <-p.more:
		case <-timeout:
			t.Fatal("the guest printed nothing more")
		}
	}
}

// site is a server whose requests a guest answers.
type site struct {
	*httptest.Server
	stdout *printed
	errs   chan error // of HandleHTTP
	inst   *gondola.Instance
	host   *wasi.Host
	client sync.Once // is set up
}

func newSite(t *testing.T, cfg wasi.Config) *site {
	t.Helper()
	s := newSiteUnstarted(t, cfg)
	s.Start()
	return s
}

func newSiteUnstarted(t *testing.T, cfg wasi.Config) *site {
	t.Helper()
	comp, err := httpGuest()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{stdout: newPrinted(), errs: make(chan error, 100)}
	cfg.Stdout, cfg.Stderr = s.stdout, os.Stderr
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, cfg)
	s.host = host
	if s.inst, err = linker.Instantiate(t.Context(), comp); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.inst.Close(context.Background()) })
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := host.HandleHTTP(r.Context(), s.inst, w, r)
		s.errs <- err
		switch {
		case errors.Is(err, wasi.ErrResponseBegun):
			panic(http.ErrAbortHandler)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// Client is one that sends no request again whose response breaks off.
func (s *site) Client() *http.Client {
	c := s.Server.Client()
	s.client.Do(func() {
		if !s.EnableHTTP2 {
			c.Transport.(*http.Transport).DisableKeepAlives = true
		}
	})
	return c
}

// everywhere lets guests send requests to everybody.
var everywhere = wasi.Config{Network: wasi.Network{All: true}}

// get is the status and body of a response, and its trailers.
func (s *site) get(t *testing.T, path string) (*http.Response, string) {
	t.Helper()
	resp, err := s.Client().Get(s.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	return resp, readAll(t, resp)
}

func readAll(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("after %q: %v", b, err)
	}
	return string(b)
}

// raw sends bytes and returns all that comes back until the connection closes.
func (s *site) raw(t *testing.T, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	io.WriteString(conn, request)
	b, _ := io.ReadAll(conn)
	return string(b)
}

// leave sends a request and leaves when the guest has printed a line.
func (s *site) leave(t *testing.T, method, path string, body io.Reader, line string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.Client().Do(req)
		done <- err
	}()
	if got := s.stdout.next(t); got != line {
		t.Fatalf("got %q, want %q", got, line)
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("there was a response")
	}
}

// query is a query of names and values.
func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}

func contains(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q is not in:\n%s", w, got)
		}
	}
}
