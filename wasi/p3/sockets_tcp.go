package p3

import (
	"context"
	"io"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

func addTCP(l *gondola.Linker, h *host.Host) {
	type tcp = *sockets.TCP
	l.Resource(socketTypes, "tcp-socket", tcp.Close)
	l.Func(socketTypes, "[static]tcp-socket.create", func(ctx context.Context, f sockets.Family) (tcp, error) {
		s, err := h.Sockets.NewTCP(f)
		return s, socketError(ctx, err)
	})
	method := func(name string, fn any, opts ...gondola.FuncOption) {
		l.Func(socketTypes, "[method]tcp-socket."+name, fn, opts...)
	}
	method("bind", func(ctx context.Context, s tcp, local sockets.WITSocketAddress) error {
		return socketError(ctx, s.Bind(sockets.FromWIT(local)))
	})
	method("connect", func(ctx context.Context, s tcp, remote sockets.WITSocketAddress) error {
		if err := s.StartConnect(sockets.FromWIT(remote)); err != nil {
			return socketError(ctx, err)
		}
		if done, err := s.FinishConnect(); done {
			return socketError(ctx, err)
		}
		return gondola.Later(func(ctx context.Context) error { return socketError(ctx, s.AwaitConnected(ctx)) })
	}, gondola.Ready())
	method("listen", listen)
	method("send", func(ctx context.Context, s tcp, data *gondola.StreamReader[byte]) *gondola.FutureReader[socketOutcome] {
		return sendTCP(ctx, h.Streams.Pieces, s, data)
	})
	method("receive", func(ctx context.Context, s tcp) received { return receiveTCP(ctx, h.Streams.Pieces, s) })
	method("get-is-listening", func(_ context.Context, s tcp) bool { return s.IsListening() })
	method("set-listen-backlog-size", func(ctx context.Context, s tcp, n uint64) error {
		return socketError(ctx, s.SetListenBacklogSize(n))
	})
	addSocketAddresses[tcp](l, "tcp-socket")
	addSocketOptions[tcp](l, "tcp-socket")
	addSocketOption(l, "tcp-socket", "keep-alive-enabled", tcp.KeepAliveEnabled, tcp.SetKeepAliveEnabled)
	addSocketOption(l, "tcp-socket", "keep-alive-idle-time", tcp.KeepAliveIdleTime, tcp.SetKeepAliveIdleTime)
	addSocketOption(l, "tcp-socket", "keep-alive-interval", tcp.KeepAliveInterval, tcp.SetKeepAliveInterval)
	addSocketOption(l, "tcp-socket", "keep-alive-count", tcp.KeepAliveCount, tcp.SetKeepAliveCount)
	addSocketOption(l, "tcp-socket", "hop-limit", tcp.HopLimit, tcp.SetHopLimit)
}

// listen accepts connections, one ahead of the guest, on a goroutine, until the
// guest drops the stream.
func listen(ctx context.Context, s *sockets.TCP) (*gondola.StreamReader[*sockets.TCP], error) {
	listener, err := s.Listen()
	if err != nil {
		return nil, socketError(ctx, err)
	}
	w, r := gondola.NewStream[*sockets.TCP]()
	ctx, stop := stopping(ctx, listener.Close)
	w.OnReaderGone(stop)
	go func() {
		defer w.Close()
		defer stop()
		for {
			conn, err := listener.Accept(ctx)
			if err != nil {
				return
			}
			if n, _ := w.WriteContext(ctx, []*sockets.TCP{conn}); n == 0 {
				conn.Close()
				return
			}
		}
	}()
	return r, nil
}

// received is tuple<stream<u8>, future<result<_, error-code>>>.
type received struct {
	F0 *gondola.StreamReader[byte]
	F1 *gondola.FutureReader[socketOutcome]
}

// receiveTCP carries what the peer sends over, on a goroutine. While there is nothing,
// that costs no buffer.
func receiveTCP(ctx context.Context, pieces *pollio.Pieces, s *sockets.TCP) received {
	w, r := gondola.NewStream[byte]()
	result, future := gondola.NewFuture[socketOutcome]()
	from, err := s.Receiver()
	if err != nil {
		w.Close()
		result.Set(socketOutcomeOf(err))
		return received{r, future}
	}
	ctx, stop := stopping(ctx, from.Close)
	w.OnReaderGone(stop)
	go func() {
		err := copyFrom(ctx, pieces, from, w)
		stop()
		w.Finish()
		result.Set(socketOutcomeOf(err))
	}()
	return received{r, future}
}

// copyFrom returns nil at the end, and where the guest wants no more.
func copyFrom(ctx context.Context, pieces *pollio.Pieces, from *sockets.Receiver, w *gondola.StreamWriter[byte]) error {
	for {
		if err := from.Await(ctx); err != nil {
			return unless(ctx, err)
		}
		if err := copyPiece(ctx, pieces, from, w); err == io.EOF || err == io.ErrClosedPipe {
			return nil
		} else if err != nil {
			return unless(ctx, err)
		}
	}
}

func copyPiece(ctx context.Context, pieces *pollio.Pieces, from *sockets.Receiver, w *gondola.StreamWriter[byte]) error {
	p := pieces.Get()
	defer pieces.Put(p)
	n, err := from.Read(ctx, *p)
	if err != nil {
		return err
	}
	_, err = w.WriteContext(ctx, (*p)[:n])
	return err
}

// unless is err, or nil where it is the end of ctx.
func unless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// sendTCP carries what the guest writes over.
func sendTCP(ctx context.Context, pieces *pollio.Pieces, s *sockets.TCP, data *gondola.StreamReader[byte]) *gondola.FutureReader[socketOutcome] {
	result, future := gondola.NewFuture[socketOutcome]()
	done := func(err error) { result.Set(socketOutcomeOf(err)) }
	to, err := s.Sender()
	if err != nil {
		data.Close()
	} else {
		err = pour(ctx, pieces, data, to, done)
	}
	if err != nil {
		done(err)
	}
	return future
}
