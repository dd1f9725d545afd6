package wasi_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// backend answers with what it was sent.
func backend(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		h := w.Header()
		h.Set("X-Method", r.Method)
		h.Set("X-Target", r.RequestURI)
		h.Set("X-Host", r.Host)
		h.Set("X-Framing", fmt.Sprint(r.ContentLength, r.TransferEncoding))
		for name, values := range r.Header {
			h["X-Got-"+name] = values
		}
		h["Content-Type"], h["Date"] = nil, nil
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		if _, err := io.Copy(flushing{w}, r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		for name, values := range r.Trailer {
			if len(values) > 0 {
				h[http.TrailerPrefix+name] = values
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// flushing flushes after every write.
type flushing struct{ w http.ResponseWriter }

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err == nil {
		err = http.NewResponseController(f.w).Flush()
	}
	return n, err
}

// send lets a guest send a request and returns what it says of that.
func (s *site) send(t *testing.T, pairs ...string) string {
	t.Helper()
	_, got := s.get(t, "/send"+query(pairs...))
	return got
}

func TestSend(t *testing.T) {
	s, b := newSite(t, everywhere), backend(t)
	got := s.send(t, "to", b.URL+"/path?query", "header", "x-a:1", "header", "X-A:2")
	contains(t, got, "status 200", "header x-method: GET\n", "header x-target: /path?query\n", "header x-host: "+b.Listener.Addr().String(),
		"header x-framing: 0 []", "header x-got-x-a: 1\nheader x-got-x-a: 2\n", `body ""`, "no trailers", "wrote nothing; sent <nil>")
	for _, not := range []string{"got-user-agent", "got-accept-encoding", "got-content", "the headers can be changed"} {
		if strings.Contains(got, not) {
			t.Errorf("%q is in:\n%s", not, got)
		}
	}
}

func TestSendMethods(t *testing.T) {
	s, b := newSite(t, everywhere), backend(t)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get", "M-SEARCH"} {
		contains(t, s.send(t, "to", b.URL+"/", "method", method), "status 200", "header x-method: "+method+"\n", "sent <nil>")
	}
	contains(t, s.send(t, "to", b.URL+"/", "method", "CONNECT"), "error HTTP-protocol-error", "sent HTTP-protocol-error")
	contains(t, s.send(t, "to", b.URL+"/", "method", "bad\nmethod"), "request: method: ")
}

func TestSendTargets(t *testing.T) {
	s, b := newSite(t, everywhere), backend(t)
	for path, want := range map[string]string{
		"":                       "/",
		"?q":                     "/?q",
		"/":                      "/",
		"/pct%2Fsegment?q=a%20b": "/pct%2Fsegment?q=a%20b",
		"/a/../b?":               "/a/../b?",
		"/echo?a=1&a=2&b=":       "/echo?a=1&a=2&b=",
		"/%zz":                   "/%zz",
		"//evil.example/x%2F?y":  "//evil.example/x%2F?y",
		"/http://evil.example/":  "/http://evil.example/",
		"/a:b@c;d,e":             "/a:b@c;d,e",
		`/raw"é`:                 `/raw"é`,
	} {
		got := s.send(t, "to", b.URL+path)
		if strings.HasPrefix(path, "/%zz") {
			// Servers of net/http refuse it, but it must not have become something else.
			contains(t, got, "status 400")
			continue
		}
		contains(t, got, "header x-target: "+want+"\n")
	}
	contains(t, s.send(t, "to", b.URL+"//%zz"), "error HTTP-request-URI-invalid")
	contains(t, s.send(t, "to", b.URL+"/a b"), "request: path: ")
	contains(t, s.send(t, "to", b.URL+"/a\r\nX-Smuggled: 1"), "request: path: ")
}

func TestSendAuthorities(t *testing.T) {
	s, b := newSite(t, everywhere), backend(t)
	addr := b.Listener.Addr().String()
	got := s.send(t, "to", "http://user:pass@"+addr+"/")
	contains(t, got, "status 200", "header x-host: "+addr)
	if strings.Contains(got, "got-authorization") {
		t.Error("the user was sent")
	}
	contains(t, s.send(t, "to", "ws://"+addr+"/"), "error HTTP-protocol-error")
	contains(t, s.send(t, "to", "http://localhost:99999/"), "request: authority: ")
}

func TestSendBodies(t *testing.T) {
	s, b := newSite(t, everywhere), backend(t)
	contains(t, s.send(t, "to", b.URL+"/", "method", "POST", "body", "ping", "times", "3"),
		"header x-framing: -1 [chunked]", `body "pingpingping"`, "no trailers", "wrote 12 <nil>; sent <nil>")
	contains(t, s.send(t, "to", b.URL+"/", "method", "POST", "body", "ping", "length", "4"),
		"header x-framing: 4 []", "header x-got-content-length: 4", `body "ping"`, "wrote 4 <nil>; sent <nil>")
	contains(t, s.send(t, "to", b.URL+"/", "method", "POST"), "header x-framing: 0 []", "sent <nil>")
	contains(t, s.send(t, "to", b.URL+"/", "method", "POST", "body", "", "length", "0"), "header x-framing: 0 []", "sent <nil>")
	for _, method := range []string{"DELETE", "M-SEARCH"} {
		contains(t, s.send(t, "to", b.URL+"/", "method", method, "length", "0"), "header x-framing: 0 []", "header x-got-content-length: 0", "sent <nil>")
		contains(t, s.send(t, "to", b.URL+"/", "method", method, "body", "", "length", "0"), "header x-got-content-length: 0", "sent <nil>")
	}
	for _, early := range []string{"early", "late"} {
		got := s.send(t, "to", b.URL+"/", "method", "POST", "body", "ping", "header", "Trailer:x-sum, host, content-length,, é, a b", "header", "Trailer:", "trailer", "x-sum:1", "trailer", "x-more:2", early, "")
		contains(t, got, "header x-framing: -1 [chunked]", `body "ping"`, "trailer x-sum: 1\n", "trailer x-more: 2\n", "sent <nil>")
	}
}

func TestSendBodiesOfAnotherLength(t *testing.T) {
	s, b := newSite(t, everywhere), backend(t)
	for _, early := range []string{"early", "late"} {
		contains(t, s.send(t, "to", b.URL+"/", "method", "POST", "length", "11", "body", "long enough", early, ""), "status 200", "sent <nil>")
		contains(t, s.send(t, "to", b.URL+"/", "method", "POST", "length", "11", "body", "msg", early, ""),
			"wrote 3 <nil>; sent HTTP-request-body-size(3)")
		contains(t, s.send(t, "to", b.URL+"/", "method", "POST", "length", "11", "body", "more than 11 bytes", early, ""),
			"wrote 0 ", "sent HTTP-request-body-size(18)")
	}
	contains(t, s.send(t, "to", b.URL+"/", "method", "POST", "length", "3"), "error HTTP-request-body-size(0)", "sent HTTP-request-body-size(0)")
	// A request without a byte may be out before the guest writes one.
	contains(t, s.send(t, "to", b.URL+"/", "method", "POST", "length", "0", "body", "x"), "wrote 0 ", "sent HTTP-request-body-size(1)")
	contains(t, s.send(t, "to", b.URL+"/", "length", "+5"), "message: header-error: invalid-syntax")
}

// A request whose trailers are an error has no response.
func TestSendFails(t *testing.T) {
	s := newSite(t, everywhere)
	b := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
	}))
	defer b.Close()
	contains(t, s.send(t, "to", b.URL+"/", "method", "POST", "body", "partial", "fail", ""),
		"error internal-error(on purpose)", "sent internal-error(on purpose)")
}

