package httpx

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const canLook = true

// lookAt is what the system knows of the other end of a connection. One that has closed
// its half is reported when something could be written to it at once.
func lookAt(raw syscall.RawConn) (p peer) {
	err := raw.Control(func(fd uintptr) {
		fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP | unix.POLLOUT}}
		p = peerThere
		if _, err := unix.Poll(fds[:], 0); err != nil {
			return // an interrupt
		}
		const closed = unix.POLLRDHUP | unix.POLLOUT
		switch events := fds[0].Revents; {
		case events&(unix.POLLERR|unix.POLLHUP) != 0:
			p = peerGone
		case events&closed == closed:
			p = peerHalfClosed
		}
	})
	if err != nil { // it was closed from here
		return peerUnknown
	}
	return p
}
