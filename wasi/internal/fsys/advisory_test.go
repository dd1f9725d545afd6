package fsys

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// These are attacks that worked on others, each under the number by which it is
// known.

var ctx = context.Background()

// allAt does everything that can be done with a path, and says what succeeded.
func allAt(d, other *Descriptor, path string) (done []string) {
	note := func(op string, err error) {
		if err == nil {
			done = append(done, op)
		}
	}
	for _, follow := range []bool{false, true} {
		name := map[bool]string{true: "-follow"}[follow]
		_, err := d.StatAt(ctx, follow, path)
		note("stat"+name, err)
		_, err = d.MetadataHashAt(ctx, follow, path)
		note("hash"+name, err)
		note("touch"+name, d.SetTimesAt(ctx, follow, path, Times{Modified: NewTime{How: SetToNow}}))
		for _, open := range []OpenFlags{0, DirectoryOnly, Create, Create | Exclusive, Truncate} {
			for _, flags := range []Flags{Read, Write, Read | MutateDirectory} {
				f, err := d.OpenAt(ctx, follow, path, open, flags)
				note(fmt.Sprintf("open%s %d %d", name, open, flags), err)
				if err == nil {
					f.Drop()
				}
			}
		}
	}
	_, err := d.ReadLinkAt(ctx, path)
	note("readlink", err)
	note("mkdir", d.CreateDirectoryAt(ctx, path))
	note("symlink", d.SymlinkAt(ctx, "x", path))
	note("link to", other.LinkAt(ctx, false, "own", d, path))
	note("link from", d.LinkAt(ctx, false, path, other, "stolen"))
	note("rename to", other.RenameAt(ctx, "own", d, path))
	note("rename from", d.RenameAt(ctx, path, other, "stolen"))
	note("unlink", d.UnlinkFileAt(ctx, path))
	note("rmdir", d.RemoveDirectoryAt(ctx, path))
	return done
}

// snapshot is everything in a directory.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, st os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		fmt.Fprintln(&b, path, st.Mode(), st.ModTime().UnixNano())
		if st.Mode().IsRegular() {
			text, _ := os.ReadFile(path)
			fmt.Fprintf(&b, "%q\n", text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// outside puts something worth stealing beside the guest's directory.
func outside(t *testing.T, inside string) string {
	dir := filepath.Join(filepath.Dir(inside), "outside")
	must(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o644), os.Mkdir(filepath.Join(dir, "empty"), 0o755),
		os.Mkdir(filepath.Join(dir, "marker"), 0o755))
	return dir
}

// Paths, and targets of links, that end in slashes. (The same as CVE-2026-39822 and
// CVE-2025-22873 of Go.)
func TestGHSA_vqjp_4c8c_hfgg(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		out := outside(t, dir)
		targets := []string{"..", "../", "..//", "../.", "../outside", "../outside/", "/etc", "/etc/", out, out + "/",
			"sub/../..", "sub/../../", "sub/../../outside/", "./../", "sub/../.././outside/empty/", "../inside/../outside/"}
		must(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755), os.Mkdir(filepath.Join(dir, "other"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "other", "own"), nil, 0o644))
		d := b.open(t, dir, false)
		other, err := d.OpenAt(ctx, false, "other", DirectoryOnly, Read|MutateDirectory)
		must(t, err)
		defer other.Drop()
		before := snapshot(t, out)
		for i, target := range targets {
			link := fmt.Sprintf("link%d", i)
			must(t, os.Symlink(target, filepath.Join(dir, link)))
			must(t, os.Symlink(link, filepath.Join(dir, link+"again")), os.Symlink(link+"/", filepath.Join(dir, link+"slash")))
			for _, l := range []string{link, link + "again", link + "slash", "sub/../" + link} {
				for _, suffix := range []string{"/", "//", "/.", "/./", "/secret", "/empty", "/empty/", "/../outside/secret", "/../inside", "/../sub/", "/x"} {
					if done := allAt(d, other, l+suffix); done != nil {
						t.Errorf("%s -> %s: %s%s: %v", link, target, l, suffix, done)
					}
				}
			}
		}
		if after := snapshot(t, out); after != before {
			t.Errorf("outside changed from\n%s to\n%s", before, after)
		}
	})
}

