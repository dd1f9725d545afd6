package wasi_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// A connection can be used again although the guest has not read the body of a request, if what is left of it is
// not much. In any case the response arrives and the server has nothing to complain of.
func TestConnectionAfterAnIgnoredBody(t *testing.T) {
	var complaints prints
	s := newSiteUnstarted(t, wasi.Config{})
	s.Config.ErrorLog = log.New(&complaints, "", 0)
	s.Start()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for _, test := range []struct {
		name   string
		length int
		body   func(string) io.Reader
		reused bool
	}{
		{"short", 5, func(s string) io.Reader { return strings.NewReader(s) }, true},
		{"longer", 100_000, func(s string) io.Reader { return strings.NewReader(s) }, true},
		{"chunked", 5, func(s string) io.Reader { return io.MultiReader(strings.NewReader(s)) }, true},
		{"long", 10_000_000, func(s string) io.Reader { return strings.NewReader(s) }, false},
		{"none", 0, func(string) io.Reader { return nil }, true},
	} {
		reused := 0 // how often in a row
		// A machine that is late may lose some.
		for end, tried := time.Now().Add(time.Minute), 0; tried < 5 || test.reused && reused < 3 && time.Now().Before(end); tried++ {
			trace := &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
				if reused++; !c.Reused {
					reused = 0
				}
			}}
			ctx := httptrace.WithClientTrace(t.Context(), trace)
			body := func() io.Reader { return test.body(strings.Repeat("x", test.length)) }
			r, err := http.NewRequestWithContext(ctx, "POST", s.URL+"/ignore", body())
			if err != nil {
				t.Fatal(err)
			}
			// It may be sent again where the server closes the connection just then.
			r.Header["Idempotency-Key"] = nil
			if test.length > 0 {
				r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(body()), nil }
			}
			resp, err := client.Do(r)
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			if got := readAll(t, resp); got != "the body was ignored" {
				t.Errorf("%s: got %q", test.name, got)
			}
			time.Sleep(10 * time.Millisecond) // the server needs a moment to find that it is no more in use
		}
		if test.reused != (reused >= 3) {
			t.Errorf("%s: in the end %d requests in a row had a connection that was used before", test.name, reused)
		}
	}
	if got := complaints.String(); got != "" {
		t.Errorf("the server complains:\n%s", got)
	}
}

// What a client sends too late of a body is not taken for a request.
func TestLateBodyIsNoRequest(t *testing.T) {
	s := newSite(t, wasi.Config{})
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	smuggled := "GET /ignore HTTP/1.1\r\nHost: smuggled\r\n\r\n"
	fmt.Fprintf(conn, "POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(smuggled))
	time.Sleep(200 * time.Millisecond)
	io.WriteString(conn, smuggled)
	all, _ := io.ReadAll(conn)
	if n := strings.Count(string(all), "HTTP/1.1 200"); n != 1 {
		t.Errorf("%d responses:\n%s", n, all)
	}
}

// A request to an instance that has trapped can be made again, of another one.
func TestRequestIsLeftAsItWas(t *testing.T) {
	s := newSite(t, wasi.Config{})
	s.get(t, "/trap")
	for _, length := range []int64{-1, 4} {
		r := httptest.NewRequest("POST", "/respond", strings.NewReader("body"))
		r.ContentLength = length
		w := httptest.NewRecorder()
		if err := s.host.HandleHTTP(t.Context(), s.inst, w, r); !errors.Is(err, gondola.ErrEndedBefore) {
			t.Errorf("got %v", err)
		}
		if b, err := io.ReadAll(r.Body); string(b) != "body" || err != nil {
			t.Errorf("what is left of the body: %q, %v", b, err)
		}
		if w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Errorf("%v %q was written", w.Header(), w.Body)
		}
	}
}
