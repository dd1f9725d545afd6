package sockets

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	tcpKeepIdle = unix.TCP_KEEPIDLE
	sendFlags   = unix.MSG_NOSIGNAL

	// bufferFactor is by how much the system exaggerates: it counts what it keeps
	// beside the bytes too (socket(7)).
	bufferFactor = 2
)

func newSocket(domain, kind int) (int, error) {
	return unix.Socket(domain, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}

func acceptSocket(fd int) (int, Addr, error) {
	for {
		nfd, sa, err := unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return -1, Addr{}, err
		}
		peer, _ := fromSystem(sa, nil) // it is of the socket's family
		return nfd, peer, nil
	}
}

// mustInherit is nothing: accepted sockets have the options of the listener.
func mustInherit(option) bool { return false }

// disconnectSocket dissolves the association of a UDP socket. Package unix has no
// address of no family.
func disconnectSocket(fd int) error {
	sa := unix.RawSockaddrInet4{Family: unix.AF_UNSPEC}
	if _, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa)), unsafe.Sizeof(sa)); errno != 0 {
		return errno
	}
	return nil
}
