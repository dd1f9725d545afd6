package p2

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

// tcpSocket is wasi:sockets/tcp.tcp-socket. Its streams are its children.
type tcpSocket struct {
	pollio.Parent
	*sockets.TCP
	operation
	limits pollio.Limits // of its streams

	listener *sockets.Listener // once it listens
	streams  *tcpStreams       // once it is connected

	// connected and acceptable are what it can be waited for: see Ready.
	connected, acceptable *pollio.Waiter
}

func addTCP(l *gondola.Linker, h *host.Host) {
	const id, resource = "wasi:sockets/tcp" + version, "tcp-socket"
	type tcp = *tcpSocket
	l.Func("wasi:sockets/tcp-create-socket"+version, "create-tcp-socket", func(_ context.Context, f sockets.Family) (tcp, error) {
		s, err := h.Sockets.NewTCP(f)
		if err != nil {
			return nil, socketError(err)
		}
		return newTCPSocket(s, h.Streams), nil
	})
	l.Resource(id, resource, tcp.drop)
	method := func(name string, fn any) { l.Func(id, "[method]"+resource+"."+name, fn) }
	method("start-bind", func(_ context.Context, s tcp, _ *network, a sockets.WITSocketAddress) error {
		return s.start(binding, func() error { return s.Bind(sockets.FromWIT(a)) })
	})
	method("finish-bind", func(_ context.Context, s tcp) error { return s.finish(binding) })
	method("start-connect", func(_ context.Context, s tcp, _ *network, a sockets.WITSocketAddress) error {
		return s.start(connecting, func() error { return s.StartConnect(sockets.FromWIT(a)) })
	})
	method("finish-connect", func(_ context.Context, s tcp) (streamPair, error) { return s.finishConnect() })
	method("start-listen", func(_ context.Context, s tcp) error { return s.start(listening, s.listen) })
	method("finish-listen", func(_ context.Context, s tcp) error { return s.finish(listening) })
	method("accept", func(_ context.Context, s tcp) (accepted, error) { return s.accept() })
	method("shutdown", func(_ context.Context, s tcp, how shutdownType) error { return s.shutdown(how) })
	method("is-listening", func(_ context.Context, s tcp) bool { return s.IsListening() && s.operation != listening })
	method("subscribe", func(_ context.Context, s tcp) *pollio.Pollable { return s.Subscribe(s) })
	method("set-listen-backlog-size", func(_ context.Context, s tcp, n uint64) error { return socketError(s.SetListenBacklogSize(n)) })
	addSocket[tcp](l, id, resource)
	addSocketOption(l, id, resource, "keep-alive-enabled", tcp.KeepAliveEnabled, tcp.SetKeepAliveEnabled)
	addSocketOption(l, id, resource, "keep-alive-idle-time", tcp.KeepAliveIdleTime, tcp.SetKeepAliveIdleTime)
	addSocketOption(l, id, resource, "keep-alive-interval", tcp.KeepAliveInterval, tcp.SetKeepAliveInterval)
	addSocketOption(l, id, resource, "keep-alive-count", tcp.KeepAliveCount, tcp.SetKeepAliveCount)
	addSocketOption(l, id, resource, "hop-limit", tcp.HopLimit, tcp.SetHopLimit)
}

func newTCPSocket(tcp *sockets.TCP, limits pollio.Limits) *tcpSocket {
	s := &tcpSocket{TCP: tcp, limits: limits}
	s.connected = pollio.NewWaiter(tcp.ConnectReady, func(ctx context.Context) { _ = tcp.AwaitConnect(ctx) })
	return s
}

// LocalAddress is there once the guest knows that the socket is bound.
func (s *tcpSocket) LocalAddress() (sockets.Addr, error) {
	if s.operation == binding {
		return sockets.Addr{}, sockets.InvalidState
	}
	return s.TCP.LocalAddress()
}

func (s *tcpSocket) drop() error {
	s.connected.Close()
	if s.listener != nil {
		s.acceptable.Close()
		s.listener.Close()
	}
	s.CloseSoon()
	return s.CheckDrop()
}

// Ready implements [pollio.Source]: a socket can be waited for while it connects and
// when it listens. Guests keep a pollable from before.
func (s *tcpSocket) Ready() bool { return s.source().Ready() }

// Watch implements [pollio.Source]. The guest stands still meanwhile, and with it
// the socket's state.
func (s *tcpSocket) Watch(wake chan<- struct{}) (stop func()) { return s.source().Watch(wake) }

func (s *tcpSocket) source() pollio.Source {
	switch {
	case s.operation == connecting:
		return s.connected
	case s.operation == noOperation && s.listener != nil:
		return s.acceptable
	}
	return pollio.Always{}
}

// streamPair is tuple<input-stream, output-stream>.
type streamPair struct {
	F0 *pollio.InputStream
	F1 *pollio.OutputStream
}

func (s *tcpSocket) finishConnect() (streamPair, error) {
	if s.operation != connecting {
		return streamPair{}, netNotInProgress
	}
	done, err := s.FinishConnect()
	if !done {
		return streamPair{}, netWouldBlock
	}
	s.operation = noOperation
	if err != nil {
		return streamPair{}, socketError(err)
	}
	return s.takeStreams()
}

// listen is for sockets that are bound: 0.2 does not do it for the guest.
func (s *tcpSocket) listen() error {
	if !s.IsBound() {
		return sockets.InvalidState
	}
	listener, err := s.Listen()
	if err != nil {
		return err
	}
	s.listener = listener
	s.acceptable = pollio.NewWaiter(listener.Ready, func(ctx context.Context) { _ = listener.Await(ctx) })
	return nil
}

// accepted is tuple<tcp-socket, input-stream, output-stream>.
type accepted struct {
	F0 *tcpSocket
	F1 *pollio.InputStream
	F2 *pollio.OutputStream
}

func (s *tcpSocket) accept() (accepted, error) {
	if s.listener == nil || s.operation == listening {
		return accepted{}, netInvalidState
	}
	tcp, err := s.listener.TryAccept()
	switch {
	case err != nil:
		return accepted{}, socketError(err)
	case tcp == nil:
		return accepted{}, netWouldBlock
	}
	conn := newTCPSocket(tcp, s.limits)
	pair, err := conn.takeStreams()
	if err != nil {
		tcp.Close()
		return accepted{}, err
	}
	return accepted{conn, pair.F0, pair.F1}, nil
}

// shutdownType is wasi:sockets/tcp.shutdown-type.
type shutdownType uint8

const (
	shutdownReceive shutdownType = iota
	shutdownSend
	shutdownBoth
)

var shutdownTypeNames = [...]string{shutdownReceive: "receive", shutdownSend: "send", shutdownBoth: "both"}

func (t shutdownType) String() string { return shutdownTypeNames[t] }

func (s *tcpSocket) shutdown(how shutdownType) error {
	if s.streams == nil {
		return netInvalidState
	}
	if how != shutdownSend {
		s.streams.endInput()
	}
	if how != shutdownReceive {
		s.streams.endOutput()
	}
	return nil
}
