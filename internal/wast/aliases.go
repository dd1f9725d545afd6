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
var Aliases = []Alias{}

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
