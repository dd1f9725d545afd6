package p2

import (
	"context"
	"errors"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

func addSockets(l *gondola.Linker, h *host.Host) {
	addNetwork(l)
	addTCP(l, h)
	addUDP(l, h)
	addIPNameLookup(l, h)
}

// network is wasi:sockets/network.network. There is one network, and what of it a
// guest may use is not said by having a handle.
type network struct{}

func addNetwork(l *gondola.Linker) {
	const id = "wasi:sockets/network" + version
	l.Resource(id, "network", func(*network) {})
	l.Func("wasi:sockets/instance-network"+version, "instance-network", func(context.Context) *network { return &network{} })
	l.Func(id, "network-error-code", func(_ context.Context, e *pollio.Error) *networkError {
		if _, ok := errors.AsType[sockets.Code](e); !ok {
			return nil
		}
		code := networkErrorOf(sockets.CodeOf(e))
		return &code
	})
}

// networkError is wasi:sockets/network.error-code.
type networkError uint8

const (
	netUnknown networkError = iota
	netAccessDenied
	netNotSupported
	netInvalidArgument
	netOutOfMemory
	netTimeout
	netConcurrencyConflict
	netNotInProgress
	netWouldBlock
	netInvalidState
	netNewSocketLimit
	netAddressNotBindable
	netAddressInUse
	netRemoteUnreachable
	netConnectionRefused
	netConnectionReset
	netConnectionAborted
	netDatagramTooLarge
	netNameUnresolvable
	netTemporaryResolverFailure
	netPermanentResolverFailure
)

var networkErrorNames = [...]string{
	netUnknown:                  "unknown",
	netAccessDenied:             "access-denied",
	netNotSupported:             "not-supported",
	netInvalidArgument:          "invalid-argument",
	netOutOfMemory:              "out-of-memory",
	netTimeout:                  "timeout",
	netConcurrencyConflict:      "concurrency-conflict",
	netNotInProgress:            "not-in-progress",
	netWouldBlock:               "would-block",
	netInvalidState:             "invalid-state",
	netNewSocketLimit:           "new-socket-limit",
	netAddressNotBindable:       "address-not-bindable",
	netAddressInUse:             "address-in-use",
	netRemoteUnreachable:        "remote-unreachable",
	netConnectionRefused:        "connection-refused",
	netConnectionReset:          "connection-reset",
	netConnectionAborted:        "connection-aborted",
	netDatagramTooLarge:         "datagram-too-large",
	netNameUnresolvable:         "name-unresolvable",
	netTemporaryResolverFailure: "temporary-resolver-failure",
	netPermanentResolverFailure: "permanent-resolver-failure",
}

func (e networkError) String() string { return networkErrorNames[e] }

func (e networkError) Error() string { return "wasi:sockets: " + e.String() }

// networkErrors are the codes that have a name of their own. A connection that is
// broken has none in 0.2.
var networkErrors = map[sockets.Code]networkError{
	sockets.AccessDenied:       netAccessDenied,
	sockets.NotSupported:       netNotSupported,
	sockets.InvalidArgument:    netInvalidArgument,
	sockets.OutOfMemory:        netOutOfMemory,
	sockets.Timeout:            netTimeout,
	sockets.InvalidState:       netInvalidState,
	sockets.AddressNotBindable: netAddressNotBindable,
	sockets.AddressInUse:       netAddressInUse,
	sockets.RemoteUnreachable:  netRemoteUnreachable,
	sockets.ConnectionRefused:  netConnectionRefused,
	sockets.ConnectionBroken:   netConnectionReset,
	sockets.ConnectionReset:    netConnectionReset,
	sockets.ConnectionAborted:  netConnectionAborted,
	sockets.DatagramTooLarge:   netDatagramTooLarge,
	sockets.NewSocketLimit:     netNewSocketLimit,
}

func networkErrorOf(c sockets.Code) networkError { return networkErrors[c] }

// socketError is an error for a guest. One that is of the face's own stays as it is.
func socketError(err error) error {
	if c, ok := errors.AsType[sockets.Code](err); ok {
		return networkErrorOf(c)
	}
	return err
}

// operation is what a guest has started on a socket and not finished.
type operation uint8

const (
	noOperation operation = iota
	binding
	connecting
	listening
)

// start starts an operation by f, unless one is under way.
func (o *operation) start(what operation, f func() error) error {
	if *o != noOperation {
		return netConcurrencyConflict
	}
	if err := f(); err != nil {
		return socketError(err)
	}
	*o = what
	return nil
}

// finish ends an operation, if it is what is under way.
func (o *operation) finish(what operation) error {
	if *o != what {
		return netNotInProgress
	}
	*o = noOperation
	return nil
}

// addSocketOption adds the two functions of an option.
func addSocketOption[S, T any](l *gondola.Linker, id, resource, name string, get func(S) (T, error), set func(S, T) error) {
	l.Func(id, "[method]"+resource+"."+name, func(_ context.Context, s S) (T, error) {
		v, err := get(s)
		return v, socketError(err)
	})
	l.Func(id, "[method]"+resource+".set-"+name, func(_ context.Context, s S, v T) error {
		return socketError(set(s, v))
	})
}

// addSocket adds what sockets of both kinds have.
func addSocket[S interface {
	LocalAddress() (sockets.Addr, error)
	RemoteAddress() (sockets.Addr, error)
	Family() sockets.Family
	ReceiveBufferSize() (uint64, error)
	SetReceiveBufferSize(uint64) error
	SendBufferSize() (uint64, error)
	SetSendBufferSize(uint64) error
}](l *gondola.Linker, id, resource string) {
	for name, get := range map[string]func(S) (sockets.Addr, error){
		"local-address":  S.LocalAddress,
		"remote-address": S.RemoteAddress,
	} {
		l.Func(id, "[method]"+resource+"."+name, func(_ context.Context, s S) (sockets.WITSocketAddress, error) {
			a, err := get(s)
			if err != nil {
				return nil, socketError(err)
			}
			return sockets.ToWIT(a), nil
		})
	}
	l.Func(id, "[method]"+resource+".address-family", func(_ context.Context, s S) sockets.Family { return s.Family() })
	addSocketOption(l, id, resource, "receive-buffer-size", S.ReceiveBufferSize, S.SetReceiveBufferSize)
	addSocketOption(l, id, resource, "send-buffer-size", S.SendBufferSize, S.SetSendBufferSize)
}
