package suite

import (
	"bytes"
	"compress/flate"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/serve"
	"github.com/gondola-wasm/gondola/wasi"
)

// serveProgram serves one of Wasmtime's test programs; get sends it a request.
func serveProgram(t *testing.T, name string, d damage) (g *guest, get func(header http.Header, body io.Reader) *http.Response) {
	t.Helper()
	path := name
	if !filepath.IsAbs(name) {
		path = filepath.Join(testenv.Path(t, testenv.WasmtimePrograms), name+".wasm")
	}
	g, err := newInProcess(t).damagedBy(d).launch(t.Context(), launch{path: path, service: true, network: everything()})
	if err != nil {
		t.Fatal(err)
	}
	url, err := g.url()
	if err != nil {
		t.Fatal(err)
	}
	return g, func(header http.Header, body io.Reader) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "POST", url, body)
		if err != nil {
			t.Fatal(err)
		}
		if body != nil {
			req.Trailer = http.Header{"Fizz": {"buzz"}}
		}
		for name, values := range header {
			req.Header[name] = values
		}
		resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
}

// What a service does after its response is done before the service ends.
func TestServedWorkAfterTheResponse(t *testing.T) {
	g, get := serveProgram(t, "p3_cli_serve_post_return", damage{})
	if resp := get(nil, nil); resp.StatusCode != 200 {
		t.Errorf("%s", resp.Status)
	}
	if err := g.interrupt(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(g.stdout.String(), "please see me") {
		t.Errorf("it printed %q", g.stdout)
	}
}

// A service that sleeps for ever is given up.
func TestServedSleep(t *testing.T) {
	for _, name := range []string{"p2_cli_serve_sleep", "p3_cli_serve_sleep"} {
		_, get := serveProgram(t, name, damage{serve: serve.Options{RequestTimeout: 50 * time.Millisecond}})
		for range 3 {
			if resp := get(nil, nil); resp.StatusCode < 500 {
				t.Errorf("%s: %s", name, resp.Status)
			}
		}
	}
}

// What came with a request and is forbidden does not go out with another.
func TestServedForbiddenHeaders(t *testing.T) {
	var out http.Header
	d := transport(func(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
		out = r.Header
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody}, nil
	})
	forward := d.config
	d.config = func(c *wasi.Config) {
		forward(c)
		c.HTTP.ForbiddenFields = []string{"custom-forbidden-header"}
	}
	_, get := serveProgram(t, "p3_http_forbidden_headers", d)
	resp := get(http.Header{"Connection": {"close"}, "Custom-Forbidden-Header": {"yes"}, "Foo": {"bar"}}, nil)
	if resp.StatusCode != 200 || out.Get("Foo") != "bar" || out["Connection"] != nil || out["Custom-Forbidden-Header"] != nil {
		t.Errorf("%s, sent %v", resp.Status, out)
	}
}

// Components that are composed of two hand bodies and trailers on.
func TestServedMiddleware(t *testing.T) {
	dir := testenv.Path(t, testenv.WasmtimePrograms)
	tool := testenv.Tool(t, testenv.WasmTools, "wasm-tools")
	work := t.TempDir()
	in := func(name string) string { return filepath.Join(work, name+".wasm") }
	for name, program := range map[string]string{"middleware": "p3_http_middleware", "echo": "p3_http_echo"} {
		wasm, err := os.ReadFile(filepath.Join(dir, program+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(in(name), wasm, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	composed := in("composed")
	out, err := exec.Command(tool, "compose", in("middleware"), "-d", in("echo"), "-o", composed).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const text = "And the mome raths outgrabe"
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(text)) // into memory
	_ = w.Close()
	_, get := serveProgram(t, composed, damage{})
	resp := get(http.Header{
		"Foo":              {"bar"},
		"Content-Encoding": {"deflate"},
		"Accept-Encoding":  {"nonexistent-encoding, deflate"},
	}, io.MultiReader(&deflated))
	body, err := io.ReadAll(flate.NewReader(resp.Body))
	if resp.StatusCode != 200 || string(body) != text || err != nil {
		t.Errorf("%s, %q, %v", resp.Status, body, err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
	}
	if resp.Header.Get("Foo") != "bar" || resp.Header.Get("Content-Encoding") != "deflate" || resp.Trailer.Get("Fizz") != "buzz" {
		t.Errorf("header %v, trailer %v", resp.Header, resp.Trailer)
	}
}
