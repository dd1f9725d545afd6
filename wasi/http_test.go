package wasi_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

func TestHTTPVersion(t *testing.T) {
	comp, err := httpGuest()
	if err != nil {
		t.Fatal(err)
	}
	command, err := guest()
	if err != nil {
		t.Fatal(err)
	}
	if k := wasi.HTTPVersion(comp); k != wasi.HTTP03 {
		t.Errorf("the service: %v", k)
	}
	if k := wasi.HTTPVersion(command); k != wasi.NoHTTP {
		t.Errorf("the command: %v", k)
	}
}

func TestRequestAsTheGuestSeesIt(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for _, test := range []struct {
		name, request string
		want, not     []string
	}{
		{"plain", "GET /describe?a=1&a=2&b= HTTP/1.1\r\nHost: example.com:8080\r\nX-One: 1\r\nx-one: 2\r\n\r\n",
			[]string{"method Get", "scheme HTTP\n", "authority example.com:8080", "path /describe?a=1&a=2&b=\n", "header x-one: 1\nheader x-one: 2\n", "body \"\"", "no trailers"},
			[]string{"header host", "the headers can be changed"}},
		{"escapes stay", "GET /describe?%2F=a%20b HTTP/1.1\r\nHost: h\r\n\r\n", []string{"path /describe?%2F=a%20b\n"}, nil},
		{"another method", "M-SEARCH /describe HTTP/1.1\r\nHost: h\r\n\r\n", []string{"other M-SEARCH"}, nil},
		{"a whole URI", "GET http://elsewhere.example/describe?x HTTP/1.1\r\nHost: h\r\n\r\n", []string{"authority elsewhere.example\n", "path /describe?x\n"}, nil},
		{"HTTP/1.0 without a host", "GET /describe HTTP/1.0\r\n\r\n", []string{"authority 127.0.0.1:", "scheme HTTP"}, nil},
		{"what is the host's", "GET /describe HTTP/1.1\r\nHost: h\r\nConnection: x\r\nKeep-Alive: 1\r\nUpgrade: u\r\nProxy-Connection: p\r\nHTTP2-Settings: s\r\nProxy-Authorization: a\r\nOther: o\r\n\r\n",
			[]string{"header other: o"}, []string{"header connection", "header keep-alive", "header upgrade", "header proxy-", "header http2-settings"}},
		{"a body and trailers", "POST /describe HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: late\r\nX-U: later\r\n\r\n",
			[]string{"body \"abcde\"", "trailer x-t: late", "trailer x-u: later"}, []string{"transfer-encoding"}},
		{"announced trailers that don't come", "POST /describe HTTP/1.1\r\nHost: h\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", []string{"no trailers"}, nil},
		{"a body with a length", "POST /describe HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", []string{"body \"abc\"", "header content-length: 3", "no trailers"}, nil},
	} {
		got := s.raw(t, strings.Replace(test.request, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
		for _, w := range test.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not in:\n%s", test.name, w, got)
			}
		}
		for _, w := range test.not {
			if strings.Contains(got, w) {
				t.Errorf("%s: %q is in:\n%s", test.name, w, got)
			}
		}
	}
}

// A target that begins with two slashes names a path, and no other host.
func TestTargetWithTwoSlashes(t *testing.T) {
	s := newSite(t, wasi.Config{})
	got := s.raw(t, "GET //evil.example/describe HTTP/1.1\r\nHost: good.example\r\nConnection: close\r\n\r\n")
	contains(t, got, "500", "there is no //evil.example/describe")
}

