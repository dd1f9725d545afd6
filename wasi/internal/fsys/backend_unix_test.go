//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package fsys

import (
	"testing"

	"golang.org/x/sys/unix"
)

func makeFIFO(path string) error { return unix.Mkfifo(path, 0o644) }

// hostBackends are the walk, and what the system has besides.
func hostBackends() []backend {
	all := []backend{{"walker", func(dir string, hops int) (node, error) { return openUnix(dir, walker{hops}) }}}
	if r := hostResolver(DefaultHops); r != (walker{DefaultHops}) {
		all = append(all, backend{"kernel", func(dir string, hops int) (node, error) { return openUnix(dir, hostResolver(hops)) }})
	}
	return all
}

func TestWalksLeaveNothingOpen(t *testing.T) {
	if n := entered.Load(); n != 0 {
		t.Errorf("%d directories are still entered", n)
	}
}
