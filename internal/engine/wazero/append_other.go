//go:build !unix

package wazero

import (
	"os"
	"syscall"
)

// lateFlags are flags that files get after they have been opened.
const lateFlags = 0

// setAppend can't be done after a file has been opened.
func setAppend(*os.File, bool) error { return syscall.ENOTSUP }
