// Hammer collects garbage while many goroutines sleep, print, talk over channels and lock.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 600*time.Millisecond)
	defer cancel()
	var group sync.WaitGroup
	var work atomic.Int64
	var mu sync.Mutex
	shared := map[int]string{}
	for i := range 50 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for ctx.Err() == nil {
				time.Sleep(time.Duration(r.IntN(5000)) * time.Microsecond)
				mu.Lock()
				shared[r.IntN(1000)] = strings.Repeat("x", r.IntN(10000))
				mu.Unlock()
				work.Add(1)
			}
		})
	}
	for range 2 {
		group.Go(func() {
			for ctx.Err() == nil {
				fmt.Println(strings.Repeat("line ", 100))
				time.Sleep(time.Millisecond)
			}
		})
	}
	group.Go(func() {
		for ctx.Err() == nil {
			runtime.GC()
			runtime.Gosched()
		}
	})
	group.Wait()
	fmt.Fprintln(os.Stderr, "worked:", work.Load() > 100)
}