func TestSendToNobody(t *testing.T) {
	s := newSite(t, everywhere)
	dead := httptest.NewServer(nil)
	dead.Close()
	contains(t, s.send(t, "to", dead.URL+"/"), "error connection-refused", "sent connection-refused")
	contains(t, s.send(t, "to", dead.URL+"/", "method", "POST", "body", "x"), "error connection-refused", "sent connection-refused")
	contains(t, s.send(t, "to", "http://nonexistent.invalid/"), "error DNS-error", "sent DNS-error")
}

// What comes back is not what a server of net/http would send.
func TestSendToStrangeServers(t *testing.T) {
	s := newSite(t, everywhere)
	for response, want := range map[string]string{
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort":            "trailers: HTTP-response-incomplete",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc": "trailers: HTTP-response-incomplete",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n":   "trailers: HTTP-protocol-error",
		"nonsense\r\n\r\n": "error HTTP-protocol-error",
		"":                 "error connection-terminated",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n":               "error HTTP-protocol-error",
		"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":   `body "ok"`,
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n":            "status 302",
		"HTTP/1.1 200 OK\r\nX-Big: " + strings.Repeat("x", 300<<10) + "\r\n\r\n":                      "error HTTP-response-header-section-size",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nKeep-Alive: 1\r\nOk: 1\r\n\r\n": "header content-length: 0\nheader ok: 1\n",
	} {
		got := s.send(t, "to", "http://"+answering(t, response)+"/", "method", "POST", "length", "0", "body", "")
		if !strings.Contains(got, want) {
			t.Errorf("%.60q: %q is not in:\n%s", response, want, got)
		}
	}
}

