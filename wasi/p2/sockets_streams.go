package p2

import (
	"context"
	"io"

	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

// tcpStreams are the streams of a connection.
type tcpStreams struct {
	input    *pollio.InputStream
	receiver *sockets.Receiver
	output   *pollio.OutputStream
	sender   *sockets.Sender
}

// takeStreams makes the streams of a socket that has become connected.
func (s *tcpSocket) takeStreams() (streamPair, error) {
	receiver, err := s.Receiver()
	if err != nil {
		return streamPair{}, socketError(err)
	}
	sender, err := s.Sender()
	if err != nil {
		receiver.Close()
		return streamPair{}, socketError(err)
	}
	sink := &tcpSink{sender: sender}
	sink.stream = s.limits.NewOutputStream(sink, pollio.OutputOptions{Linger: true})
	s.streams = &tcpStreams{s.limits.NewInputStream(tcpOrigin{receiver}), receiver, sink.stream, sender}
	s.streams.input.ChildOf(&s.Parent)
	s.streams.output.ChildOf(&s.Parent)
	return streamPair{s.streams.input, s.streams.output}, nil
}

func (t *tcpStreams) endInput() {
	t.input.End(io.EOF)
	t.receiver.Shutdown()
}

// endOutput lets what was written go out first.
func (t *tcpStreams) endOutput() { t.output.End(t.sender.Shutdown) }

// tcpOrigin is a connection as a [pollio.Origin].
type tcpOrigin struct{ *sockets.Receiver }

func (o tcpOrigin) Wait(ctx context.Context, _ int) { _ = o.Await(ctx) }

// tcpSink is a connection as a [pollio.Sink].
type tcpSink struct {
	sender *sockets.Sender
	stream *pollio.OutputStream
}

// Write implements [pollio.Sink]. That the peer takes no more is the end of the
// stream and no failure.
func (s *tcpSink) Write(ctx context.Context, p []byte) (int, error) {
	n, err := s.sender.Write(ctx, p)
	if err == sockets.ConnectionBroken {
		s.stream.End(nil)
		return len(p), nil
	}
	return n, err
}

// Flush implements [pollio.Sink]: the system has it all.
func (s *tcpSink) Flush(context.Context) error { return nil }

// Close implements [pollio.Sink].
func (s *tcpSink) Close() { s.sender.Close() }
