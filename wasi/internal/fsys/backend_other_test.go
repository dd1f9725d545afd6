//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package fsys

import "errors"

func makeFIFO(string) error { return errors.ErrUnsupported }

func hostBackends() []backend { return nil }
