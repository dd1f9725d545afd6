package stdio

import "syscall"

// IsTerminal reports whether a reader or writer is a file that is a terminal. What
// wraps a file may say which by a method SyscallConn, as *os.File has it.
func IsTerminal(f any) bool {
	c, ok := f.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	is := false
	err = raw.Control(func(fd uintptr) { is = isTerminal(fd) })
	return is && err == nil
}
