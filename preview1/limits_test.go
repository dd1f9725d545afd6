package preview1_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/preview1"
)

// A guest ends when its context does, whatever it is at.
func TestInterrupt(t *testing.T) {
	stdin, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if _, err := guest(); err != nil { // before the clock runs: it takes long to build
		t.Fatal(err)
	}
	for _, at := range []string{"spin", "sleep", "read"} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		began := time.Now()
		_, err := runGuest(t, ctx, preview1.Config{Stdin: stdin}, at)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", at, err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s took %v", at, took)
		}
	}
	w.Close() // which lets the last guest, who was left to itself, end
}

// A guest can't make the host keep a table of two billion descriptors (GHSA-3p27-qvp9-27qf
// is of this kind), nor open files without end: 1024 with the one that stands for the directory.
func TestDescriptors(t *testing.T) {
	cfg := preview1.Config{Dirs: []preview1.Dir{{Guest: "/data", Root: openRoot(t, t.TempDir())}}}
	got, err := runGuest(t, t.Context(), cfg, "renumber")
	if err != nil || got != "8 8\n" {
		t.Errorf("got %q, %v", got, err)
	}
	got, err = runGuest(t, t.Context(), cfg, "open")
	if err != nil || !strings.HasPrefix(got, "1023 ") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestMaxMemory(t *testing.T) {
	m := compile(t, `(module (memory 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`, preview1.Options{MaxMemory: 1 << 20})
	for pages, want := range map[uint64]uint32{15: 1, 16: 0xffffffff} {
		got, err := m.Call(t.Context(), preview1.Config{}, "grow", pages)
		if err != nil || uint32(got[0]) != want {
			t.Errorf("%d more pages: %v, %v", pages, got, err)
		}
	}
}

// A call of a function of preview 1 is one step, and no more.
func TestFuel(t *testing.T) {
	const text = `(module
		(import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
		(func (export "yield") (param i32)
			(loop $l
				(drop (call $yield))
				(br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`
	m := compile(t, text, preview1.Options{Fuel: 100_000})
	if _, err := m.Call(t.Context(), preview1.Config{}, "yield", 10_000); err != nil {
		t.Error(err)
	}
	if _, err := m.Call(t.Context(), preview1.Config{}, "yield", 1_000_000); err == nil || !strings.Contains(err.Error(), "all fuel consumed") {
		t.Errorf("got %v", err)
	}
}

// Functions of preview 1 can be given any numbers: what would take for ever or fill the
// host's memory is refused.
func TestHostileArguments(t *testing.T) {
	m := compile(t, `(module
		(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
		(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
		(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
		(memory (export "memory") 1000)
		(func (export "poll") (param i32) (result i32) (call $poll (i32.const 0) (i32.const 0) (local.get 0) (i32.const 0)))
		(func (export "write") (param i32) (result i32) (call $write (i32.const 1) (i32.const 0) (local.get 0) (i32.const 0)))
		(func (export "random") (param i32) (result i32) (call $random (i32.const 0) (local.get 0))))`, preview1.Options{})
	for _, c := range []struct {
		name string
		n    uint64
		want uint32 // errno
	}{
		{"poll", 0, 28}, {"poll", 1 << 17, 28}, {"poll", 0x05555556, 28}, {"poll", 0xffffffff, 28},
		{"write", 0, 0}, {"write", 1024, 0}, {"write", 1025, 28}, {"write", 0xffffffff, 28},
		{"random", 0, 0}, {"random", 1000, 0}, {"random", 0xffffffff, 21},
	} {
		got, err := m.Call(t.Context(), preview1.Config{}, c.name, c.n)
		if err != nil || uint32(got[0]) != c.want {
			t.Errorf("%s(%#x): %v, %v, want %d", c.name, c.n, got, err, c.want)
		}
	}
}
