package wazero

import "encoding/binary"

// Where the type is in a filestat, and what that of a symbolic link is.
const (
	filestatSize = 64
	filestatType = 16
	typeLink     = 7
)

// link makes no link to what a symbolic link leads to: nobody does. Guests ask for that
// and mean a file.
func (c *preview1Call) link() uint64 {
	if c.stack[1] == 0 {
		return c.pass()
	}
	isLink := false
	errno := c.scratch(filestatSize, func(b []byte) uint64 {
		errno := c.call("path_filestat_get", c.stack[0], 0, c.stack[2], c.stack[3], 0)
		isLink = b[filestatType] == typeLink
		return errno
	})
	switch {
	case errno != 0:
		return errno
	case isLink:
		return errnoInval
	}
	return c.pass()
}

// maxLink is the length of the longest symbolic link.
const maxLink = 4096

// readlink cuts what is longer than the guest's buffer, as readlink(2) does.
func (c *preview1Call) readlink() uint64 {
	errno := c.pass()
	if errno != errnoRange {
		return errno
	}
	var target []byte
	errno = c.scratch(maxLink+4, func(b []byte) uint64 {
		errno := c.call("path_readlink", c.stack[0], c.stack[1], c.stack[2], 0, maxLink, maxLink)
		if errno == 0 {
			n := binary.LittleEndian.Uint32(b[maxLink:])
			target = append(target, b[:min(n, c.param(4))]...)
		}
		return errno
	})
	if errno != 0 {
		return errno
	}
	if m := c.mod.Memory(); !m.Write(c.param(3), target) || !m.WriteUint32Le(c.param(5), uint32(len(target))) {
		return errnoFault
	}
	return 0
}

// prestatName takes a buffer that is longer than the name, and none that is shorter.
func (c *preview1Call) prestatName() uint64 {
	var length uint32
	errno := c.scratch(8, func(b []byte) uint64 {
		errno := c.call("fd_prestat_get", c.stack[0], 0)
		length = binary.LittleEndian.Uint32(b[4:])
		return errno
	})
	switch {
	case errno != 0:
		return errno
	case c.param(2) < length:
		return errnoNametoolong
	}
	c.stack[2] = uint64(length)
	return c.pass()
}

// sockShutdown says of a file that it is no socket.
func (c *preview1Call) sockShutdown() uint64 {
	errno := c.pass()
	if errno == errnoBadf { // it is open: it was looked up
		return errnoNotsock
	}
	return errno
}
