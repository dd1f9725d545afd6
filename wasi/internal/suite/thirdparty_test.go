package suite

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wasi"
)

// thirdParty is a component that docs/third-party.md says how to make.
func thirdParty(t *testing.T, name string) string {
	path := filepath.Join(testenv.Path(t, testenv.ThirdParty), name+".wasm")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("it was not made: %v", err)
	}
	return path
}

// Commands in other languages do what the same program does anywhere.
func TestOtherLanguages(t *testing.T) {
	const input = "hello\n"
	for name, want := range map[string]struct {
		status int
		stdout string
	}{
		"js-command": {0, `arguments: ["js-command.wasm","x","y"]
environment: [["A","1"]]
this century: true
/ has note.txt: a note
and not ../secret.txt: not-permitted
`},
		"py-command": {0, `arguments: ["py-command.wasm", "x", "y"]
environment: {"A": "1"}
this century: True
sha256: ` + fmt.Sprintf("%x", sha256.Sum256([]byte(input))) + `
in /: note.txt
note.txt: a note
not /../secret.txt: Operation not permitted
`},
		// Its standard library has 0.2.0's exit, which knows only success and failure.
		"rust-command": {1, `arguments: ["rust-command.wasm", "x", "y"]
environment: [("A", "1")]
6 bytes of input
slept: true
note.txt: a note
made: ["renamed"], 4 bytes
outside: Err(PermissionDenied)
network: Ok("over the wire, looked up: true")
`},
	} {
		t.Run(name, func(t *testing.T) {
			path := thirdParty(t, name)
			dir := t.TempDir()
			if err := writeFiles(dir, map[string]string{"secret.txt": "secret", "sub/note.txt": "a note\n"}); err != nil {
				t.Fatal(err)
			}
			g, err := newInProcess(t).launch(t.Context(), launch{
				path: path, args: []string{"x", "y"}, env: []string{"A=1"}, network: everything(),
				dirs: []wasi.Dir{{Guest: "/", Host: filepath.Join(dir, "sub")}},
			})
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				// Who doesn't read it closes it.
				_, _ = io.WriteString(g.stdin, input)
				g.stdin.Close()
			}()
			status, err := g.wait()
			if status != want.status || g.stdout.String() != want.stdout || g.stderr.String() != "to stderr\n" {
				t.Errorf("status %d, %v\n%s\n%s", status, err, g.stdout, g.stderr)
			}
		})
	}
}

// A service in JavaScript answers requests, streams bodies, and sends requests.
func TestServiceInJavaScript(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "from upstream")
	}))
	defer upstream.Close()
	path := thirdParty(t, "js-service")
	g, err := newInProcess(t).launch(t.Context(), launch{path: path, service: true, network: everything()})
	if err != nil {
		t.Fatal(err)
	}
	at, err := g.url()
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("echo ", 100_000)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/", "", 200, "hello from JavaScript, GET\n"},
		{"DELETE", "/", "", 200, "hello from JavaScript, DELETE\n"},
		{"POST", "/echo", long, 200, long},
		{"GET", "/fetch?url=" + url.QueryEscape(upstream.URL), "", 200, "fetched 418: from upstream"},
		{"GET", "/throw", "", 500, ""},
		{"GET", "/nothing", "", 404, "nothing here\n"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, at+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.status || string(body) != c.want || err != nil {
			t.Errorf("%s %s: %s, %.100q, %v", c.method, c.path, resp.Status, body, err)
		}
	}
	if !strings.Contains(g.stderr.String(), "on purpose") {
		t.Errorf("what was thrown is nowhere in %s", g.stderr)
	}
	if err := g.interrupt(); err != nil {
		t.Error(err)
	}
}

// wasm-tools inside a component, as jco has it, says what wasm-tools says.
func TestWasmToolsInAComponent(t *testing.T) {
	path := thirdParty(t, "jco-wasm-tools")
	tool := testenv.Tool(t, testenv.WasmTools, "wasm-tools")
	p := newInProcess(t)
	comp, err := p.compile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	l := p.rt.NewLinker()
	wasi.AddTo(l, wasi.Config{Stderr: os.Stderr})
	in, err := l.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(context.Background())
	call := func(into any, name string, args ...any) {
		t.Helper()
		if err := in.Func("local:wasm-tools/tools", name).CallInto(t.Context(), into, args...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	const text = `(component
  (core module $m (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
  (core instance $i (instantiate $m))
  (func $f (param "n" u32) (result u32) (canon lift (core func $i "f")))
  (export "f" (func $f)))`
	var binary gondola.Result[[]byte, string]
	call(&binary, "parse", text)
	dir := t.TempDir()
	file := filepath.Join(dir, "c.wasm")
	if err := writeFiles(dir, map[string]string{"c.wat": text}); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(tool, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("wasm-tools %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	run("parse", filepath.Join(dir, "c.wat"), "-o", file)
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(binary.OK) != string(want) {
		t.Errorf("it parses to %d bytes, want %d", len(binary.OK), len(want))
	}
	var printed, wit gondola.Result[string, string]
	call(&printed, "print", want)
	// Versions of the tool print things in another order: what they print parses to the
	// same.
	if err := writeFiles(dir, map[string]string{"printed.wat": printed.OK}); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(dir, "again.wasm")
	run("parse", filepath.Join(dir, "printed.wat"), "-o", again)
	if got, err := os.ReadFile(again); string(got) != string(want) {
		t.Errorf("it prints what parses to something else (%v):\n%s", err, printed.OK)
	}
	call(&wit, "component-wit", want)
	if got, want := squeeze(wit.OK), squeeze(run("component", "wit", file)); got != want {
		t.Errorf("its WIT is\n%s\nwant\n%s", got, want)
	}
	var bad gondola.Result[[]byte, string]
	call(&bad, "parse", "(component (nonsense))")
	if bad.Err == nil || !strings.Contains(*bad.Err, "nonsense") {
		t.Errorf("nonsense: %+v", bad)
	}
}

// squeeze leaves out what versions of the tool lay out differently.
func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }
