//go:build linux || darwin

package sockets

import (
	"io"
	"net/netip"

	"golang.org/x/sys/unix"
)

func (f Family) domain() int {
	if f == IPv4 {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// openSocket makes a socket that does not block.
func openSocket(f Family, datagram bool) (fd int, err error) {
	kind := unix.SOCK_STREAM
	if datagram {
		kind = unix.SOCK_DGRAM
	}
	if fd, err = newSocket(f.domain(), kind); err != nil {
		return -1, err
	}
	if f == IPv6 {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			unix.Close(fd)
			return -1, err
		}
	}
	return fd, nil
}

func toSystem(a Addr) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: a.Scope}
}

func fromSystem(sa unix.Sockaddr, err error) (Addr, error) {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return NewAddr(netip.AddrFrom4(sa.Addr), uint16(sa.Port), 0), err
	case *unix.SockaddrInet6:
		return NewAddr(netip.AddrFrom16(sa.Addr), uint16(sa.Port), sa.ZoneId), err
	}
	if err == nil {
		err = unix.EAFNOSUPPORT
	}
	return Addr{}, err
}

func localAddr(fd int) (Addr, error) { return fromSystem(unix.Getsockname(fd)) }
func peerAddr(fd int) (Addr, error)  { return fromSystem(unix.Getpeername(fd)) }

// bindSocket binds. reuse says that connections of before that linger are no
// obstacle.
func bindSocket(fd int, local Addr, reuse bool) error {
	if reuse {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
	}
	err := unix.Bind(fd, toSystem(local))
	if err == unix.EAFNOSUPPORT {
		return InvalidArgument // of what no check of ours has seen
	}
	return err
}

// connectSocket begins to connect.
func connectSocket(fd int, remote Addr) error {
	switch err := unix.Connect(fd, toSystem(remote)); err {
	case unix.EINPROGRESS, unix.EINTR:
		return nil
	case unix.EADDRNOTAVAIL, unix.EAGAIN:
		return AddressInUse // no port is left for this side
	case unix.EAFNOSUPPORT:
		return InvalidArgument
	default:
		return err
	}
}

// connected reports whether a connection has been made, or why it could not be.
func connected(fd int) (done bool, err error) {
	if !isWritable(fd) {
		return false, nil
	}
	n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && n != 0 {
		err = unix.Errno(n)
	}
	if err != nil {
		return true, err
	}
	_, err = unix.Getpeername(fd)
	return err == nil, ignore(err, unix.ENOTCONN)
}

func ignore(err, expected error) error {
	if err == expected {
		return nil
	}
	return err
}

func abortConnect(fd int) error { return unix.Shutdown(fd, unix.SHUT_RDWR) }

func listenSocket(fd, backlog int) error { return unix.Listen(fd, backlog) }

func resetSocket(fd int) {
	_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	_ = unix.Close(fd)
}

// isReadable and isWritable ask without waiting. What is over is both.
func isReadable(fd int) bool { return poll(fd, unix.POLLIN) }
func isWritable(fd int) bool { return poll(fd, unix.POLLOUT) }

func poll(fd int, events int16) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
	for {
		n, err := unix.Poll(fds, 0)
		if err != unix.EINTR {
			return n > 0 || err != nil
		}
	}
}

func receive(fd int, p []byte) (n int, err error) {
	for {
		if n, err = unix.Read(fd, p); err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// peek says what receive would, but for bytes.
func peek(fd int) error {
	var b [1]byte
	for {
		n, _, err := unix.Recvfrom(fd, b[:], unix.MSG_PEEK)
		switch {
		case err == unix.EINTR:
			continue
		case err == nil && n == 0:
			return io.EOF
		}
		return err
	}
}

func send(fd int, p []byte) (n int, err error) {
	for {
		if n, err = unix.SendmsgN(fd, p, nil, nil, sendFlags); err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

func receiveDatagram(fd int, p []byte) (n int, from Addr, err error) {
	for {
		n, sa, err := unix.Recvfrom(fd, p, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, Addr{}, err
		}
		from, err := fromSystem(sa, nil)
		return n, from, err
	}
}

// sendDatagram sends to the peer where to is nil.
func sendDatagram(fd int, p []byte, to *Addr) error {
	var sa unix.Sockaddr
	if to != nil {
		sa = toSystem(*to)
	}
	for {
		if _, err := unix.SendmsgN(fd, p, nil, sa, sendFlags); err != unix.EINTR {
			return err
		}
	}
}

// connectDatagram sets the peer of a UDP socket, which takes no time.
func connectDatagram(fd int, remote Addr) error {
	switch err := unix.Connect(fd, toSystem(remote)); err {
	case unix.EADDRNOTAVAIL, unix.EAGAIN:
		return AddressInUse
	case unix.EAFNOSUPPORT:
		return InvalidArgument
	default:
		return err
	}
}

func shutdownRead(fd int) error  { return unix.Shutdown(fd, unix.SHUT_RD) }
func shutdownWrite(fd int) error { return unix.Shutdown(fd, unix.SHUT_WR) }

// optionNames are the options as the system knows them, for IPv4 and IPv6.
var optionNames = map[option][2]struct{ level, name int }{
	optReceiveBuffer:     {{unix.SOL_SOCKET, unix.SO_RCVBUF}, {unix.SOL_SOCKET, unix.SO_RCVBUF}},
	optSendBuffer:        {{unix.SOL_SOCKET, unix.SO_SNDBUF}, {unix.SOL_SOCKET, unix.SO_SNDBUF}},
	optHopLimit:          {{unix.IPPROTO_IP, unix.IP_TTL}, {unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS}},
	optKeepAlive:         {{unix.SOL_SOCKET, unix.SO_KEEPALIVE}, {unix.SOL_SOCKET, unix.SO_KEEPALIVE}},
	optKeepAliveIdle:     {{unix.IPPROTO_TCP, tcpKeepIdle}, {unix.IPPROTO_TCP, tcpKeepIdle}},
	optKeepAliveInterval: {{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}, {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}},
	optKeepAliveCount:    {{unix.IPPROTO_TCP, unix.TCP_KEEPCNT}, {unix.IPPROTO_TCP, unix.TCP_KEEPCNT}},
}

func (opt option) isBuffer() bool { return opt == optReceiveBuffer || opt == optSendBuffer }

func getOption(fd int, f Family, opt option) (int, error) {
	o := optionNames[opt][f]
	n, err := unix.GetsockoptInt(fd, o.level, o.name)
	if opt.isBuffer() {
		n /= bufferFactor
	}
	return n, err
}

func setOption(fd int, f Family, opt option, n int) error {
	o := optionNames[opt][f]
	err := unix.SetsockoptInt(fd, o.level, o.name, n)
	if opt.isBuffer() && err == unix.ENOBUFS {
		return nil // a hint that is out of the system's range is no error
	}
	return err
}
