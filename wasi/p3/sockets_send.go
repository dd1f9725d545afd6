package p3

import (
	"context"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

// sendTCP carries what the guest writes over: in the guest's turn, as far as the
// system takes it at once, and on a goroutine where it does not. A connection for
// which the guest has nothing costs neither a goroutine nor a buffer.
func sendTCP(ctx context.Context, s *sockets.TCP, data *gondola.StreamReader[byte]) *gondola.FutureReader[socketOutcome] {
	result, future := gondola.NewFuture[socketOutcome]()
	to, err := s.Sender()
	if err == nil {
		own, stop := stopping(ctx, to.Close)
		out := &sending{ctx: own, stop: stop, to: to, result: result}
		var in *gondola.Intake
		if in, err = gondola.Receive(ctx, data, out); err == nil {
			out.attach(in)
			return future
		}
		stop()
	}
	data.Close()
	result.Set(socketOutcomeOf(err))
	return future
}

// sending is what goes from a stream to a connection. It implements [gondola.Sink].
//
//	idle ◀──▶ filling ──▶ writing      filling: the guest's bytes are on their way to piece
//	  └─────────┴───────────┴──▶ over   writing: the system had no room, a goroutine waits
type sending struct {
	ctx    context.Context
	stop   func() // closes the connection's half too
	to     *sockets.Sender
	result *gondola.FutureWriter[socketOutcome]

	mu     sync.Mutex // of what follows
	intake *gondola.Intake
	state  sendState
	piece  *[pieceSize]byte // in the states filling and writing
	end    error            // of the stream; nil while it goes on
}

// attach says where the bytes come from, some of which may have come by now.
func (s *sending) attach(in *gondola.Intake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intake = in
	if s.state == sendOver {
		in.Close()
		return
	}
	in.Resume() // where a write has ended that began before
}

type sendState uint8

const (
	sendIdle sendState = iota
	sendFilling
	sendWriting
	sendOver
)

// Offer implements [gondola.Sink].
func (s *sending) Offer(int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != sendIdle {
		return nil
	}
	s.state, s.piece = sendFilling, pieces.Get().(*[pieceSize]byte)
	return s.piece[:]
}

// Took implements [gondola.Sink].
func (s *sending) Took(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != sendFilling {
		return // it was over in the middle of it
	}
	m, err := s.to.TryWrite(s.piece[:n])
	switch {
	case err != nil:
		s.fail(err)
	case m < n:
		s.state = sendWriting
		go s.write(s.piece[m:n])
	default:
		s.rest()
	}
}

// rest gives the piece back. The lock is held.
func (s *sending) rest() {
	s.state = sendIdle
	pieces.Put(s.piece)
	s.piece = nil
}

// write waits until the system has taken p.
func (s *sending) write(p []byte) {
	_, err := s.to.Write(s.ctx, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		s.fail(err)
	case s.end != nil:
		s.finish(s.end)
	default:
		s.rest()
		if s.intake != nil {
			s.intake.Resume()
		}
	}
}

// End implements [gondola.Sink].
func (s *sending) End(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state {
	case sendWriting:
		s.end = err
	case sendIdle, sendFilling:
		s.finish(err)
	}
}

// fail gives the guest's stream up. The lock is held.
func (s *sending) fail(err error) {
	s.finish(err)
	if s.intake != nil {
		s.intake.Close()
	}
}

// finish is the end of it all. The lock is held.
func (s *sending) finish(err error) {
	if s.piece != nil {
		s.rest()
	}
	s.state = sendOver
	s.stop()
	if err == io.EOF {
		err = nil
	}
	s.result.Set(socketOutcomeOf(err))
}
