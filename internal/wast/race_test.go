//go:build race

package wast

const underRace = true
