package netpolicy

import (
	"errors"
	"io/fs"
	"net/netip"
)

// DeniedError says that the policy denies something. It is an fs.ErrPermission.
type DeniedError struct {
	Use  Use
	Addr netip.AddrPort // the zero AddrPort where it is about a name or a whole protocol
	Name string

	// Private says that the address is allowed but for being private.
	Private bool

	peer bool
}

func (e *DeniedError) Error() string {
	switch {
	case e.peer:
		return "the network policy does not let " + e.Addr.String() + " in"
	case e.Name == "" && !e.Addr.IsValid():
		return "the network policy does not allow to " + e.Use.verb() + " anything"
	}
	text := "the network policy does not allow to " + e.Use.verb() + " " + e.target()
	if e.Private {
		text += ", which is not a public address"
	}
	return text
}

func (e *DeniedError) target() string {
	switch {
	case e.Name == "":
		return e.Addr.String()
	case e.Addr.IsValid():
		return e.Name + " at " + e.Addr.String()
	}
	return e.Name
}

// Is makes the error an fs.ErrPermission.
func (*DeniedError) Is(target error) bool { return target == fs.ErrPermission }

var (
	// ErrLookupDisabled says that the policy allows no name at all.
	ErrLookupDisabled = errors.New("the network policy allows no name to be looked up")

	// ErrInvalidName says that a name is neither a domain name nor an IP address.
	ErrInvalidName = errors.New("neither a domain name nor an IP address")
)
