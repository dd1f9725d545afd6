//go:build unix

package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/wasi"
)

// filesGuest is testdata/files, compiled once for all tests.
var filesGuest = sync.OnceValues(func() (*gondola.Component, error) {
	dir, err := os.MkdirTemp("", "gondola-wasi-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	source := filepath.Join("testdata", "files")
	err = filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, strings.TrimSuffix(strings.TrimPrefix(path, source), ".txt"))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
	if err != nil {
		return nil, err
	}
	wasm, err := gobuild.Component(context.Background(), gobuild.ComponentOptions{Options: gobuild.Options{Dir: dir, Stderr: os.Stderr}})
	if err != nil {
		return nil, err
	}
	return rt.Compile(context.Background(), wasm)
})

// files runs testdata/files and returns what it prints.
func files(t testing.TB, args ...string) string {
	t.Helper()
	return filesWith(t, wasi.Limits{}, fstest.MapFS{"d/b.txt": {Data: []byte("text of b")}}, args...)
}

// filesWith is files with limits and another file system for the guest.
func filesWith(t testing.TB, limits wasi.Limits, fsys fs.FS, args ...string) string {
	t.Helper()
	comp, err := filesGuest()
	must(t, err)
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	must(t, os.Mkdir(in("many"), 0o755))
	if len(args) == 1 {
		for i := range 1200 {
			must(t, os.WriteFile(in(fmt.Sprintf("many/%04d", i)), nil, 0o644))
		}
	}
	past := time.Unix(-1000, 0)
	must(t, os.WriteFile(in("old"), nil, 0o644), os.Chtimes(in("old"), past, past), syscall.Mkfifo(in("fifo"), 0o644))
	var stdout bytes.Buffer
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{
		Args:   append([]string{"files"}, args...),
		Stdout: &stdout,
		Stderr: os.Stderr,
		Dirs: []wasi.Dir{
			{Guest: "/", Host: dir},
			{Guest: "ro", Host: dir, ReadOnly: true},
			{Guest: "fs", FS: fsys},
		},
		Limits: limits,
	})
	ctx := t.Context()
	inst, err := linker.Instantiate(ctx, comp)
	must(t, err)
	_, err = inst.Func("wasi:cli/run@0.3.0", "run").Call(ctx)
	must(t, err, inst.Close(ctx), host.Flush(ctx), host.Close())
	nothingOpen(t, dir)
	return stdout.String()
}

