package suite

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wasi"
)

// exchange is a request to one of Wasmtime's test programs, and what must come of
// it.
type exchange struct {
	program string
	method  string // GET if it is empty
	path    string // "/" if it is empty
	host    string
	header  http.Header
	body    string
	cfg     wasi.Config

	status int // 200 if it is 0
	want   string
	lines  bool   // in any order
	env    string // the header Env
	says   string
}

// servedBy are the exchanges of programs for which upstream is a server that answers
// with its path.
func servedBy(upstream string) []exchange {
	const stdout = "this is half a print to stdout\n\nafter empty\n"
	small := wasi.Config{HTTP: wasi.HTTP{MaxFields: 500}}
	large := strings.Repeat("echo ", 200_000)
	hash := func(path string) string {
		sum := sha256.Sum256([]byte(path))
		return fmt.Sprintf("%s%s: %s\n", upstream, path, base64.RawStdEncoding.EncodeToString(sum[:]))
	}
	name := strings.TrimPrefix(upstream, "http://")
	return []exchange{
		{program: "p2_api_proxy", header: http.Header{"Custom-Forbidden-Header": {"yes"}}, want: "hello, world!"},
		{program: "p2_api_proxy", path: "/early_drop", want: "hello, world!"},
		{program: "p2_api_proxy", cfg: small, header: http.Header{"Large": {strings.Repeat("x", 1000)}}, want: "hello, world!"},
		{program: "p2_api_proxy", cfg: small, path: "/new_fields/50", want: "Ok(())"},
		{program: "p2_api_proxy", cfg: small, path: "/new_fields/500", status: 500, says: "total size of fields exceeds limit"},
		{program: "p2_api_proxy", cfg: small, path: "/modify_fields/50", header: http.Header{"K0000": {"v0000"}}, want: "Ok(())"},
		{program: "p2_api_proxy", cfg: small, path: "/modify_fields/50", header: http.Header{"K0000": {"v0000"}, "K0001": {"v0001"}}, status: 500, says: "total size of fields exceeds limit"},

		{program: "p2_api_proxy_forward_request", path: "/there", host: name, want: "/there"},
		{program: "p2_api_proxy_streaming", path: "/hash-all", header: http.Header{"Url": {upstream + "/a", upstream + "/b"}}, want: hash("/a") + hash("/b"), lines: true},
		{program: "p2_api_proxy_streaming", method: "POST", path: "/echo", header: http.Header{"Content-Type": {"a/b"}}, body: large, want: large},
		{program: "p2_api_proxy_streaming", method: "POST", path: "/double-echo", header: http.Header{"Url": {upstream + "/echo"}}, body: large, want: large},
		{program: "p2_api_proxy_streaming", path: "/no-such", status: 405},

		{program: "p2_cli_serve_hello_world", want: "Hello, WASI!"},
		{program: "p2_cli_serve_authority_and_scheme", host: "localhost"},
		{program: "p2_cli_serve_echo_env", header: http.Header{"Env": {"FOO"}}, cfg: wasi.Config{Env: []string{"FOO=bar"}}, env: "bar"},
		{program: "p2_cli_serve_return_before_set", status: 500, says: "gave no response"},
		{program: "p2_cli_serve_trap_before_set", status: 500, says: "unreachable"},
		{program: "p2_cli_serve_with_print", says: stdout},

		{program: "p3_api_proxy", header: http.Header{"Custom-Forbidden-Header": {"yes"}}, want: "hello, world!"},
		{program: "p3_cli_serve_hello_world", want: "Hello, WASI!"},
		{program: "p3_http_echo", method: "POST", body: large, want: large},
		{program: "p3_http_echo", method: "POST", path: "/?host-to-host", header: http.Header{"X-Host-To-Host": {"true"}}, body: large, want: large},
		{program: "p3_http_proxy", method: "POST", header: http.Header{"Url": {upstream + "/echo"}}, body: large, want: large},
		{program: "p3_http_proxy", path: "/?none", status: 400},
	}
}

// Wasmtime's test programs that answer requests do here what they do there.
func TestServedPrograms(t *testing.T) {
	dir := testenv.Path(t, testenv.WasmtimePrograms)
	shared := newInProcess(t)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/echo" {
			_, _ = io.WriteString(w, r.URL.Path)
			return
		}
		c := http.NewResponseController(w)
		_, _ = c.EnableFullDuplex(), c.Flush()
		_, _ = io.Copy(w, r.Body)
	}))
	defer upstream.Close()
	for _, e := range servedBy(upstream.URL) {
		t.Run(e.program+e.path, func(t *testing.T) {
			comp, err := shared.compile(t.Context(), filepath.Join(dir, e.program+".wasm"))
			if err != nil {
				t.Fatal(err)
			}
			e.test(t, shared.rt, comp)
		})
	}
}

func (e exchange) test(t *testing.T, rt *gondola.Runtime, comp *gondola.Component) {
	said := newTranscript()
	server := httptest.NewServer(e.handler(rt, comp, said))
	defer server.Close()
	method, path := cmp.Or(e.method, "GET"), cmp.Or(e.path, "/")
	req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(e.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = e.host
	req.Header = http.Header{"User-Agent": nil}
	for name, values := range e.header {
		req.Header[name] = values
	}
	resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	got := string(body)
	if e.lines && err == nil {
		got, e.want = sorted(got), sorted(e.want)
	}
	if status := max(e.status, 200); resp.StatusCode != status || got != e.want || err != nil {
		t.Errorf("%s, %.200q, %v, want %d, %.200q", resp.Status, got, err, status, e.want)
	}
	if env := resp.Header.Get("Env"); env != e.env {
		t.Errorf("the variable is %q", env)
	}
	if !strings.Contains(said.String(), e.says) {
		t.Errorf("no %q in:\n%s", e.says, said)
	}
}

// handler gives each request an instance of its own. What guests print and how they
// fail goes to said.
func (e exchange) handler(rt *gondola.Runtime, comp *gondola.Component, said *transcript) http.Handler {
	cfg := e.cfg
	cfg.Stdout, cfg.Stderr = said, said
	cfg.Network = wasi.Network{All: true, Resolver: names{}}
	cfg.HTTP.ForbiddenFields = []string{"custom-forbidden-header"}
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, cfg)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := linker.Instantiate(r.Context(), comp)
		if err == nil {
			defer in.Close(context.Background())
			err = host.HandleHTTP(r.Context(), in, w, r)
		}
		_ = host.Flush(r.Context())
		switch {
		case errors.Is(err, wasi.ErrResponseBegun):
			panic(http.ErrAbortHandler)
		case err != nil:
			fmt.Fprintln(said, err)
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
}

func sorted(text string) string {
	lines := strings.SplitAfter(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}
