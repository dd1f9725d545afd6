package pollio

import "sync"

// Limits are how much streams carry at a time.
type Limits struct {
	// Pieces are what is read at a time.
	Pieces *Pieces

	// Permit is how much a guest may write before anything of it is out.
	Permit int
}

// DefaultLimits count where nobody has said anything.
var DefaultLimits = Limits{NewPieces(64 << 10), 64 << 10}

// Pieces are buffers of one size, which are used again. They are safe for use from
// several goroutines.
type Pieces struct {
	size int
	free sync.Pool // of *[]byte
}

// NewPieces makes buffers of so many bytes.
func NewPieces(size int) *Pieces {
	return &Pieces{size, sync.Pool{New: func() any {
		p := make([]byte, size)
		return &p
	}}}
}

// Size is how long each is.
func (p *Pieces) Size() int { return p.size }

// Get returns one, with anything in it.
func (p *Pieces) Get() *[]byte { return p.free.Get().(*[]byte) }

// Put gives one back.
func (p *Pieces) Put(piece *[]byte) { p.free.Put(piece) }