func TestTargetThatIsNone(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for _, host := range []string{"a:b:c", "a@", "x y"} {
		got := s.raw(t, "GET / HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		contains(t, got, "HTTP/1.1 400")
	}
}

// Neither Go nor the guest believes two lengths, or a length and chunks.
func TestSmuggling(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for _, fields := range []string{
		"Content-Length: 3\r\nContent-Length: 5\r\n",
		"Content-Length: +3\r\n",
		"Transfer-Encoding: chunked, identity\r\n",
		"Transfer-Encoding: xchunked\r\n",
	} {
		got := s.raw(t, "POST /describe HTTP/1.1\r\nHost: h\r\n"+fields+"\r\nabcde")
		if !strings.HasPrefix(got, "HTTP/1.1 400") && !strings.HasPrefix(got, "HTTP/1.1 501") {
			t.Errorf("%q: %s", fields, got)
		}
	}
	got := s.raw(t, "POST /describe HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\nGET /respond?body=smuggled HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	if strings.Contains(got, "smuggled") && !strings.Contains(got, `body "abcde"`) || strings.Contains(got, "header content-length: 4") {
		t.Errorf("a length beside chunks: %s", got)
	}
}

func TestResponse(t *testing.T) {
	s := newSite(t, wasi.Config{})
	resp, body := s.get(t, "/respond"+query("status", "418", "body", "ab", "times", "3", "header", "x-a:1", "header", "x-a:2", "print", ""))
	if resp.StatusCode != 418 || body != "ababab" || fmt.Sprint(resp.Header["X-A"]) != "[1 2]" || len(resp.Trailer) != 0 {
		t.Errorf("got %v, %q", resp, body)
	}
	if _, guessed := resp.Header["Content-Type"]; guessed {
		t.Error("the host has guessed the type of the content")
	}
	if line := s.stdout.next(t); line != "wrote 6 <nil>; sent <nil>" {
		t.Error(line)
	}
}

func TestResponseWithoutBody(t *testing.T) {
	s := newSite(t, wasi.Config{})
	resp, body := s.get(t, "/respond"+query("status", "201", "print", ""))
	if resp.StatusCode != 201 || body != "" || resp.ContentLength != 0 {
		t.Errorf("got %v, %q", resp, body)
	}
	if line := s.stdout.next(t); line != "wrote nothing; sent <nil>" {
		t.Error(line)
	}
}

func TestResponseTrailers(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for _, early := range []string{"early", "late"} {
		resp, body := s.get(t, "/respond"+query("body", "x", "trailer", "x-t:1", "trailer", "X-U:2", "trailer", "content-length:5", early, ""))
		if body != "x" || resp.Trailer.Get("x-t") != "1" || resp.Trailer.Get("x-u") != "2" || len(resp.Trailer) != 2 {
			t.Errorf("got %q, trailers %v", body, resp.Trailer)
		}
	}
	resp, _ := s.get(t, "/respond"+query("trailer", "x-t:1"))
	if resp.Trailer.Get("x-t") != "1" {
		t.Errorf("without a body: %v", resp.Trailer)
	}
	resp, _ = s.get(t, "/respond"+query("body", "x", "length", "1", "trailer", "x-t:1"))
	if len(resp.Trailer) != 0 || resp.ContentLength != 1 {
		t.Errorf("with a length: %v", resp)
	}
}

// A body whose trailers are an error must not look complete.
func TestResponseThatBreaksOff(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for name, q := range map[string]string{
		"trailers": query("body", "x", "pause", "20", "fail", "", "print", ""),
		"length":   query("body", "x", "pause", "20", "fail", "", "length", "1", "print", ""),
	} {
		resp, err := s.Client().Get(s.URL + "/respond" + q)
		if err == nil {
			var body []byte
			body, err = io.ReadAll(resp.Body)
			resp.Body.Close()
			if name == "length" && err == nil && string(body) == "x" {
				err = errors.New("the length is complete, so that the client can't know")
			}
		}
		if err == nil {
			t.Errorf("%s: the client took the response for complete", name)
		}
		line := s.stdout.next(t)
		if name == "length" { // then the client may have gone first
			line = strings.Replace(line, "connection-terminated", "internal-error(on purpose)", 1)
		}
		contains(t, line, "sent internal-error(on purpose)")
		if err := <-s.errs; !errors.Is(err, wasi.ErrResponseBegun) {
			t.Errorf("%s: HandleHTTP: %v", name, err)
		}
	}
}

func TestResponseOfAnotherLength(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for _, test := range []struct{ q, line string }{
		{query("length", "11", "body", "long enough", "print", ""), "wrote 11 <nil>; sent <nil>"},
		{query("length", "11", "body", "long enough", "early", "", "print", ""), "wrote 11 <nil>; sent <nil>"},
		{query("length", "11", "body", "msg", "print", ""), "wrote 3 <nil>; sent HTTP-response-body-size(3)"},
		{query("length", "11", "body", "msg", "early", "", "print", ""), "wrote 3 <nil>; sent HTTP-response-body-size(3)"},
		{query("length", "11", "body", "more than 11 bytes", "print", ""), "wrote 0 EOF; sent HTTP-response-body-size(18)"},
		{query("length", "0", "body", "some", "print", ""), "wrote 0 EOF; sent HTTP-response-body-size(4)"},
		{query("length", "7", "print", ""), "wrote nothing; sent HTTP-response-body-size(0)"},
	} {
		resp, err := s.Client().Get(s.URL + "/respond" + test.q)
		complete := err == nil && resp.StatusCode == 200
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		complete = complete && err == nil
		line := s.stdout.next(t)
		line = strings.Replace(line, "io: read/write on closed pipe", "EOF", 1)
		if line != test.line {
			t.Errorf("%s: %s", test.q, line)
		}
		if want := strings.HasSuffix(line, "sent <nil>"); complete != want {
			t.Errorf("%s: complete for the client: %t", test.q, complete)
		}
		<-s.errs
	}
}

// Responses without a body may have the length of another's, and what is written goes
// nowhere.
func TestBodiless(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for _, test := range []struct{ method, q, length string }{
		{"HEAD", query("length", "1000", "print", ""), "1000"},
		{"HEAD", query("length", "4", "body", "some", "print", ""), "4"},
		{"HEAD", query("body", "some", "print", ""), ""},
		{"GET", query("status", "204", "body", "some", "print", ""), ""},
		{"GET", query("status", "304", "length", "77", "print", ""), ""}, // which net/http leaves out
	} {
		req, _ := http.NewRequest(test.method, s.URL+"/respond"+test.q, nil)
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if body := readAll(t, resp); body != "" || resp.Header.Get("Content-Length") != test.length {
			t.Errorf("%s %s: %v, %q", test.method, test.q, resp.Header, body)
		}
		contains(t, s.stdout.next(t), "<nil>", "sent <nil>")
		if err := <-s.errs; err != nil {
			t.Error(err)
		}
	}
}

func TestNoFinalInformationalResponse(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for _, status := range []string{"100", "101", "103"} {
		if resp, body := s.get(t, "/respond"+query("status", status)); resp.StatusCode != 500 {
			t.Errorf("%s: %d, %q", status, resp.StatusCode, body)
		}
	}
	if _, body := s.get(t, "/respond"+query("status", "600", "body", "")); body != "no status" {
		t.Errorf("600: %q", body)
	}
}

func TestHandlerFails(t *testing.T) {
	s := newSite(t, wasi.Config{})
	resp, body := s.get(t, "/fail")
	if resp.StatusCode != 500 || strings.TrimSpace(body) != "the handler failed: loop-detected" {
		t.Errorf("%d, %q", resp.StatusCode, body)
	}
	if _, body := s.get(t, "/respond"+query("body", "still there")); body != "still there" {
		t.Errorf("afterwards: %q", body)
	}
}

func TestHandlerTraps(t *testing.T) {
	s := newSite(t, wasi.Config{})
	slow, err := s.Client().Get(s.URL + "/respond" + query("body", "tick", "times", "1000", "pause", "10"))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Body.Close()
	if resp, body := s.get(t, "/trap"); resp.StatusCode != 500 {
		t.Errorf("%d, %q", resp.StatusCode, body)
	}
	if _, err := io.ReadAll(slow.Body); err == nil {
		t.Error("a response of the trapped instance looks complete")
	}
	begun := 0
	for range 2 {
		err := <-s.errs
		if errors.Is(err, wasi.ErrResponseBegun) {
			begun++
		}
		if !isTrap(err) {
			t.Error(err)
		}
	}
	if begun != 1 {
		t.Errorf("%d of the two responses were begun", begun)
	}
	if resp, _ := s.get(t, "/respond"); resp.StatusCode != 500 {
		t.Error("the trapped instance has answered")
	}
}

func isTrap(err error) bool {
	var trap *gondola.Trap
	return errors.As(err, &trap)
}

func TestWorkAfterTheResponse(t *testing.T) {
	s := newSite(t, wasi.Config{})
	if _, body := s.get(t, "/after"); body != "before the rest" {
		t.Error(body)
	}
	if line := s.stdout.next(t); line != "after the response" {
		t.Error(line)
	}
}

// A client that goes away ends the task that waits, and the bodies of those that
// write.
func TestClientGoesAway(t *testing.T) {
	s := newSite(t, wasi.Config{})
	s.leave(t, "GET", "/wait", nil, "waiting")
	if line := s.stdout.next(t); line != "cancelled" {
		t.Error(line)
	}
	if err := <-s.errs; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", s.URL+"/respond"+query("body", "tick", "times", "100000", "pause", "1", "print", ""), nil)
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	io.ReadFull(resp.Body, make([]byte, 20))
	cancel()
	if line := s.stdout.next(t); !strings.HasSuffix(line, "sent connection-terminated") {
		t.Error(line)
	}
}

// One that goes away in the middle of its body does so too.
func TestBodyBreaksOff(t *testing.T) {
	s := newSite(t, wasi.Config{})
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, "POST /copy HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nonly this")
	r := bufio.NewReader(conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(line, "only this") || line == "\r\n" {
			break
		}
	}
	conn.Close()
	if err := <-s.errs; !errors.Is(err, wasi.ErrResponseBegun) {
		t.Error(err)
	}
}

