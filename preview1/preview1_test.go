package preview1_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/preview1"
)

// guest is a program that the plain toolchain built for wasip1.
var guest = sync.OnceValues(func() (*preview1.Module, error) {
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	source, err := os.ReadFile("testdata/guest/main.go.txt")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), source, 0o644); err != nil {
		return nil, err
	}
	wasm := filepath.Join(dir, "guest.wasm")
	build := exec.Command("go", "build", "-o", wasm, "main.go")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	b, err := os.ReadFile(wasm)
	if err != nil {
		return nil, err
	}
	return preview1.Compile(context.Background(), b, preview1.Options{MaxMemory: 256 << 20})
})

// runGuest runs the guest and returns what it printed.
func runGuest(t *testing.T, ctx context.Context, cfg preview1.Config, args ...string) (string, error) {
	t.Helper()
	m, err := guest()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cfg.Args = append([]string{"guest"}, args...)
	cfg.Stdout = &out
	err = m.Run(ctx, cfg)
	return out.String(), err
}

func TestGoCommand(t *testing.T) {
	var stderr bytes.Buffer
	got, err := runGuest(t, t.Context(), preview1.Config{
		Env:    []string{"NAME=value=x", "EMPTY="},
		Stdin:  strings.NewReader("one\ntwo\n"),
		Stderr: &stderr,
	}, "show", "a b")
	want := "args: guest|show|a b\nenv: NAME=value=x|EMPTY=\nread: one\nread: two\n"
	if err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if stderr.String() != "to stderr\n" {
		t.Errorf("on stderr: %q", stderr.String())
	}
}

func TestNothingIsGiven(t *testing.T) {
	t.Setenv("SECRET", "hidden")
	got, err := runGuest(t, t.Context(), preview1.Config{}, "show")
	if want := "args: guest|show\nenv: \n"; err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	got, err = runGuest(t, t.Context(), preview1.Config{}, "try", "/", ".", "/etc/passwd", "..", "/data")
	if err != nil || got != "" {
		t.Errorf("without a directory the guest can: %s, %v", got, err)
	}
}

func TestExitStatus(t *testing.T) {
	_, err := runGuest(t, t.Context(), preview1.Config{}, "exit")
	var exit *preview1.ExitError
	if !errors.As(err, &exit) || exit.Code != 7 {
		t.Errorf("got %v", err)
	}
	var stderr bytes.Buffer
	_, err = runGuest(t, t.Context(), preview1.Config{Stderr: &stderr}, "panic")
	if !errors.As(err, &exit) || exit.Code != 2 || !strings.HasPrefix(stderr.String(), "panic: on purpose") {
		t.Errorf("got %v, %s", err, stderr.String())
	}
}

