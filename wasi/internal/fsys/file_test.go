package fsys

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// create makes a file that the guest has open.
func create(t *testing.T, d *Descriptor, name string, flags Flags) *Descriptor {
	t.Helper()
	f, err := d.OpenAt(ctx, false, name, Create, flags)
	must(t, err)
	t.Cleanup(f.Drop)
	return f
}

func readAll(r *Reader) (string, error) {
	var b bytes.Buffer
	buf := make([]byte, 3)
	for {
		n, err := r.Read(ctx, buf)
		b.Write(buf[:n])
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
	}
}

func TestStreamsAreIndependent(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		f := create(t, b.open(t, dir, false), "f", Read|Write)
		w, err := f.NewWriter(5)
		must(t, err)
		early, err := f.NewReader(0)
		must(t, err)
		must(t, second(w.Write(ctx, []byte("Hello, "))))
		end, err := f.NewAppender()
		must(t, err)
		must(t, second(end.Write(ctx, []byte("[end]"))))
		must(t, second(w.Write(ctx, []byte("World!!"))))
		must(t, second(end.Write(ctx, []byte("[more]"))))
		late, err := f.NewReader(5)
		must(t, err)
		// Streams outlive the descriptor.
		f.Drop()
		if err := second(f.ReadAt(ctx, make([]byte, 1), 0)); err != nil && err != BadDescriptor {
			t.Error(err)
		}
		for _, want := range []string{"\x00\x00\x00\x00\x00Hello, World!![more]", ""} {
			if text, err := readAll(early); text != want || err != nil {
				t.Errorf("got %q, %v", text, err)
			}
		}
		if err := late.Peek(ctx); err != nil {
			t.Error(err)
		}
		if text, err := readAll(late); text != "Hello, World!![more]" || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
		if err := late.Peek(ctx); err != io.EOF {
			t.Error(err)
		}
		for _, s := range []interface{ Close() }{w, early, end, late} {
			s.Close()
		}
		for what, err := range map[string]error{
			"stat":   second(f.Stat(ctx)),
			"reader": second(f.NewReader(0)),
			"writer": second(f.NewWriter(0)),
			"share":  second(f.Share()),
		} {
			if err != BadDescriptor {
				t.Errorf("%s after all is closed: %v", what, err)
			}
		}
	})
}

func TestOffsetsAndSizes(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		d := b.open(t, dir, false)
		f := create(t, d, "f", Read|Write)
		onlyRead, err := d.OpenAt(ctx, false, "f", 0, Read)
		must(t, err)
		defer onlyRead.Drop()
		onlyWrite, err := d.OpenAt(ctx, false, "f", 0, Write)
		must(t, err)
		defer onlyWrite.Drop()
		one := []byte("x")
		far, err := f.NewReader(math.MaxInt64)
		must(t, err)
		defer far.Close()
		for what, c := range map[string]struct{ got, want error }{
			"reader at u64 max":     {second(f.NewReader(math.MaxUint64)), Invalid},
			"writer at u64 max":     {second(f.NewWriter(math.MaxUint64)), Invalid},
			"read at u64 max":       {second(f.ReadAt(ctx, one, math.MaxUint64)), Invalid},
			"write at u64 max":      {second(f.WriteAt(ctx, one, math.MaxUint64)), Invalid},
			"write at s64 max":      {second(f.WriteAt(ctx, one, math.MaxInt64)), FileTooLarge},
			"read at s64 max":       {second(far.Read(ctx, one)), io.EOF},
			"read beyond the end":   {second(f.ReadAt(ctx, one, 1000)), io.EOF},
			"read nothing":          {second(f.ReadAt(ctx, nil, 1000)), nil},
			"write nothing":         {second(f.WriteAt(ctx, nil, 1000)), nil},
			"size u64 max":          {f.SetSize(ctx, math.MaxUint64), FileTooLarge},
			"size of read-only":     {onlyRead.SetSize(ctx, 100), Invalid},
			"write read-only":       {second(onlyRead.WriteAt(ctx, one, 0)), BadDescriptor},
			"writer of read-only":   {second(onlyRead.NewWriter(0)), BadDescriptor},
			"appender of read-only": {second(onlyRead.NewAppender()), BadDescriptor},
			"read write-only":       {second(onlyWrite.ReadAt(ctx, one, 0)), BadDescriptor},
			"reader of write-only":  {second(onlyWrite.NewReader(0)), BadDescriptor},
			"read directory":        {second(d.ReadAt(ctx, one, 0)), IsDirectory},
			"reader of directory":   {second(d.NewReader(0)), IsDirectory},
			"write directory":       {second(d.WriteAt(ctx, one, 0)), BadDescriptor},
			"size of directory":     {d.SetSize(ctx, 0), BadDescriptor},
			"advise directory":      {d.Advise(ctx, 0, 0, Normal), BadDescriptor},
			"list file":             {second(f.NewEntries(ctx)), NotDirectory},
			"stat below file":       {second(f.StatAt(ctx, false, ".")), NotDirectory},
			"advise far":            {f.Advise(ctx, math.MaxUint64, 1, Normal), FileTooLarge},
			"advise much":           {f.Advise(ctx, 1, math.MaxUint64, WillNeed), nil},
			"sync":                  {f.Sync(ctx), nil},
			"sync read-only":        {onlyRead.SyncData(ctx), nil},
			"sync directory":        {d.Sync(ctx), nil},
			"sync-data directory":   {d.SyncData(ctx), nil},
		} {
			if c.got != c.want {
				t.Errorf("%s: got %v, want %v", what, c.got, c.want)
			}
		}
		if st, _ := f.Stat(ctx); st.Size != 0 {
			t.Errorf("its size is %d", st.Size)
		}
		for _, a := range []Advice{Normal, Sequential, Random, WillNeed, DontNeed, NoReuse} {
			for _, offset := range []uint64{0, 4096, 1 << 40} {
				must(t, f.Advise(ctx, offset, 10, a))
			}
		}
		must(t, d.UnlinkFileAt(ctx, "f"), f.SetSize(ctx, 42))
		for _, f := range []*Descriptor{f, onlyRead} {
			if st, err := f.Stat(ctx); err != nil || st.Size != 42 {
				t.Errorf("its size is %d, %v", st.Size, err)
			}
		}
	})
}

