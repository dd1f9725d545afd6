//go:build !race

package suite

// underRace says that the race detector looks on.
const underRace = false
