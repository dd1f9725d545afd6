package engine

import (
	"fmt"
	"io"
	"os"
	"time"
)

// FromPreview1 is the [Source.Instance] of a function of WASI preview 1, which the
// engine has itself. The source's name is the function's.
const FromPreview1 = -2

// Preview1 is what the instances of a space get of WASI preview 1.
type Preview1 struct {
	Args, Env      []string // Env as "NAME=value"
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Dirs           []Preview1Dir

	// Check is called before each function, and Sleep to sleep. Both may unwind the
	// guest with a panic.
	Check func()
	Sleep func(time.Duration)
}

// Preview1Dir is a directory of the host and its name for the guest.
type Preview1Dir struct {
	Guest    string
	Root     *os.Root
	ReadOnly bool
}

// ExitError is what unwinds a guest that ended itself by preview 1's proc_exit.
type ExitError struct{ Code uint32 }

func (e *ExitError) Error() string { return fmt.Sprintf("the guest exited with status %d", e.Code) }
