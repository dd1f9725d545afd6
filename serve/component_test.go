package serve

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

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
	if _, err := New(t.Context(), l, host, example(t, "hello-http"), Options{}); err == nil || !strings.Contains(err.Error(), "the component imports what the host does not give") {
		t.Errorf("a component without its imports: %v", err)
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
