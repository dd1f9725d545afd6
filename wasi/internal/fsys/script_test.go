package fsys

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A script under testdata/scripts is a list of operations of a guest, one a line, with what
// comes of each, which is "ok" where nothing is said:
//
//	mkdir a/../b => ok
//	stat ".." => not-permitted
//
// Operations on the side of the host set the scene: file NAME [TEXT], dir NAME,
// symlink! TARGET NAME, fifo NAME, mode NAME BITS. "@outside" in their names is a
// directory beside the guest's. gone NAME and is NAME TEXT look at the result.
// A path "h:p" is p in the directory that "handle h path" has opened.
// A line that begins with [a,b] is only for those backends.
type script struct {
	t       *testing.T
	backend string
	dir     string // the guest's directory on the host
	handles map[string]*Descriptor
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			eachBackend(t, func(t *testing.T, b backend) {
				dir := scene(t)
				s := &script{t, b.name, dir, map[string]*Descriptor{"": b.open(t, dir, false), "ro": b.open(t, dir, true)}}
				for i, line := range strings.Split(string(text), "\n") {
					s.line(fmt.Sprintf("%s:%d: %s", file, i+1, line), line)
				}
				for _, d := range s.handles {
					d.Drop()
				}
			})
		})
	}
}

// scene makes a directory for a guest, with another beside it.
func scene(t *testing.T) string {
	outer := t.TempDir()
	for _, d := range []string{"inside", "outside"} {
		if err := os.Mkdir(filepath.Join(outer, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(outer, "inside")
}

func (s *script) line(where, line string) {
	s.t.Helper()
	line, _, _ = strings.Cut(line, "#")
	if rest, ok := strings.CutPrefix(line, "["); ok {
		var only string
		only, line, _ = strings.Cut(rest, "]")
		if !slices.Contains(strings.Split(only, ","), s.backend) {
			return
		}
	}
	op, want, _ := strings.Cut(line, "=>")
	args := strings.Fields(op)
	if len(args) == 0 {
		return
	}
	for i, a := range args {
		if a == `""` {
			args[i] = ""
		}
	}
	if want = strings.TrimSpace(want); want == "" {
		want = "ok"
	}
	got := s.run(args[0], args[1:])
	if !slices.Contains(strings.Split(want, "|"), got) {
		s.t.Errorf("%s: got %s", where, got)
	}
}

func (s *script) host(name string) string {
	if rest, ok := strings.CutPrefix(name, "@outside"); ok {
		return filepath.Join(filepath.Dir(s.dir), "outside", rest)
	}
	return filepath.Join(s.dir, name)
}

// at splits a path into the directory and the rest.
func (s *script) at(p string) (*Descriptor, string) {
	if name, rest, ok := strings.Cut(p, ":"); ok {
		return s.handles[name], rest
	}
	return s.handles[""], p
}

func (s *script) run(op string, args []string) string {
	ctx := context.Background()
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	d, p := s.at(arg(0))
	switch op {
	case "file":
		return result("ok", os.WriteFile(s.host(args[0]), []byte(arg(1)), 0o644))
	case "dir":
		return result("ok", os.Mkdir(s.host(args[0]), 0o755))
	case "symlink!":
		return result("ok", os.Symlink(args[0], s.host(args[1])))
	case "fifo":
		return result("ok", makeFIFO(s.host(args[0])))
	case "gone":
		_, err := os.Lstat(s.host(args[0]))
		return map[bool]string{true: "ok", false: "there"}[os.IsNotExist(err)]
	case "is":
		data, err := os.ReadFile(s.host(args[0]))
		if string(data) != arg(1) {
			return fmt.Sprintf("%q", data)
		}
		return result("ok", err)

	case "handle":
		d, p := s.at(args[1])
		opened, err := d.OpenAt(ctx, false, p, DirectoryOnly, Read)
		s.handles[args[0]] = opened
		return result("ok", err)
	case "drop":
		s.handles[args[0]].Drop()
		delete(s.handles, args[0])
		return "ok"
	case "open", "open-follow":
		return s.open(op == "open-follow", d, p, args[1:])
	case "read":
		return s.read(d, p)
	case "write":
		return s.write(d, p, arg(1))
	case "stat", "stat-follow":
		st, err := d.StatAt(ctx, op == "stat-follow", p)
		return result(typeNames[st.Type], err)
	case "size":
		st, err := d.StatAt(ctx, false, p)
		return result(fmt.Sprint(st.Size), err)
	case "touch", "touch-follow":
		return result("ok", d.SetTimesAt(ctx, op == "touch-follow", p, Times{Modified: NewTime{SetTo, Timestamp{42, 5}}}))
	case "keep":
		return result("ok", d.SetTimesAt(ctx, false, p, Times{}))
	case "mtime":
		st, err := d.StatAt(ctx, false, p)
		if err != nil {
			return result("", err)
		}
		return fmt.Sprintf("%d.%09d", st.Modified.Seconds, st.Modified.Nanoseconds)
	case "hash", "hash-follow":
		_, err := d.MetadataHashAt(ctx, op == "hash-follow", p)
		return result("ok", err)
	case "mkdir":
		return result("ok", d.CreateDirectoryAt(ctx, p))
	case "rmdir":
		return result("ok", d.RemoveDirectoryAt(ctx, p))
	case "unlink":
		return result("ok", d.UnlinkFileAt(ctx, p))
	case "readlink":
		target, err := d.ReadLinkAt(ctx, p)
		return result(target, err)
	case "symlink":
		d, p := s.at(arg(1))
		return result("ok", d.SymlinkAt(ctx, args[0], p))
	case "link":
		to, q := s.at(arg(1))
		return result("ok", d.LinkAt(ctx, false, p, to, q))
	case "rename":
		to, q := s.at(arg(1))
		return result("ok", d.RenameAt(ctx, p, to, q))
	case "list":
		return s.list(d, p)
	}
	s.t.Fatalf("unknown operation %s", op)
	return ""
}

var typeNames = []string{"unknown", "block-device", "character-device", "directory", "fifo", "symbolic-link", "regular-file", "socket"}

func result(ok string, err error) string {
	if err != nil {
		if _, isCode := err.(Code); isCode {
			return err.Error()
		}
		return "error: " + err.Error()
	}
	return ok
}

// open returns the flags and the type of what was opened.
func (s *script) open(follow bool, d *Descriptor, p string, how []string) string {
	var open OpenFlags
	var flags Flags
	for _, h := range how {
		switch h {
		case "create":
			open |= Create
		case "directory":
			open |= DirectoryOnly
		case "exclusive":
			open |= Exclusive
		case "truncate":
			open |= Truncate
		case "read":
			flags |= Read
		case "write":
			flags |= Write
		case "mutate":
			flags |= MutateDirectory
		case "sync":
			flags |= DataIntegritySync
		}
	}
	f, err := d.OpenAt(context.Background(), follow, p, open, flags)
	if err != nil {
		return result("", err)
	}
	defer f.Drop()
	var has []string
	for i, name := range []string{"read", "write", "file-sync", "data-sync", "requested-sync", "mutate"} {
		if f.Flags()&(1<<i) != 0 {
			has = append(has, name)
		}
	}
	return typeNames[f.Type()] + " " + strings.Join(has, ",")
}

func (s *script) read(d *Descriptor, p string) string {
	ctx := context.Background()
	f, err := d.OpenAt(ctx, true, p, 0, Read)
	if err != nil {
		return result("", err)
	}
	defer f.Drop()
	r, err := f.NewReader(0)
	if err != nil {
		return result("", err)
	}
	defer r.Close()
	buf := make([]byte, 100)
	n, err := r.Read(ctx, buf)
	if err == io.EOF {
		err = nil
	}
	return result(fmt.Sprintf("%q", buf[:n]), err)
}

func (s *script) write(d *Descriptor, p, text string) string {
	ctx := context.Background()
	f, err := d.OpenAt(ctx, true, p, Create|Truncate, Write)
	if err != nil {
		return result("", err)
	}
	defer f.Drop()
	w, err := f.NewWriter(0)
	if err != nil {
		return result("", err)
	}
	defer w.Close()
	_, err = w.Write(ctx, []byte(text))
	return result("ok", err)
}

func (s *script) list(d *Descriptor, p string) string {
	ctx := context.Background()
	dir, err := d.OpenAt(ctx, false, p, DirectoryOnly, Read)
	if err != nil {
		return result("", err)
	}
	defer dir.Drop()
	e, err := dir.NewEntries(ctx)
	if err != nil {
		return result("", err)
	}
	defer e.Close()
	var all []string
	for {
		some, err := e.Next(ctx)
		if err != nil {
			slices.Sort(all)
			if err != io.EOF {
				all = append(all, result("", err))
			}
			return cmp.Or(strings.Join(all, " "), "nothing")
		}
		for _, entry := range some {
			all = append(all, entry.Name+":"+typeNames[entry.Type])
		}
	}
}