// What comes in goes out before more comes in.
func TestFullDuplex(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for _, path := range []string{"/copy", "/pass"} {
		body, send := io.Pipe()
		req, _ := http.NewRequest("POST", s.URL+path, body)
		req.Trailer = http.Header{"X-Sum": nil}
		req.Header.Set("X-Kept", "yes")
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 100)
		for i := range 5 {
			piece := fmt.Sprintf("piece %d of it", i)
			io.WriteString(send, piece)
			if _, err := io.ReadFull(resp.Body, got[:len(piece)]); err != nil || string(got[:len(piece)]) != piece {
				t.Fatalf("%s: %q, %v", path, got, err)
			}
		}
		req.Trailer.Set("X-Sum", "5")
		send.Close()
		if rest := readAll(t, resp); rest != "" || resp.Trailer.Get("X-Sum") != "5" || resp.Header.Get("X-Kept") != "yes" {
			t.Errorf("%s: %q, %v", path, rest, resp)
		}
		if err := <-s.errs; err != nil {
			t.Error(err)
		}
	}
}

func TestHTTP2(t *testing.T) {
	s := newSiteUnstarted(t, everywhere)
	s.EnableHTTP2 = true
	s.StartTLS()
	resp, got := s.get(t, "/describe?x")
	if contains(t, got, "scheme HTTPS", "authority 127.0.0.1:", "path /describe?x"); resp.ProtoMajor != 2 {
		t.Error(resp.Proto)
	}
	for _, path := range []string{"/copy", "/pass"} {
		body, send := io.Pipe()
		req, _ := http.NewRequest("POST", s.URL+path, body)
		req.Trailer = http.Header{"X-Sum": nil}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 5)
		io.WriteString(send, "piece")
		if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != "piece" {
			t.Errorf("%s: %q, %v", path, got, err)
		}
		req.Trailer.Set("X-Sum", "5")
		send.Close()
		if rest := readAll(t, resp); rest != "" || resp.Trailer.Get("X-Sum") != "5" {
			t.Errorf("%s: %q, %v", path, rest, resp.Trailer)
		}
	}
	resp, body := s.get(t, "/respond"+query("body", "x", "trailer", "x-t:1"))
	if body != "x" || resp.Trailer.Get("X-T") != "1" {
		t.Errorf("%q, %v", body, resp.Trailer)
	}
	// A request that isn't wanted holds nobody up, and a response that breaks off shows.
	pr, _ := io.Pipe()
	req, _ := http.NewRequest("POST", s.URL+"/ignore", pr)
	if resp, err := s.Client().Do(req); err != nil {
		t.Error(err)
	} else if got := readAll(t, resp); got != "the body was ignored" {
		t.Error(got)
	}
	pr.Close()
	resp, err := s.Client().Get(s.URL + "/respond" + query("body", "x", "pause", "20", "fail", ""))
	if err == nil {
		_, err = io.ReadAll(resp.Body)
	}
	if err == nil {
		t.Error("a response that broke off looks complete")
	}
}

