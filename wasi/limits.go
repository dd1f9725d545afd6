package wasi

import "github.com/gondola-wasm/gondola/wasi/internal/host"

// Limits bound what guests may make the host spend. Each that is 0 has a default.
// Memory, handles, tasks and the size of values are bounded by options of the
// runtime, such as [gondola.WithMaxHandles].
type Limits struct {
	// RandomBytes is how many random bytes one call may ask for: 64 MiB by default.
	// A call of 0.2 that asks for more traps, one of 0.3 gets less than it asked for.
	RandomBytes uint64

	// InputStreams is how many streams of standard input the guests of 0.3 of a linker
	// have open at a time: 1000 by default. Opening more traps.
	InputStreams int

	// Sockets is how many sockets the guests of a linker have at a time, those that
	// were accepted included: 256 by default. While there are so many, no connection is
	// accepted and no socket made.
	Sockets int

	// Lookups is how many names are looked up at a time: 16 by default. Others wait.
	Lookups int

	// OpenFiles is how many files, directories, listings and, for guests of 0.3, streams
	// that read them the guests of a linker have open at a time: 1024 by default. Opening
	// more fails.
	OpenFiles int

	// Path is how many bytes a path may have: 4096 by default, of which Linux itself takes
	// one less.
	Path int

	// SymlinkHops is how many symbolic links one path may lead through: 40 by default,
	// and none if it is negative. On Linux any other number than 40 makes paths more
	// expensive: the kernel, which has that limit, is then asked for each step of one.
	SymlinkHops int

	// Piece is how many bytes of a file, a connection or a standard stream are carried
	// at a time, in either direction: 64 KiB by default. Each stream that carries some
	// takes that much of the host's memory; more is for the guest to ask for again. For
	// bodies of HTTP it is [HTTP.MaxPiece].
	Piece int

	// WritePermit is how many bytes a guest of 0.2 may write to such a stream before any
	// of them is out: 64 KiB by default, and 1 MiB for files.
	WritePermit int
}

func (l Limits) limits() host.Limits { return host.Limits(l) }
