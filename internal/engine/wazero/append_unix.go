//go:build unix

package wazero

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lateFlags are flags that files get after they have been opened. One that package os
// opened to append could not be written to at an offset.
const lateFlags = os.O_APPEND

// openFlags are for every file: a guest must not wait for the other side of a FIFO, nor
// get the process a terminal.
const openFlags = unix.O_NONBLOCK | unix.O_NOCTTY

// setLinkTimes sets the times of an entry of a directory, which may be a link; a zero
// time stays as it is.
func setLinkTimes(dir *os.File, name string, atime, mtime time.Time) error {
	c, err := dir.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = c.Control(func(fd uintptr) {
		var st unix.Stat_t
		if failed = unix.Fstatat(int(fd), name, &st, unix.AT_SYMLINK_NOFOLLOW); failed != nil {
			return
		}
		times := []unix.Timespec{st.Atim, st.Mtim}
		for i, t := range []time.Time{atime, mtime} {
			if !t.IsZero() && failed == nil {
				times[i], failed = unix.TimeToTimespec(t)
			}
		}
		if failed == nil {
			failed = unix.UtimesNanoAt(int(fd), name, times, unix.AT_SYMLINK_NOFOLLOW)
		}
	})
	return errors.Join(err, failed)
}

// setAppend makes writes to a file go to its end, or no longer.
func setAppend(f *os.File, enable bool) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = c.Control(func(fd uintptr) {
		var flags int
		if flags, failed = unix.FcntlInt(fd, unix.F_GETFL, 0); failed != nil {
			return
		}
		flags &^= unix.O_APPEND
		if enable {
			flags |= unix.O_APPEND
		}
		_, failed = unix.FcntlInt(fd, unix.F_SETFL, flags)
	})
	return errors.Join(err, failed)
}
