package httpx

import "golang.org/x/sys/windows"

// errnos are the errors of the system that say what happened to a connection.
var errnos = map[windows.Errno]ErrorCode{
	windows.WSAECONNREFUSED:  ConnectionRefused{},
	windows.WSAECONNRESET:    ConnectionTerminated{},
	windows.WSAECONNABORTED:  ConnectionTerminated{},
	windows.WSAESHUTDOWN:     ConnectionTerminated{},
	windows.WSAENOTCONN:      ConnectionTerminated{},
	windows.WSAETIMEDOUT:     ConnectionTimeout{},
	windows.WSAEHOSTUNREACH:  DestinationIPUnroutable{},
	windows.WSAENETUNREACH:   DestinationIPUnroutable{},
	windows.WSAENETDOWN:      DestinationIPUnroutable{},
	windows.WSAEHOSTDOWN:     DestinationUnavailable{},
	windows.WSAEADDRNOTAVAIL: DestinationUnavailable{},
	windows.WSAEAFNOSUPPORT:  DestinationIPUnroutable{},
	windows.WSAEACCES:        DestinationIPProhibited{},
	windows.WSAEMFILE:        ConnectionLimitReached{},
}
