package host

import (
	"context"
	"math"
	"time"
)

// Clock is a monotonic clock that starts at 0 when the host is made.
type Clock struct{ base time.Time }

// Resolution is the step of the clocks in nanoseconds, as far as anybody can
// rely on one.
const Resolution = 1

// Now is the time since the clock started, in nanoseconds. It never goes back.
func (c Clock) Now() uint64 { return uint64(time.Since(c.base)) }

// WaitUntil returns nil when the clock has reached a time, or ctx's error when
// that ends first.
func (c Clock) WaitUntil(ctx context.Context, when uint64) error {
	now := c.Now()
	if when <= now {
		return nil
	}
	return WaitFor(ctx, when-now)
}

// WaitFor returns nil after a number of nanoseconds, or ctx's error when that
// ends first. What does not fit a time.Duration, some 292 years, is as good as
// for ever.
func WaitFor(ctx context.Context, nanoseconds uint64) error {
	t := time.NewTimer(time.Duration(min(nanoseconds, math.MaxInt64)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
