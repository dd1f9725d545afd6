package httpx

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const canLook = true

// States of a connection, of <netinet/tcp_fsm.h>.
const (
	tcpClosed    = 0
	tcpCloseWait = 5
)

// lookAt is what the system knows of the other end of a connection of TCP. Here poll
// can't tell one that has closed its half from one that is gone.
func lookAt(raw syscall.RawConn) (p peer) {
	err := raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPConnectionInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_CONNECTION_INFO)
		switch {
		case err == unix.ECONNRESET, err == nil && info.State == tcpClosed:
			p = peerGone
		case err != nil: // such as one that is not of TCP
		case info.State == tcpCloseWait && info.Snd_sbbytes == 0:
			p = peerHalfClosed
		default:
			p = peerThere
		}
	})
	if err != nil { // it was closed from here
		return peerUnknown
	}
	return p
}
