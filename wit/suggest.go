package wit

import (
	"fmt"
	"slices"
	"strings"
)

// suggest returns "did you mean …?" for a name that is not among the known ones, or
// "" if none is near.
func suggest(name string, known []string) string {
	best, distance := "", 1+min(2, len(name)/3)
	for _, k := range known {
		if d := editDistance(name, k, distance); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean `%s`?", best)
}

// editDistance counts the insertions, deletions and replacements between two
// strings; it may stop at limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

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
