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

// At is the moment at which the clock reaches a time.
func (c Clock) At(when uint64) time.Time { return c.base.Add(duration(when)) }

// After is the moment a number of nanoseconds from now.
func After(nanoseconds uint64) time.Time { return time.Now().Add(duration(nanoseconds)) }

// duration cuts down what does not fit a time.Duration: some 292 years are as good
// as for ever.
func duration(nanoseconds uint64) time.Duration {
	return time.Duration(min(nanoseconds, math.MaxInt64))
}

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
// ends first.
func WaitFor(ctx context.Context, nanoseconds uint64) error {
	if nanoseconds == 0 {
		return nil
	}
	t := time.NewTimer(duration(nanoseconds))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
