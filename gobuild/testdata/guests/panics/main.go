// Panics ends in the way that its first argument names.
package main

import (
	"fmt"
	"os"
	"time"
)

func init() {
	if len(os.Args) > 1 && os.Args[1] == "init" {
		fmt.Println("before")
		panic("in init")
	}
}

func main() {
	fmt.Println("before")
	switch os.Args[1] {
	case "main":
		panic("in main")
	case "goroutine":
		go func() { panic(fmt.Errorf("in a goroutine")) }()
		time.Sleep(time.Second)
	case "nil":
		var p *int
		*p = 1
	case "index":
		s := os.Args
		_ = s[100]
	case "exit":
		defer fmt.Println("not printed")
		os.Exit(3)
	case "exit-goroutine":
		go os.Exit(4)
		select {}
	case "recovered":
		defer func() { fmt.Println("recovered:", recover()); os.Exit(0) }()
		panic("caught")
	case "busy-output":
		go func() {
			for {
				fmt.Println("output")
			}
		}()
		time.Sleep(5 * time.Millisecond)
		panic("while writing")
	}
}
