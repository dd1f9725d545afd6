package everything_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// buildWorld builds a guest of the folder of its world's name, with some files of everything's.
func buildWorld(t *testing.T, world string, shared map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	copies := map[string]string{"main.go": "../testdata/" + world + "/main.go", "go.mod": "../testdata/everything/go.mod", "wit/world.wit": "../testdata/everything/wit/world.wit"}
	for name, from := range shared {
		copies[name] = "../testdata/everything/" + from
	}
	for name, from := range copies {
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var stderr bytes.Buffer
	wasm, err := gobuild.Component(t.Context(), gobuild.ComponentOptions{WorldName: world, Options: gobuild.Options{Dir: dir, Stderr: &stderr, Flags: []string{"-trimpath"}}})
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	path := filepath.Join(dir, world+".wasm")
	if err := os.WriteFile(path, wasm, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// A guest calls another one, under Wasmtime, which judges what both lift and lower.
func TestGuestToGuestUnderWasmtime(t *testing.T) {
	wasmtime, wasmTools := testenv.Tool(t, testenv.Wasmtime, "wasmtime"), testenv.Tool(t, testenv.WasmTools, "wasm-tools")
	leaf := buildWorld(t, "leaf", map[string]string{"values.go": "values_test.go"})
	driver := buildWorld(t, "driver", map[string]string{"values.go": "values.go", "async_values.go": "async_values.go"})
	both := filepath.Join(t.TempDir(), "both.wasm")
	command := func(name string, args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", filepath.Base(name), err, out)
		}
		return string(out)
	}
	command(wasmTools, "compose", driver, "-d", leaf, "-o", both)
	command(wasmTools, "validate", "--features", "all", both)
	t.Log(command(wasmtime, "run", "-Sp3", "-Wcomponent-model-async,component-model-map", both, fmt.Sprint(time.Now().UnixNano())))
}
