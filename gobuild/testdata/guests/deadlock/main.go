// Deadlock waits for what never comes.
package main

import "fmt"

func main() {
	fmt.Println("waiting")
	never := make(chan int)
	go func() { <-never }()
	<-never
}
