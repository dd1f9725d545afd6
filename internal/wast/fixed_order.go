package wast

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gondola-wasm/gondola"
)

// fixedOrder is what is not varied in one of the reference tests, since the test
// counts on one of several orders that the specification permits.
type fixedOrder struct {
	file   string // and the folder that it is in
	choice gondola.Choice
	why    string
}

// fixedOrders are the reference tests of which that is known. All other choices are
// varied in them, too.
var fixedOrders = []fixedOrder{
	{"async/async-calls-sync.wast", gondola.ChoiceThread,
		"of calls that end at the same time, the first that was made is to end first"},
	{"async/big-interleaving-test.wast", gondola.ChoiceWait,
		"a task that waits for an event that is there already is to go on before its caller"},
	{"async/drop-subtask.wast", gondola.ChoiceYield,
		"a callback that yields is to let its caller go first"},
}

// FixedOrders says in which of the reference tests one choice is not varied, and why.
func FixedOrders() []string {
	var list []string
	for i := range fixedOrders {
		f := &fixedOrders[i]
		list = append(list, fmt.Sprintf("`%s`: %s; %s", f.file, f.choice, f.why))
	}
	return list
}

// fixedOrderOf is what is known of a file, or nil.
func fixedOrderOf(path string) *fixedOrder {
	name := filepath.ToSlash(filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path)))
	i := slices.IndexFunc(fixedOrders, func(f fixedOrder) bool { return f.file == name })
	if i < 0 {
		return nil
	}
	return &fixedOrders[i]
}

// varies reports whether a choice is varied.
func (f *fixedOrder) varies(c gondola.Choice) bool { return f == nil || f.choice != c }

// String says what is not varied, and why.
func (f *fixedOrder) String() string {
	return "seeds don't vary " + f.choice.String() + ": " + f.why
}
