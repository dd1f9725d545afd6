//go:build !unix

package wazero

import (
	"os"
	"syscall"
	"time"
)

// lateFlags are flags that files get after they have been opened.
const lateFlags = 0

// setAppend can't be done after a file has been opened.
func setAppend(*os.File, bool) error { return syscall.ENOTSUP }

// openFlags are for every file.
const openFlags = 0

// setLinkTimes can't be done without following links.
func setLinkTimes(*os.File, string, time.Time, time.Time) error { return syscall.ENOTSUP }
