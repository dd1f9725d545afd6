package wasi_test

import (
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// Whatever becomes of a request whose body nobody has read, the server goes on with the connection or closes
// it, and has nothing to complain of.
func TestServerAfterABodyThatNobodyReads(t *testing.T) {
	var complaints prints
	s := newSiteUnstarted(t, wasi.Config{})
	p := newProxyServer(t)
	for _, srv := range []struct {
		name  string
		start func()
		addr  func() string
		path  string
	}{
		{"0.3", func() { s.Config.ErrorLog = log.New(&complaints, "", 0); s.Start() }, func() string { return s.Listener.Addr().String() }, "/ignore"},
		{"0.2", func() { p.Config.ErrorLog = log.New(&complaints, "", 0); p.Start() }, func() string { return p.Listener.Addr().String() }, "/empty"},
	} {
		srv.start()
		for name, request := range map[string]string{
			"target that is none": "POST " + srv.path + " HTTP/1.1\r\nHost: a:b:c\r\nContent-Length: 5\r\n\r\nabcde",
			"HTTP/1.0, expecting": "POST " + srv.path + " HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nabcde",
			"expecting":           "POST " + srv.path + " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
		} {
			conn, err := net.Dial("tcp", srv.addr())
			if err != nil {
				t.Fatal(err)
			}
			conn.SetDeadline(time.Now().Add(2 * time.Minute))
			for range 3 {
				io.WriteString(conn, request)
				time.Sleep(50 * time.Millisecond)
			}
			if strings.HasSuffix(request, "abcde") {
				conn.(*net.TCPConn).CloseWrite()
			}
			b, err := io.ReadAll(conn) // which is the server's to end
			if !strings.HasPrefix(string(b), "HTTP/1.") || err != nil && !strings.Contains(err.Error(), "reset") {
				t.Errorf("%s, %s: got %q, %v", srv.name, name, b, err)
			}
			conn.Close()
		}
	}
	if got := complaints.String(); got != "" {
		t.Errorf("the server complains:\n%.3000s", got)
	}
}

// A response that breaks off does so at once, whether or not the client has sent the body of its request.
func TestResponseBreaksOffBeforeTheBody(t *testing.T) {
	s := newSite(t, wasi.Config{})
	p := serveProxy(t)
	for _, test := range []struct{ addr, path string }{
		{s.Listener.Addr().String(), "/respond" + query("body", "x", "pause", "20", "fail", "")},
		{p.Listener.Addr().String(), "/late-panic"},
	} {
		conn, err := net.Dial("tcp", test.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(2 * time.Minute))
		io.WriteString(conn, "POST "+test.path+" HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
		b, err := io.ReadAll(conn)
		if !strings.HasPrefix(string(b), "HTTP/1.1 200 OK\r\n") || strings.HasSuffix(string(b), "\r\n0\r\n\r\n") || err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%s: got %q, %v", test.path, b, err)
		}
	}
}
