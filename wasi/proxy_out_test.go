package wasi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

// upstream is where requests are forwarded to: it echoes bodies and says what it saw
// in the response's header.
func upstream(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the request was given up, which its sender knows
		}
		h := w.Header()
		h.Set("X-Method", r.Method)
		h.Set("X-Uri", r.RequestURI)
		h.Set("X-Host", r.Host)
		h.Set("X-Agent", strings.Join(r.Header["User-Agent"], ","))
		h.Set("X-Trail", r.Trailer.Get("X-Trail"))
		h.Set("X-Framing", fmt.Sprint(r.ContentLength, r.TransferEncoding))
		if r.URL.Path == "/status" {
			w.WriteHeader(418)
		}
		_, _ = w.Write(body)
		w.(http.Flusher).Flush()
		h.Set(http.TrailerPrefix+"X-Back", "too")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestProxyForwards(t *testing.T) {
	s := serveProxy(t)
	to := upstream(t)
	long := strings.Repeat("body ", 200_000)
	for _, c := range []struct{ method, path, body, uri, framing string }{
		{"GET", "/a%2Fb?c=%20d", "", "/a%2Fb?c=%20d", "0 []"},
		{"POST", "//evil.example/x", "short", "//evil.example/x", "5 []"},
		{"PUT", "/status", long, "/status", fmt.Sprint(len(long), " []")},
		{"DELETE", "/", "", "/", "0 []"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+"/forward?"+to+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", "test")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		h := resp.Header
		if string(body) != c.body || err != nil || h.Get("X-Method") != c.method || h.Get("X-Uri") != c.uri ||
			h.Get("X-Agent") != "test" || h.Get("X-Framing") != c.framing || !strings.HasSuffix(to, "//"+h.Get("X-Host")) ||
			(resp.StatusCode == 418) != (c.path == "/status") {
			t.Errorf("%s %s: %s, %v, %d bytes, %v", c.method, c.path, resp.Status, h, len(body), err)
		}
		if resp.Trailer.Get("X-Back") != "too" {
			t.Errorf("trailers %v", resp.Trailer)
		}
		if err := <-s.errs; err != nil {
			t.Error(err)
		}
	}
	s.stdout.said(t, "ok responses are had once")
}

func TestProxyForwardsTrailers(t *testing.T) {
	s := serveProxy(t)
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/forward?"+upstream(t)+"/", io.MultiReader(strings.NewReader("chunked")))
	if err != nil {
		t.Fatal(err)
	}
	req.Trailer = http.Header{"X-Trail": {"it"}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if h := resp.Header; h.Get("X-Trail") != "it" || h.Get("X-Framing") != "-1 [chunked]" {
		t.Error(h)
	}
}

// silent is the address of a server that answers with a text and then says nothing
// more.
func silent(t *testing.T, answer string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, answer)
				_, _ = io.Copy(io.Discard, c)
			}()
		}
	}()
	return l.Addr().String()
}

