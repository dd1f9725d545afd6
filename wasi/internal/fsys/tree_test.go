package fsys

import (
	"archive/zip"
	"bytes"
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

//go:embed testdata/scripts
var embedded embed.FS

// fsRoot makes a guest's descriptor of a file system.
func fsRoot(t *testing.T, fsys fs.FS) *Descriptor {
	t.Helper()
	f := New([]Dir{{Guest: "/", FS: fsys}}, testLimits)
	t.Cleanup(func() {
		f.Close()
		waitClosed(t, f)
	})
	all, err := f.Preopens()
	must(t, err)
	t.Cleanup(all[0].Dir.Drop)
	return all[0].Dir
}

// zipped is a file, and a file in a directory.
func zipped(t *testing.T) fs.FS {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"a.txt", "d/b.txt"} {
		f, err := w.Create(name)
		must(t, err, second(f.Write([]byte("text of "+name))))
	}
	must(t, w.Close())
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(t, err)
	return r
}

func TestFileSystemsOfGo(t *testing.T) {
	disk := scene(t)
	must(t, os.Mkdir(filepath.Join(disk, "d"), 0o755))
	for _, name := range []string{"a.txt", "d/b.txt"} {
		must(t, os.WriteFile(filepath.Join(disk, name), []byte("text of "+name), 0o644))
	}
	for name, fsys := range map[string]fs.FS{
		"map":  fstest.MapFS{"a.txt": {Data: []byte("text of a.txt")}, "d/b.txt": {Data: []byte("text of d/b.txt")}},
		"zip":  zipped(t),
		"disk": os.DirFS(disk),
	} {
		t.Run(name, func(t *testing.T) {
			d := fsRoot(t, fsys)
			s := &script{t: t, handles: map[string]*Descriptor{"": d}}
			for _, c := range []struct {
				op   []string
				want string
			}{
				{[]string{"list", "."}, "a.txt:regular-file d:directory"},
				{[]string{"list", "d/"}, "b.txt:regular-file"},
				{[]string{"list", "a.txt"}, "not-directory"},
				{[]string{"stat", "a.txt"}, "regular-file"},
				{[]string{"stat", "d/../a.txt"}, "regular-file"},
				{[]string{"stat", "a.txt/"}, "not-directory"},
				{[]string{"stat", "a.txt/x"}, "not-directory"},
				{[]string{"stat", "nothing"}, "no-entry"},
				{[]string{"stat", ".."}, "not-permitted"},
				{[]string{"stat", "d/../.."}, "not-permitted"},
				{[]string{"stat", "/a.txt"}, "not-permitted"},
				{[]string{"size", "a.txt"}, "13"},
				{[]string{"read", "d/b.txt"}, `"text of d/b.txt"`},
				{[]string{"read", "d"}, "is-directory"},
				{[]string{"open", "d"}, "directory read"},
				{[]string{"open", "a.txt", "write"}, "not-permitted"},
				{[]string{"open", "new", "create"}, "not-permitted"},
				{[]string{"open", "a.txt", "truncate"}, "not-permitted"},
				{[]string{"readlink", "a.txt"}, "invalid"},
				{[]string{"mkdir", "x"}, "not-permitted"},
				{[]string{"rmdir", "d"}, "not-permitted"},
				{[]string{"unlink", "a.txt"}, "not-permitted"},
				{[]string{"rename", "a.txt", "b.txt"}, "not-permitted"},
				{[]string{"link", "a.txt", "b.txt"}, "not-permitted"},
				{[]string{"symlink", "a.txt", "b.txt"}, "not-permitted"},
				{[]string{"touch", "a.txt"}, "not-permitted"},
				{[]string{"handle", "h", "d"}, "ok"},
				{[]string{"read", "h:b.txt"}, `"text of d/b.txt"`},
				{[]string{"read", "h:../a.txt"}, "not-permitted"},
			} {
				if got := s.run(c.op[0], c.op[1:]); got != c.want {
					t.Errorf("%q: got %s, want %s", c.op, got, c.want)
				}
			}
			s.handles["h"].Drop()
			readBothWays(t, d)
		})
	}
}

// readBothWays reads a file forwards and back, in streams that take turns.
func readBothWays(t *testing.T, d *Descriptor) {
	f, err := d.OpenAt(ctx, false, "a.txt", 0, Read)
	must(t, err)
	defer f.Drop()
	must(t, f.Sync(ctx), f.Advise(ctx, 0, 5, WillNeed))
	one, err := f.NewReader(0)
	must(t, err)
	defer one.Close()
	two, err := f.NewReader(8)
	must(t, err)
	defer two.Close()
	buf := make([]byte, 4)
	for range 2 {
		n, err := one.Read(ctx, buf)
		if err != nil || n == 0 {
			t.Errorf("got %d, %v", n, err)
		}
		_, _ = two.Read(ctx, buf)
	}
	for i := 12; i >= 0; i-- {
		if n, err := f.ReadAt(ctx, buf[:1], uint64(i)); n != 1 || err != nil || buf[0] != "text of a.txt"[i] {
			t.Fatalf("at %d: %q, %v", i, buf[:n], err)
		}
	}
	if _, err := f.ReadAt(ctx, buf, 100); err == nil {
		t.Error("there is something behind the end")
	}
	again, err := d.OpenAt(ctx, false, "./a.txt", 0, Read)
	must(t, err)
	defer again.Drop()
	if !f.IsSame(again) || f.IsSame(d) || f.MetadataHash() != again.MetadataHash() || f.MetadataHash() == d.MetadataHash() {
		t.Error("it is not the same")
	}
}

// Links of os.DirFS would lead anywhere.
func TestLinksInFileSystemsOfGo(t *testing.T) {
	dir := scene(t)
	out := outside(t, dir)
	must(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte("a"), 0o644), os.Mkdir(filepath.Join(dir, "d"), 0o755))
	for link, target := range map[string]string{"in": "d/../a.txt", "up": "..", "out": "../outside/secret", "abs": out + "/secret", "loop": "loop"} {
		must(t, os.Symlink(target, filepath.Join(dir, link)))
	}
	s := &script{t: t, handles: map[string]*Descriptor{"": fsRoot(t, os.DirFS(dir))}}
	for op, want := range map[[2]string]string{
		{"read", "in"}:                   `"a"`,
		{"open", "in"}:                   "loop",
		{"stat", "in"}:                   "symbolic-link",
		{"stat-follow", "in"}:            "regular-file",
		{"readlink", "in"}:               "d/../a.txt",
		{"readlink", "abs"}:              "not-permitted",
		{"read", "up/outside/secret"}:    "not-permitted",
		{"stat", "up/"}:                  "not-permitted",
		{"read", "out"}:                  "not-permitted",
		{"read", "abs"}:                  "not-permitted",
		{"read", "loop"}:                 "loop",
		{"read", "d/../up/inside/a.txt"}: "not-permitted",
	} {
		if got := s.run(op[0], op[1:]); got != want {
			t.Errorf("%q: got %s, want %s", op, got, want)
		}
	}
}

func TestEmbedded(t *testing.T) {
	s := &script{t: t, handles: map[string]*Descriptor{"": fsRoot(t, embedded)}}
	if got := s.run("list", []string{"testdata"}); got != "scripts:directory" {
		t.Errorf("got %s", got)
	}
	if got := s.run("read", []string{"testdata/scripts/special.txt"}); !strings.HasPrefix(got, `"# Nobody is at the other side`) {
		t.Errorf("got %s", got)
	}
}
