//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package fsys

// openHost opens a directory of the host, wherever it is.
func openHost(path string) (node, error) { return openOSRoot(path) }

func systemCode(error) (Code, bool) { return 0, false }