// answering is the address of a server that answers every request by the same bytes
// and closes.
func answering(t *testing.T, response string) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					io.WriteString(conn, response)
				}
			}()
		}
	}()
	return ln.Addr().String()
}

func TestSendTimeouts(t *testing.T) {
	s := newSite(t, everywhere)
	stop := make(chan struct{})
	b := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			io.WriteString(w, "begun")
			_ = http.NewResponseController(w).Flush()
		}
		<-stop
	}))
	defer b.Close()
	defer close(stop)
	contains(t, s.send(t, "to", b.URL+"/", "first", "50"), "error connection-read-timeout", "sent <nil>")
	contains(t, s.send(t, "to", b.URL+"/body", "between", "50"), "status 200", `body "begun"`, "trailers: connection-read-timeout")
	// Nobody accepts what is in the backlog, and the handshake never begins.
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	contains(t, s.send(t, "to", "https://"+ln.Addr().String()+"/", "connect", "50"), "error connection-timeout", "sent connection-timeout")
}

// The guest gets what was sent, not what Go could make of it.
func TestSendLeavesEncodingsAlone(t *testing.T) {
	s := newSite(t, everywhere)
	b := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write(make([]byte, 10<<20))
		z.Close()
	}))
	defer b.Close()
	for _, accept := range []string{"accept:*/*", "accept-encoding:gzip"} {
		got := s.send(t, "to", b.URL+"/", "header", accept)
		contains(t, got, "header content-encoding: gzip")
		if strings.Contains(got, fmt.Sprint("body of ", 10<<20)) {
			t.Error("it was decompressed")
		}
	}
}

func TestSendIgnoresProxies(t *testing.T) {
	used := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { used = true }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	s := newSite(t, everywhere)
	contains(t, s.send(t, "to", "http://nonexistent.invalid/"), "error DNS-error")
	if used {
		t.Error("the proxy of the environment was used")
	}
}

// oneAddress resolves every name to one address.
type oneAddress struct{ addr netip.Addr }

func (r oneAddress) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{r.addr}, nil
}

func TestSendPolicy(t *testing.T) {
	b := backend(t)
	addr := netip.MustParseAddrPort(b.Listener.Addr().String())
	rules, err := wasi.ParseAddrRule(addr.String())
	if err != nil {
		t.Fatal(err)
	}
	name, err := wasi.ParseNameRule("allowed.example")
	if err != nil {
		t.Fatal(err)
	}
	named := wasi.Network{Names: []wasi.NameRule{name}, Resolver: oneAddress{addr.Addr()}}
	public := wasi.Network{All: true, DenyPrivate: true, Resolver: oneAddress{addr.Addr()}}
	port := fmt.Sprint(addr.Port())
	for _, test := range []struct {
		name    string
		network wasi.Network
		to      string
		want    string
	}{
		{"nothing is allowed", wasi.Network{}, b.URL, "error HTTP-request-denied"},
		{"nor names", wasi.Network{}, "http://localhost", "error HTTP-request-denied"},
		{"an address that is", wasi.Network{Addrs: rules}, b.URL, "status 200"},
		{"another port", wasi.Network{Addrs: rules}, "http://127.0.0.1:1", "error HTTP-request-denied"},
		{"a name", named, "http://allowed.example:" + port, "status 200"},
		{"another name", named, "http://denied.example:" + port, "error HTTP-request-denied"},
		{"a private address", public, b.URL, "error destination-IP-prohibited"},
		{"a name that resolves to one", public, "http://rebound.example:" + port, "error destination-IP-prohibited"},
		{"an unspecified address", public, "http://0.0.0.0:" + port, "error destination-IP-prohibited"},
		{"a mapped one", public, "http://[::ffff:127.0.0.1]:" + port, "error destination-IP-prohibited"},
	} {
		s := newSite(t, wasi.Config{Network: test.network})
		got := s.send(t, "to", test.to+"/")
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: %s", test.name, got)
		}
		if strings.HasPrefix(test.want, "error") && !strings.Contains(got, "sent "+strings.TrimPrefix(test.want, "error ")) {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}

func TestSendTLS(t *testing.T) {
	b := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.TLS.ServerName, " ", r.Proto)
	}))
	defer b.Close()
	b.Config.ErrorLog = nil
	roots := x509.NewCertPool()
	roots.AddCert(b.Certificate())
	addr := netip.MustParseAddrPort(b.Listener.Addr().String())
	cfg := everywhere
	cfg.Network.Resolver = oneAddress{addr.Addr()}
	contains(t, newSite(t, cfg).send(t, "to", b.URL+"/"), "error TLS-certificate-error", "sent TLS-certificate-error")
	cfg.HTTP.TLS = &tls.Config{RootCAs: roots}
	s := newSite(t, cfg)
	contains(t, s.send(t, "to", fmt.Sprintf("https://example.com:%d/", addr.Port())), "status 200", `body "example.com HTTP/1.1"`)
	contains(t, s.send(t, "to", fmt.Sprintf("https://wrong.example:%d/", addr.Port())), "error TLS-certificate-error")
	plain := backend(t)
	contains(t, s.send(t, "to", strings.Replace(plain.URL, "http:", "https:", 1)), "error TLS-protocol-error")
}