func TestProxyForwardsInVain(t *testing.T) {
	s := serveProxy(t)
	for to, want := range map[string]httpx.ErrorCode{
		"http://" + refusing(t) + "/":            httpx.ConnectionRefused{},
		"ftp://127.0.0.1/":                       httpx.HTTPProtocolError{},
		"http://" + silent(t, "") + "/":          httpx.ConnectionReadTimeout{},
		"http://" + silent(t, "gopher?\n") + "/": httpx.HTTPProtocolError{},
		"http://name.invalid/":                   httpx.DNSError{},
	} {
		resp, _, err := s.get(t, "/forward?"+to)
		if resp.StatusCode != 500 || err != nil {
			t.Errorf("%s: %s, %v", to, resp.Status, err)
		}
		got, _ := errors.AsType[httpx.ErrorCode](<-s.errs)
		if got == nil || fmt.Sprintf("%T", got) != fmt.Sprintf("%T", want) {
			t.Errorf("%s: %v, want %v", to, got, want)
		}
	}
	// Here the header is out.
	body, err := s.broken(t, "/forward?http://"+silent(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")+"/")
	if body != "half" && body != "" || err == nil {
		t.Errorf("%q, %v", body, err)
	}
	<-s.errs
	s.stdout.said(t, "reading: error-code: connection-read-timeout")
}

// refusing is an address at which nobody listens.
func refusing(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// An embedder's own transport is asked, whatever the network's rules.
func TestProxyForwardsByATransport(t *testing.T) {
	comp, err := proxy()
	if err != nil {
		t.Fatal(err)
	}
	type key struct{}
	var seen any
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{HTTP: wasi.HTTP{Transport: transport(func(r *http.Request) (*http.Response, error) {
		seen = r.Context().Value(key{})
		return &http.Response{StatusCode: 200, Header: http.Header{"X": {r.URL.String()}}, Body: io.NopCloser(strings.NewReader("made up")), Request: r}, nil
	})}})
	in, err := linker.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	w := httptest.NewRecorder()
	ctx := context.WithValue(t.Context(), key{}, "value")
	if err := host.HandleHTTP(ctx, in, w, httptest.NewRequest("GET", "/forward?https://nowhere.example/x", nil)); err != nil {
		t.Fatal(err)
	}
	if w.Body.String() != "made up" || w.Header().Get("X") != "https://nowhere.example/x" || seen != "value" {
		t.Errorf("%v %q, %v", w.Header(), w.Body, seen)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A client that goes stops the guest's writing, and only that.
func TestProxyClientThatGoes(t *testing.T) {
	s := serveProxy(t)
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/endless", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, 100_000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	resp.Body.Close()
	if err := <-s.errs; err == nil {
		t.Error("no error")
	}
}

// One instance can take one request after the other, and several at once in turns.
func TestProxyInstanceIsUsedAgain(t *testing.T) {
	comp, err := proxy()
	if err != nil {
		t.Fatal(err)
	}
	linker := rt.NewLinker()
	var stdout prints
	host := wasi.AddTo(linker, wasi.Config{Stdout: &stdout})
	in, err := linker.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	ask := func(path, body string) error {
		w := httptest.NewRecorder()
		if err := host.HandleHTTP(t.Context(), in, w, httptest.NewRequest("POST", path, strings.NewReader(body))); err != nil {
			return err
		}
		if w.Code >= 300 || w.Body.String() != body {
			return fmt.Errorf("%s: %d, %q", path, w.Code, w.Body)
		}
		return nil
	}
	for i := range 20 {
		if err := ask("/echo", fmt.Sprint("body ", i)); err != nil {
			t.Fatal(i, err)
		}
	}
	done := make(chan error)
	for i := range 20 {
		go func() { done <- ask("/echo", strings.Repeat("x", i*1000)) }()
	}
	for range 20 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// What a handler does after its response holds nobody up.
func TestProxyGoesOnAfterItsResponse(t *testing.T) {
	comp, err := proxy()
	if err != nil {
		t.Fatal(err)
	}
	linker := rt.NewLinker()
	var stdout prints
	host := wasi.AddTo(linker, wasi.Config{Stdout: &stdout})
	in, err := linker.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := host.HandleHTTP(r.Context(), in, w, r); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	pr, pw := io.Pipe()
	defer pw.Close()
	req, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/after", pr)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); string(body) != "done" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
	stdout.said(t, "afterwards: error-code: connection-terminated")
}

// Whatever guests and clients do to each other, nothing of it stays.
func TestProxyLeavesNothing(t *testing.T) {
	s := serveProxy(t)
	up := upstream(t)
	quiet := silent(t, "")
	client := &http.Client{Transport: &http.Transport{}}
	var all sync.WaitGroup
	for i := range 120 {
		path := []string{"/endless", "/echo", "/forward?" + up + "/x", "/forward?http://" + quiet + "/", "/large?3000000",
			"/panic", "/unfinished", "/late-panic", "/leaked", "/none"}[i%10]
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%3 == 0 {
				time.AfterFunc(time.Duration(i)*time.Millisecond/2, cancel)
			}
			req, err := http.NewRequestWithContext(ctx, "POST", s.URL+path, strings.NewReader(strings.Repeat("x", i*1000)))
			if err != nil {
				t.Error(err)
				return
			}
			resp, err := client.Do(req)
			if err != nil {
				return
			}
			defer resp.Body.Close()
			_, _ = io.CopyN(io.Discard, resp.Body, int64(i)*10_000)
		})
	}
	all.Wait()
	left := func() (stacks []string) {
		buf := make([]byte, 1<<20)
		for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, "/wasi/internal/http") {
				stacks = append(stacks, stack)
			}
		}
		return stacks
	}
	deadline := time.Now().Add(2 * time.Minute)
	for len(left()) > 0 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if stacks := left(); len(stacks) > 0 {
		t.Errorf("goroutines are left:\n%s", strings.Join(stacks, "\n\n"))
	}
}
