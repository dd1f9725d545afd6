//go:build linux || darwin

package sockets

import "golang.org/x/sys/unix"

// lingerForNothing has the socket reset its connection when it is closed.
func lingerForNothing(fd int) error {
	return unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}
