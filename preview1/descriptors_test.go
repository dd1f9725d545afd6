package preview1_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/preview1"
)

// functions calls functions of preview 1 and returns what they say. 3 is a directory.
const functions = `(module
	(import "wasi_snapshot_preview1" "fd_renumber" (func $renumber (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $prestat-name (param i32 i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_fdstat_set_flags" (func $set-flags (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_fdstat_set_rights" (func $set-rights (param i32 i64 i64) (result i32)))
	(import "wasi_snapshot_preview1" "fd_filestat_get" (func $filestat (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_allocate" (func $allocate (param i32 i64 i64) (result i32)))
	(import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "path_readlink" (func $readlink (param i32 i32 i32 i32 i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "path_link" (func $link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "path_filestat_set_times" (func $set-times (param i32 i32 i32 i32 i64 i64 i32) (result i32)))
	(import "wasi_snapshot_preview1" "sock_shutdown" (func $shutdown (param i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
	(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
	(memory (export "memory") 1)
	(data (i32.const 16) "filelinknew\00")
	;; Subscriptions: a millisecond, an hour, to write 1, to read 0, to read 9.
	(data (i32.const 1024) "\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\40\42\0f\00\00\00\00\00")
	(data (i32.const 1072) "\02\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\00\a0\b8\30\46\03\00\00")
	(data (i32.const 1120) "\03\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\01\00\00\00")
	(data (i32.const 1168) "\04\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\00\00\00\00")
	(data (i32.const 1216) "\05\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\09\00\00\00")

	(func (export "renumber") (result i32 i32 i32 i32 i32 i32)
		(call $renumber (i32.const 3) (i32.const 77))
		(call $renumber (i32.const 3) (i32.const 1))
		(call $prestat (i32.const 1) (i32.const 64))
		(call $prestat (i32.const 3) (i32.const 64))
		(call $renumber (i32.const 1) (i32.const 1))
		(call $close (i32.const 1)))

	;; A file is opened, moved onto 1, and another one opened, which gets its number.
	(func (export "numbers") (result i32 i32 i32 i32)
		(call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 4) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64))
		(call $renumber (i32.load (i32.const 64)) (i32.const 1))
		(drop (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 4) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64)))
		(i32.load (i32.const 64))
		(call $filestat (i32.const 1) (i32.const 128)))

	;; The directory gives up path_open (1 << 13), and what it opens gave up fd_filestat_get (1 << 21).
	(func (export "rights") (result i32 i32 i32 i32 i32 i32)
		(drop (call $fdstat (i32.const 3) (i32.const 64)))
		(call $set-rights (i32.const 3) (i64.load (i32.const 72)) (i64.and (i64.load (i32.const 80)) (i64.const -2097153)))
		(call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 4) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 100))
		(call $filestat (i32.load (i32.const 100)) (i32.const 128))
		(call $set-rights (i32.const 3) (i64.and (i64.load (i32.const 72)) (i64.const -8193)) (i64.const 0))
		(call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 4) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 100))
		(call $set-rights (i32.const 3) (i64.load (i32.const 72)) (i64.const 0)))

	;; A file that is opened to write, synchronously: flags and rights, and the flags set as they are.
	(func (export "flags") (result i32 i32 i64 i32 i32)
		(call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 4) (i32.const 0) (i64.const 64) (i64.const 0) (i32.const 16) (i32.const 100))
		(drop (call $fdstat (i32.load (i32.const 100)) (i32.const 64)))
		(i32.load16_u (i32.const 66))
		(i64.and (i64.load (i32.const 72)) (i64.const 66))
		(call $set-flags (i32.load (i32.const 100)) (i32.const 17))
		(call $set-flags (i32.load (i32.const 100)) (i32.const 2)))

	(func (export "paths") (result i32 i32 i32 i32 i32 i32 i32)
		(call $readlink (i32.const 3) (i32.const 20) (i32.const 4) (i32.const 200) (i32.const 2) (i32.const 100))
		(i32.load (i32.const 100))
		(i32.load (i32.const 200))
		(call $link (i32.const 3) (i32.const 1) (i32.const 20) (i32.const 4) (i32.const 3) (i32.const 24) (i32.const 3))
		(call $link (i32.const 3) (i32.const 1) (i32.const 16) (i32.const 4) (i32.const 3) (i32.const 24) (i32.const 3))
		(call $set-times (i32.const 3) (i32.const 0) (i32.const 20) (i32.const 4) (i64.const 0) (i64.const 7000000000) (i32.const 4))
		(i32.load (i32.const 16)))

	(func (export "directory") (result i32 i32 i32 i32 i32)
		(call $prestat-name (i32.const 3) (i32.const 200) (i32.const 3))
		(call $prestat-name (i32.const 3) (i32.const 200) (i32.const 6))
		(i32.load (i32.const 200))
		(call $allocate (i32.const 3) (i64.const 0) (i64.const 1))
		(call $shutdown (i32.const 3) (i32.const 1)))

	;; What came of a poll: its errno, how many events, and of the first whose and its errno.
	(func $events (param i32) (result i32 i32 i32 i32)
		(local.get 0) (i32.load (i32.const 512)) (i32.load (i32.const 2048)) (i32.load16_u (i32.const 2056)))
	(func (export "poll") (param $from i32) (param $n i32) (result i32 i32 i32 i32)
		(call $events (call $poll (i32.add (i32.const 1024) (i32.mul (local.get $from) (i32.const 48))) (i32.const 2048) (local.get $n) (i32.const 512))))
	(func (export "absolute") (result i32 i32 i32 i32)
		(drop (call $time (i32.const 1) (i64.const 0) (i32.const 256)))
		(i64.store (i32.const 1048) (i64.add (i64.load (i32.const 256)) (i64.const 1000000)))
		(i32.store16 (i32.const 1064) (i32.const 1))
		(call $events (call $poll (i32.const 1024) (i32.const 2048) (i32.const 2) (i32.const 512)))))`

