package fsys

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Dir is a directory that guests get. See wasi.Dir.
type Dir struct {
	Guest    string
	Host     string // a directory of the host, unless FS is given
	FS       fs.FS
	ReadOnly bool
}

// Limits are how much guests may use at a time.
type Limits struct {
	OpenFiles int // files, directories, listings and what else is open, of all guests
	Path      int // the bytes of a path
	Hops      int // symbolic links that one path may lead through; no more than 0 for none
}

// maxCalls is how many system calls may go on at a time for the guests of one host.
// Each takes a thread while it blocks.
const maxCalls = 512

// FS is what the guests of one host see of filesystems. It is safe for use from
// several goroutines.
type FS struct {
	limits Limits
	mounts []mount
	err    error // what a directory could not be opened for

	open    chan struct{} // has an element for each file that is open
	closing atomic.Int64  // files that are being closed
	calls   chan struct{} // has an element for each system call that goes on

	cleanup runtime.Cleanup
	closed  sync.Once
}

// mount is a directory that every guest gets.
type mount struct {
	guest    string
	root     *shared
	readOnly bool
}

// New opens directories. Where one can't be opened, whoever asks for them gets the
// error.
func New(dirs []Dir, limits Limits) *FS {
	f := newFS(limits)
	for _, d := range dirs {
		root, err := openRoot(d, limits.Hops)
		if err != nil {
			f.err = errors.Join(f.err, err)
			continue
		}
		f.mounts = append(f.mounts, mount{d.Guest, newShared(root, closeRoot), d.ReadOnly || d.FS != nil})
	}
	f.cleanup = runtime.AddCleanup(f, releaseAll, f.mounts)
	return f
}

// closeRoot closes at once what no limit counts.
func closeRoot(closeNode func() error) { _ = closeNode() }

func newFS(limits Limits) *FS {
	return &FS{limits: limits, open: make(chan struct{}, max(limits.OpenFiles, 0)), calls: make(chan struct{}, maxCalls)}
}

func openRoot(d Dir, hops int) (node, error) {
	if d.Guest == "" {
		return nil, fmt.Errorf("a directory for the guest has no name: Dir.Guest is empty (Dir.Host is %q)", d.Host)
	}
	if d.FS != nil {
		return openTree(d.FS, hops)
	}
	root, err := openHost(d.Host, hops)
	if err != nil {
		return nil, fmt.Errorf("the directory %q, which the guest is to see as %q, can't be opened: %w", d.Host, d.Guest, err)
	}
	return root, nil
}

// Close closes the directories, once guests don't hold them any more either. It is
// done for who forgets it when nobody holds f.
func (f *FS) Close() {
	f.closed.Do(func() {
		f.cleanup.Stop()
		releaseAll(f.mounts)
	})
}

func releaseAll(mounts []mount) {
	for _, m := range mounts {
		m.root.release()
	}
}

// Preopen is a directory that a guest gets.
type Preopen struct {
	Dir  *Descriptor
	Path string
}

// Preopens makes a descriptor of every directory that has not been closed.
func (f *FS) Preopens() ([]Preopen, error) {
	if f.err != nil {
		return nil, f.err
	}
	var all []Preopen
	for _, m := range f.mounts {
		flags := Read | MutateDirectory
		if m.readOnly {
			flags = Read
		}
		if m.root.retain() {
			all = append(all, Preopen{&Descriptor{fs: f, shared: m.root, flags: flags, readOnly: m.readOnly}, m.guest})
		}
	}
	return all, nil
}

// add takes note of another open file. Where there are too many, it waits for
// those that are being closed, a second or so.
func (f *FS) add(ctx context.Context) error {
	for range 1000 {
		closing := f.closing.Load()
		select {
		case f.open <- struct{}{}:
			return nil
		default:
		}
		if closing == 0 {
			break
		}
		select {
		case f.open <- struct{}{}:
			return nil
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return TooManyFiles
}

// Occupy takes the place of an open file for what costs about as much, such as a
// goroutine that reads one. It does not wait. release gives it back.
func (f *FS) Occupy() (release func(), err error) {
	select {
	case f.open <- struct{}{}:
		return f.forget, nil
	default:
		return nil, TooManyFiles
	}
}

// forget takes note of a file that is not open any more.
func (f *FS) forget() { <-f.open }

// closeSoon closes an open file, which may block: the guest that drops it does not
// wait.
func (f *FS) closeSoon(closeFile func() error) {
	f.closing.Add(1)
	go func() {
		_ = closeFile()
		f.forget()
		f.closing.Add(-1)
	}()
}

// call makes a system call, or some, when few enough others go on.
func (f *FS) call(ctx context.Context, do func() error) error {
	select {
	case f.calls <- struct{}{}:
	default: // ctx.Done may cost something
		select {
		case f.calls <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { <-f.calls }()
	return do()
}

// shared is a node that is closed when nobody uses it any more.
type shared struct {
	node
	refs   atomic.Int32
	unused func(closeNode func() error)
}

func newShared(n node, unused func(closeNode func() error)) *shared {
	s := &shared{node: n, unused: unused}
	s.refs.Store(1)
	return s
}

// retain makes the caller a user, unless there is none any more.
func (s *shared) retain() bool {
	for {
		n := s.refs.Load()
		if n == 0 {
			return false
		}
		if s.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (s *shared) release() {
	if s.refs.Add(-1) == 0 {
		s.unused(s.node.close)
	}
}
