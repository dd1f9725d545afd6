package fsys

// node is an open file or directory of a backend. Its methods may block. They may
// be called from several goroutines, but not after close.
//
// Paths are not empty, not absolute and no longer than a limit; everything else
// about them is the backend's to check. A step that leads out of the directory is
// [NotPermitted]. Offsets and sizes are not negative.
type node interface {
	// kind and identity are what they were when the node was opened.
	kind() Type
	identity() identity
	// prompt reports whether the other methods wait for a disk at most.
	prompt() bool

	stat() (Stat, error)
	sync(dataOnly bool) error
	close() error

	file
	directory
	changer
}

// file is what only files have.
type file interface {
	// readAt reads up to len(p) bytes, at least one; at the end it returns
	// io.EOF.
	readAt(p []byte, offset int64) (int, error)
	// advise may do nothing. A length of 0 is up to the end.
	advise(offset, length int64, advice Advice) error
}

// directory is what only directories have.
type directory interface {
	openAt(path string, how openHow) (node, error)
	statAt(path string, follow bool) (Stat, error)
	readLinkAt(path string) (string, error)
	entries() (entrySource, error)
}

// changer are the operations that change something. Nodes below a read-only mount
// are never asked for them. Where there are two directories they are of one
// backend.
type changer interface {
	writeAt(p []byte, offset int64) (int, error)
	appendTo(p []byte) (int, error)
	setSize(size int64) error
	setTimes(t Times) error

	setTimesAt(path string, follow bool, t Times) error
	createDirectoryAt(path string) error
	removeDirectoryAt(path string) error
	unlinkFileAt(path string) error
	symlinkAt(target, path string) error
	linkAt(path string, to node, newPath string) error
	renameAt(path string, to node, newPath string) error
}

// entrySource reads a directory, one goroutine at a time.
type entrySource interface {
	// next returns some entries, at least one, that are good until the next call;
	// at the end it returns io.EOF. The directory itself and its parent are not
	// among them.
	next() ([]Entry, error)
	close() error
}

// openHow is how a path is opened. At least one of read and write is set, write
// where create or truncate is.
type openHow struct {
	follow                                 bool // a symbolic link at the end
	read, write                            bool
	create, directory, exclusive, truncate bool
	syncFile, syncData, syncRead           bool
}

// identity says which object a node is, among those of the process. Objects that
// exist at the same time and have equal identities are the same.
type identity struct {
	dev, ino uint64
	in       any    // for objects without numbers: what their path is in
	path     string // and that path
}
