package fsys

import (
	"context"
	"hash/maphash"
	"io"
	"math"
	"sync/atomic"
)

// Descriptor is an open file or directory of a guest: the descriptor of
// wasi:filesystem. Its methods may block; they end early only before they begin,
// with the error of their context. All other errors are codes.
//
// Descriptors are safe for use from several goroutines.
type Descriptor struct {
	fs       *FS
	shared   *shared
	flags    Flags
	readOnly bool // by the will of the host
	dropped  atomic.Bool
}

// Prompt reports whether operations wait for a disk at most, and not for whatever an
// embedder's file system, a program or a network does: see the package's documentation.
func (d *Descriptor) Prompt() bool { return d.shared.prompt() }

// Drop ends the guest's use. What goes on, and streams, go on.
func (d *Descriptor) Drop() {
	if !d.dropped.Swap(true) {
		d.shared.release()
	}
}

// use calls do with the node, which stays open meanwhile.
func (d *Descriptor) use(ctx context.Context, do func(n node) error) error {
	if !d.shared.retain() {
		return BadDescriptor
	}
	defer d.shared.release()
	return d.fs.call(ctx, func() error { return codeOrNil(do(d.shared.node)) })
}

// useToEnd is use by an operation that may find that it is at the end: io.EOF.
func (d *Descriptor) useToEnd(ctx context.Context, do func(n node) error) error {
	atEnd := false
	err := d.use(ctx, func(n node) error {
		err := do(n)
		if atEnd = err == io.EOF; atEnd {
			return nil
		}
		return err
	})
	if atEnd {
		return io.EOF
	}
	return err
}

// change is use by an operation that changes something.
func (d *Descriptor) change(ctx context.Context, do func(n node) error) error {
	if d.readOnly {
		return NotPermitted
	}
	return d.use(ctx, do)
}

func (d *Descriptor) isDirectory() bool { return d.Type() == Directory }

// Flags are what the descriptor was opened for.
func (d *Descriptor) Flags() Flags { return d.flags }

// Type is the type of the file.
func (d *Descriptor) Type() Type { return d.shared.kind() }

// Stat describes the file.
func (d *Descriptor) Stat(ctx context.Context) (st Stat, err error) {
	err = d.use(ctx, func(n node) error {
		st, err = n.stat()
		return err
	})
	return st, err
}

// Sync writes what the system keeps of the file to the disk.
func (d *Descriptor) Sync(ctx context.Context) error {
	return d.use(ctx, func(n node) error { return n.sync(false) })
}

// SyncData writes what the system keeps of the file's data to the disk.
func (d *Descriptor) SyncData(ctx context.Context) error {
	return d.use(ctx, func(n node) error { return n.sync(true) })
}

// Advise tells the system how a part of a file will be used.
func (d *Descriptor) Advise(ctx context.Context, offset, length uint64, advice Advice) error {
	switch {
	case d.isDirectory():
		return BadDescriptor
	case offset > math.MaxInt64:
		return FileTooLarge
	case length > math.MaxInt64-offset:
		length = 0 // up to the end
	}
	return d.use(ctx, func(n node) error { return n.advise(int64(offset), int64(length), advice) })
}

// SetSize cuts a file or fills it up with zeros.
func (d *Descriptor) SetSize(ctx context.Context, size uint64) error {
	switch err := d.writable(); {
	case err == BadDescriptor && !d.isDirectory():
		return Invalid // as ftruncate says
	case err != nil:
		return err
	case size > math.MaxInt64:
		return FileTooLarge
	}
	return d.change(ctx, func(n node) error { return n.setSize(int64(size)) })
}

// SetTimes sets timestamps.
func (d *Descriptor) SetTimes(ctx context.Context, t Times) error {
	if err := t.check(); err != nil {
		return err
	}
	return d.change(ctx, func(n node) error { return n.setTimes(t) })
}

// writable says why data can't be written.
func (d *Descriptor) writable() error {
	switch {
	case d.readOnly:
		return NotPermitted
	case d.isDirectory() || d.flags&Write == 0:
		return BadDescriptor
	}
	return nil
}

// readable says why data can't be read.
func (d *Descriptor) readable() error {
	switch {
	case d.isDirectory():
		return IsDirectory
	case d.flags&Read == 0:
		return BadDescriptor
	}
	return nil
}

// ReadAt reads up to len(p) bytes, at least one unless p is empty. At the end it
// returns [io.EOF].
func (d *Descriptor) ReadAt(ctx context.Context, p []byte, offset uint64) (n int, err error) {
	if err := d.readable(); err != nil {
		return 0, err
	}
	at, err := offsetOf(offset)
	if err != nil || len(p) == 0 {
		return 0, err
	}
	err = d.useToEnd(ctx, func(f node) error {
		n, err = f.readAt(p, at)
		return err
	})
	return n, err
}

// WriteAt writes some of p, and says how much.
func (d *Descriptor) WriteAt(ctx context.Context, p []byte, offset uint64) (n int, err error) {
	if err := d.writable(); err != nil {
		return 0, err
	}
	at, err := offsetOf(offset)
	if err != nil || len(p) == 0 {
		return 0, err
	}
	if at > math.MaxInt64-int64(len(p)) {
		return 0, FileTooLarge
	}
	err = d.change(ctx, func(f node) error {
		n, err = f.writeAt(p, at)
		return err
	})
	return n, err
}

// IsSame reports whether both are the same file. It does not block.
func (d *Descriptor) IsSame(other *Descriptor) bool {
	return d.shared.identity() == other.shared.identity()
}

// Hash is a hash of which file something is.
type Hash struct{ Lower, Upper uint64 }

// The keys are not for guests to know, so that a hash does not tell the number of
// a file.
var lowerSeed, upperSeed = maphash.MakeSeed(), maphash.MakeSeed()

func (id identity) hash() Hash {
	return Hash{maphash.Comparable(lowerSeed, id), maphash.Comparable(upperSeed, id)}
}

// MetadataHash tells files apart. It stays the same while a file changes: C
// libraries show it as the file's number. It does not block.
func (d *Descriptor) MetadataHash() Hash { return d.shared.identity().hash() }
