package gondola

import (
	"context"
	"io"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
)

// Sink takes what a guest writes into a stream<u8>; see [Receive]. Its methods are
// called while the instance is held, one at a time: they must be quick, and may not
// wait for anything of the instance's.
type Sink interface {
	// Offer says that n bytes can be had. It returns where some or all of them go.
	// Where it returns nothing, they stay with the guest until [Intake.Resume].
	Offer(n int) []byte

	// Took says that the first n bytes of what Offer returned have been filled.
	Took(n int)

	// End says that nothing more will come: [io.EOF], or what reads of the stream
	// return otherwise. It is the last call.
	End(err error)
}

// Intake is what brings a stream of a guest's to a [Sink].
type Intake struct {
	reader *StreamReader[byte]
	store  *store
	to     Sink

	// Used while the store is held.
	state   intakeState
	nothing cabi.HostBuffer
	room    []byte          // that is being filled
	filling cabi.HostBuffer // over room

	done func(cabi.CopyResult) // copied, bound once
}

// intakeState is what an intake waits for.
//
//	        the sink has no room
//	armed ─────────────────────▶ full
//	  │   ◀─────────────────────  │
//	  │           Resume          │
//	  └─────────▶ ended ◀─────────┘
type intakeState uint8

const (
	intakeArmed intakeState = iota // for the guest to write
	intakeFull                     // for Resume
	intakeEnded
)

// Receive gives to what a guest writes into r, as it writes it: no goroutine waits,
// and nothing is taken that the sink has no room for. It is for hosts that serve
// many streams, or that must know how much a guest offers before they take any.
//
// The stream can't be read otherwise afterwards, nor be passed on. It must be that of
// a guest, of bytes, and not have been read from. A host function that is given
// the stream may call Receive with its own context before it returns, and then
// misses no turn.
func Receive(ctx context.Context, r *StreamReader[byte], to Sink) (*Intake, error) {
	p := r.pipe
	switch {
	case !p.isTied():
		return nil, errBothEnds
	case p.store == nil:
		return nil, io.ErrClosedPipe
	case p.core.Elem() != types.U8:
		return nil, errForeign(r, "a stream<u8>")
	}
	if err := p.mayRead(); err != nil {
		return nil, err
	}
	p.pinned.Store(true)
	in := &Intake{reader: r, store: p.store, to: to, nothing: *cabi.NewBytesBuffer(nil, 1)}
	in.done = in.copied
	if holds(ctx, p.store) {
		in.arm()
	} else {
		p.store.post(in.arm)
	}
	return in, nil
}

// Resume has the sink asked again, after it had no room.
func (in *Intake) Resume() { in.store.post(in.resume) }

func (in *Intake) resume() {
	if in.state == intakeFull {
		in.state = intakeArmed
		in.arm()
	}
}

// Close gives the stream up, as [StreamReader.Close] does. The sink's End is
// called unless it was before.
func (in *Intake) Close() {
	_ = in.reader.Close()
	in.store.post(func() { in.end(io.ErrClosedPipe) })
}

// arm takes what there is and then waits for more, by a read of nothing, while the
// store is held.
func (in *Intake) arm() {
	for in.state == intakeArmed {
		n := in.core().Offered()
		if n == 0 {
			in.read(&in.nothing)
			return
		}
		in.take(n)
	}
}

// copied is called when a read has ended: one of nothing, or one that has filled room.
func (in *Intake) copied(r cabi.CopyResult) {
	if in.room == nil {
		if !in.endedBy(r) {
			in.arm()
		}
		return
	}
	in.to.Took(len(in.room))
	in.room, in.filling = nil, cabi.HostBuffer{}
	in.endedBy(r)
}

// take takes some of n bytes that are there.
func (in *Intake) take(n int) {
	room := in.to.Offer(n)
	if len(room) == 0 {
		in.state = intakeFull
		in.core().OnWriterDropped(in.onGone)
		return
	}
	in.room = room[:min(n, len(room))]
	in.filling = *cabi.NewBytesBuffer(in.room, 1)
	in.read(&in.filling)
}

// onGone ends the intake of a guest that has thought better of what the sink had no
// room for. Nothing is read that would tell.
func (in *Intake) onGone() {
	if in.state == intakeFull {
		in.endedBy(cabi.CopyDropped)
	}
}

func (in *Intake) core() *cabi.Stream { return in.reader.pipe.core }

func (in *Intake) read(to *cabi.HostBuffer) {
	if err := in.reader.pipe.mayRead(); err != nil {
		in.end(err)
		return
	}
	if err := in.core().Read(to, in.done); err != nil {
		if err == cabi.ErrDone {
			err = io.EOF
		}
		in.end(err)
	}
}

// endedBy reports whether a read that ended so was the last.
func (in *Intake) endedBy(r cabi.CopyResult) bool {
	switch r {
	case cabi.CopyDropped:
		err := in.store.poisoned()
		if err == nil {
			err = io.EOF
		}
		in.end(err)
	case cabi.CopyCancelled:
		in.end(io.ErrClosedPipe) // nobody cancels but who closes the end
	}
	return in.state == intakeEnded
}

func (in *Intake) end(err error) {
	if in.state != intakeEnded {
		in.state = intakeEnded
		in.to.End(err)
	}
}