// The functions that are not wazero's, or not as they are there.
func TestFunctions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	m := compile(t, functions, preview1.Options{})
	const (
		badf, inval, nametoolong, notsock, notcapable = 8, 28, 37, 57, 76
		write, sync                                   = 1 << 6, 1 << 4
	)
	little := func(s string) uint64 {
		n := uint64(0)
		for i := len(s) - 1; i >= 0; i-- {
			n = n<<8 | uint64(s[i])
		}
		return n
	}
	never, _ := io.Pipe()
	for _, c := range []struct {
		name string
		args []uint64
		cfg  preview1.Config
		want []uint64
	}{
		{name: "renumber", want: []uint64{badf, 0, 0, badf, 0, 0}},
		{name: "numbers", want: []uint64{0, 0, 4, 0}},
		{name: "rights", want: []uint64{0, 0, notcapable, 0, notcapable, notcapable}},
		{name: "flags", want: []uint64{0, sync, write, 0, inval}},
		{name: "paths", want: []uint64{0, 2, little("fi"), inval, 0, 0, little("file")}},
		{name: "directory", want: []uint64{nametoolong, 0, little("/dat"), badf, notsock}},
		{name: "poll", args: []uint64{0, 2}, want: []uint64{0, 1, 1, 0}},
		{name: "poll", args: []uint64{1, 2}, want: []uint64{0, 1, 3, 0}},
		{name: "poll", args: []uint64{1, 4}, want: []uint64{0, 2, 3, 0}},
		{name: "poll", args: []uint64{4, 1}, want: []uint64{0, 1, 5, badf}},
		{name: "poll", args: []uint64{3, 1}, cfg: preview1.Config{Stdin: strings.NewReader("x")}, want: []uint64{0, 1, 4, 0}},
		{name: "poll", args: []uint64{3, 1}, cfg: preview1.Config{Stdin: never}, want: []uint64{0, 1, 4, 0}},
		{name: "poll", args: []uint64{0, 0}, want: []uint64{inval, 0, 0, 0}},
		{name: "absolute", want: []uint64{0, 1, 1, 0}},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("file", filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		c.cfg.Dirs = []preview1.Dir{{Guest: "/data", Root: openRoot(t, dir)}}
		got, err := m.Call(t.Context(), c.cfg, c.name, c.args...)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s %v: %v, %v; want %v", c.name, c.args, got, err, c.want)
		}
		if c.name != "paths" {
			continue
		}
		link, err := os.Lstat(filepath.Join(dir, "link"))
		if err != nil || link.ModTime().Unix() != 7 {
			t.Errorf("the link is of %v, %v", link.ModTime(), err)
		}
		if file, err := os.Stat(filepath.Join(dir, "file")); err != nil || time.Since(file.ModTime()) > time.Hour {
			t.Errorf("the file is of %v, %v", file.ModTime(), err)
		}
	}
}

// A guest that opens a FIFO does not wait for its other end.
func TestFIFO(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no FIFOs in directories there")
	}
	dir := t.TempDir()
	if err := makeFIFO(filepath.Join(dir, "file")); err != nil {
		t.Fatal(err)
	}
	m := compile(t, functions, preview1.Options{})
	got, err := m.Call(t.Context(), preview1.Config{Dirs: []preview1.Dir{{Guest: "/data", Root: openRoot(t, dir)}}}, "numbers")
	if err != nil || !slices.Equal(got, []uint64{0, 0, 4, 0}) {
		t.Errorf("got %v, %v", got, err)
	}
}
