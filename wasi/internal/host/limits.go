package host

// Limits bound what guests may make the host spend. See wasi.Limits.
type Limits struct {
	RandomBytes  uint64
	InputStreams int

	Sockets, Lookups int

	OpenFiles, Path int
}

// withDefaults fills in what is not set.
func (l Limits) withDefaults() Limits {
	setDefault(&l.RandomBytes, 64<<20)
	setDefault(&l.InputStreams, 1000)
	setDefault(&l.Sockets, 256)
	setDefault(&l.Lookups, 16)
	setDefault(&l.OpenFiles, 1024)
	setDefault(&l.Path, 4096)
	return l
}

func setDefault[T comparable](limit *T, value T) {
	var zero T
	if *limit == zero {
		*limit = value
	}
}
