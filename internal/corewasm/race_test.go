//go:build race

package corewasm

// underRace: the race detector makes wazero's compiler twenty times slower.
const underRace = true
