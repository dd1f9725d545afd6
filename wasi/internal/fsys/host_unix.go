//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package fsys

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// resolver finds what paths lead to, without ever leaving a directory.
type resolver interface {
	locate(dir int, path string, follow bool) (spot[int], error)
	// open opens a path; flags are for open(2), and O_NOFOLLOW is added where it
	// is needed.
	open(dir int, path string, flags int, follow bool) (int, error)
}

// openHost opens a directory of the host, wherever it is. Paths in it may lead through
// so many symbolic links.
func openHost(path string, hops int) (node, error) { return openUnix(path, hostResolver(hops)) }

func openUnix(path string, r resolver) (node, error) {
	fd, err := retry(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0) })
	if err != nil {
		return nil, err
	}
	return newUnixNode(fd, r, nil)
}

// unixNode is an open file or directory.
type unixNode struct {
	fd       int
	typ      Type
	id       identity
	resolver resolver
	waits    bool // for more than a disk
}

// newUnixNode makes a node of a file descriptor, which is the node's, or closed. It was
// found in a directory, unless that is nil.
func newUnixNode(fd int, r resolver, in *unixNode) (*unixNode, error) {
	var st unix.Stat_t
	if err := retry0(func() error { return unix.Fstat(fd, &st) }); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	n := &unixNode{fd: fd, typ: typeOf(&st), id: identityOf(&st), resolver: r}
	if in != nil && in.id.dev == n.id.dev {
		n.waits = in.waits
	} else {
		n.waits = deviceWaits(n.id.dev)
	}
	return n, nil
}

func (n *unixNode) kind() Type         { return n.typ }
func (n *unixNode) identity() identity { return n.id }
func (n *unixNode) prompt() bool       { return !n.waits }
func (n *unixNode) close() error       { return unix.Close(n.fd) }

func (n *unixNode) stat() (Stat, error) {
	var st unix.Stat_t
	if err := retry0(func() error { return unix.Fstat(n.fd, &st) }); err != nil {
		return Stat{}, err
	}
	return statOf(&st), nil
}

func (n *unixNode) sync(dataOnly bool) error {
	err := retry0(func() error { return syncFile(n.fd, dataOnly) })
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EROFS) {
		return nil // there is nothing that could be written
	}
	return err
}

func (n *unixNode) readAt(p []byte, offset int64) (int, error) {
	m, err := retry(func() (int, error) { return unix.Pread(n.fd, p, offset) })
	if m == 0 && err == nil {
		err = io.EOF
	}
	return max(m, 0), err
}

func (n *unixNode) writeAt(p []byte, offset int64) (int, error) {
	m, err := retry(func() (int, error) { return unix.Pwrite(n.fd, p, offset) })
	return max(m, 0), err
}

func (n *unixNode) appendTo(p []byte) (int, error) {
	m, err := appendFile(n, p)
	return max(m, 0), err
}

// appendLocked appends where the system can't: it is in one piece as far as guests
// of this process are concerned.
func (n *unixNode) appendLocked(p []byte) (int, error) {
	lock := appendLock(n.id)
	lock.Lock()
	defer lock.Unlock()
	st, err := n.stat()
	if err != nil {
		return 0, err
	}
	return n.writeAt(p, int64(st.Size))
}

func (n *unixNode) setSize(size int64) error {
	return retry0(func() error { return unix.Ftruncate(n.fd, size) })
}

func (n *unixNode) setTimes(t Times) error { return setFileTimes(n, t) }

func (n *unixNode) advise(offset, length int64, advice Advice) error {
	return adviseFile(n.fd, offset, length, advice)
}

func (n *unixNode) openAt(path string, how openHow) (node, error) {
	fd, err := n.resolver.open(n.fd, path, how.flags(), how.follow)
	if err != nil {
		return nil, err
	}
	return newUnixNode(fd, n.resolver, n)
}

