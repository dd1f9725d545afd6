package httpio

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

// minShare is what a body may always keep. It is the size of a blocking write.
const minShare = 4096

// NewBudget makes a budget of so many bytes; 0 stands for [DefaultBudget].
func NewBudget(limit int64) *Budget {
	if limit <= 0 {
		limit = DefaultBudget
	}
	return &Budget{limit: limit}
}

// share is what each body may keep now.
func (b *Budget) share() int {
	return int(max((b.limit-b.used.Load())/4, minShare))
}

// add counts bytes that are kept, or with a minus bytes that are not any more.
func (b *Budget) add(n int) {
	if n != 0 {
		b.used.Add(int64(n))
	}
}
