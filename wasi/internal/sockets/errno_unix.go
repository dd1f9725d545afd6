//go:build linux || darwin

package sockets

import (
	"errors"

	"golang.org/x/sys/unix"
)

// codeOf is what an error of the system is for a guest.
func codeOf(err error) Code {
	if c, ok := errors.AsType[Code](err); ok {
		return c
	}
	errno, _ := errors.AsType[unix.Errno](err)
	switch errno {
	case unix.EPERM, unix.EACCES:
		return AccessDenied
	case unix.EOPNOTSUPP, unix.ENOPROTOOPT, unix.EPFNOSUPPORT, unix.EPROTONOSUPPORT, unix.EPROTOTYPE, unix.ESOCKTNOSUPPORT, unix.EAFNOSUPPORT:
		return NotSupported
	case unix.EINVAL, unix.EDESTADDRREQ:
		return InvalidArgument
	case unix.ENOMEM, unix.ENOBUFS:
		return OutOfMemory
	case unix.ETIMEDOUT:
		return Timeout
	case unix.EISCONN, unix.ENOTCONN:
		return InvalidState
	case unix.EADDRNOTAVAIL:
		return AddressNotBindable
	case unix.EADDRINUSE:
		return AddressInUse
	case unix.ECONNREFUSED:
		return ConnectionRefused
	case unix.EPIPE:
		return ConnectionBroken
	case unix.ECONNRESET:
		return ConnectionReset
	case unix.ECONNABORTED:
		return ConnectionAborted
	case unix.EMSGSIZE:
		return DatagramTooLarge
	case unix.EMFILE, unix.ENFILE:
		return NewSocketLimit
	}
	if isUnreachable(err) {
		return RemoteUnreachable
	}
	return Other
}

// isAgain says that there is nothing to do yet.
func isAgain(err error) bool { return err == unix.EAGAIN || err == unix.EWOULDBLOCK }

func isUnreachable(err error) bool {
	switch err {
	case unix.EHOSTUNREACH, unix.EHOSTDOWN, unix.ENETDOWN, unix.ENETUNREACH:
		return true
	}
	return isUnreachableHere(err)
}

// isTransient reports whether an error of accept is about the connection that could
// have been accepted, so that others may follow. Linux passes on what happened to it
// before (accept(2)).
func isTransient(err error) bool {
	switch err {
	case unix.ECONNABORTED, unix.ECONNRESET, unix.ENETRESET, unix.EPROTO, unix.ENOPROTOOPT, unix.EOPNOTSUPP, unix.ETIMEDOUT, unix.EPERM:
		return true
	}
	return isUnreachable(err)
}
