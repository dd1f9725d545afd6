package wazero

import (
	"errors"
	"io"
	"os"

	experimental "github.com/tetratelabs/wazero/experimental/sys"
	"github.com/tetratelabs/wazero/sys"
)

// rootFile is a file or directory that a guest of WASI preview 1 has open.
type rootFile struct {
	experimental.UnimplementedFile
	fs     *rootFS
	file   *os.File
	name   string // when it was opened
	flag   experimental.Oflag
	closed bool
}

func (f *rootFile) info() (os.FileInfo, error) {
	if f.closed {
		return nil, os.ErrClosed
	}
	return f.file.Stat()
}

func (f *rootFile) Stat() (sys.Stat_t, experimental.Errno) { return stat(f.info()) }

func (f *rootFile) Dev() (uint64, experimental.Errno) {
	st, e := f.Stat()
	return st.Dev, e
}

func (f *rootFile) Ino() (sys.Inode, experimental.Errno) {
	st, e := f.Stat()
	return st.Ino, e
}

func (f *rootFile) IsDir() (bool, experimental.Errno) {
	info, err := f.info()
	if err != nil {
		return false, errno(err)
	}
	return info.IsDir(), 0
}

func (f *rootFile) has(flag experimental.Oflag) bool { return f.flag&flag != 0 }

func (f *rootFile) IsAppend() bool { return f.has(experimental.O_APPEND) }

func (f *rootFile) SetAppend(enable bool) experimental.Errno {
	if enable == f.IsAppend() {
		return 0
	}
	if err := setAppend(f.file, enable); err != nil {
		return errno(err)
	}
	f.flag ^= experimental.O_APPEND
	return 0
}

// IsNonblock, SetNonblock and Poll make it a [experimental.PollableFile]: a file of a
// directory never makes anybody wait, as far as guests can tell.
func (f *rootFile) IsNonblock() bool { return f.has(experimental.O_NONBLOCK) }

// SetNonblock notes what the guest asked for, to tell it when it asks.
func (f *rootFile) SetNonblock(enable bool) experimental.Errno {
	f.flag &^= experimental.O_NONBLOCK
	if enable {
		f.flag |= experimental.O_NONBLOCK
	}
	return 0
}

// Poll reports that the file is ready.
func (f *rootFile) Poll(experimental.Pflag, int32) (ready bool, _ experimental.Errno) {
	return true, 0
}

// counted is what a read or write gave. What was moved counts, whatever came then.
func counted(n int, err error) (int, experimental.Errno) {
	if n > 0 || errors.Is(err, io.EOF) {
		return n, 0
	}
	return n, errno(err)
}

// mayRead says why the file can't be read, where the system would not say the same of a
// directory or say it of nothing to read.
func (f *rootFile) mayRead() experimental.Errno {
	if f.has(experimental.O_WRONLY) {
		return experimental.EBADF
	}
	return 0
}

func (f *rootFile) mayWrite() experimental.Errno {
	if !f.has(experimental.O_WRONLY | experimental.O_RDWR) {
		return experimental.EBADF
	}
	return 0
}

func (f *rootFile) Read(b []byte) (int, experimental.Errno) {
	if e := f.mayRead(); e != 0 {
		return 0, e
	}
	return counted(f.file.Read(b))
}

func (f *rootFile) Pread(b []byte, at int64) (int, experimental.Errno) {
	if e := f.mayRead(); e != 0 {
		return 0, e
	}
	if at < 0 {
		return 0, experimental.EINVAL
	}
	return counted(f.file.ReadAt(b, at))
}

func (f *rootFile) Write(b []byte) (int, experimental.Errno) {
	if e := f.mayWrite(); e != 0 {
		return 0, e
	}
	return counted(f.file.Write(b))
}

func (f *rootFile) Pwrite(b []byte, at int64) (int, experimental.Errno) {
	switch e := f.mayWrite(); {
	case e != 0:
		return 0, e
	case at < 0:
		return 0, experimental.EINVAL
	case f.has(experimental.O_APPEND) && lateFlags == 0:
		// As Linux has it: what is written to a file that is opened so goes to its end.
		return counted(f.file.Write(b))
	}
	return counted(f.file.WriteAt(b, at))
}

// position is an int64. Under that name, go vet would take rootFile for an [io.Seeker]
// that is wrong.
type position = int64

func (f *rootFile) Seek(offset position, whence int) (int64, experimental.Errno) {
	switch dir, e := f.IsDir(); {
	case e != 0:
		return 0, e
	case whence < io.SeekStart || whence > io.SeekEnd:
		return 0, experimental.EINVAL
	case dir && (offset != 0 || whence != io.SeekStart):
		return 0, experimental.EBADF
	}
	n, err := f.file.Seek(offset, whence)
	return n, errno(err)
}

// Readdir asks for each entry by itself, inside the root: what it names may have become
// a link by then. An entry that is gone has no inode number.
func (f *rootFile) Readdir(n int) ([]experimental.Dirent, experimental.Errno) {
	entries, err := f.file.ReadDir(n)
	list := make([]experimental.Dirent, len(entries))
	for i, e := range entries {
		list[i] = experimental.Dirent{Name: e.Name(), Type: e.Type()}
		if st, e := f.fs.Lstat(f.name + "/" + e.Name()); e == 0 {
			list[i].Ino = st.Ino
		}
	}
	if len(list) > 0 || errors.Is(err, io.EOF) {
		return list, 0
	}
	return nil, errno(err)
}

func (f *rootFile) Truncate(size int64) experimental.Errno {
	if f.mayWrite() != 0 || size < 0 {
		return experimental.EINVAL
	}
	return errno(f.file.Truncate(size))
}

func (f *rootFile) Sync() experimental.Errno { return errno(f.file.Sync()) }

func (f *rootFile) Datasync() experimental.Errno { return f.Sync() }

// Utimens sets the times by name, as far as that is still the name of the file.
func (f *rootFile) Utimens(atime, mtime int64) experimental.Errno {
	now, err := f.fs.root.Stat(inRoot(f.name))
	if err != nil {
		return errno(err)
	}
	if info, err := f.info(); err != nil || !os.SameFile(info, now) {
		return experimental.ENOSYS
	}
	return f.fs.Utimens(f.name, atime, mtime)
}

func (f *rootFile) Close() experimental.Errno {
	if f.closed {
		return 0
	}
	f.closed = true
	f.fs.budget.giveBack()
	return errno(f.file.Close())
}