// Runs beside one another have nothing in common, and leave nothing behind: no goroutine
// and no open file.
func TestRunsAtOnce(t *testing.T) {
	if _, err := guest(); err != nil { // which starts goroutines of its own
		t.Fatal(err)
	}
	root := openRoot(t, t.TempDir())
	goroutines, files := runtime.NumGoroutine(), openFiles()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			name := fmt.Sprint("run", i)
			got, err := runGuest(t, t.Context(), preview1.Config{Env: []string{"NAME=" + name}}, "show", name)
			if want := fmt.Sprintf("args: guest|show|%s\nenv: NAME=%s\n", name, name); err != nil || got != want {
				t.Errorf("got %q, %v", got, err)
			}
			// The guest ends with its directory and a thousand files open.
			if _, err := runGuest(t, t.Context(), preview1.Config{Dirs: []preview1.Dir{{Guest: "/data", Root: root}}}, "open"); err != nil {
				t.Error(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if _, err := runGuest(t, ctx, preview1.Config{}, "sleep"); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > goroutines || openFiles() > files; {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines and %d files before, %d and %d after", goroutines, files, runtime.NumGoroutine(), openFiles())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// openFiles is how many files the process has open, where the system tells.
func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

func openRoot(t *testing.T, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func TestFiles(t *testing.T) {
	root := openRoot(t, t.TempDir())
	got, err := runGuest(t, t.Context(), preview1.Config{Dirs: []preview1.Dir{{Guest: "/data", Root: root}}}, "files")
	want := "world 10 2000000005 true\nhello, wor b/g\n. true; a true; a/b true; a/b/g false; a/hard false; a/link false; \nDirectory not empty Is a directory\ntrue Not a directory Is a directory\n0\n"
	if err != nil || got != want {
		t.Errorf("got %s%v, want %s", got, err, want)
	}
}

// outside makes a directory for a guest with links out of it, and returns those and what
// the guest must never see.
func outside(t *testing.T) (dir, secret string, paths []string) {
	t.Helper()
	base := t.TempDir()
	dir = filepath.Join(base, "data")
	secrets := filepath.Join(base, "out")
	secret = filepath.Join(secrets, "secret")
	for _, d := range []string{dir, secrets, filepath.Join(dir, "a")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"parent": "..", "slash": "../", "out": "../out", "outslash": "../out/", "outdot": "../out/.", "abs": secrets, "absslash": secrets + "/",
		"file": "../out/secret", "deep": "a/../../out", "chain": "outslash", "chainslash": "outslash/", "dangling": "../out/created",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		p := "/data/" + name
		paths = append(paths, p, p+"/", p+"//", p+"/.", p+"/../out", p+"/secret", p+"/secret/")
	}
	return dir, secret, append(paths, "/data/../out", "/data/a/../../out", "../out", "/data/../out/secret")
}

// No path and no link leads out of a directory, with whatever slashes at its end.
//
// GHSA-vqjp-4c8c-hfgg, CVE-2026-39822.
func TestNoWayOut(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	dir, secret, paths := outside(t)
	_, err := runGuest(t, t.Context(), preview1.Config{Dirs: []preview1.Dir{{Guest: "/data", Root: openRoot(t, dir)}}}, append([]string{"try"}, paths...)...)
	if err != nil {
		t.Fatal(err)
	}
	// What the guest changed inside is its own business.
	if b, err := os.ReadFile(secret); err != nil || string(b) != "secret" {
		t.Errorf("the file outside is %q, %v", b, err)
	}
	entries, err := os.ReadDir(filepath.Dir(secret))
	if err != nil || len(entries) != 1 {
		t.Errorf("outside are %v, %v", entries, err)
	}
	if info, err := os.Stat(secret); err != nil || info.ModTime().Year() < 2000 {
		t.Errorf("the file outside has another time: %v", info.ModTime())
	}
	if _, err := os.Lstat(filepath.Join(dir, "stolen")); err == nil {
		t.Error("the file outside has a link inside")
	}
}

func TestReadOutside(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	dir, _, paths := outside(t)
	got, err := runGuest(t, t.Context(), preview1.Config{Dirs: []preview1.Dir{{Guest: "/data", Root: openRoot(t, dir), ReadOnly: true}}}, append([]string{"try"}, paths...)...)
	if err != nil || got != "" {
		t.Errorf("%v, the guest could\n%s", err, got)
	}
}

func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := runGuest(t, t.Context(), preview1.Config{Dirs: []preview1.Dir{{Guest: "/data", Root: openRoot(t, dir), ReadOnly: true}}}, "try", "/data", "/data/secret")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(got), "\n") {
		if what, _, _ := strings.Cut(line, " "); what != "read" && what != "readdir" && what != "stat" {
			t.Errorf("the guest could %s", line)
		}
	}
	if !strings.Contains(got, "read /data/secret") {
		t.Errorf("the guest could only\n%s", got)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "secret")); err != nil || string(b) != "text" {
		t.Errorf("the file is %q, %v", b, err)
	}
}

func compile(t *testing.T, text string, o preview1.Options) *preview1.Module {
	t.Helper()
	m, err := preview1.Compile(t.Context(), []byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestCall(t *testing.T) {
	m := compile(t, `(module
		(global $ready (mut i32) (i32.const 0))
		(func (export "_initialize") (global.set $ready (i32.const 1)))
		(func (export "add") (param i32 i32) (result i32) (i32.add (i32.add (local.get 0) (local.get 1)) (global.get $ready)))
		(func (export "both") (param i64 f64) (result f64 i64) (local.get 1) (local.get 0))
		(func (export "ref") (param externref))
		(func (export "trap") unreachable))`, preview1.Options{})
	got, err := m.Call(t.Context(), preview1.Config{}, "add", 1, 2)
	if err != nil || len(got) != 1 || got[0] != 4 {
		t.Errorf("add: %v, %v", got, err)
	}
	got, err = m.Call(t.Context(), preview1.Config{}, "both", 1, 2)
	if err != nil || len(got) != 2 || got[0] != 2 || got[1] != 1 {
		t.Errorf("both: %v, %v", got, err)
	}
	_, err = m.Call(t.Context(), preview1.Config{}, "trap")
	var trap *preview1.Trap
	if !errors.As(err, &trap) {
		t.Errorf("trap: %v", err)
	}
	for want, call := range map[string]func() error{
		"the module does not export a function sub; it exports _initialize, add, both, ref, trap": func() error { _, err := m.Call(t.Context(), preview1.Config{}, "sub"); return err },
		"add: func(i32, i32) -> i32 takes 2 arguments, got 1":                                     func() error { _, err := m.Call(t.Context(), preview1.Config{}, "add", 1); return err },
		"ref: func(externref) can't be called from here: only numbers can be passed, no externref": func() error {
			_, err := m.Call(t.Context(), preview1.Config{}, "ref", 1)
			return err
		},
		"the module is no command, which would export _start; it exports _initialize, add, both, ref, trap": func() error { return m.Run(t.Context(), preview1.Config{}) },
	} {
		if err := call(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestUnknownImports(t *testing.T) {
	const text = `(module
		(import "env" "f" (func $f (param i32) (result i64)))
		(import "wasi_snapshot_preview1" "fd_write" (func (param i32)))
		(import "wasi_unstable" "proc_exit" (func (param i32)))
		(func (export "fine"))
		(func (export "_start") (drop (call $f (i32.const 1)))))`
	_, err := preview1.Compile(t.Context(), []byte(text), preview1.Options{})
	want := `the core module imports what is not there; there is WASI preview 1, wasi_snapshot_preview1, and nothing else:
	f of env: func(i32) -> i64
	fd_write of wasi_snapshot_preview1: func(i32)
	proc_exit of wasi_unstable: func(i32)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	m := compile(t, text, preview1.Options{TrapUnknownImports: true})
	if _, err := m.Call(t.Context(), preview1.Config{}, "fine"); err != nil {
		t.Error(err)
	}
	err = m.Run(t.Context(), preview1.Config{})
	var trap *preview1.Trap
	if !errors.As(err, &trap) || !strings.Contains(err.Error(), "the module calls f of env, which is not there") {
		t.Errorf("got %v", err)
	}
	memory := `(module (import "env" "memory" (memory 1)))`
	if _, err := preview1.Compile(t.Context(), []byte(memory), preview1.Options{TrapUnknownImports: true}); err == nil || !strings.Contains(err.Error(), "memory of env: memory") {
		t.Errorf("got %v", err)
	}
}

// A module that was closed says so, and can be closed again; runs that overlap with the
// closing are done before or don't begin.
func TestClose(t *testing.T) {
	m, err := preview1.Compile(t.Context(), []byte(`(module (func (export "f") (result i32) i32.const 7))`), preview1.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	begun := make(chan struct{}, 4)
	for range 4 {
		all.Go(func() {
			for n := 0; ; n++ {
				results, err := m.Call(t.Context(), preview1.Config{}, "f")
				if n == 0 {
					begun <- struct{}{}
				}
				if err != nil {
					if err.Error() != "the module was closed" {
						t.Error(err)
					}
					return
				}
				if len(results) != 1 || results[0] != 7 {
					t.Errorf("got %v", results)
					return
				}
			}
		})
	}
	for range 4 {
		<-begun
	}
	for range 2 {
		if err := m.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	all.Wait()
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("a writer panicked") }

// What an embedder's writer panics with ends the run, and not the process.
func TestPanic(t *testing.T) {
	m, err := preview1.Compile(t.Context(), []byte(`(module
		(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
		(memory (export "memory") 1)
		(data (i32.const 0) "\08\00\00\00\01\00\00\00x")
		(func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))`), preview1.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(t.Context())
	err = m.Run(t.Context(), preview1.Config{Stdout: panicking{}})
	if _, ok := errors.AsType[*preview1.Trap](err); !ok || !strings.Contains(err.Error(), "a writer panicked") {
		t.Errorf("error %v", err)
	}
}
