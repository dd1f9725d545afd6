package fsys

import (
	"errors"
	"io"
	"io/fs"
	"sync"
)

// treeFile is an open file, which may be one that can only be read from the
// start.
type treeFile struct {
	open func() (fs.File, error)

	mu  sync.Mutex // not for what has its own methods for offsets
	f   fs.File
	pos int64 // where f is, if it can't seek
}

func (f *treeFile) close() error { return f.f.Close() }

func (f *treeFile) stat() (fs.FileInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.f.Stat()
}

// current is the file that is open now.
func (f *treeFile) current() fs.File {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.f
}

func (f *treeFile) sync() error {
	if s, ok := f.current().(interface{ Sync() error }); ok {
		if err := s.Sync(); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}

func (f *treeFile) reopen() error {
	again, err := f.open()
	if err != nil {
		return err
	}
	if f.f != nil {
		_ = f.f.Close()
	}
	f.f, f.pos = again, 0
	return nil
}

func (f *treeFile) readAt(p []byte, offset int64) (int, error) {
	if r, ok := f.current().(io.ReaderAt); ok {
		n, err := r.ReadAt(p, offset)
		if n > 0 && err == io.EOF {
			err = nil
		}
		return n, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.seek(offset); err != nil {
		return 0, err
	}
	for range maxEmptyReads {
		n, err := f.f.Read(p)
		f.pos += int64(n)
		if n > 0 {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, io.ErrNoProgress
}

// maxEmptyReads is how often a file is read again that gives neither a byte nor an
// error.
const maxEmptyReads = 100

// seek moves to an offset. At the end of the file it returns io.EOF.
func (f *treeFile) seek(offset int64) error {
	if s, ok := f.f.(io.Seeker); ok {
		_, err := s.Seek(offset, io.SeekStart)
		return err
	}
	if offset < f.pos {
		if err := f.reopen(); err != nil {
			return err
		}
	}
	n, err := io.CopyN(io.Discard, f.f, offset-f.pos)
	f.pos += n
	return err
}