// nothingOpen fails where files in a directory stay open, although the guest that
// opened them, and left many so, is gone.
func nothingOpen(t testing.TB, dir string) {
	t.Helper()
	var open []string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) { // they are closed on other goroutines
		open = nil
		fds, err := filepath.Glob("/proc/self/fd/*")
		must(t, err) // elsewhere than on Linux there are none
		for _, fd := range fds {
			if path, _ := os.Readlink(fd); strings.HasPrefix(path, dir) {
				open = append(open, path)
			}
		}
		if open == nil {
			return
		}
	}
	t.Errorf("%d files stay open: %q", len(open), open)
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What a guest sees of files is the same in both versions, but for their ways.
func TestFiles(t *testing.T) {
	for _, version := range []string{"0.3", "0.2"} {
		t.Run(version, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", "files-output", version+".txt"))
			must(t, err)
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(files(t, version), "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// slowFS has files that nothing is heard of until hear is closed: "open" when it is
// opened, "read" when it is read, "stat" when it is asked about, "list" when it is listed.
type slowFS struct {
	fs.FS
	asked chan struct{} // gets an element before something waits, unless it is nil
	hear  chan struct{}
	open  atomic.Int32
}

// wait waits until something is heard.
func (s *slowFS) wait() {
	if s.asked != nil {
		s.asked <- struct{}{}
	}
	<-s.hear
}

func (s *slowFS) Open(name string) (fs.File, error) {
	if name == "open" {
		s.wait()
	}
	f, err := s.FS.Open(name)
	if err == nil {
		s.open.Add(1)
		f = &slowFile{f, s, name == "read" || name == "list"}
	}
	return f, err
}

// Lstat implements [fs.ReadLinkFS].
func (s *slowFS) Lstat(name string) (fs.FileInfo, error) {
	if name == "stat" {
		s.wait()
	}
	return fs.Lstat(s.FS, name)
}

// ReadLink implements [fs.ReadLinkFS].
func (s *slowFS) ReadLink(name string) (string, error) { return fs.ReadLink(s.FS, name) }

// slowFile can neither seek nor be read at an offset.
type slowFile struct {
	fs.File
	fs   *slowFS
	slow bool
}

func (f *slowFile) Read(p []byte) (int, error) {
	if f.slow {
		f.fs.wait()
	}
	return f.File.Read(p)
}

// ReadDir implements [fs.ReadDirFile].
func (f *slowFile) ReadDir(n int) ([]fs.DirEntry, error) {
	if f.slow {
		f.fs.wait()
	}
	return f.File.(fs.ReadDirFile).ReadDir(n)
}

func (f *slowFile) Close() error {
	f.fs.open.Add(-1)
	return f.File.Close()
}

// A guest can give up on a disk that does not answer. When it does, what comes is
// closed.
func TestSlowDisk(t *testing.T) {
	comp, err := filesGuest()
	must(t, err)
	text := &fstest.MapFile{Data: []byte("text")}
	slow := &slowFS{FS: fstest.MapFS{"open": text, "read": text, "d/b.txt": text}, hear: make(chan struct{})}
	var stdout bytes.Buffer
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{
		Args: []string{"files", "0.3-slow"}, Stdout: &stdout, Stderr: os.Stderr,
		Dirs: []wasi.Dir{{Guest: "/", FS: slow}, {Guest: "ro", FS: slow}, {Guest: "fs", FS: slow}},
	})
	inst, err := linker.Instantiate(t.Context(), comp)
	must(t, err)
	_, err = inst.Func("wasi:cli/run@0.3.0", "run").Call(t.Context())
	must(t, err, inst.Close(t.Context()), host.Flush(t.Context()))
	if _, got, _ := strings.Cut(stdout.String(), "directory fs\n"); got != "open: context deadline exceeded\nread: context deadline exceeded\nanother: \"text\"\n" {
		t.Errorf("got %s", got)
	}
	close(slow.hear)
	for end := time.Now().Add(time.Minute); slow.open.Load() > 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := slow.open.Load(); n != 0 {
		t.Errorf("%d files stay open", n)
	}
	must(t, host.Close())
}

// A guest of 0.2 can't give up on a disk that does not answer, but whoever calls it and who closes it can, and
// what comes then is closed.
func TestSlowDisk02(t *testing.T) {
	comp, err := filesGuest()
	must(t, err)
	text := &fstest.MapFile{Data: []byte("text")}
	for _, what := range []string{"open", "read", "stream", "stat", "list"} {
		t.Run(what, func(t *testing.T) {
			slow := &slowFS{FS: fstest.MapFS{"open": text, "read": text, "stat": text, "list/a": text}, asked: make(chan struct{}), hear: make(chan struct{})}
			var stdout bytes.Buffer
			linker := rt.NewLinker()
			host := wasi.AddTo(linker, wasi.Config{
				Args: []string{"files", "0.2-slow", what}, Stdout: &stdout, Stderr: os.Stderr,
				Dirs: []wasi.Dir{{Guest: "/", FS: slow}, {Guest: "ro", FS: slow}, {Guest: "fs", FS: slow}},
			})
			inst, err := linker.Instantiate(t.Context(), comp)
			must(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				_, err := inst.Func("wasi:cli/run@0.3.0", "run").Call(ctx)
				ended <- err
			}()
			<-slow.asked
			want := gondola.ErrClosed
			if what == "stat" { // the caller is first
				cancel()
				want = <-ended
				ended <- want
				if want != context.Canceled {
					t.Errorf("the call ended with %v", want)
				}
			}
			must(t, inst.Close(t.Context()))
			if err := <-ended; err != want {
				t.Errorf("the call ended with %v", err)
			}
			must(t, host.Flush(t.Context()))
			if _, got, _ := strings.Cut(stdout.String(), "directory fs\n"); got != "" {
				t.Errorf("got %s", got)
			}
			close(slow.hear)
			for slow.open.Load() > 0 {
				time.Sleep(time.Millisecond)
			}
			must(t, host.Close())
		})
	}
}

// A guest that can't be given its directories is trapped with the reason.
func TestDirThatIsGone(t *testing.T) {
	comp, err := filesGuest()
	must(t, err)
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{Args: []string{"files", "0.3"}, Dirs: []wasi.Dir{{Guest: "/data", Host: filepath.Join(t.TempDir(), "gone")}}})
	inst, err := linker.Instantiate(t.Context(), comp)
	must(t, err)
	_, err = inst.Func("wasi:cli/run@0.3.0", "run").Call(t.Context())
	var trap *gondola.Trap
	if !errors.As(err, &trap) || !strings.Contains(err.Error(), `which the guest is to see as "/data", can't be opened: no such file or directory`) {
		t.Errorf("got %v", err)
	}
	must(t, inst.Close(t.Context()), host.Close())
}

// Much is written at once and read again.
func TestBigFile(t *testing.T) {
	_, got, _ := strings.Cut(files(t, "0.3-big"), "directory fs\n")
	if want := "write: 8388608\nstat: 8388608\nread: 8388608\n"; got != want {
		t.Errorf("got %s", got)
	}
}

// One time is 20000 calls, or 256 MiB.
func BenchmarkFiles(b *testing.B) {
	for _, version := range []string{"0.3", "0.2"} {
		for _, what := range []string{"nothing", "flags", "stat", "open", "read", "write"} {
			b.Run(version+"/"+what, func(b *testing.B) {
				for b.Loop() {
					files(b, version+"-bench", what)
				}
			})
		}
	}
}
