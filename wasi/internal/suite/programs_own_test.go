package suite

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// reactor calls functions of an instance that keeps what it is told.
func reactor(t *testing.T, shared *inProcess, path string) {
	comp, err := shared.compile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	l := shared.rt.NewLinker()
	wasi.AddTo(l, wasi.Config{Env: []string{"GOOD_DOG=gussie"}})
	in, err := l.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(context.Background())
	var n uint32
	if err := in.Func("", "add-strings").CallInto(t.Context(), &n, []string{"hello", "$GOOD_DOG"}); err != nil || n != 2 {
		t.Errorf("%d strings, %v", n, err)
	}
	var all []string
	if err := in.Func("", "get-strings").CallInto(t.Context(), &all); err != nil || strings.Join(all, " ") != "hello gussie" {
		t.Errorf("%q, %v", all, err)
	}
}

// invokeAsync calls an async function.
func invokeAsync(t *testing.T, shared *inProcess, path string) {
	comp, err := shared.compile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	l := shared.rt.NewLinker()
	wasi.AddTo(l, wasi.Config{})
	in, err := l.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(context.Background())
	var got string
	if err := in.Func("echo", "echo").CallInto(t.Context(), &got, "hello?"); err != nil || got != "hello?" {
		t.Errorf("%q, %v", got, err)
	}
}

// sleepForever is ended by its context, before it sleeps and while it does.
func sleepForever(t *testing.T, shared *inProcess, path string) {
	for _, timeout := range []time.Duration{1, 250 * time.Millisecond} {
		// Compiling doesn't count.
		if _, err := shared.compile(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		g, err := shared.launch(ctx, launch{path: path})
		if err != nil {
			t.Fatal(err)
		}
		if status, err := g.wait(); status == 0 {
			t.Errorf("it ended: %v", err)
		}
		cancel()
	}
}

// manyDirectories are one directory under three names.
func manyDirectories(t *testing.T, shared *inProcess, path string) {
	dir := t.TempDir()
	g, err := shared.launch(t.Context(), launch{path: path, dirs: []wasi.Dir{
		{Guest: "/a", Host: dir}, {Guest: "/b", Host: dir}, {Guest: "/c", Host: dir},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if status, err := g.wait(); status != 0 {
		t.Errorf("status %d, %v\n%s", status, err, g.stderr)
	}
}

// closedOutput has nobody read what the command prints any more.
func closedOutput(t *testing.T, _ *inProcess, path string) {
	cmd := exec.CommandContext(t.Context(), newCommand(t).path, "run", path)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 64)); err != nil {
		t.Error(err)
	}
	out.Close()
	if err := cmd.Wait(); err != nil || !strings.Contains(stderr.String(), "got expected StreamError::Closed") {
		t.Errorf("%v: %s", err, &stderr)
	}
}

// directoryAsInput is what a shell does with < /some/directory.
func directoryAsInput(t *testing.T, _ *inProcess, path string) {
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	cmd := exec.CommandContext(t.Context(), newCommand(t).path, "run", path)
	cmd.Stdin = dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "got expected ErrorCode::IsDirectory") {
		t.Errorf("%v: %s", err, out)
	}
}

// serverOfHTTP2 speaks nothing else.
func serverOfHTTP2(t *testing.T, shared *inProcess, path string) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Protocols: protocols, Handler: http.NotFoundHandler()}
	go server.Serve(l)
	defer server.Close()
	g, err := shared.launch(t.Context(), launch{path: path, network: everything(), env: []string{"HTTP_SERVER=" + l.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	if status, err := g.wait(); status != 0 {
		t.Errorf("status %d, %v\n%s", status, err, g.stderr)
	}
}
