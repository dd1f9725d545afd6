//go:build !windows

package httpx

import "syscall"

// errnos are the errors of the system that say what happened to a connection.
var errnos = map[syscall.Errno]ErrorCode{
	syscall.ECONNREFUSED:  ConnectionRefused{},
	syscall.ECONNRESET:    ConnectionTerminated{},
	syscall.ECONNABORTED:  ConnectionTerminated{},
	syscall.EPIPE:         ConnectionTerminated{},
	syscall.ENOTCONN:      ConnectionTerminated{},
	syscall.ETIMEDOUT:     ConnectionTimeout{},
	syscall.EHOSTUNREACH:  DestinationIPUnroutable{},
	syscall.ENETUNREACH:   DestinationIPUnroutable{},
	syscall.ENETDOWN:      DestinationIPUnroutable{},
	syscall.EHOSTDOWN:     DestinationUnavailable{},
	syscall.EADDRNOTAVAIL: DestinationUnavailable{},
	syscall.EAFNOSUPPORT:  DestinationIPUnroutable{},
	syscall.EACCES:        DestinationIPProhibited{},
	syscall.EPERM:         DestinationIPProhibited{},
	syscall.EMFILE:        ConnectionLimitReached{},
	syscall.ENFILE:        ConnectionLimitReached{},
}
