package main

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// waiting is what tasks cost that wait for a host function, and the goroutines that there are for their sake: one of the
// caller's, and one that the host function runs on.
type waiting struct {
	perTask   time.Duration // of the processor, to start, to answer and to end
	heap      float64       // bytes per task
	stacks    float64       // bytes per task of the two goroutines
	bareStack float64       // bytes of two goroutines that do nothing but wait
	bareTime  time.Duration // to start two goroutines and end them
}

// measureWaiting lets n tasks wait at the same time.
func measureWaiting(l *lab, n int) (w waiting, err error) {
	gate := make(chan struct{})
	var inside atomic.Int64
	in, err := l.tinyInstance(func(ctx context.Context, id uint32) (uint32, error) {
		inside.Add(1)
		<-gate
		return id, nil
	})
	if err != nil {
		return w, err
	}
	fn := in.Func("", "call-later")
	calls := func(id int) error {
		v, err := fn.Call(l.ctx, val.U32(uint32(id)))
		if err == nil && v.Uint() != uint64(id) {
			err = wrong("call-later", v, id)
		}
		return err
	}
	var heap, bareHeap float64
	if w.perTask, heap, w.stacks, err = crowd(n, gate, &inside, calls); err != nil {
		return w, err
	}
	gate, inside = make(chan struct{}), atomic.Int64{}
	w.bareTime, bareHeap, w.bareStack, err = crowd(n, gate, &inside, func(int) error {
		done := make(chan struct{})
		go func() {
			inside.Add(1)
			<-gate
			close(done)
		}()
		<-done
		return nil
	})
	// What the runtime allocates for goroutines themselves is no cost of tasks.
	w.heap = heap - bareHeap
	return w, err
}

// crowd runs f in n goroutines, waits until all are at the gate, and opens it.
func crowd(n int, gate chan struct{}, inside *atomic.Int64, f func(id int) error) (perTask time.Duration, heap, stack float64, err error) {
	before := memory()
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := cpuTime()
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	for inside.Load() < int64(n) {
		time.Sleep(100 * time.Microsecond) // and not a loop, whose processor time would count
	}
	took := cpuTime() - start
	after := memory()
	start = cpuTime()
	close(gate)
	wg.Wait()
	took += cpuTime() - start
	each := func(a, b uint64) float64 { return (float64(a) - float64(b)) / float64(n) }
	return took / time.Duration(n), each(after.HeapAlloc, before.HeapAlloc), each(after.StackInuse, before.StackInuse), errors.Join(errs...)
}

// memory is what is in use after collections. A later one sees what an earlier one's cleanups and pools let go.
func memory() runtime.MemStats {
	var m runtime.MemStats
	for range 4 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	runtime.ReadMemStats(&m)
	return m
}
