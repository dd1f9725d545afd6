package wast

import (
	"fmt"
	"io"
	"strings"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// Alias is a wording of a trap that suites expect and that we word otherwise.
type Alias struct {
	Text string    // what the expected text has in it
	Code trap.Code // what is taken for it
	From string    // whose wording it is
}

// Aliases are all wordings that are taken for one another. What is not here must be
// in the trap's text as it is expected.
var Aliases = []Alias{
	{"uninitialized", trap.TableOutOfBounds, "core: the engine has one trap for an index that is out of bounds and for an element that is null"},
	{"null function", trap.NullReference, "core: call_ref"},
	{"thrown Wasm exception", trap.UncaughtException, "Wasmtime"},
	{"uncaught exception propagated out of component", trap.UncaughtException, "Wasmtime"},
	{"string pointer not aligned", trap.UnalignedPointer, "Wasmtime"},
	{"out of range [0..", trap.InvalidDiscriminant, "Wasmtime"},
	{"invalid debug message pointer", trap.PointerOutOfBounds, "Wasmtime"},
	{"intra-component future/stream", trap.IntraComponentCopy, "Wasmtime"},
	{"cannot read after being notified", trap.ReadAfterDropped, "Wasmtime: of streams and futures alike"},
	{"cannot read after being notified", trap.ReadAfterRead, "Wasmtime: of streams and futures alike"},
	{"cannot write after being notified", trap.WriteAfterDropped, "Wasmtime: of streams and futures alike"},
	{"cannot write after being notified", trap.WriteAfterWrite, "Wasmtime: of streams and futures alike"},
	{"fuel allocated for hostcalls has been exhausted", trap.ValueTooLarge, "Wasmtime: its own bound on values, which is lower than ours"},
}

// trapHas reports whether a trap is the expected one.
func trapHas(t *gondola.Trap, text string) bool {
	if strings.Contains("wasm trap: "+t.Message(), text) {
		return true
	}
	for _, a := range Aliases {
		if a.Code == t.Code && strings.Contains(text, a.Text) {
			return true
		}
	}
	return false
}

// PrintAliases writes the table, a line each.
func PrintAliases(w io.Writer) {
	for _, a := range Aliases {
		fmt.Fprintf(w, "%-50q %-50q (%s)\n", a.Text, a.Code, a.From)
	}
}
