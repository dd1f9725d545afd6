// Initwork prints, sleeps and starts goroutines while its packages are initialized.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"time"
)

var fromInit = make(chan string)

func init() {
	fmt.Println("init: printing")
	time.Sleep(20 * time.Millisecond)
	fmt.Println("init: slept")
	go func() {
		time.Sleep(30 * time.Millisecond)
		fromInit <- "sent by a goroutine of init"
	}()
	time.AfterFunc(40*time.Millisecond, func() { fromInit <- "sent by a timer of init" })
}

func main() {
	fmt.Println("main: started", len(os.Args) > 0)
	fmt.Println(<-fromInit)
	fmt.Println(<-fromInit)
	println("println goes to stderr")
	done := make(chan bool)
	time.AfterFunc(10*time.Millisecond, func() { fmt.Println("AfterFunc may print"); close(done) })
	<-done
	runtime.GC() // chooses anew
	stack := []metrics.Sample{{Name: "/gc/stack/starting-size:bytes"}}
	metrics.Read(stack)
	fmt.Println("stacks begin with", stack[0].Value.Uint64(), "bytes")
	defer fmt.Println("main: deferred")
}
