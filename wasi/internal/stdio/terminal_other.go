//go:build !linux && !darwin && !dragonfly && !freebsd && !netbsd && !openbsd && !windows

package stdio

func isTerminal(uintptr) bool { return false }
