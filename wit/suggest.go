package wit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// suggest returns "did you mean …?" for a name that is not among the known ones, or
// "" if none is near.
func suggest(name string, known []string) string { return syntax.Suggest(name, known) }

// listKnown returns "known: …" with at most a screenful of names.
func listKnown(what string, known []string) string {
	if len(known) == 0 {
		return "there are no " + what
	}
	slices.Sort(known)
	const most = 20
	more := ""
	if len(known) > most {
		more = fmt.Sprintf(" and %d more", len(known)-most)
		known = known[:most]
	}
	return fmt.Sprintf("%s: `%s`%s", what, strings.Join(known, "`, `"), more)
}
