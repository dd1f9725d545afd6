package sockets

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	tcpKeepIdle  = unix.TCP_KEEPALIVE
	sendFlags    = 0
	bufferFactor = 1
)

// newSocket can't set the flags at once, so that a process that is started in
// between must be kept from inheriting the socket.
func newSocket(domain, kind int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(domain, kind, 0)
	return prepare(fd, err)
}

func prepare(fd int, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func acceptSocket(fd int) (int, Addr, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	nfd, sa, err := unix.Accept(fd)
	if nfd, err = prepare(nfd, err); err != nil {
		return -1, Addr{}, err
	}
	peer, _ := fromSystem(sa, nil)
	return nfd, peer, nil
}

// mustInherit are the options that accepted sockets do not have of the listener.
func mustInherit(opt option) bool {
	return opt.isBuffer() || opt == optHopLimit || opt == optKeepAliveIdle
}

// disconnectSocket dissolves the association of a UDP socket. The system says that
// the family of the address is wrong when it has done so (connect(2)).
func disconnectSocket(fd int) error {
	sa := unix.RawSockaddrInet4{Len: unix.SizeofSockaddrInet4, Family: unix.AF_UNSPEC}
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa)), unsafe.Sizeof(sa))
	switch errno {
	case 0, unix.EAFNOSUPPORT, unix.EINVAL:
		return nil
	}
	return errno
}
