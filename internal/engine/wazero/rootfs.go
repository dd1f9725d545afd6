package wazero

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	experimental "github.com/tetratelabs/wazero/experimental/sys"
	"github.com/tetratelabs/wazero/sys"
)

// rootFS is a directory for guests of WASI preview 1. wazero's own follows symbolic
// links wherever they lead; this one stays inside an [os.Root].
type rootFS struct {
	experimental.UnimplementedFS
	root     *os.Root
	readOnly bool
	budget   *fileBudget
}

// fileBudget bounds how many files a guest has open.
type fileBudget struct{ open atomic.Int32 }

const maxOpenFiles = 1024

func (b *fileBudget) take() bool {
	if b.open.Add(1) > maxOpenFiles {
		b.open.Add(-1)
		return false
	}
	return true
}

func (b *fileBudget) giveBack() { b.open.Add(-1) }

// errno is what an error of package os is in wazero's terms.
func errno(err error) experimental.Errno {
	var number syscall.Errno
	switch {
	case err == nil:
		return 0
	case errors.As(err, &number):
		return experimental.UnwrapOSError(number)
	case errors.Is(err, fs.ErrNotExist):
		return experimental.ENOENT
	case errors.Is(err, fs.ErrExist):
		return experimental.EEXIST
	case errors.Is(err, fs.ErrInvalid):
		return experimental.EINVAL
	case errors.Is(err, fs.ErrClosed):
		return experimental.EBADF
	}
	return experimental.EPERM // the path leads out of the directory
}

// inRoot is a path for package os. wazero puts a slash in front of what is opened at a
// descriptor of the directory itself.
func inRoot(name string) string { return cmp.Or(strings.TrimLeft(name, "/"), ".") }

// mayChange reports why the directory can't be changed.
func (r *rootFS) mayChange() experimental.Errno {
	if r.readOnly {
		return experimental.EROFS
	}
	return 0
}

// osFlags are the flags that package os has, too.
func osFlags(flag experimental.Oflag) int {
	f := os.O_RDONLY
	switch {
	case flag&experimental.O_RDWR != 0:
		f = os.O_RDWR
	case flag&experimental.O_WRONLY != 0:
		f = os.O_WRONLY
	}
	for _, both := range []struct {
		theirs experimental.Oflag
		ours   int
	}{
		{experimental.O_APPEND, os.O_APPEND},
		{experimental.O_CREAT, os.O_CREATE},
		{experimental.O_EXCL, os.O_EXCL},
		{experimental.O_TRUNC, os.O_TRUNC},
		{experimental.O_SYNC | experimental.O_DSYNC | experimental.O_RSYNC, os.O_SYNC},
	} {
		if flag&both.theirs != 0 {
			f |= both.ours
		}
	}
	return f
}

func (r *rootFS) OpenFile(name string, flag experimental.Oflag, perm fs.FileMode) (experimental.File, experimental.Errno) {
	if perm == 0 && flag == experimental.O_WRONLY {
		return linkTimes{fs: r, name: name}, 0 // only path_filestat_set_times opens so
	}
	flags := osFlags(flag)
	if flags&^os.O_SYNC != os.O_RDONLY {
		if e := r.mayChange(); e != 0 {
			return nil, e
		}
	}
	if flag&experimental.O_NOFOLLOW != 0 {
		// Where somebody makes it a link in between, it is followed, inside the root.
		if info, err := r.root.Lstat(inRoot(name)); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return nil, experimental.ELOOP
		}
	}
	if !r.budget.take() {
		return nil, experimental.EAGAIN // there is no word for too many files here
	}
	f, err := r.open(name, flags, perm)
	if err != nil {
		r.budget.giveBack()
		return nil, errno(err)
	}
	made := &rootFile{fs: r, file: f, name: name, flag: flag}
	if flag&experimental.O_DIRECTORY != 0 {
		if dir, e := made.IsDir(); e != 0 || !dir {
			made.Close()
			return nil, experimental.ENOTDIR
		}
	}
	return made, 0
}

