//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package fsys

import (
	"errors"
	"hash/maphash"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// typeAt is the type of an entry whose listing does not tell. One that is gone by
// now has none.
func typeAt(dir int, name string) Type {
	var st unix.Stat_t
	if err := retry0(func() error { return unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW) }); err != nil {
		return Unknown
	}
	return typeOf(&st)
}

var appendLocks [64]sync.Mutex

func appendLock(id identity) *sync.Mutex {
	return &appendLocks[maphash.Comparable(lowerSeed, id)%uint64(len(appendLocks))]
}

func systemCode(err error) (Code, bool) {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return 0, false
	}
	if errno == unix.ENOTSUP { // the same as EOPNOTSUPP on some systems
		return Unsupported, true
	}
	c, ok := codes[errno]
	return c, ok
}

var codes = map[syscall.Errno]Code{
	unix.EACCES:       Access,
	unix.EAGAIN:       WouldBlock,
	unix.EALREADY:     Already,
	unix.EBADF:        BadDescriptor,
	unix.EBUSY:        Busy,
	unix.EDEADLK:      Deadlock,
	unix.EDQUOT:       Quota,
	unix.EEXIST:       Exist,
	unix.EFBIG:        FileTooLarge,
	unix.EILSEQ:       IllegalByteSequence,
	unix.EINPROGRESS:  InProgress,
	unix.EINTR:        Interrupted,
	unix.EINVAL:       Invalid,
	unix.EIO:          IO,
	unix.EISDIR:       IsDirectory,
	unix.ELOOP:        Loop,
	unix.EMLINK:       TooManyLinks,
	unix.EMSGSIZE:     MessageSize,
	unix.ENAMETOOLONG: NameTooLong,
	unix.ENODEV:       NoDevice,
	unix.ENOENT:       NoEntry,
	unix.ENOLCK:       NoLock,
	unix.ENOMEM:       InsufficientMemory,
	unix.ENOSPC:       InsufficientSpace,
	unix.ENOTDIR:      NotDirectory,
	unix.ENOTEMPTY:    NotEmpty,
	unix.ENOSYS:       Unsupported,
	unix.EOPNOTSUPP:   Unsupported,
	unix.ENOTTY:       NoTTY,
	unix.ENXIO:        NoSuchDevice,
	unix.EOVERFLOW:    Overflow,
	unix.EPERM:        NotPermitted,
	unix.EPIPE:        Pipe,
	unix.EROFS:        ReadOnly,
	unix.ESPIPE:       InvalidSeek,
	unix.ETXTBSY:      TextFileBusy,
	unix.EXDEV:        CrossDevice,
	unix.EMFILE:       TooManyFiles,
	unix.ENFILE:       TooManyFiles,
}
