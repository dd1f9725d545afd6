package wasi_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// A client that goes is noticed although nobody has read the body of its request, and the guest is asked to stop.
func TestClientGoesBeforeItsBodyIsRead(t *testing.T) {
	s := newSiteUnstarted(t, wasi.Config{})
	p := newProxyServer(t)
	asked := make(chan struct{})
	quiet := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer quiet.Close()
	for _, test := range []struct {
		name, path string
		server     *httptest.Server
		errs       chan error
		begun      func() // waits until the guest works on the request
	}{
		{"0.3", "/wait", s.Server, s.errs, func() {
			if line := s.stdout.next(t); line != "waiting" {
				t.Fatal(line)
			}
		}},
		{"0.2", "/wait?" + quiet.URL + "/", p.Server, p.errs, func() { <-asked }},
	} {
		test.server.Config.ConnContext = wasi.ConnContext
		test.server.Start()
		conn, err := net.Dial("tcp", test.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "POST "+test.path+" HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde")
		test.begun()
		conn.Close()
		select {
		case err := <-test.errs:
			if !errors.Is(err, wasi.ErrClientGone) {
				t.Errorf("%s: %v", test.name, err)
			}
		case <-time.After(2 * time.Minute):
			t.Errorf("%s: it was not noticed", test.name)
		}
	}
	if line := s.stdout.next(t); line != "cancelled" {
		t.Error(line)
	}
}
