package fsys

import (
	"context"
	"io"
	"math"
)

// Reader reads a file from a position on. It does not move when others read or
// write the file. Use it from one goroutine at a time.
type Reader struct {
	d      *Descriptor
	offset int64
}

// NewReader reads from a position on. It must be closed.
func (d *Descriptor) NewReader(offset uint64) (*Reader, error) {
	if err := d.readable(); err != nil {
		return nil, err
	}
	at, err := offsetOf(offset)
	if err != nil {
		return nil, err
	}
	u, err := d.Share()
	if err != nil {
		return nil, err
	}
	return &Reader{u, at}, nil
}

// Share makes another descriptor of the same file, for what may outlive the guest's
// one.
func (d *Descriptor) Share() (*Descriptor, error) {
	if !d.shared.retain() {
		return nil, BadDescriptor
	}
	return &Descriptor{fs: d.fs, shared: d.shared, flags: d.flags, readOnly: d.readOnly}, nil
}

// Read reads up to len(p) bytes, at least one. At the end it returns [io.EOF]; a
// file that has grown since can be read on.
func (r *Reader) Read(ctx context.Context, p []byte) (int, error) {
	if r.offset == math.MaxInt64 {
		return 0, io.EOF
	}
	n, err := r.d.ReadAt(ctx, p[:min(int64(len(p)), math.MaxInt64-r.offset)], uint64(r.offset))
	r.offset += int64(n)
	return n, err
}

// Prompt is [Descriptor.Prompt].
func (r *Reader) Prompt() bool { return r.d.Prompt() }

// Peek returns what a Read would return as an error, without reading.
func (r *Reader) Peek(ctx context.Context) error {
	ahead := *r
	_, err := ahead.Read(ctx, make([]byte, 1))
	return err
}

// Close ends the use of the file.
func (r *Reader) Close() { r.d.Drop() }

// Writer writes a file from a position on, or always at its end. Use it from one
// goroutine at a time.
type Writer struct {
	d        *Descriptor
	offset   uint64
	appender bool
}

// NewWriter writes from a position on. It must be closed.
func (d *Descriptor) NewWriter(offset uint64) (*Writer, error) {
	if _, err := offsetOf(offset); err != nil {
		return nil, err
	}
	return d.newWriter(Writer{offset: offset})
}

// NewAppender writes at the end, wherever that is by then. It must be closed.
func (d *Descriptor) NewAppender() (*Writer, error) { return d.newWriter(Writer{appender: true}) }

func (d *Descriptor) newWriter(w Writer) (*Writer, error) {
	if err := d.writable(); err != nil {
		return nil, err
	}
	u, err := d.Share()
	w.d = u
	return &w, err
}

// Write writes p. Where it can't write all of it, it returns an error and how much
// it has written.
func (w *Writer) Write(ctx context.Context, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		if m, err = w.write(ctx, p[n:]); m == 0 && err == nil {
			err = IO // it would be tried for ever
		}
		n += m
	}
	return n, err
}

func (w *Writer) write(ctx context.Context, p []byte) (n int, err error) {
	if !w.appender {
		n, err = w.d.WriteAt(ctx, p, w.offset)
		w.offset += uint64(n)
		return n, err
	}
	err = w.d.change(ctx, func(f node) error {
		n, err = f.appendTo(p)
		return err
	})
	return n, err
}

// Close ends the use of the file.
func (w *Writer) Close() { w.d.Drop() }

// Entries lists a directory. Use it from one goroutine at a time.
type Entries struct {
	d      *Descriptor
	source entrySource
}

// Listable says why the entries can't be read. It does not block.
func (d *Descriptor) Listable() error {
	switch {
	case !d.isDirectory():
		return NotDirectory
	case d.flags&Read == 0:
		return BadDescriptor
	}
	return nil
}

// NewEntries lists the directory from the start. It must be closed.
func (d *Descriptor) NewEntries(ctx context.Context) (*Entries, error) {
	if err := d.Listable(); err != nil {
		return nil, err
	}
	if err := d.fs.add(ctx); err != nil {
		return nil, err
	}
	var source entrySource
	defer func() {
		if source == nil { // a file system of the embedder's may panic
			d.fs.forget()
		}
	}()
	err := d.use(ctx, func(dir node) error {
		s, err := dir.entries()
		if err == nil {
			source = s
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	u, err := d.Share()
	if err != nil {
		d.fs.closeSoon(source.close)
		return nil, err
	}
	return &Entries{u, source}, nil
}

// Prompt is [Descriptor.Prompt].
func (e *Entries) Prompt() bool { return e.d.Prompt() }

// Next returns some entries, at least one, that are good until the next call. At
// the end it returns [io.EOF].
func (e *Entries) Next(ctx context.Context) (some []Entry, err error) {
	err = e.d.useToEnd(ctx, func(node) error {
		some, err = e.source.next()
		return err
	})
	return some, err
}

// Close ends the listing.
func (e *Entries) Close() {
	e.d.fs.closeSoon(e.source.close)
	e.d.Drop()
}