func (r *rootFS) open(name string, flags int, perm fs.FileMode) (*os.File, error) {
	f, err := r.root.OpenFile(inRoot(name), flags&^lateFlags|openFlags, perm)
	if err != nil || flags&lateFlags == 0 {
		return f, err
	}
	if err := setAppend(f, true); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (r *rootFS) Lstat(name string) (sys.Stat_t, experimental.Errno) {
	return stat(r.root.Lstat(inRoot(name)))
}

func (r *rootFS) Stat(name string) (sys.Stat_t, experimental.Errno) {
	return stat(r.root.Stat(inRoot(name)))
}

func stat(info fs.FileInfo, err error) (sys.Stat_t, experimental.Errno) {
	if err != nil {
		return sys.Stat_t{}, errno(err)
	}
	return sys.NewStat_t(info), 0
}

func (r *rootFS) Mkdir(name string, perm fs.FileMode) experimental.Errno {
	if e := r.mayChange(); e != 0 {
		return e
	}
	return errno(r.root.Mkdir(inRoot(name), perm))
}

func (r *rootFS) Chmod(name string, perm fs.FileMode) experimental.Errno {
	if e := r.mayChange(); e != 0 {
		return e
	}
	return errno(r.root.Chmod(inRoot(name), perm))
}

func (r *rootFS) Rename(from, to string) experimental.Errno {
	if e := r.mayChange(); e != 0 {
		return e
	}
	from, to = inRoot(from), inRoot(to)
	err := r.root.Rename(from, to)
	switch {
	case !errors.Is(err, fs.ErrExist) || !r.isDir(to):
		return errno(err)
	case !r.isDir(from):
		return experimental.EISDIR
	}
	// os.Root puts no directory in the place of an empty one.
	if err := r.root.Remove(to); err != nil {
		return errno(err)
	}
	return errno(r.root.Rename(from, to))
}

func (r *rootFS) isDir(name string) bool {
	info, err := r.root.Lstat(name)
	return err == nil && info.IsDir()
}

func (r *rootFS) Rmdir(name string) experimental.Errno { return r.remove(name, true) }

func (r *rootFS) Unlink(name string) experimental.Errno { return r.remove(name, false) }

// remove removes a directory, or anything else. Where somebody puts the one in the place
// of the other in between, that is removed.
func (r *rootFS) remove(name string, dir bool) experimental.Errno {
	if e := r.mayChange(); e != 0 {
		return e
	}
	info, err := r.root.Lstat(inRoot(name))
	switch {
	case err != nil:
		return errno(err)
	case dir && !info.IsDir():
		return experimental.ENOTDIR
	case !dir && info.IsDir():
		return experimental.EISDIR
	}
	return errno(r.root.Remove(inRoot(name)))
}

func (r *rootFS) Link(from, to string) experimental.Errno {
	if e := r.mayChange(); e != 0 {
		return e
	}
	return errno(r.root.Link(inRoot(from), inRoot(to)))
}

// Symlink makes a link to whatever the guest says, unless that is absolute. Nobody
// follows it out of the root from here; others who use the directory may.
func (r *rootFS) Symlink(target, name string) experimental.Errno {
	if e := r.mayChange(); e != 0 {
		return e
	}
	if path.IsAbs(target) {
		return experimental.EPERM
	}
	return errno(r.root.Symlink(target, inRoot(name)))
}

func (r *rootFS) Readlink(name string) (string, experimental.Errno) {
	target, err := r.root.Readlink(inRoot(name))
	return target, errno(err)
}

func (r *rootFS) Utimens(name string, atime, mtime int64) experimental.Errno {
	if e := r.mayChange(); e != 0 {
		return e
	}
	return errno(r.root.Chtimes(inRoot(name), timeOf(atime), timeOf(mtime)))
}

// linkTimes sets the times of what has a name, itself, and does nothing else.
type linkTimes struct {
	experimental.UnimplementedFile
	fs   *rootFS
	name string
}

func (l linkTimes) Utimens(atime, mtime int64) experimental.Errno {
	if e := l.fs.mayChange(); e != 0 {
		return e
	}
	info, err := l.fs.root.Lstat(inRoot(l.name))
	switch {
	case err != nil:
		return errno(err)
	case info.Mode()&fs.ModeSymlink == 0:
		return l.fs.Utimens(l.name, atime, mtime)
	}
	dir, err := l.fs.root.Open(path.Dir(inRoot(l.name)))
	if err != nil {
		return errno(err)
	}
	defer dir.Close()
	return errno(setLinkTimes(dir, path.Base(l.name), timeOf(atime), timeOf(mtime)))
}

// timeOf is the zero time, which leaves a time as it is, where wazero says so.
func timeOf(ns int64) time.Time {
	if ns == experimental.UTIME_OMIT {
		return time.Time{}
	}
	return time.Unix(0, ns)
}
