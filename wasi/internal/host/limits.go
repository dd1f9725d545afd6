package host

import (
	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// Limits bound what guests may make the host spend. See wasi.Limits.
type Limits struct {
	RandomBytes  uint64
	InputStreams int

	Sockets, Lookups int

	OpenFiles, Path, SymlinkHops int

	Piece, WritePermit int
}

// withDefaults fills in what is not set.
func (l Limits) withDefaults() Limits {
	setDefault(&l.RandomBytes, 64<<20)
	setDefault(&l.InputStreams, 1000)
	setDefault(&l.Sockets, 256)
	setDefault(&l.Lookups, 16)
	setDefault(&l.OpenFiles, 1024)
	setDefault(&l.Path, 4096)
	setDefault(&l.SymlinkHops, fsys.DefaultHops)
	return l
}

// defaultFilePermit is how much of a file a guest of 0.2 may write at a time: it is
// written at once.
const defaultFilePermit = 1 << 20

// streams are the limits of streams, and the permit of files.
func (l Limits) streams() (streams pollio.Limits, filePermit int) {
	streams, filePermit = pollio.DefaultLimits, defaultFilePermit
	if l.Piece > 0 {
		streams.Pieces = pollio.NewPieces(l.Piece)
	}
	if l.WritePermit > 0 {
		streams.Permit, filePermit = l.WritePermit, l.WritePermit
	}
	return streams, filePermit
}

func setDefault[T comparable](limit *T, value T) {
	var zero T
	if *limit == zero {
		*limit = value
	}
}