// A guest that has directories and links change places while it uses them, and
// moves a directory out from under a path.
func TestGHSA_vqjp_4c8c_hfgg_Racing(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		out := outside(t, dir)
		before := snapshot(t, out)
		in := func(name string) string { return filepath.Join(dir, name) }
		must(t, os.MkdirAll(in("a/b/c"), 0o755), os.Mkdir(in("real"), 0o755), os.Mkdir(in("other"), 0o755))
		must(t, os.Symlink("../outside/", in("out")), os.Symlink("..", in("real/up")))
		must(t, os.WriteFile(in("real/secret"), []byte("own"), 0o644))

		var stop atomic.Bool
		done := make(chan bool)
		go func() {
			defer close(done)
			for !stop.Load() {
				// "swap" is now a directory, now a link that leads out.
				_ = os.Rename(in("real"), in("swap"))
				_ = os.Rename(in("swap"), in("real"))
				_ = os.Rename(in("out"), in("swap"))
				_ = os.Rename(in("swap"), in("out"))
				_ = os.Rename(in("a/b"), filepath.Join(dir, "..", "moved"))
				_ = os.Rename(filepath.Join(dir, "..", "moved"), in("a/b"))
			}
		}()
		d := b.open(t, dir, false)
		other, err := d.OpenAt(ctx, false, "other", DirectoryOnly, Read|MutateDirectory)
		must(t, err)
		defer other.Drop()
		end := time.Now().Add(300 * time.Millisecond)
		for i := 0; time.Now().Before(end); i++ {
			path := []string{"swap/secret", "swap/", "swap", "swap/empty/", "swap/../swap/secret", "a/b/../../../outside/secret",
				"a/b/c/../../../../outside/secret", "a/b/c/../../../swap/secret"}[i%8]
			f, err := d.OpenAt(ctx, i%2 == 0, path, 0, Read)
			if err == nil && f.Type() == RegularFile {
				buf := make([]byte, 100)
				if n, _ := f.ReadAt(ctx, buf, 0); string(buf[:n]) == "secret" {
					t.Fatalf("%s led out", path)
				}
			}
			if err == nil {
				if _, err := f.StatAt(ctx, true, "marker"); err == nil {
					t.Fatalf("%s led out", path)
				}
				f.Drop()
			}
			if i%64 == 0 {
				for _, p := range []string{"swap/secret", "swap/empty/", "swap/new"} {
					if st, err := d.StatAt(ctx, false, p); err == nil && st.Size == uint64(len("secret")) {
						t.Fatalf("%s led out", p)
					}
					_ = d.UnlinkFileAt(ctx, p)
					_ = d.RemoveDirectoryAt(ctx, p)
					_ = d.CreateDirectoryAt(ctx, p)
					_ = d.RenameAt(ctx, p, other, "stolen")
					_ = d.SetTimesAt(ctx, true, p, Times{Modified: NewTime{SetTo, Timestamp{1, 1}}})
				}
			}
		}
		stop.Store(true)
		<-done
		if after := snapshot(t, out); after != before {
			t.Errorf("outside changed from\n%s to\n%s", before, after)
		}
	})
}

