//go:build race

package gondola

// raceEnabled says that sync.Pool forgets things at random.
const raceEnabled = true
