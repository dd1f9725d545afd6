// Goguest is a guest that gives up calls of its host.
package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"example.com/goguest/gen/goguest"
	"example.com/goguest/gen/host"
	"example.com/goguest/gen/rt"
)

func init() { goguest.Export(goguest.Exports{Guest: exports{}}) }

func main() {}

type exports struct{}

func (exports) GiveUp(ctx context.Context, after uint32) (uint32, error) {
	ticks, ticker := uint32(0), time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	go func() {
		for range ticker.C {
			ticks++
		}
	}()
	ctx, cancel := timeout(ctx, after)
	defer cancel()
	if s, err := host.Stay(ctx, "stay"); !errors.Is(err, context.DeadlineExceeded) {
		return 0, rt.NewErr(fmt.Sprintf("got %q, %v", s, err))
	}
	ticks = 0
	time.Sleep(50 * time.Millisecond)
	for begin := time.Now(); ticks < 3 && time.Since(begin) < time.Minute; { // the machine is late
		time.Sleep(time.Millisecond)
	}
	return ticks, nil
}

func timeout(ctx context.Context, ms uint32) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, time.Duration(ms)*time.Millisecond)
}

// block has the size of the blocks that a call's results are put into.
type block [16]uint64

const pattern = 0x0101010101010101

var taken []*block

func (exports) Abandon(ctx context.Context, after uint32) error {
	ctx, cancel := timeout(ctx, after)
	defer cancel()
	if _, err := host.StayOpen(ctx, host.Make()); !errors.Is(err, context.DeadlineExceeded) {
		return rt.NewErr(fmt.Sprintf("got %v", err))
	}
	for range 3 {
		runtime.GC()
	}
	for range 20000 {
		b := new(block)
		for i := range b {
			b[i] = pattern
		}
		taken = append(taken, b)
	}
	return nil
}

func (exports) Damaged(context.Context) (n uint32, err error) {
	for _, b := range taken {
		for _, v := range b {
			if v != pattern {
				n++
				break
			}
		}
	}
	return n, nil
}

func (exports) Echo(_ context.Context, s string) (string, error) { return s, nil }

func (exports) Outlive(_ context.Context, sleep uint32) error {
	go time.Sleep(time.Duration(sleep) * time.Millisecond)
	return nil
}