func TestTimes(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		d := b.open(t, dir, false)
		f := create(t, d, "f", Read|Write)
		modified := func() Timestamp {
			st, err := f.Stat(ctx)
			must(t, err)
			return *st.Modified
		}
		exact := Timestamp{1234567890, 123456789}
		if b.name == "walker" && runtime.GOOS != "linux" {
			exact.Nanoseconds = 123456000
		}
		must(t, f.SetTimes(ctx, Times{NewTime{SetTo, Timestamp{42, 0}}, NewTime{SetTo, exact}}))
		if got := modified(); got != exact {
			t.Errorf("got %v", got)
		}
		must(t, f.SetTimes(ctx, Times{NewTime{How: SetToNow}, NewTime{}}))
		if got := modified(); got != exact {
			t.Errorf("no-change changed it to %v", got)
		}
		must(t, f.SetTimes(ctx, Times{Modified: NewTime{How: SetToNow}}))
		if got := modified(); time.Since(time.Unix(got.Seconds, 0)) > time.Minute {
			t.Errorf("now is %v", got)
		}
		must(t, d.SetTimesAt(ctx, false, "f", Times{Modified: NewTime{SetTo, Timestamp{-5, 999999999}}}))
		if got := modified(); got != (Timestamp{-5, 999999999}) {
			t.Errorf("before 1970 it is %v", got)
		}
		if err := f.SetTimes(ctx, Times{Accessed: NewTime{SetTo, Timestamp{0, 1e9}}}); err != Invalid {
			t.Errorf("got %v", err)
		}
		if err := d.SetTimesAt(ctx, false, "f", Times{Modified: NewTime{SetTo, Timestamp{0, math.MaxUint32}}}); err != Invalid {
			t.Errorf("got %v", err)
		}
		// What comes of these depends on the disk, but something does.
		for _, s := range []int64{math.MinInt64, math.MinInt64 + 1, math.MinInt32, math.MaxInt32 + 1, 1 << 34, math.MaxInt64} {
			_ = f.SetTimes(ctx, Times{Accessed: NewTime{SetTo, Timestamp{s, 1}}, Modified: NewTime{SetTo, Timestamp{s, 1}}})
			_ = d.SetTimesAt(ctx, true, "f", Times{Modified: NewTime{SetTo, Timestamp{s, 999999999}}})
			if got := modified(); got.Nanoseconds >= 1e9 {
				t.Errorf("%d: got %v", s, got)
			}
		}
	})
}

