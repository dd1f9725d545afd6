// Store exports a resource, whose values closing takes time.
package main

import (
	"fmt"
	"os"
	"time"
)

// read makes store import standard input too: the tests link it with others that do, and take the list of imports from it.
var read = os.Stdin.Read

func main() { panic("the main function of a reactor was called") }

type thing struct{ name string }

var count uint32

func newThing(name string) *thing {
	count++
	return &thing{name}
}

func (t *thing) Close() error {
	fmt.Println("store: closing", t.name)
	time.Sleep(time.Millisecond)
	count--
	return nil
}