// roundTripper is an embedder's own.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSendThroughAnEmbedder(t *testing.T) {
	var mu sync.Mutex
	var got []string
	cfg := wasi.Config{HTTP: wasi.HTTP{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		var body []byte
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
			r.Body.Close()
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, fmt.Sprintf("%s %s %s", r.Method, r.URL, body))
		return &http.Response{StatusCode: 203, Header: http.Header{"X-A": {"b"}}, Body: io.NopCloser(strings.NewReader("from the embedder"))}, nil
	})}}
	s := newSite(t, cfg)
	contains(t, s.send(t, "to", "http://anywhere.example/x?y", "method", "POST", "body", "given"), "status 203", "header x-a: b", `body "from the embedder"`, "sent <nil>")
	contains(t, s.send(t, "to", "http://anywhere.example/"), "status 203", "sent <nil>")
	if want := "[POST http:/x?y given GET http:/ ]"; fmt.Sprint(got) != want && !strings.Contains(fmt.Sprint(got), "given") {
		t.Errorf("got %v", got)
	}
}

// Transports of tests return what net/http's own never does.
func TestSendThroughACarelessEmbedder(t *testing.T) {
	answers := map[string]*http.Response{
		"/no-body":    {StatusCode: 204},
		"/no-status":  {},
		"/big-status": {StatusCode: 65536 + 200},
		"/nothing":    nil,
	}
	s := newSite(t, wasi.Config{HTTP: wasi.HTTP{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return answers[r.URL.Path], nil
	})}})
	for path, want := range map[string]string{
		"/no-body":    `status 204`,
		"/no-status":  "error HTTP-protocol-error",
		"/big-status": "error HTTP-protocol-error",
		"/nothing":    "the transport returned no response and no error",
	} {
		contains(t, s.send(t, "to", "http://anywhere.example"+path), want)
	}
}

func TestDroppedMessages(t *testing.T) {
	s := newSite(t, everywhere)
	_, got := s.get(t, "/dropped")
	contains(t, got, "request: wrote 0, true; sent internal-error(", "response: wrote 0, true; sent internal-error(")
	b := backend(t)
	contains(t, s.send(t, "to", b.URL+"/", "drop", ""), "status 200", "sent <nil>")
}

// A body of which the guest wants no more ends its connection at once, however silent
// that is.
func TestBodyGivenUp(t *testing.T) {
	s := newSite(t, everywhere)
	gone := make(chan struct{}, 2)
	b := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = flushing{w}.Write([]byte("begun"))
		<-r.Context().Done()
		gone <- struct{}{}
	}))
	defer b.Close()
	for _, how := range []string{"part", "drop"} {
		contains(t, s.send(t, "to", b.URL+"/", how, ""), "status 200", "sent <nil>")
		select {
		case <-gone:
		case <-time.After(2 * time.Minute):
			t.Errorf("%s: the connection is still there", how)
		}
	}
}

// Of what a guest writes at once only a piece is taken at a time.
func TestGrowingWrites(t *testing.T) {
	cfg := everywhere
	cfg.HTTP.MaxPiece = 100_000
	s, b := newSite(t, cfg), backend(t)
	_, got := s.get(t, "/writes"+query("to", b.URL+"/"))
	contains(t, got, fmt.Sprintf("body of %d bytes", 1<<16+1<<18+1<<20+1<<22+1<<24+1<<26), "sent <nil>")
}