// Truncating is writing.
func TestCVE_2026_47261(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		must(t, os.WriteFile(filepath.Join(dir, "test.txt"), []byte("read only test file\n"), 0o644))
		d := b.open(t, dir, true)
		for _, open := range []OpenFlags{Truncate, Create, Create | Truncate, Truncate | Exclusive} {
			for _, flags := range []Flags{0, Read, Write, Read | Write} {
				if _, err := d.OpenAt(ctx, false, "test.txt", open, flags); err != NotPermitted {
					t.Errorf("%d %d: got %v", open, flags, err)
				}
			}
		}
		if text, err := os.ReadFile(filepath.Join(dir, "test.txt")); err != nil || string(text) != "read only test file\n" {
			t.Errorf("it is now %q, %v", text, err)
		}
		f, err := d.OpenAt(ctx, false, "test.txt", 0, Read)
		must(t, err)
		defer f.Drop()
		for what, err := range map[string]error{
			"set-size":  f.SetSize(ctx, 0),
			"set-times": f.SetTimes(ctx, Times{Modified: NewTime{How: SetToNow}}),
			"write":     second(f.WriteAt(ctx, []byte("x"), 0)),
			"writer":    second(f.NewWriter(0)),
			"appender":  second(f.NewAppender()),
		} {
			if err != NotPermitted {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// A file that can only be read must not come to where it can be written, though
// both directories may be one on the host.
func TestGHSA_4ch3_9j33_3pmj(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		must(t, os.Mkdir(filepath.Join(dir, "ro"), 0o755), os.WriteFile(filepath.Join(dir, "ro", "f"), []byte("x"), 0o644))
		before := snapshot(t, dir)
		all, ro := b.open(t, dir, false), b.open(t, filepath.Join(dir, "ro"), true)
		same := b.open(t, dir, true)
		for what, err := range map[string]error{
			"link out":         ro.LinkAt(ctx, false, "f", all, "alias"),
			"link in":          all.LinkAt(ctx, false, "ro/f", ro, "alias"),
			"rename out":       ro.RenameAt(ctx, "f", all, "f"),
			"rename in":        all.RenameAt(ctx, "ro/f", ro, "g"),
			"link same":        same.LinkAt(ctx, false, "ro/f", all, "alias"),
			"rename same":      same.RenameAt(ctx, "ro/f", all, "alias"),
			"rename same into": all.RenameAt(ctx, "ro/f", same, "alias"),
		} {
			if err != NotPermitted {
				t.Errorf("%s: %v", what, err)
			}
		}
		if after := snapshot(t, dir); after != before {
			t.Errorf("it changed from\n%s to\n%s", before, after)
		}
	})
}

// A file is not created where a dangling link leads.
func TestCVE_2024_38358(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		out := outside(t, dir)
		before := snapshot(t, out)
		d := b.open(t, dir, false)
		for i, target := range []string{"../outside/scratch", out + "/scratch", "../outside/scratch/", "../outside/secret"} {
			link := fmt.Sprintf("link%d", i)
			must(t, os.Symlink(target, filepath.Join(dir, link)))
			for _, flags := range []OpenFlags{Create, Create | Truncate, Truncate} {
				if _, err := d.OpenAt(ctx, false, link, flags, Write); err != Loop {
					t.Errorf("%s: %v", target, err)
				}
				if _, err := d.OpenAt(ctx, true, link, flags, Write); err != NotPermitted {
					t.Errorf("follow %s: %v", target, err)
				}
			}
			if _, err := d.OpenAt(ctx, true, link, Create|Exclusive, Write); err != Exist {
				t.Errorf("exclusive %s: %v", target, err)
			}
		}
		if after := snapshot(t, out); after != before {
			t.Errorf("outside changed from\n%s to\n%s", before, after)
		}
	})
}

// The types in a listing are the entries' own, not those of what links lead to.
func TestCVE_2026_27139(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		outside(t, dir)
		must(t, os.Symlink("../outside/secret", filepath.Join(dir, "file")), os.Symlink("../outside", filepath.Join(dir, "dir")))
		s := &script{t: t, handles: map[string]*Descriptor{"": b.open(t, dir, false)}}
		if got := s.run("list", []string{"."}); got != "dir:symbolic-link file:symbolic-link" {
			t.Errorf("got %s", got)
		}
	})
}

// Setting something does not follow a link that has come in between.
func TestCVE_2026_32282(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		out := outside(t, dir)
		before := snapshot(t, out)
		must(t, os.Symlink("../outside/secret", filepath.Join(dir, "link")), os.WriteFile(filepath.Join(dir, "file"), nil, 0o644))
		var stop atomic.Bool
		done := make(chan bool)
		go func() {
			defer close(done)
			for !stop.Load() {
				for _, from := range []string{"link", "file"} {
					_ = os.Rename(filepath.Join(dir, from), filepath.Join(dir, "swap"))
					_ = os.Rename(filepath.Join(dir, "swap"), filepath.Join(dir, from))
				}
			}
		}()
		d := b.open(t, dir, false)
		end := time.Now().Add(100 * time.Millisecond)
		for i := 0; time.Now().Before(end); i++ {
			_ = d.SetTimesAt(ctx, i%2 == 0, "swap", Times{Modified: NewTime{SetTo, Timestamp{1, 1}}})
		}
		stop.Store(true)
		<-done
		if after := snapshot(t, out); after != before {
			t.Errorf("outside changed from\n%s to\n%s", before, after)
		}
	})
}

// Names of devices and streams are no files. (CVE-2024-51756 is the same.)
func TestCVE_2024_51745(t *testing.T) {
	if runtime.GOOS != "windows" {
		t.Skip("only Windows has such names")
	}
	d := backend{"root", openOSRoot}.open(t, scene(t), false)
	for _, name := range []string{"CON", "NUL", "nul.txt", "COM1", "COM¹", "LPT²", "CONIN$", "a:stream", `\\.\COM1`, `a\..\..\outside\secret`, "C:x"} {
		if _, err := d.OpenAt(ctx, true, name, Create, Read|Write); err == nil {
			t.Errorf("%q was opened", name)
		}
	}
}
