package httpx_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

func TestCodeOf(t *testing.T) {
	text := func(s string) httpx.ErrorCode { return httpx.InternalError{Text: &s} }
	for _, c := range []struct {
		err  error
		want httpx.ErrorCode
	}{
		{nil, nil},
		{fmt.Errorf("sending: %w", httpx.LoopDetected{}), httpx.LoopDetected{}},
		{&net.DNSError{IsNotFound: true}, httpx.DNSError{Payload: httpx.DNSErrorPayload{Rcode: new("NXDOMAIN"), InfoCode: new(uint16(0))}}},
		{&net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}, httpx.DNSTimeout{}},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, httpx.ConnectionRefused{}},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, httpx.ConnectionTerminated{}},
		{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, httpx.ConnectionTimeout{}},
		{&net.OpError{Op: "write", Err: os.ErrDeadlineExceeded}, httpx.ConnectionWriteTimeout{}},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, httpx.ConnectionReadTimeout{}},
		{context.DeadlineExceeded, httpx.ConnectionReadTimeout{}},
		{context.Canceled, httpx.ConnectionTerminated{}},
		{io.EOF, httpx.ConnectionTerminated{}},
		{io.ErrUnexpectedEOF, httpx.HTTPResponseIncomplete{}},
		{&http.MaxBytesError{Limit: 7}, httpx.HTTPRequestBodySize{Size: new(uint64(7))}},
		{&net.OpError{Op: "dial", Addr: &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 4}, Err: errors.New("odd")}, text("odd")},
	} {
		if got := httpx.CodeOf(c.err); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}

// raw is the address of a server that answers every connection with a text.
func raw(t *testing.T, answer string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, answer)
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

// The errors that Go's transport really gives.
func TestCodeOfTransport(t *testing.T) {
	quiet := httptest.NewUnstartedServer(http.NotFoundHandler())
	quiet.Config.ErrorLog = log.New(io.Discard, "", 0)
	quiet.StartTLS()
	defer quiet.Close()
	picky := httptest.NewUnstartedServer(http.NotFoundHandler())
	picky.Config.ErrorLog = quiet.Config.ErrorLog
	picky.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	picky.StartTLS()
	defer picky.Close()
	closed := raw(t, "")

	plain := &http.Transport{MaxResponseHeaderBytes: 4096, ResponseHeaderTimeout: 5 * time.Second}
	trusting := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	for name, c := range map[string]struct {
		tr   *http.Transport
		url  string
		want httpx.ErrorCode
	}{
		"unknown authority": {plain, quiet.URL, httpx.TLSCertificateError{}},
		"no TLS":            {plain, "https://" + raw(t, "HTTP/1.1 200 OK\r\n\r\n"), httpx.TLSProtocolError{}},
		"alert":             {trusting, picky.URL, httpx.TLSAlertReceived{}},
		"closed":            {plain, "http://" + closed, httpx.ConnectionTerminated{}},
		"no HTTP":           {plain, "http://" + raw(t, "SSH-2.0-OpenSSH\r\n\r\n"), httpx.HTTPProtocolError{}},
		"bad field":         {plain, "http://" + raw(t, "HTTP/1.1 200 OK\r\nno field\r\n\r\n"), httpx.HTTPProtocolError{}},
		"bad length":        {plain, "http://" + raw(t, "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n12345"), httpx.HTTPProtocolError{}},
		"transfer coding":   {plain, "http://" + raw(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), httpx.HTTPResponseTransferCoding{}},
		"large header":      {plain, "http://" + raw(t, "HTTP/1.1 200 OK\r\nA: "+strings.Repeat("x", 9000)+"\r\n\r\n"), httpx.HTTPResponseHeaderSectionSize{}},
		"short body":        {plain, "http://" + raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12345"), httpx.HTTPResponseIncomplete{}},
		"bad chunk":         {plain, "http://" + raw(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), httpx.HTTPProtocolError{}},
		"cut chunk":         {plain, "http://" + raw(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), httpx.HTTPResponseIncomplete{}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequest("GET", c.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := c.tr.RoundTrip(r)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				_ = resp.Body.Close()
			}
			if got := httpx.CodeOf(err); reflect.TypeOf(got) != reflect.TypeOf(c.want) {
				t.Errorf("%v (%T): %#v, want %T", err, err, got, c.want)
			} else if alert, ok := got.(httpx.TLSAlertReceived); ok && (*alert.Payload.AlertID != 116 || *alert.Payload.AlertMessage != "certificate required") {
				t.Error(alert)
			}
		})
	}
}

func TestErrorTexts(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for _, c := range []struct {
		err  httpx.ErrorCode
		want string
	}{
		{httpx.ConnectionRefused{}, "the connection was refused"},
		{httpx.DNSError{Payload: httpx.DNSErrorPayload{Rcode: new("NXDOMAIN")}}, `the name could not be resolved: "NXDOMAIN"`},
		{httpx.HTTPRequestBodySize{Size: new(uint64(18))}, "the request's body has the wrong size: 18 bytes"},
		{httpx.HTTPRequestHeaderSize{}, "a field of the request's header is too large"},
		{httpx.InternalError{Text: &long}, `internal error: "` + long[:200] + `"…`},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