// flags are open(2)'s. A guest must not wait for the other side of a FIFO, nor get
// the process a terminal.
func (how openHow) flags() int {
	flags := unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_NOCTTY
	switch {
	case how.read && how.write:
		flags |= unix.O_RDWR
	case how.write:
		flags |= unix.O_WRONLY
	}
	for _, f := range [...]struct {
		on   bool
		flag int
	}{
		{how.create, unix.O_CREAT},
		{how.exclusive, unix.O_EXCL},
		{how.truncate, unix.O_TRUNC},
		{how.directory, unix.O_DIRECTORY},
		{how.syncData, openSyncData},
		{how.syncFile || how.syncRead, unix.O_SYNC},
	} {
		if f.on {
			flags |= f.flag
		}
	}
	return flags
}

// at finds what a path leads to.
func (n *unixNode) at(path string, follow bool, do func(s *spot[int]) error) error {
	s, err := n.resolver.locate(n.fd, path, follow)
	if err != nil {
		return err
	}
	defer leaveSpot(&s)
	return do(&s)
}

func leaveSpot(s *spot[int]) {
	if s.owned {
		_ = unix.Close(s.dir)
	}
}

// entry finds the entry of a directory that a path stands for, which need not
// exist. Where it is a link and a slash follows, the system's calls refuse it, and
// so do we, once it is clear that the link does not lead outside.
func (n *unixNode) entry(path string, link Code, do func(s *spot[int]) error) error {
	return n.at(path, false, func(s *spot[int]) error {
		if s.throughLink {
			return link
		}
		return do(s)
	})
}