func TestListings(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		const many = 1500
		for i := range many {
			must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("file.%d", i)), nil, 0o644))
		}
		d := b.open(t, dir, false)
		one, err := d.NewEntries(ctx)
		must(t, err)
		defer one.Close()
		first, err := one.Next(ctx)
		must(t, err)
		n := len(first)
		if n == many {
			t.Error("it is read as a whole")
		}
		two, err := d.NewEntries(ctx)
		must(t, err)
		defer two.Close()
		for seen := map[string]bool{}; ; {
			some, err := two.Next(ctx)
			if err == io.EOF {
				if len(seen) != many {
					t.Errorf("there are %d", len(seen))
				}
				break
			}
			must(t, err)
			for _, e := range some {
				if e.Type != RegularFile || e.Name == "." || e.Name == ".." || seen[e.Name] {
					t.Fatalf("got %v", e)
				}
				seen[e.Name] = true
			}
		}
		for {
			some, err := one.Next(ctx)
			if err == io.EOF {
				break
			}
			must(t, err)
			n += len(some)
		}
		if n != many {
			t.Errorf("the other one found %d", n)
		}
	})
}

func TestNamesThatAreNoText(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("file systems elsewhere don't have such names")
	}
	eachBackend(t, func(t *testing.T, b backend) {
		dir := scene(t)
		must(t, os.WriteFile(filepath.Join(dir, "\xff"), nil, 0o644), os.Symlink("\xff", filepath.Join(dir, "link")))
		s := &script{t: t, handles: map[string]*Descriptor{"": b.open(t, dir, false)}}
		if got := s.run("list", []string{"."}); !strings.HasSuffix(got, "illegal-byte-sequence") {
			t.Errorf("list: %s", got)
		}
		if got := s.run("readlink", []string{"link"}); got != "illegal-byte-sequence" {
			t.Errorf("readlink: %s", got)
		}
	})
}

func TestIdentity(t *testing.T) {
	for _, b := range hostBackends() {
		t.Run(b.name, func(t *testing.T) {
			dir := scene(t)
			d, again, below := b.open(t, dir, false), b.open(t, dir, true), b.open(t, filepath.Dir(dir), true)
			f := create(t, d, "f", Read|Write)
			must(t, d.LinkAt(ctx, false, "f", d, "g"), os.Symlink("f", filepath.Join(dir, "link")))
			g, err := again.OpenAt(ctx, false, "g", 0, Read)
			must(t, err)
			defer g.Drop()
			other := create(t, d, "other", Write)
			if !f.IsSame(g) || !g.IsSame(f) || f.IsSame(other) || f.IsSame(d) || !d.IsSame(again) {
				t.Error("is-same-object is wrong")
			}
			h := f.MetadataHash()
			must(t, second(f.WriteAt(ctx, []byte("x"), 0)))
			at, err := below.MetadataHashAt(ctx, true, "inside/link")
			must(t, err)
			for what, got := range map[string]Hash{"a write": f.MetadataHash(), "a link": g.MetadataHash(), "a path": at} {
				if got != h {
					t.Errorf("the hash by %s differs", what)
				}
			}
			st, err := f.Stat(ctx)
			must(t, err)
			if h == other.MetadataHash() || h.Lower == h.Upper || h.Lower == st.id.ino || st.Links != 2 {
				t.Errorf("the hash is %v, there are %d links", h, st.Links)
			}
		})
	}
}

// The descriptor of a directory that is removed, or moved out, works as far as
// that can be.
func TestDirectoryThatGoes(t *testing.T) {
	for _, b := range hostBackends() {
		t.Run(b.name, func(t *testing.T) {
			dir := scene(t)
			must(t, os.MkdirAll(filepath.Join(dir, "gone"), 0o755), os.MkdirAll(filepath.Join(dir, "moved", "x"), 0o755))
			d := b.open(t, dir, false)
			gone, err := d.OpenAt(ctx, false, "gone", 0, Read)
			must(t, err)
			defer gone.Drop()
			moved, err := d.OpenAt(ctx, false, "moved", 0, Read)
			must(t, err)
			defer moved.Drop()
			must(t, os.Remove(filepath.Join(dir, "gone")), os.Rename(filepath.Join(dir, "moved"), filepath.Join(dir, "..", "outside", "moved")))
			if err := gone.CreateDirectoryAt(ctx, "x"); err != NoEntry {
				t.Errorf("got %v", err)
			}
			must(t, second(moved.StatAt(ctx, false, "x/../x")))
			for _, p := range []string{"..", "x/../..", "../../inside"} {
				if _, err := moved.StatAt(ctx, false, p); err != NotPermitted {
					t.Errorf("%s: %v", p, err)
				}
			}
		})
	}
}
