package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// A stall is how long collections take while something else is busy.
type stall struct{ median, worst time.Duration }

// measureGC collects n times while busy runs on a goroutine of its own. Stop must make it return.
func measureGC(n int, busy func() error, stop func()) (stall, error) {
	ended := make(chan error, 1)
	go func() { ended <- busy() }()
	time.Sleep(5 * time.Millisecond) // so that it is under way
	var took []time.Duration
	for range n {
		select {
		case err := <-ended:
			return stall{}, fmt.Errorf("what was to be busy returned: %v", err)
		default:
		}
		start := time.Now()
		runtime.GC()
		took = append(took, time.Since(start))
	}
	stop()
	err := <-ended
	slices.Sort(took)
	return stall{took[len(took)/2], took[len(took)-1]}, err
}

// busyRow is something that keeps a processor busy.
type busyRow struct {
	name string
	busy func(*lab) (run func() error, stop func(), err error)
}

var busyRows = []busyRow{
	{"nothing", idle},
	{"a loop in Go", busyGo},
	{"a component in an endless loop", busyComponent},
}

// goBusyRows run guests written in Go.
var goBusyRows = []busyRow{
	{"a Go guest that computes sha256", busyKernel("sha256")},
	{"a Go guest that allocates (json)", busyKernel("json")},
}

func idle(*lab) (run func() error, stop func(), err error) {
	done := make(chan struct{})
	return func() error { <-done; return nil }, func() { close(done) }, nil
}

func busyGo(l *lab) (run func() error, stop func(), err error) {
	ctx, cancel := context.WithCancel(l.ctx)
	return func() error {
		for x := 1; ctx.Err() == nil; {
			for range 100_000 {
				x = x*3 + 1
			}
		}
		return nil
	}, cancel, nil
}

// busyComponent has to be trapped: nothing else ends it.
func busyComponent(l *lab) (run func() error, stop func(), err error) {
	in, err := l.tinyInstance(echoLater)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(l.ctx)
	return func() error {
		if _, err := in.Func("", "spin").Call(ctx); ctx.Err() == nil {
			return fmt.Errorf("spin returned: %v", err)
		}
		return nil
	}, cancel, nil
}

func busyKernel(name string) func(l *lab) (run func() error, stop func(), err error) {
	return func(l *lab) (run func() error, stop func(), err error) {
		modules, err := l.kernels()
		if err != nil {
			return nil, nil, err
		}
		call := modules["go"][checked].ExportedFunction(name)
		ctx, cancel := context.WithCancel(l.ctx)
		return func() error {
			for ctx.Err() == nil {
				if _, err := call.Call(l.ctx, 20); err != nil {
					return err
				}
			}
			return nil
		}, cancel, nil
	}
}
