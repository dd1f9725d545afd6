package p2

import (
	"context"
	"errors"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

// udpSocket is wasi:sockets/udp.udp-socket. Its streams are its children.
type udpSocket struct {
	pollio.Parent
	*sockets.UDP
	operation
	streams int // that have not been dropped
}

const udpID = "wasi:sockets/udp" + version

func addUDP(l *gondola.Linker, h *host.Host) {
	const resource = "udp-socket"
	type udp = *udpSocket
	l.Func("wasi:sockets/udp-create-socket"+version, "create-udp-socket", func(_ context.Context, f sockets.Family) (udp, error) {
		s, err := h.Sockets.NewUDP(f)
		if err != nil {
			return nil, socketError(err)
		}
		return &udpSocket{UDP: s}, nil
	})
	l.Resource(udpID, resource, func(s udp) error {
		s.Close()
		return s.CheckDrop()
	})
	method := func(name string, fn any) { l.Func(udpID, "[method]"+resource+"."+name, fn) }
	method("start-bind", func(_ context.Context, s udp, _ *network, a sockets.WITSocketAddress) error {
		return s.start(binding, func() error { return s.Bind(sockets.FromWIT(a)) })
	})
	method("finish-bind", func(_ context.Context, s udp) error { return s.finish(binding) })
	method("stream", func(_ context.Context, s udp, remote *sockets.WITSocketAddress) (datagramStreams, error) {
		return s.stream(sockets.FromWITOption(remote))
	})
	// Nothing about the socket itself can be waited for.
	method("subscribe", func(_ context.Context, s udp) *pollio.Pollable { return s.Subscribe(pollio.Always{}) })
	addSocket[udp](l, udpID, resource)
	addSocketOption(l, udpID, resource, "unicast-hop-limit", udp.HopLimit, udp.SetHopLimit)
	addIncomingDatagrams(l)
	addOutgoingDatagrams(l)
}

// LocalAddress is there once the guest knows that the socket is bound.
func (s *udpSocket) LocalAddress() (sockets.Addr, error) {
	if s.operation == binding {
		return sockets.Addr{}, sockets.InvalidState
	}
	return s.UDP.LocalAddress()
}

// datagramStreams is tuple<incoming-datagram-stream, outgoing-datagram-stream>.
type datagramStreams struct {
	F0 *incomingDatagrams
	F1 *outgoingDatagrams
}

var errStreamsLeft = errors.New("wasi:sockets/udp: stream, while streams of before have not been dropped")

// stream connects the socket, or disconnects it, and makes streams.
func (s *udpSocket) stream(remote *sockets.Addr) (datagramStreams, error) {
	switch {
	case s.streams > 0:
		return datagramStreams{}, errStreamsLeft
	case !s.IsBound() || s.operation == binding:
		return datagramStreams{}, netInvalidState
	}
	if err := s.associate(remote); err != nil {
		return datagramStreams{}, socketError(err)
	}
	return datagramStreams{newIncomingDatagrams(s), newOutgoingDatagrams(s)}, nil
}

func (s *udpSocket) associate(remote *sockets.Addr) error {
	if remote != nil {
		return s.Connect(*remote)
	}
	if _, err := s.RemoteAddress(); err == nil {
		return s.Disconnect()
	}
	return nil
}

// maxDatagrams is how many datagrams one call sends or receives.
const maxDatagrams = 16

// incomingDatagrams is wasi:sockets/udp.incoming-datagram-stream.
type incomingDatagrams struct {
	pollio.Parent
	socket *udpSocket
	waiter *pollio.Waiter

	// next and err are what Ready has seen and nobody has taken; nil if nothing.
	next *sockets.Datagram
	err  error
}

// incomingDatagram is wasi:sockets/udp.incoming-datagram.
type incomingDatagram struct {
	Data          []byte
	RemoteAddress sockets.WITSocketAddress
}

func newIncomingDatagrams(s *udpSocket) *incomingDatagrams {
	in := &incomingDatagrams{socket: s}
	in.waiter = pollio.NewWaiter(in.look, func(ctx context.Context) { _ = s.AwaitReadable(ctx) })
	in.ChildOf(&s.Parent)
	s.streams++
	return in
}

func addIncomingDatagrams(l *gondola.Linker) {
	const resource = "incoming-datagram-stream"
	type in = *incomingDatagrams
	l.Resource(udpID, resource, in.drop)
	l.Func(udpID, "[method]"+resource+".receive", func(_ context.Context, s in, n uint64) ([]incomingDatagram, error) {
		return s.receive(int(min(n, maxDatagrams)))
	})
	l.Func(udpID, "[method]"+resource+".subscribe", func(_ context.Context, s in) *pollio.Pollable { return s.Subscribe(s.waiter) })
}

func (in *incomingDatagrams) drop() error {
	in.socket.streams--
	in.waiter.Close()
	return in.CheckDrop()
}

// look sees what there is to receive, without waiting.
func (in *incomingDatagrams) look() bool {
	if in.next != nil || in.err != nil {
		return true
	}
	d, ok, err := in.socket.TryReceive()
	if ok {
		in.next = &d
	}
	in.err = err
	return ok || err != nil
}

// maxReceived is how much one call receives, or a datagram more.
const maxReceived = 64 << 10

// receive receives what there is, up to n datagrams.
func (in *incomingDatagrams) receive(n int) (got []incomingDatagram, err error) {
	for size := 0; len(got) < n && size < maxReceived && in.look(); {
		if in.err != nil {
			if len(got) > 0 {
				break // it is for the next call
			}
			err, in.err = in.err, nil
			return nil, socketError(err)
		}
		d := in.next
		in.next = nil
		got = append(got, incomingDatagram{d.Data, sockets.ToWIT(d.From)})
		size += 1 + len(d.Data)
	}
	return got, nil
}

// outgoingDatagrams is wasi:sockets/udp.outgoing-datagram-stream.
type outgoingDatagrams struct {
	pollio.Parent
	socket *udpSocket
	waiter *pollio.Waiter
	permit int // from check-send
}

// outgoingDatagram is wasi:sockets/udp.outgoing-datagram.
type outgoingDatagram struct {
	Data          []byte
	RemoteAddress *sockets.WITSocketAddress
}

func newOutgoingDatagrams(s *udpSocket) *outgoingDatagrams {
	out := &outgoingDatagrams{socket: s}
	out.waiter = pollio.NewWaiter(s.Writable, func(ctx context.Context) { _ = s.AwaitWritable(ctx) })
	out.ChildOf(&s.Parent)
	s.streams++
	return out
}

func addOutgoingDatagrams(l *gondola.Linker) {
	const resource = "outgoing-datagram-stream"
	type out = *outgoingDatagrams
	l.Resource(udpID, resource, out.drop)
	l.Func(udpID, "[method]"+resource+".check-send", func(_ context.Context, s out) uint64 { return s.checkSend() })
	l.Func(udpID, "[method]"+resource+".send", func(_ context.Context, s out, ds []outgoingDatagram) (uint64, error) { return s.send(ds) })
	l.Func(udpID, "[method]"+resource+".subscribe", func(_ context.Context, s out) *pollio.Pollable { return s.Subscribe(s.waiter) })
}

func (out *outgoingDatagrams) drop() error {
	out.socket.streams--
	out.waiter.Close()
	return out.CheckDrop()
}

// checkSend permits a number of datagrams. The system may have room for fewer, which
// send says.
func (out *outgoingDatagrams) checkSend() uint64 {
	out.permit = 0
	if out.socket.Writable() {
		out.permit = maxDatagrams
	}
	return uint64(out.permit)
}

var errNotPermitted = errors.New("wasi:sockets/udp: send of more datagrams than check-send permitted")

// send sends as many datagrams as there is room for. An error is for the first; what
// comes later is told when it is tried again.
func (out *outgoingDatagrams) send(ds []outgoingDatagram) (sent uint64, err error) {
	if len(ds) > out.permit {
		return 0, errNotPermitted
	}
	if len(ds) > 0 {
		out.permit = 0
	}
	for _, d := range ds {
		ok, err := out.socket.TrySend(d.Data, sockets.FromWITOption(d.RemoteAddress))
		if err != nil && sent == 0 {
			return 0, socketError(err)
		}
		if !ok {
			break
		}
		sent++
	}
	return sent, nil
}
