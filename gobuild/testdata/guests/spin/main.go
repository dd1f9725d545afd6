// Spin keeps the scheduler busy while other goroutines wait for timers and standard input.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"time"
)

func main() {
	stop := false
	go func() {
		for !stop {
			runtime.Gosched()
		}
	}()
	ping, pong := make(chan int), make(chan int)
	go func() {
		for range ping {
			pong <- 0
		}
	}()
	go func() {
		for !stop {
			ping <- 0
			<-pong
		}
	}()
	start := time.Now()
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		fmt.Println("read", input.Text())
	}
	for range 5 {
		time.Sleep(10 * time.Millisecond)
	}
	late := time.Since(start) > time.Minute
	stop = true
	fmt.Println("late:", late)
}
