package cabi

import "fmt"

// Bug is the error of an assertion that doesn't hold: a fault of this module,
// never of a guest's or of the embedder's. It poisons its store.
type Bug struct{ Text string }

func (b *Bug) Error() string {
	return "internal error: " + b.Text + " (this is a bug in gondola; the store is unusable now)"
}

// assert states what the code around it relies on. The text says what that is.
func assert(cond bool, text string) {
	if !cond {
		panic(&Bug{text})
	}
}

func bugf(format string, args ...any) { panic(&Bug{fmt.Sprintf(format, args...)}) }
