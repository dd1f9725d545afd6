// Hammer collects garbage while many goroutines sleep, print, talk over channels and lock.
package main

import (
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
	var group sync.WaitGroup
	var work atomic.Int64
	start := time.Now()
	goOn := func() bool { // for a while, and on a late machine until enough is done
		took := time.Since(start)
		return took < 600*time.Millisecond || took < time.Minute && work.Load() <= 100
	}
	var mu sync.Mutex
	shared := map[int]string{}
	for i := range 50 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for goOn() {
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
			for goOn() {
				fmt.Println(strings.Repeat("line ", 100))
				time.Sleep(time.Millisecond)
			}
		})
	}
	group.Go(func() {
		for goOn() {
			runtime.GC()
			runtime.Gosched()
		}
	})
	group.Wait()
	fmt.Fprintln(os.Stderr, "worked:", work.Load() > 100)
}
