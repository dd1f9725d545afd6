//go:build unix

package wazero

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lateFlags are flags that files get after they have been opened. One that package os
// opened to append could not be written to at an offset.
const lateFlags = os.O_APPEND

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
