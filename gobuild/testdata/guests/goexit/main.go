// Goexit leaves its main goroutine by runtime.Goexit.
package main

import (
	"fmt"
	"runtime"
	"time"
)

func main() {
	go func() {
		time.Sleep(20 * time.Millisecond)
		fmt.Println("the last goroutine ends")
	}()
	runtime.Goexit()
}
