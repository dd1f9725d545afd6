package stdio

import (
	"context"
	"errors"
	"io"
	"sync"
)

// Output writes what streams carry to a writer, each piece as it comes.
type Output struct {
	mu sync.Mutex // keeps pieces of several streams apart
	w  io.Writer

	pumps pumps
}

// NewOutput writes to w. A nil w takes everything and keeps nothing.
func NewOutput(w io.Writer) *Output {
	if w == nil {
		w = io.Discard
	}
	return &Output{w: w}
}

// Begin announces a stream, so that [Output.Flush] waits for what it carries from
// now on. Its CopyFrom must be called.
func (out *Output) Begin() *Pump {
	p := &Pump{out: out, done: make(chan struct{})}
	out.pumps.add(p)
	return p
}

// CopyFrom writes what a stream carries until the stream ends, which is a nil
// error, or the writer fails. read is the stream's ReadContext: when its context
// ends, it returns with what it has got so far. What it can get without waiting
// must fit PieceSize.
func (p *Pump) CopyFrom(ctx context.Context, read func(context.Context, []byte) (int, error)) error {
	out := p.out
	defer out.pumps.remove(p)
	buf := make([]byte, PieceSize)
	for {
		turn, end := p.turn(ctx)
		n, err := read(turn, buf)
		end()
		if n > 0 {
			if werr := out.write(buf[:n]); werr != nil {
				return werr
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && (turn.Err() == nil || ctx.Err() != nil):
			return err
		}
		p.written()
	}
}

func (out *Output) write(b []byte) error {
	out.mu.Lock()
	defer out.mu.Unlock()
	_, err := out.w.Write(b)
	return err
}

// Flush returns when everything that guests have written so far, as far as they
// can tell, is out, or when ctx ends.
func (out *Output) Flush(ctx context.Context) error {
	for _, p := range out.pumps.all() {
		if err := p.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// pumps are the streams that are being written.
type pumps struct {
	mu   sync.Mutex
	live map[*Pump]struct{}
}

func (ps *pumps) add(p *Pump) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.live == nil {
		ps.live = map[*Pump]struct{}{}
	}
	ps.live[p] = struct{}{}
}

func (ps *pumps) remove(p *Pump) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.live, p)
	close(p.done)
}

func (ps *pumps) all() []*Pump {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	var all []*Pump
	for p := range ps.live {
		all = append(all, p)
	}
	return all
}

// Pump is one stream that is being written. A guest's write is complete when the
// bytes are taken from it, before the pump has written them. So who wants to
// know that they are out interrupts the read of the turn that goes on, which may
// have taken less than all, and waits for the end of the turn after it.
type Pump struct {
	out *Output

	mu        sync.Mutex
	interrupt context.CancelFunc // ends the read of the turn; nil between turns
	due       []chan struct{}    // closed at the end of the turn
	waiters   []chan struct{}    // closed at the end of the next one
	done      chan struct{}      // closed when there are no more turns
}

// turn begins a turn: the context is for its read, which ends at once if
// somebody waits for the end of the turn.
func (p *Pump) turn(ctx context.Context) (context.Context, context.CancelFunc) {
	turn, cancel := context.WithCancel(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.interrupt = cancel
	p.due, p.waiters = p.waiters, nil
	if len(p.due) > 0 {
		cancel()
	}
	return turn, cancel
}

// written ends a turn.
func (p *Pump) written() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.interrupt = nil
	for _, w := range p.due {
		close(w)
	}
	p.due = nil
}

func (p *Pump) flush(ctx context.Context) error {
	p.mu.Lock()
	w := make(chan struct{})
	p.waiters = append(p.waiters, w)
	if p.interrupt != nil {
		p.interrupt()
	}
	p.mu.Unlock()
	select {
	case <-w:
		return nil
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
