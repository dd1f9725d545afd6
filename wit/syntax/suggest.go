package syntax

import "fmt"

// Suggest returns "did you mean `…`?" for a name that is not among the known ones,
// or "" if none is near. It is a hint for [Error.WithHint].
func Suggest(name string, known []string) string {
	best, distance := "", 1+tolerance(name)
	if distance == 1 {
		return ""
	}
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

// tolerance is how many slips a name may have to be taken for another one.
func tolerance(name string) int {
	switch n := len(name); {
	case n < 3, n > 64:
		return 0
	case n == 3:
		return 1
	case n < 9:
		return 2
	}
	return 3
}

// editDistance counts the insertions, deletions, replacements and swaps of neighbours
// between two strings; it may stop at limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	var before []int // the row before the last one
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := row[j]
			if a[i] != b[j] {
				cost++
			}
			next[j+1] = min(cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
