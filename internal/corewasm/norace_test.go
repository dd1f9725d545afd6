//go:build !race

package corewasm

const underRace = false
