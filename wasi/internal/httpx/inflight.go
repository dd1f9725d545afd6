package httpx

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// inFlight bounds the requests that are under way, each of which has a connection and
// goroutines: from when it is sent until the body of its response was read or given up.
type inFlight struct {
	slots   chan struct{} // an element for each
	waiting atomic.Int64
}

// DefaultMaxRequests is how many requests of guests are under way at a time.
const DefaultMaxRequests = 1000

// maxWaiting is how many requests may wait, for each that may be under way.
const maxWaiting = 10

func newInFlight(most int) *inFlight {
	if most <= 0 {
		most = DefaultMaxRequests
	}
	return &inFlight{slots: make(chan struct{}, most)}
}

// enter waits until another request may be under way, for as long as it might take to
// connect. leave must be called when it is no more; it may be called again.
func (f *inFlight) enter(ctx context.Context, patience time.Duration) (leave func(), err error) {
	select {
	case f.slots <- struct{}{}:
	default:
		if err := f.wait(ctx, patience); err != nil {
			return nil, err
		}
	}
	return sync.OnceFunc(func() { <-f.slots }), nil
}

func (f *inFlight) wait(ctx context.Context, patience time.Duration) error {
	defer f.waiting.Add(-1)
	if f.waiting.Add(1) > int64(cap(f.slots))*maxWaiting {
		return ConnectionLimitReached{}
	}
	over := time.NewTimer(patience)
	defer over.Stop()
	select {
	case f.slots <- struct{}{}:
		return nil
	case <-over.C:
		return ConnectionLimitReached{}
	case <-ctx.Done():
		return ctx.Err()
	}
}