func TestMuch(t *testing.T) {
	s := newSite(t, wasi.Config{})
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	for _, path := range []string{"/copy", "/pass"} {
		for _, length := range []int64{-1, int64(len(want))} {
			req, _ := http.NewRequest("POST", s.URL+path, bytes.NewReader(want))
			req.ContentLength = length
			resp, err := s.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, resp); got != string(want) || resp.ContentLength != length {
				t.Errorf("%s: %d bytes of %d, length %d", path, len(got), len(want), resp.ContentLength)
			}
		}
	}
}

// A body that the guest doesn't want holds nobody up.
func TestIgnoredBody(t *testing.T) {
	s := newSite(t, wasi.Config{})
	for range 3 {
		resp, err := s.Client().Post(s.URL+"/ignore", "text/plain", strings.NewReader(strings.Repeat("x", 100_000)))
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, resp); got != "the body was ignored" {
			t.Error(got)
		}
	}
}

// A guest may say that it can't make use of a request. That it has said so is in the
// error, should it never answer.
func TestReport(t *testing.T) {
	s := newSite(t, wasi.Config{})
	s.leave(t, "POST", "/report", strings.NewReader("body"), "reported")
	contains(t, fmt.Sprint(<-s.errs), "injected")
}

func TestManyAtOnce(t *testing.T) {
	s := newSite(t, wasi.Config{})
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			body := fmt.Sprint("number ", i)
			resp, err := s.Client().Post(s.URL+"/copy", "text/plain", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || string(got) != body {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	all.Wait()
}
