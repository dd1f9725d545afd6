package sockets

import (
	"errors"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// Code is why something failed: the error codes of wasi:sockets, of all versions.
type Code uint8

// The codes. NewSocketLimit has a name in 0.2 alone, and ConnectionBroken in 0.3
// alone.
const (
	Other Code = iota
	AccessDenied
	NotSupported
	InvalidArgument
	OutOfMemory
	Timeout
	InvalidState
	AddressNotBindable
	AddressInUse
	RemoteUnreachable
	ConnectionRefused
	ConnectionBroken
	ConnectionReset
	ConnectionAborted
	DatagramTooLarge
	NewSocketLimit
)

var codeTexts = [...]string{
	Other:              "the system failed in a way that has no name",
	AccessDenied:       "access denied",
	NotSupported:       "not supported",
	InvalidArgument:    "invalid argument",
	OutOfMemory:        "out of memory",
	Timeout:            "timed out",
	InvalidState:       "invalid in the state of the socket",
	AddressNotBindable: "no local address",
	AddressInUse:       "the address is in use",
	RemoteUnreachable:  "the remote address is unreachable",
	ConnectionRefused:  "connection refused",
	ConnectionBroken:   "the connection is broken",
	ConnectionReset:    "connection reset",
	ConnectionAborted:  "connection aborted",
	DatagramTooLarge:   "the datagram is too large",
	NewSocketLimit:     "too many sockets are open",
}

func (c Code) Error() string { return "socket: " + codeTexts[c] }

// CodeOf is the code that an error of this package has. It is Other where there is
// none.
func CodeOf(err error) Code {
	if c, ok := errors.AsType[Code](err); ok {
		return c
	}
	return Other
}

// denied is the error of what the policy was asked.
func denied(err error) error {
	if _, ok := errors.AsType[*netpolicy.DeniedError](err); ok {
		return AccessDenied
	}
	return err
}
