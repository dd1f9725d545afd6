package httpx

import "sync/atomic"

// Budget bounds what outgoing bodies of several guests keep together that nobody has
// read yet, and what they may still write by their permits. Each body may keep a share
// of what is free, so that the shares become smaller as more is kept, and those that
// come late have something too. It is safe for use from several goroutines. Nil is for
// bodies that never have anything to keep.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// DefaultBudget is what bodies keep together if nobody says anything.
const DefaultBudget = 256 << 20

// MinShare is what a body may always keep. It is the size of a blocking write.
const MinShare = 4096

// NewBudget makes a budget of so many bytes; 0 stands for [DefaultBudget].
func NewBudget(limit int64) *Budget {
	if limit <= 0 {
		limit = DefaultBudget
	}
	return &Budget{limit: limit}
}

// Share is what each body may keep now.
func (b *Budget) Share() int {
	return int(max((b.limit-b.used.Load())/4, MinShare))
}

// Used is what is kept now.
func (b *Budget) Used() int64 { return b.used.Load() }

// Add counts bytes that are kept, or with a minus bytes that are not any more.
func (b *Budget) Add(n int) {
	if n != 0 {
		b.used.Add(int64(n))
	}
}

// Keep says how much is kept of the bodies that guests of WASI 0.3 make.
type Keep struct {
	Piece  int     // at a time, at most
	Budget *Budget // of all together; nil for no limit
}

// piece is how much of a body may be taken now.
func (k Keep) piece() int {
	if k.Budget == nil {
		return k.Piece
	}
	return min(k.Piece, k.Budget.Share())
}

// count counts room for a piece, or with a minus room that is there no more.
func (k Keep) count(room int) {
	if k.Budget != nil {
		k.Budget.Add(room)
	}
}
