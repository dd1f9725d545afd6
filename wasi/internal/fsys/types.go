package fsys

import "math"

// Type is the type of a file.
type Type uint8

const (
	Unknown Type = iota
	BlockDevice
	CharacterDevice
	Directory
	FIFO
	SymbolicLink
	RegularFile
	Socket
)

// Flags are what a descriptor was opened for: the descriptor-flags of
// wasi:filesystem.
type Flags uint8

const (
	Read Flags = 1 << iota
	Write
	FileIntegritySync
	DataIntegritySync
	RequestedWriteSync
	MutateDirectory
)

// OpenFlags are the open-flags of wasi:filesystem.
type OpenFlags uint8

const (
	Create OpenFlags = 1 << iota
	DirectoryOnly
	Exclusive
	Truncate
)

// Advice is the advice of wasi:filesystem.
type Advice uint8

const (
	Normal Advice = iota
	Sequential
	Random
	WillNeed
	DontNeed
	NoReuse
)

// Timestamp is a time since 1970. Nanoseconds are less than a second, and count
// forwards before 1970 too.
type Timestamp struct {
	Seconds     int64
	Nanoseconds uint32
}

// Stat describes a file. A nil timestamp is one that the backend does not have.
type Stat struct {
	Type                              Type
	Links, Size                       uint64
	Accessed, Modified, StatusChanged *Timestamp

	id identity
}

// Entry is one in a directory.
type Entry struct {
	Type Type
	Name string
}

// NewTime is what to do with a timestamp.
type NewTime struct {
	How  NewTimeHow
	Time Timestamp // for SetTo
}

// NewTimeHow says whether a timestamp changes, and to what.
type NewTimeHow uint8

const (
	NoChange NewTimeHow = iota
	SetToNow
	SetTo
)

// Times are the timestamps that can be set.
type Times struct{ Accessed, Modified NewTime }

func (t Times) check() error {
	for _, n := range [...]NewTime{t.Accessed, t.Modified} {
		if n.How == SetTo && n.Time.Nanoseconds >= 1e9 {
			return Invalid
		}
	}
	return nil
}

// offsetOf is a file position as systems take it.
func offsetOf(offset uint64) (int64, error) {
	if offset > math.MaxInt64 {
		return 0, Invalid
	}
	return int64(offset), nil
}
