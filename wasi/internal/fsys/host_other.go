//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package fsys

// openHost opens a directory of the host, wherever it is. Paths in it may lead through
// so many symbolic links.
func openHost(path string, hops int) (node, error) { return openOSRoot(path, hops) }

func systemCode(error) (Code, bool) { return 0, false }
