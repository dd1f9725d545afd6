//go:build !race

package gondola

const raceEnabled = false
