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
		fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP | unix.POLLIN | unix.POLLOUT}}
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
		case events&unix.POLLIN != 0 && full(int(fd)):
			p = peerStuck
		}
	})
	if err != nil { // it was closed from here
		return peerUnknown
	}
	return p
}

// full reports whether the other end of a connection of TCP can't send more before something
// is read. Kernels before 6.2 don't tell its window, which seems to be 0 then.
func full(fd int) bool {
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil || info.Rcv_wnd != 0 {
		return false
	}
	unread, err := unix.IoctlGetInt(fd, unix.SIOCINQ)
	return err == nil && unread >= int(info.Rcv_ssthresh)
}