func TestFieldsHaveALimit(t *testing.T) {
	s := newSite(t, wasi.Config{})
	_, got := s.get(t, "/fill")
	contains(t, got, "0: header-error: size-exceeded, fewer than 4096: true", "1000: header-error: size-exceeded, fewer than 4096: true")
	s = newSite(t, wasi.Config{HTTP: wasi.HTTP{MaxFields: 1 << 20}})
	_, got = s.get(t, "/fill")
	contains(t, got, "0: header-error: size-exceeded, fewer than 4096: false")
}

// A guest that sends the request that it got, with its body, and gives back the
// response.
func TestProxy(t *testing.T) {
	s, b := newSite(t, everywhere), backend(t)
	req, _ := http.NewRequest("POST", s.URL+"/proxy"+query("to", b.Listener.Addr().String()), strings.NewReader("forwarded"))
	req.ContentLength = -1
	req.Trailer = http.Header{"X-Sum": {"9"}}
	req.Header.Set("Foo", "bar")
	req.Header.Set("Keep-Alive", "victim")
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if body := readAll(t, resp); body != "forwarded" || resp.Trailer.Get("X-Sum") != "9" || resp.Header.Get("X-Got-Foo") != "bar" ||
		resp.Header.Get("X-Host") != b.Listener.Addr().String() || resp.Header.Get("X-Got-Keep-Alive") != "" || resp.Header.Get("X-Target") != "/proxied" {
		t.Errorf("%q, %v, %v", body, resp.Header, resp.Trailer)
	}
}

// A guest that makes a new request of the one that it got, and a new response, with
// the bodies as they are: lengths and trailers count as if it hadn't been there, and
// the outcome goes back to where the body came from.
func TestMiddleware(t *testing.T) {
	s, b := newSite(t, everywhere), backend(t)
	for _, length := range []int64{-1, 9} {
		req, _ := http.NewRequest("POST", s.URL+"/middleware"+query("to", b.Listener.Addr().String()), strings.NewReader("forwarded"))
		req.ContentLength = length
		if length < 0 {
			req.Trailer = http.Header{"X-Sum": {"9"}}
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if body := readAll(t, resp); body != "forwarded" || (resp.Trailer.Get("X-Sum") == "9") != (length < 0) {
			t.Errorf("%q, %v", body, resp.Trailer)
		}
		lines := s.stdout.next(t) + ", " + s.stdout.next(t)
		if lines != "request <nil>, response <nil>" && lines != "response <nil>, request <nil>" {
			t.Error(lines)
		}
	}
}

// A body that breaks off behind a guest breaks off for the client too.
func TestMiddlewareOfBrokenResponse(t *testing.T) {
	s := newSite(t, everywhere)
	for _, response := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
	} {
		for _, path := range []string{"/middleware", "/proxy"} {
			resp, err := s.Client().Get(s.URL + path + query("to", answering(t, response)))
			if err != nil {
				continue
			}
			if body, err := io.ReadAll(resp.Body); err == nil && resp.StatusCode == 200 {
				t.Errorf("%s: %q looks complete", path, body)
			}
			resp.Body.Close()
		}
	}
}

// The response may come, and even end, before the request has.
func TestSendInFullDuplex(t *testing.T) {
	s, b := newSite(t, everywhere), backend(t)
	body, send := io.Pipe()
	req, _ := http.NewRequest("POST", s.URL+"/middleware"+query("to", b.Listener.Addr().String()), body)
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 100)
	for i := range 5 {
		piece := fmt.Sprintf("piece %d of it", i)
		io.WriteString(send, piece)
		if _, err := io.ReadFull(resp.Body, got[:len(piece)]); err != nil || string(got[:len(piece)]) != piece {
			t.Fatalf("%q, %v", got, err)
		}
	}
	send.Close()
	if rest := readAll(t, resp); rest != "" {
		t.Error(rest)
	}
}

// The connection of a client that has not sent all when it has its response is
// closed, and nothing of the rest is taken for a request.
func TestResponseBeforeTheRequestEnds(t *testing.T) {
	s := newSite(t, everywhere)
	early := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		io.WriteString(w, "early")
	}))
	defer early.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	fmt.Fprintf(conn, "POST /middleware%s HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", query("to", early.Listener.Addr().String()))
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "early" {
		t.Errorf("%q, %v", body, err)
	}
	io.WriteString(conn, "GET /respond?body=smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
	if rest, _ := io.ReadAll(r); len(rest) > 0 {
		t.Errorf("after the response: %q", rest)
	}
}
