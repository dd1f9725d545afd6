package fsys

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"
)

// odd is a file system whose files and directories do as the test says.
type odd struct {
	fstest.MapFS
	stat func() error // of every name
	open func(name string) (fs.File, error)
}

func (o *odd) Lstat(name string) (fs.FileInfo, error) {
	if o.stat != nil && name != "." {
		if err := o.stat(); err != nil {
			return nil, err
		}
	}
	return o.MapFS.Lstat(name)
}

func (o *odd) Open(name string) (fs.File, error) {
	if o.open != nil {
		return o.open(name)
	}
	return o.MapFS.Open(name)
}

func newOdd() *odd {
	return &odd{MapFS: fstest.MapFS{"f": {Data: bytes.Repeat([]byte("0123456789"), 100)}, "d/x": {}}}
}

// Errors that mean something to us mean nothing where a file system of the embedder's
// returns them: a guest gets a code.
func TestErrorsOfFileSystems(t *testing.T) {
	for _, odd1 := range []error{io.EOF, context.Canceled, context.DeadlineExceeded, io.ErrUnexpectedEOF} {
		o := newOdd()
		d := fsRoot(t, o)
		o.stat = func() error { return odd1 }
		if _, err := d.StatAt(ctx, false, "f"); err != IO {
			t.Errorf("%v: stat: %v", odd1, err)
		}
		if _, err := d.OpenAt(ctx, false, "f", 0, Read); err != IO {
			t.Errorf("%v: open: %v", odd1, err)
		}
		o.stat = nil
		o.open = func(string) (fs.File, error) { return nil, odd1 }
		if _, err := d.OpenAt(ctx, false, "f", 0, Read); err != IO {
			t.Errorf("%v: open: %v", odd1, err)
		}
		if _, err := d.NewEntries(ctx); err != IO {
			t.Errorf("%v: list: %v", odd1, err)
		}
	}
}

// A file system that panics takes no file of those that may be open with it.
func TestPanicsOfFileSystems(t *testing.T) {
	o := newOdd()
	d := fsRoot(t, o)
	o.open = func(string) (fs.File, error) { panic("in the file system") }
	for range testLimits.OpenFiles + 1 {
		for _, do := range []func(){
			func() { _, _ = d.OpenAt(ctx, false, "f", 0, Read) },
			func() { _, _ = d.NewEntries(ctx) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Fatal("it did not panic")
					}
				}()
				do()
			}()
		}
	}
	if n := len(d.fs.open) + len(d.fs.calls); n != 0 {
		t.Errorf("%d files and calls go on", n)
	}
}

// plain is a file that can only be read, piece by piece.
type plain struct {
	fs.File
	read func(f fs.File, p []byte) (int, error)
}

func (p plain) Read(b []byte) (int, error) { return p.read(p.File, b) }

// Several streams read one file that can only be read from the start, at once.
func TestPlainFileReadAtOnce(t *testing.T) {
	o := newOdd()
	o.open = func(name string) (fs.File, error) {
		f, err := o.MapFS.Open(name)
		return plain{f, func(f fs.File, b []byte) (int, error) { return f.Read(b) }}, err
	}
	d := fsRoot(t, o)
	f, err := d.OpenAt(ctx, false, "f", 0, Read)
	must(t, err)
	defer f.Drop()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 100 {
				at := (i*7919 + j*31) % 1000
				b := make([]byte, 1)
				if n, err := f.ReadAt(ctx, b, uint64(at)); n != 1 || err != nil || b[0] != byte('0'+at%10) {
					t.Errorf("at %d: %q, %v", at, b[:n], err)
				}
				must(t, f.Sync(ctx), second(f.Stat(ctx)))
			}
		})
	}
	wg.Wait()
}

// A file that gives nothing is not read for ever.
func TestFileThatGivesNothing(t *testing.T) {
	o := newOdd()
	o.open = func(name string) (fs.File, error) {
		f, err := o.MapFS.Open(name)
		return plain{f, func(fs.File, []byte) (int, error) { return 0, nil }}, err
	}
	f, err := fsRoot(t, o).OpenAt(ctx, false, "f", 0, Read)
	must(t, err)
	defer f.Drop()
	if n, err := f.ReadAt(ctx, make([]byte, 1), 0); n != 0 || err != IO {
		t.Errorf("got %d, %v", n, err)
	}
}

// full is a file that takes nothing and says nothing.
type full struct{ node }

func (full) kind() Type                             { return RegularFile }
func (full) close() error                           { return nil }
func (full) writeAt([]byte, int64) (n int, e error) { return 0, nil }
func (full) appendTo([]byte) (n int, e error)       { return 0, nil }

func TestFileThatTakesNothing(t *testing.T) {
	f := newFS(testLimits)
	d := &Descriptor{fs: f, shared: newShared(full{}, closeRoot), flags: Write}
	defer d.Drop()
	for _, make := range []func() (*Writer, error){d.NewAppender, func() (*Writer, error) { return d.NewWriter(7) }} {
		w, err := make()
		must(t, err)
		if n, err := w.Write(ctx, []byte("x")); n != 0 || err != IO {
			t.Errorf("wrote %d, %v", n, err)
		}
		w.Close()
	}
}

// Directories are asked for while they are closed.
func TestPreopensBesideClose(t *testing.T) {
	for range 50 {
		f := New([]Dir{{Guest: "/", Host: t.TempDir()}, {Guest: "/fs", FS: newOdd()}}, testLimits)
		var wg sync.WaitGroup
		wg.Go(f.Close)
		wg.Go(func() {
			all, err := f.Preopens()
			for _, p := range all {
				must(t, second(p.Dir.Stat(ctx)))
				p.Dir.Drop()
			}
			must(t, err)
		})
		wg.Go(f.Close)
		wg.Wait()
	}
}
