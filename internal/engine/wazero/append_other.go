//go:build !unix

package wazero

import (
	"os"
	"syscall"
)

// setAppend can't be done after a file has been opened.
func setAppend(*os.File, bool) error { return syscall.ENOTSUP }
