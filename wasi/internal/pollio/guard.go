package pollio

import (
	"runtime/debug"

	"github.com/gondola-wasm/gondola"
)

// Guard calls f, which is the embedder's, on a goroutine of ours: a panic of its is
// no reason to end the process, but fails what the guest asked for.
func Guard(what string, f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &gondola.PanicError{Func: what, Value: p, Stack: debug.Stack()}
		}
	}()
	f()
	return nil
}