func lstat(s *spot[int]) (st unix.Stat_t, err error) {
	err = retry0(func() error { return unix.Fstatat(s.dir, s.name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	if err == nil && s.slash && typeOf(&st) != Directory {
		err = NotDirectory
	}
	return st, err
}

func (n *unixNode) statAt(path string, follow bool) (st Stat, err error) {
	err = n.at(path, follow, func(s *spot[int]) error {
		raw, err := lstat(s)
		st = statOf(&raw)
		return err
	})
	return st, err
}

func (n *unixNode) readLinkAt(path string) (target string, err error) {
	err = n.at(path, false, func(s *spot[int]) error {
		if s.slash {
			if _, err := lstat(s); err != nil {
				return err
			}
		}
		target, err = readLink(s.dir, s.name)
		return err
	})
	switch {
	case err == errNoLink:
		return "", Invalid
	case err != nil:
		return "", err
	case strings.HasPrefix(target, "/"):
		return "", NotPermitted
	case !utf8.ValidString(target):
		return "", IllegalByteSequence
	}
	return target, nil
}

func (n *unixNode) setTimesAt(path string, follow bool, t Times) error {
	return n.at(path, follow, func(s *spot[int]) error {
		if s.slash {
			if _, err := lstat(s); err != nil {
				return err
			}
		}
		return setTimesAt(s, t)
	})
}

func (n *unixNode) createDirectoryAt(path string) error {
	return n.entry(path, Exist, func(s *spot[int]) error {
		return retry0(func() error { return unix.Mkdirat(s.dir, s.name, 0o777) })
	})
}

func (n *unixNode) removeDirectoryAt(path string) error {
	return n.entry(path, NotDirectory, func(s *spot[int]) error {
		return retry0(func() error { return unix.Unlinkat(s.dir, s.name, unix.AT_REMOVEDIR) })
	})
}

func (n *unixNode) unlinkFileAt(path string) error {
	return n.entry(path, NotDirectory, func(s *spot[int]) error {
		if s.slash {
			if _, err := lstat(s); err != nil {
				return err
			}
			return IsDirectory
		}
		return retry0(func() error { return unix.Unlinkat(s.dir, s.name, 0) })
	})
}

// newEntry finds the place of an entry that is to be made and is no directory.
func (n *unixNode) newEntry(path string, do func(s *spot[int]) error) error {
	return n.entry(path, Exist, func(s *spot[int]) error {
		if s.slash {
			if _, err := lstat(s); err != nil {
				return err
			}
			return Exist
		}
		return do(s)
	})
}

func (n *unixNode) symlinkAt(target, path string) error {
	return n.newEntry(path, func(s *spot[int]) error {
		return retry0(func() error { return unix.Symlinkat(target, s.dir, s.name) })
	})
}

func (n *unixNode) linkAt(path string, to node, newPath string) error {
	return n.entry(path, NotPermitted, func(from *spot[int]) error {
		if from.slash {
			if _, err := lstat(from); err != nil {
				return err
			}
			return NotPermitted // a directory
		}
		return to.(*unixNode).newEntry(newPath, func(to *spot[int]) error {
			return retry0(func() error { return unix.Linkat(from.dir, from.name, to.dir, to.name, 0) })
		})
	})
}

func (n *unixNode) renameAt(path string, to node, newPath string) error {
	return n.entry(path, NotDirectory, func(from *spot[int]) error {
		return to.(*unixNode).entry(newPath, NotDirectory, func(to *spot[int]) error {
			from.slash = from.slash || to.slash
			if from.slash {
				if _, err := lstat(from); err != nil {
					return err
				}
			}
			return retry0(func() error { return unix.Renameat(from.dir, from.name, to.dir, to.name) })
		})
	})
}

// entries opens the directory anew, so that listings do not share a position.
func (n *unixNode) entries() (entrySource, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(n.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, err
	}
	return newEntrySource(fd), nil
}

// readLink reads a symbolic link.
func readLink(dir int, name string) (string, error) {
	for size := 256; ; size *= 2 {
		buf := make([]byte, size)
		m, err := retry(func() (int, error) { return unix.Readlinkat(dir, name, buf) })
		switch {
		case err == unix.EINVAL:
			return "", errNoLink
		case err != nil:
			return "", err
		case m < size:
			return string(buf[:m]), nil
		}
	}
}

// retry makes a system call again that a signal interrupted.
func retry[T any](call func() (T, error)) (T, error) {
	for {
		v, err := call()
		if err != unix.EINTR {
			return v, err
		}
	}
}

func retry0(call func() error) error {
	for {
		if err := call(); err != unix.EINTR {
			return err
		}
	}
}

func identityOf(st *unix.Stat_t) identity {
	return identity{dev: uint64(st.Dev), ino: uint64(st.Ino)}
}

func typeOf(st *unix.Stat_t) Type {
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFBLK:
		return BlockDevice
	case unix.S_IFCHR:
		return CharacterDevice
	case unix.S_IFDIR:
		return Directory
	case unix.S_IFIFO:
		return FIFO
	case unix.S_IFLNK:
		return SymbolicLink
	case unix.S_IFREG:
		return RegularFile
	case unix.S_IFSOCK:
		return Socket
	}
	return Unknown
}

func statOf(st *unix.Stat_t) Stat {
	return Stat{
		Type:          typeOf(st),
		Links:         uint64(st.Nlink),
		Size:          uint64(max(st.Size, 0)),
		Accessed:      timestampOf(st.Atim),
		Modified:      timestampOf(st.Mtim),
		StatusChanged: timestampOf(st.Ctim),
		id:            identityOf(st),
	}
}

func timestampOf(ts unix.Timespec) *Timestamp {
	return &Timestamp{int64(ts.Sec), uint32(ts.Nsec)}
}

// timespecOf fails where the system's times have fewer bits.
func timespecOf(t Timestamp) (ts unix.Timespec, err error) {
	assign(&ts.Nsec, int64(t.Nanoseconds))
	if !assign(&ts.Sec, t.Seconds) {
		return ts, Overflow
	}
	return ts, nil
}

func assign[T int32 | int64](to *T, v int64) (fits bool) {
	*to = T(v)
	return int64(*to) == v
}
