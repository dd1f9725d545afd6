package fsys

import (
	"encoding/binary"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hostResolver is the kernel where it can do that, which always allows as many
// symbolic links.
func hostResolver(hops int) resolver {
	if hops == DefaultHops && kernelResolves() {
		return kernel{}
	}
	return walker{hops}
}

// kernelResolves is true since Linux 5.6, unless a filter of system calls forbids it.
var kernelResolves = sync.OnceValue(func() bool {
	fd, err := unix.Openat2(unix.AT_FDCWD, ".", &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: beneath})
	switch err {
	case unix.ENOSYS, unix.EPERM, unix.EINVAL, unix.E2BIG:
		return false
	case nil:
		_ = unix.Close(fd)
	}
	return true
})

const beneath = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS

// openDirectory is how a walk opens directories: to go through, not to read.
const openDirectory = unix.O_PATH

const openSyncData = unix.O_DSYNC

// kernel has the kernel resolve paths, which takes one call however long they are.
type kernel struct{}

// openBeneath opens a path that stays in a directory.
func openBeneath(dir int, path string, flags int) (int, error) {
	how := unix.OpenHow{Flags: uint64(flags), Resolve: beneath}
	if flags&unix.O_CREAT != 0 {
		how.Mode = 0o666
	}
	var err error
	for range maxRaces {
		var fd int
		fd, err = unix.Openat2(dir, path, &how)
		switch err {
		case nil:
			return fd, nil
		case unix.EXDEV:
			return 0, NotPermitted
		case unix.EINTR, unix.EAGAIN: // the kernel can't be sure of ".." while something is being renamed
		default:
			return 0, err
		}
	}
	return 0, err
}

func (kernel) open(dir int, path string, flags int, follow bool) (int, error) {
	beneath := flags
	if !follow {
		beneath |= unix.O_NOFOLLOW
	}
	fd, err := openBeneath(dir, path, beneath)
	if err == unix.EAGAIN {
		return walker{DefaultHops}.open(dir, path, flags, follow)
	}
	return fd, err
}

func (kernel) locate(dir int, path string, follow bool) (spot[int], error) {
	s, err := locateBeneath(dir, path, follow)
	if err == unix.EAGAIN {
		return walker{DefaultHops}.locate(dir, path, follow)
	}
	return s, err
}

// locateBeneath has the kernel find the directory, and looks itself only at the
// last name.
func locateBeneath(dir int, path string, follow bool) (spot[int], error) {
	throughLink := false
	for hops := 0; ; hops++ {
		head, name, slash := splitLast(path)
		s := spot[int]{dir: dir, name: name, slash: slash, throughLink: throughLink}
		if head != "" {
			fd, err := openBeneath(dir, head, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC)
			if err != nil {
				return spot[int]{}, err
			}
			s.dir, s.owned = fd, true
		}
		if name == "." || !follow && !slash {
			return s, nil
		}
		target, err := readLink(s.dir, name)
		switch {
		case err == errNoLink || err == unix.ENOENT:
			return s, nil
		case err != nil:
		case hops == DefaultHops:
			err = Loop
		case strings.HasPrefix(target, "/"):
			err = NotPermitted
		}
		leaveSpot(&s)
		if err != nil {
			return spot[int]{}, err
		}
		if slash {
			throughLink = throughLink || !follow
			target += "/"
		}
		path = head + target
	}
}

// splitLast takes the last name off a path. The name of a path that ends in "." or
// "..", which can be no link, is "." in the directory that it leads to.
func splitLast(path string) (head, name string, slash bool) {
	trimmed := strings.TrimRight(path, "/")
	slash = len(trimmed) < len(path)
	i := strings.LastIndexByte(trimmed, '/') + 1
	switch name = trimmed[i:]; {
	case trimmed == ".":
		return "", ".", false
	case name == "." || name == ".." || name == "":
		return path, ".", false
	}
	return path[:i], name, slash
}

func syncFile(fd int, dataOnly bool) error {
	if dataOnly {
		return unix.Fdatasync(fd)
	}
	return unix.Fsync(fd)
}

