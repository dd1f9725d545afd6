package serve

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// listen serves h and returns the URL.
func listen(t testing.TB, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := NewServer(h, nil)
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return "http://" + l.Addr().String()
}

// until waits until something is so. A late machine may take its time.
func until(t *testing.T, otherwise string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(otherwise)
		}
	}
}

// certificates are some for a server of TLS, which nobody trusts.
func certificates(t testing.TB) []tls.Certificate {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	srv.StartTLS()
	srv.Close()
	return srv.TLS.Certificates
}

// fetch is a response in one piece.
func fetch(t testing.TB, url string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestHello(t *testing.T) {
	url := listen(t, handlerOf(t, example(t, "hello-http"), wasi.Config{}, Options{}))
	for path, want := range map[string]string{"/": "Hello, world!\n", "/gondolier": "Hello, gondolier!\n", "/two%20words?x": "Hello, two words!\n"} {
		if status, body := fetch(t, url+path); status != 200 || body != want {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
}

func TestWhatIsNotServed(t *testing.T) {
	comp, err := guests.rt.Compile(t.Context(), []byte(`(component
		(core module $m (func (export "f") (result i32) i32.const 0))
		(core instance $i (instantiate $m))
		(func $f (result (result)) (canon lift (core func $i "f")))
		(instance (export "wasi:cli/run@0.2.0") (export "run" (func $f))))`))
	if err != nil {
		t.Fatal(err)
	}
	l := guests.rt.NewLinker()
	host := wasi.AddTo(l, wasi.Config{})
	if _, err := New(t.Context(), l, host, comp, Options{}); err == nil || !strings.Contains(err.Error(), "it is a command, which is run, not served") {
		t.Errorf("a command: %v", err)
	}
	l = guests.rt.NewLinker()
	h, err := New(t.Context(), l, host, example(t, "hello-http"), Options{})
	if err == nil || !strings.Contains(err.Error(), "the component imports what the host does not give") {
		t.Errorf("a component without its imports: %v", err)
	}
	if h != nil {
		t.Error("there is a handler all the same")
	}
}

// Each instance knows its number, and what it prints can be told from what others print.
func TestOwn(t *testing.T) {
	var out bytes.Buffer
	all := NewOutput(&out)
	opts := Options{Isolation: IsolationRequest, Own: func(id string) *wasi.Own {
		return &wasi.Own{Env: []string{"OWN=" + id}, Stdout: all.Prefixed("[" + id + "] ")}
	}}
	h := handlerOf(t, testGuest(t), wasi.Config{Env: []string{"ALL=yes"}}, opts)
	url := listen(t, h)
	for _, id := range []string{"1", "2"} {
		_, body := fetch(t, url+"/environment")
		if want := "ALL=yes INSTANCE_ID=" + id + " OWN=" + id; body != want {
			t.Errorf("the environment is %q, want %q", body, want)
		}
	}
	fetch(t, url+"/print")
	if err := h.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "[3] a line\n[3] and half of one\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An instance may have nothing of its own.
func TestOwnNothing(t *testing.T) {
	h := handlerOf(t, testGuest(t), wasi.Config{}, Options{Own: func(string) *wasi.Own { return nil }})
	if _, body := fetch(t, listen(t, h)+"/environment"); body != "INSTANCE_ID=1" {
		t.Errorf("the environment is %q", body)
	}
}

// What examples/stream-http is sent comes back at once, and after the body its trailers.
func TestStreamEcho(t *testing.T) {
	url := listen(t, handlerOf(t, example(t, "stream-http"), wasi.Config{}, Options{}))
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		transport := &http.Transport{Protocols: new(http.Protocols)}
		transport.Protocols.SetHTTP1(protocol == "HTTP/1.1")
		transport.Protocols.SetUnencryptedHTTP2(protocol == "HTTP/2.0")
		defer transport.CloseIdleConnections()
		body, pieces := io.Pipe()
		r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/echo", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Trailer = http.Header{"X-After": nil}
		resp, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range []string{"one", "two", "three"} {
			if _, err := io.WriteString(pieces, piece); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(piece))
			if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != piece {
				t.Fatalf("%s: got %q, %v", protocol, got, err)
			}
		}
		r.Trailer.Set("X-After", "all of it")
		pieces.Close()
		if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil || resp.Proto != protocol {
			t.Errorf("%s: after the end %q, %v", resp.Proto, rest, err)
		}
		if got := resp.Trailer.Get("X-After"); got != "all of it" {
			t.Errorf("%s: trailers %v", protocol, resp.Trailer)
		}
		resp.Body.Close()
	}
}

// It fetches what it is told at once, as far as it may.
func TestStreamHash(t *testing.T) {
	var all sync.WaitGroup // all requests meet
	all.Add(3)
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all.Done()
		all.Wait()
		if r.URL.Path == "/broken" {
			w.Header().Set("Content-Length", "100")
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, "the text of "+r.URL.Path)
	}))
	source.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer source.Close()
	url := listen(t, handlerOf(t, example(t, "stream-http"), wasi.Config{Network: wasi.Network{All: true}}, Options{}))
	_, body := fetch(t, url+"/hash?url="+source.URL+"/a&url="+source.URL+"/b&url="+source.URL+"/broken")
	for _, path := range []string{"/a", "/b"} {
		if want := fmt.Sprintf("%s%s: %x\n", source.URL, path, sha256.Sum256([]byte("the text of "+path))); !strings.Contains(body, want) {
			t.Errorf("got\n%s\nwithout %s", body, want)
		}
	}
	if want := source.URL + "/broken: error-code: "; !strings.Contains(body, want) {
		t.Errorf("got\n%s\nwithout %s", body, want)
	}
	url = listen(t, handlerOf(t, example(t, "stream-http"), wasi.Config{}, Options{}))
	if _, body := fetch(t, url+"/hash?url="+source.URL+"/a"); body != source.URL+"/a: error-code: HTTP-request-denied\n" {
		t.Errorf("without a network: %q", body)
	}
}

// An instance whose output nobody takes is closed all the same.
func TestCloseWithOutputStuck(t *testing.T) {
	stuck := make(stuckOutput)
	t.Cleanup(func() { close(stuck) })
	in := &componentInstance{
		source: &componentSource{host: wasi.AddTo(guests.rt.NewLinker(), wasi.Config{})},
		own:    wasi.Own{Stdout: stuck},
	}
	in.flush()
}

// stuckOutput takes nothing until it is closed.
type stuckOutput chan struct{}

func (s stuckOutput) Write(b []byte) (int, error) {
	<-s
	return len(b), nil
}

func (s stuckOutput) Flush() error {
	<-s
	return nil
}
