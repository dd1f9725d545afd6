//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package fsys

import (
	"io"
	"os"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

func hostResolver(hops int) resolver { return walker{hops} }

// openDirectory is how a walk opens directories, which must be readable here.
const openDirectory = unix.O_RDONLY

// openSyncData does more than it must, since not all have O_DSYNC.
const openSyncData = unix.O_SYNC

// deviceWaits would report whether a device waits for a program or a network.
func deviceWaits(uint64) bool { return false }

func syncFile(fd int, _ bool) error { return unix.Fsync(fd) }

func appendFile(n *unixNode, p []byte) (int, error) { return n.appendLocked(p) }

// adviseFile does nothing, which is all that advice asks for.
func adviseFile(int, int64, int64, Advice) error { return nil }

// settled says what timestamps are set to. There is no common way to leave one of
// them out, so that is set to what it was.
func settled(t Times, old Stat) (ts [2]unix.Timespec, err error) {
	now := time.Now()
	for i, n := range [...]struct {
		NewTime
		old *Timestamp
	}{{t.Accessed, old.Accessed}, {t.Modified, old.Modified}} {
		to := n.Time
		switch n.How {
		case NoChange:
			to = *n.old
		case SetToNow:
			to = Timestamp{now.Unix(), uint32(now.Nanosecond())}
		}
		if ts[i], err = timespecOf(to); err != nil {
			return ts, err
		}
	}
	return ts, nil
}

func setTimesAt(s *spot[int], t Times) error {
	raw, err := lstat(s)
	if err != nil {
		return err
	}
	ts, err := settled(t, statOf(&raw))
	if err != nil {
		return err
	}
	return retry0(func() error { return unix.UtimesNanoAt(s.dir, s.name, ts[:], unix.AT_SYMLINK_NOFOLLOW) })
}

// setFileTimes sets them to the microsecond: there is no common call that does
// better without a path.
func setFileTimes(n *unixNode, t Times) error {
	old, err := n.stat()
	if err != nil {
		return err
	}
	ts, err := settled(t, old)
	if err != nil {
		return err
	}
	var tv [2]unix.Timeval
	for i := range ts {
		tv[i] = unix.NsecToTimeval(int64(ts[i].Nsec))
		assign(&tv[i].Sec, int64(ts[i].Sec))
	}
	return retry0(func() error { return unix.Futimes(n.fd, tv[:]) })
}

// names reads a directory by its names, since the entries differ between systems.
type names struct {
	dir *os.File
	err error // what comes after the entries that were returned
}

func newEntrySource(fd int) entrySource {
	return &names{dir: os.NewFile(uintptr(fd), "directory")}
}

func (d *names) close() error { return d.dir.Close() }

func (d *names) next() (some []Entry, err error) {
	if d.err != nil {
		return nil, d.err
	}
	all, err := d.dir.Readdirnames(256)
	if err == nil && len(all) == 0 {
		err = io.EOF
	}
	d.err = err
	for _, name := range all {
		if !utf8.ValidString(name) {
			d.err = IllegalByteSequence
			break
		}
		some = append(some, Entry{typeAt(int(d.dir.Fd()), name), name})
	}
	if len(some) == 0 {
		return nil, d.err
	}
	return some, nil
}
