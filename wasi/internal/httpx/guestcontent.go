package httpx

import (
	"cmp"
	"context"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola"
)

// DefaultMaxPiece is how much of a body is taken from a guest at a time.
const DefaultMaxPiece = 1 << 20

// minPiece is room for several small writes that come while nobody reads.
const minPiece = 2 << 10

// pieces are those of that size that can be used again.
var pieces = sync.Pool{New: func() any { return new([minPiece]byte) }}

// newPiece is an empty piece with room for n bytes.
func newPiece(n int) []byte {
	if n > minPiece {
		return make([]byte, 0, n)
	}
	return pieces.Get().(*[minPiece]byte)[:0]
}

// Outcome is result<_, error-code>.
type Outcome = gondola.Result[struct{}, ErrorCode]

// OutcomeOf is the outcome that err stands for.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Outcome{}
	}
	code := CodeOf(err)
	return Outcome{Err: &code}
}

// TrailersOutcome is result<option<trailers>, error-code>.
type TrailersOutcome = gondola.Result[**Fields, ErrorCode]

// guestContent is the content of a message that a guest of WASI 0.3 has made: a
// stream, and a future for the trailers. What the guest writes is taken while the
// piece before it is on its way, and no further ahead.
//
// It is a [gondola.Sink], whose methods are called while the instance is held.
type guestContent struct {
	size     sizeRule
	keep     Keep
	sent     *gondola.FutureWriter[Outcome]
	untold   bool // nobody wants to know what became of the message
	trailers *gondola.FutureReader[TrailersOutcome]
	intake   *gondola.Intake // nil where there is no stream
	news     news            // of what has come

	mu      sync.Mutex
	counted int    // room for pieces that the budget knows of
	lent    []byte // what Next returned last
	piece   []byte // what it returns next
	filling bool   // there is being written behind piece
	full    bool   // the guest waits for room
	taken   uint64 // bytes, in all
	end     error  // of the body: io.EOF or worse; nil while there may be more
	closed  bool   // the stream has ended
	late    trailersState
	fields  *Fields
	failure error // of the trailers
}

type trailersState uint8

const (
	trailersOpen trailersState = iota
	trailersCame
)

// sizeRule is how long a body must be.
type sizeRule struct {
	declared bool
	length   uint64
	exceeded func(size *uint64) ErrorCode // what a body of another length is
}

func requestSize(size *uint64) ErrorCode  { return HTTPRequestBodySize{Size: size} }
func responseSize(size *uint64) ErrorCode { return HTTPResponseBodySize{Size: size} }

// allows says what is wrong with a body of at least so many bytes.
func (r sizeRule) allows(n uint64) error {
	if r.declared && n > r.length {
		return r.exceeded(&n)
	}
	return nil
}

// complete says what is wrong with a body of so many bytes.
func (r sizeRule) complete(n uint64) error {
	if r.declared && n != r.length {
		return r.exceeded(&n)
	}
	return nil
}

// start begins to take what the guest writes. ctx may be that of a host function
// that holds the instance.
func (c *guestContent) start(ctx context.Context, contents *gondola.StreamReader[byte]) {
	if contents == nil {
		c.End(io.EOF)
	} else if in, err := gondola.Receive(ctx, contents, c); err != nil {
		contents.Close()
		c.End(err)
	} else {
		c.mu.Lock()
		c.intake = in
		c.mu.Unlock()
	}
	c.trailers.Then(ctx, c.trailersCome)
	c.untold = c.sent.CloseUnread(ctx)
}

// Offer implements [gondola.Sink].
func (c *guestContent) Offer(n int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil {
		return nil // it is being closed
	}
	if err := c.size.allows(c.taken + uint64(n)); err != nil {
		c.end = err
		c.news.tell()
		return nil
	}
	if len(c.piece) == 0 {
		if n = min(n, c.keep.piece()); cap(c.piece) < n {
			c.makeRoom(n)
		}
	}
	room := c.piece[len(c.piece):cap(c.piece)]
	c.full, c.filling = len(room) == 0, len(room) > 0
	return room
}

// makeRoom makes room for a piece of n bytes. The lock is held.
func (c *guestContent) makeRoom(n int) {
	more := -large(c.piece)
	c.piece = newPiece(n)
	more += large(c.piece)
	c.counted += more
	c.keep.count(more)
}

// large is the room for a piece where that is worth to be counted.
func large(piece []byte) int {
	if cap(piece) <= minPiece {
		return 0
	}
	return cap(piece)
}

// Took implements [gondola.Sink].
func (c *guestContent) Took(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.filling = false
	c.piece = c.piece[:len(c.piece)+n]
	c.taken += uint64(n)
	c.news.tell()
}

// End implements [gondola.Sink].
func (c *guestContent) End(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.filling, c.closed = false, true
	if c.end == nil {
		if err == io.EOF {
			if wrong := c.size.complete(c.taken); wrong != nil {
				err = wrong
			}
		}
		c.end = err
	}
	c.news.tell()
}

// trailersCome is called when the future has its value, while the instance is
// held.
func (c *guestContent) trailersCome(t TrailersOutcome, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late = trailersCame
	switch {
	case err != nil:
		c.failure = err
	case t.Err != nil:
		c.failure = *t.Err
	case t.OK != nil:
		c.fields = *t.OK
	}
	c.news.tell()
}

// Next implements [Content].
func (c *guestContent) Next(ctx context.Context) ([]byte, error) {
	for {
		piece, full, err := c.next()
		if full {
			c.intake.Resume()
		}
		if len(piece) > 0 || err != nil {
			return piece, err
		}
		select {
		case <-c.news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *guestContent) next() (piece []byte, full bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.filling && len(c.piece) > 0 {
		c.lent, c.piece = c.piece, c.lent[:0]
		full, c.full = c.full, false
		return c.lent, full, nil
	}
	return nil, false, c.ended()
}

// ended is what comes after the last piece; nil if that isn't known yet.
func (c *guestContent) ended() error {
	switch {
	case c.failure != nil:
		return c.failure
	case c.end == nil, c.end == io.EOF && c.late == trailersOpen:
		return nil
	}
	return c.end
}

// Ready implements [Content].
func (c *guestContent) Ready() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.filling && len(c.piece) > 0 || c.ended() != nil
}

// Trailers implements [Content].
func (c *guestContent) Trailers() *Fields {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fields
}

// Done implements [Content].
func (c *guestContent) Done(err error) {
	c.mu.Lock()
	closed, late := c.closed, c.late
	if c.end == nil {
		c.end = cmp.Or(err, io.EOF) // there is no room any more
	}
	c.keep.count(-c.counted)
	c.counted = 0
	c.mu.Unlock()
	if !closed {
		c.intake.Close()
	}
	if late == trailersOpen {
		c.trailers.Close()
	}
	if !c.untold {
		_ = c.sent.Set(OutcomeOf(err))
	}
}

// release gives back what the pieces lay in. It is for who has called Next and then Done,
// and has no piece any more.
func (c *guestContent) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.filling {
		return
	}
	for _, p := range []*[]byte{&c.lent, &c.piece} {
		if cap(*p) == minPiece {
			pieces.Put((*[minPiece]byte)((*p)[:minPiece]))
		}
		*p = nil
	}
}
