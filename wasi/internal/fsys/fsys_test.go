package fsys

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLimits(t *testing.T) {
	dir := scene(t)
	must(t, os.WriteFile(filepath.Join(dir, "f"), nil, 0o644))
	f := New([]Dir{{Guest: "/", Host: dir}}, Limits{OpenFiles: 3, Path: 10})
	defer f.Close()
	all, err := f.Preopens()
	must(t, err)
	d := all[0].Dir
	defer d.Drop()
	var open []*Descriptor
	for range 2 {
		o, err := d.OpenAt(ctx, false, "f", 0, Read)
		must(t, err)
		open = append(open, o)
	}
	list, err := d.NewEntries(ctx)
	must(t, err)
	if _, err := d.OpenAt(ctx, false, "f", 0, Read); err != TooManyFiles {
		t.Errorf("got %v", err)
	}
	if _, err := d.NewEntries(ctx); err != TooManyFiles {
		t.Errorf("got %v", err)
	}
	if _, err := d.OpenAt(ctx, false, "gone", 0, Read); err != TooManyFiles {
		t.Errorf("got %v", err)
	}
	list.Close()
	for range 1000 { // what is being closed doesn't count
		o, err := d.OpenAt(ctx, false, "f", 0, Read)
		must(t, err)
		o.Drop()
	}
	for _, o := range open {
		o.Drop()
	}
	waitClosed(t, f)
	if _, err := d.StatAt(ctx, false, "0123456789"); err != NoEntry {
		t.Errorf("got %v", err)
	}
	for what, err := range map[string]error{
		"path":    second(d.StatAt(ctx, false, "01234567890")),
		"target":  d.SymlinkAt(ctx, "01234567890", "x"),
		"link to": d.LinkAt(ctx, false, "f", d, "01234567890"),
	} {
		if err != NameTooLong {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := d.StatAt(ctx, false, "a\x00b"); err != Invalid {
		t.Errorf("got %v", err)
	}
}

// Nobody waits for ever where all threads are taken.
func TestCallsEndWithTheirContext(t *testing.T) {
	f := New([]Dir{{Guest: "/", Host: scene(t)}}, testLimits)
	defer f.Close()
	all, err := f.Preopens()
	must(t, err)
	defer all[0].Dir.Drop()
	for range maxCalls {
		f.calls <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if _, err := all[0].Dir.Stat(ctx); err != context.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
	if _, err := all[0].Dir.OpenAt(ctx, false, ".", 0, Read); err != context.DeadlineExceeded || len(f.open) != 0 {
		t.Errorf("got %v, %d are open", err, len(f.open))
	}
	<-f.calls
	must(t, second(all[0].Dir.Stat(context.Background())))
}

func TestPreopens(t *testing.T) {
	dir := scene(t)
	f := New([]Dir{{Guest: "z", Host: dir}, {Guest: "a", Host: dir, ReadOnly: true}, {Guest: "z", Host: filepath.Dir(dir)}}, testLimits)
	one, err := f.Preopens()
	must(t, err)
	two, err := f.Preopens()
	must(t, err)
	var names []string
	for _, p := range one {
		names = append(names, p.Path)
		p.Dir.Drop()
		p.Dir.Drop()
	}
	if !slices.Equal(names, []string{"z", "a", "z"}) {
		t.Errorf("got %q", names)
	}
	if !two[0].Dir.IsSame(two[1].Dir) || two[0].Dir.IsSame(two[2].Dir) {
		t.Error("they are not what they should be")
	}
	if two[0].Dir.Flags() != Read|MutateDirectory || two[1].Dir.Flags() != Read {
		t.Errorf("flags %b, %b", two[0].Dir.Flags(), two[1].Dir.Flags())
	}
	must(t, two[0].Dir.CreateDirectoryAt(ctx, "made"))
	f.Close()
	f.Close()
	must(t, two[0].Dir.RemoveDirectoryAt(ctx, "made"))
	for _, p := range two {
		p.Dir.Drop()
	}
	if none, err := f.Preopens(); err != nil || len(none) != 0 {
		t.Errorf("got %v, %v", none, err)
	}
}

// Who forgets to close a file system keeps nothing open.
func TestForgotten(t *testing.T) {
	dir := scene(t)
	held := func() bool {
		fds, err := filepath.Glob("/proc/self/fd/*")
		must(t, err)
		return slices.ContainsFunc(fds, func(fd string) bool {
			path, _ := os.Readlink(fd)
			return path == dir
		})
	}
	f := New([]Dir{{Guest: "/", Host: dir}}, testLimits)
	if !held() {
		t.Skip("this system does not list what is open")
	}
	runtime.KeepAlive(f)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		runtime.GC()
		if !held() {
			return
		}
	}
	t.Error("the directory stays open")
}

func TestDirectoriesThatCantBeOpened(t *testing.T) {
	dir := scene(t)
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o644))
	for _, c := range []struct {
		dir  Dir
		want string
	}{
		{Dir{Guest: "/g", Host: filepath.Join(dir, "nothing")}, `nothing", which the guest is to see as "/g", can't be opened: no such file or directory`},
		{Dir{Guest: "/g", Host: filepath.Join(dir, "file")}, `can't be opened: not a directory`},
		{Dir{Host: dir}, `a directory for the guest has no name: Dir.Guest is empty`},
	} {
		f := New([]Dir{{Guest: "/", Host: dir}, c.dir}, testLimits)
		if _, err := f.Preopens(); err == nil || runtime.GOOS == "linux" && !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v", err)
		}
		f.Close()
	}
}
