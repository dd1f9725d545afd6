package p3

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

const socketTypes = "wasi:sockets/types" + version

// socketErrorNames are the cases of wasi:sockets/types.error-code.
var socketErrorNames = map[sockets.Code]string{
	sockets.AccessDenied:       "access-denied",
	sockets.NotSupported:       "not-supported",
	sockets.InvalidArgument:    "invalid-argument",
	sockets.OutOfMemory:        "out-of-memory",
	sockets.Timeout:            "timeout",
	sockets.InvalidState:       "invalid-state",
	sockets.AddressNotBindable: "address-not-bindable",
	sockets.AddressInUse:       "address-in-use",
	sockets.RemoteUnreachable:  "remote-unreachable",
	sockets.ConnectionRefused:  "connection-refused",
	sockets.ConnectionBroken:   "connection-broken",
	sockets.ConnectionReset:    "connection-reset",
	sockets.ConnectionAborted:  "connection-aborted",
	sockets.DatagramTooLarge:   "datagram-too-large",
}

// socketErrorCode is an error as wasi:sockets/types.error-code.
func socketErrorCode(err error) val.Value {
	code := sockets.CodeOf(err)
	if name, ok := socketErrorNames[code]; ok {
		return val.Variant(name, val.Value{})
	}
	text := val.None()
	if code == sockets.NewSocketLimit {
		text = val.Some(val.String(code.Error()))
	}
	return val.Variant("other", text)
}

// socketError is an error for a guest. One of the guest's own, that it has cancelled
// the call, stays as it is.
func socketError(ctx context.Context, err error) error {
	if err == nil || err == ctx.Err() {
		return err
	}
	return &gondola.Err[val.Value]{Value: socketErrorCode(err)}
}

// socketOutcome is result<_, error-code>.
type socketOutcome = gondola.Result[struct{}, val.Value]

func socketOutcomeOf(err error) socketOutcome {
	if err == nil {
		return socketOutcome{}
	}
	code := socketErrorCode(err)
	return socketOutcome{Err: &code}
}

// addSocketOptions adds the options that sockets of both kinds have.
func addSocketOptions[S interface {
	ReceiveBufferSize() (uint64, error)
	SetReceiveBufferSize(uint64) error
	SendBufferSize() (uint64, error)
	SetSendBufferSize(uint64) error
}](l *gondola.Linker, resource string) {
	addSocketOption(l, resource, "receive-buffer-size", S.ReceiveBufferSize, S.SetReceiveBufferSize)
	addSocketOption(l, resource, "send-buffer-size", S.SendBufferSize, S.SetSendBufferSize)
}

// addSocketOption adds the two functions of an option.
func addSocketOption[S, T any](l *gondola.Linker, resource, name string, get func(S) (T, error), set func(S, T) error) {
	l.Func(socketTypes, "[method]"+resource+".get-"+name, func(ctx context.Context, s S) (T, error) {
		v, err := get(s)
		return v, socketError(ctx, err)
	})
	l.Func(socketTypes, "[method]"+resource+".set-"+name, func(ctx context.Context, s S, v T) error {
		return socketError(ctx, set(s, v))
	})
}

// addSocketAddresses adds what says which addresses a socket has.
func addSocketAddresses[S interface {
	LocalAddress() (sockets.Addr, error)
	RemoteAddress() (sockets.Addr, error)
	Family() sockets.Family
}](l *gondola.Linker, resource string) {
	for name, get := range map[string]func(S) (sockets.Addr, error){
		"get-local-address":  S.LocalAddress,
		"get-remote-address": S.RemoteAddress,
	} {
		l.Func(socketTypes, "[method]"+resource+"."+name, func(ctx context.Context, s S) (sockets.WITSocketAddress, error) {
			a, err := get(s)
			if err != nil {
				return nil, socketError(ctx, err)
			}
			return sockets.ToWIT(a), nil
		})
	}
	l.Func(socketTypes, "[method]"+resource+".get-address-family", func(_ context.Context, s S) sockets.Family { return s.Family() })
}