// appendFile appends in one piece. A file that is opened to be appended to could
// not be written anywhere else.
func appendFile(n *unixNode, p []byte) (int, error) {
	m, err := retry(func() (int, error) { return unix.Pwritev2(n.fd, [][]byte{p}, 0, unix.RWF_APPEND) })
	if err == unix.EOPNOTSUPP || err == unix.ENOSYS {
		return n.appendLocked(p)
	}
	return m, err
}

var adviceNumbers = [...]int{
	Normal:     unix.FADV_NORMAL,
	Sequential: unix.FADV_SEQUENTIAL,
	Random:     unix.FADV_RANDOM,
	WillNeed:   unix.FADV_WILLNEED,
	DontNeed:   unix.FADV_DONTNEED,
	NoReuse:    unix.FADV_NOREUSE,
}

func adviseFile(fd int, offset, length int64, advice Advice) error {
	return unix.Fadvise(fd, offset, length, adviceNumbers[advice])
}

func timespecs(t Times) (ts [2]unix.Timespec, err error) {
	for i, n := range [...]NewTime{t.Accessed, t.Modified} {
		switch n.How {
		case NoChange:
			ts[i].Nsec = unix.UTIME_OMIT
		case SetToNow:
			ts[i].Nsec = unix.UTIME_NOW
		case SetTo:
			if ts[i], err = timespecOf(n.Time); err != nil {
				return ts, err
			}
		}
	}
	return ts, nil
}

func setTimesAt(s *spot[int], t Times) error {
	if t.Accessed.How == NoChange && t.Modified.How == NoChange {
		_, err := lstat(s) // the kernel would not look whether there is anything
		return err
	}
	ts, err := timespecs(t)
	if err != nil {
		return err
	}
	return retry0(func() error { return unix.UtimesNanoAt(s.dir, s.name, ts[:], unix.AT_SYMLINK_NOFOLLOW) })
}

// setFileTimes is futimens(3), which is utimensat(2) without a path.
func setFileTimes(n *unixNode, t Times) error {
	ts, err := timespecs(t)
	if err != nil {
		return err
	}
	return retry0(func() error {
		_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(n.fd), 0, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
		if errno != 0 {
			return errno
		}
		return nil
	})
}

// dirents reads a directory through getdents64(2), which tells the types too.
type dirents struct {
	fd   int
	buf  []byte
	some []Entry
	err  error // what comes after the entries that were returned
}

const direntsSize = 32 << 10

func newEntrySource(fd int) entrySource { return &dirents{fd: fd, buf: make([]byte, direntsSize)} }

func (d *dirents) close() error { return unix.Close(d.fd) }

func (d *dirents) next() ([]Entry, error) {
	for d.err == nil {
		n, err := retry(func() (int, error) { return unix.Getdents(d.fd, d.buf) })
		switch {
		case n == 0 || err == unix.ENOENT: // which says that the directory has been removed
			d.err = io.EOF
		case err != nil:
			d.err = err
		default:
			d.err = d.parse(d.buf[:n])
		}
		if len(d.some) > 0 {
			some := d.some
			d.some = d.some[:0]
			return some, nil
		}
	}
	return nil, d.err
}

// Where the fields of linux_dirent64 are.
const (
	direntLength = 16
	direntType   = 18
	direntName   = 19
)

func (d *dirents) parse(b []byte) error {
	for len(b) > 0 {
		rec := b[:binary.NativeEndian.Uint16(b[direntLength:])]
		b = b[len(rec):]
		name, _, _ := strings.Cut(string(rec[direntName:]), "\x00")
		if name == "." || name == ".." {
			continue
		}
		if !utf8.ValidString(name) {
			return IllegalByteSequence
		}
		t := direntTypes[rec[direntType]%16]
		if t == Unknown {
			t = typeAt(d.fd, name)
		}
		d.some = append(d.some, Entry{t, name})
	}
	return nil
}

var direntTypes = [16]Type{
	unix.DT_BLK: BlockDevice, unix.DT_CHR: CharacterDevice, unix.DT_DIR: Directory, unix.DT_FIFO: FIFO,
	unix.DT_LNK: SymbolicLink, unix.DT_REG: RegularFile, unix.DT_SOCK: Socket,
}
