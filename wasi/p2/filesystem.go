package p2

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

func addFilesystem(l *gondola.Linker, h *host.Host) {
	addPreopens(l, h)
	l.Resource(filesystem, "descriptor", descriptor.Drop)
	addDescriptor(l)
	addDescriptorAt(l)
	addDescriptorStreams(l, h)
	addDirectoryEntryStream(l)
	l.Func(filesystem, "filesystem-error-code", func(_ context.Context, e *pollio.Error) *fsys.Code {
		if c, ok := fsys.KnownCode(e); ok {
			c = caseOf(c)
			return &c
		}
		return nil
	})
}

const filesystem = "wasi:filesystem/types" + version

type descriptor = *fsys.Descriptor

// preopen is tuple<descriptor, string>.
type preopen struct {
	F0 descriptor
	F1 string
}

func addPreopens(l *gondola.Linker, h *host.Host) {
	l.Func("wasi:filesystem/preopens"+version, "get-directories", func(context.Context) ([]preopen, error) {
		all, err := h.Files.Preopens()
		dirs := make([]preopen, len(all))
		for i, p := range all {
			dirs[i] = preopen{p.Dir, p.Path}
		}
		return dirs, err
	})
}

// caseOf is the nearest case of error-code.
func caseOf(c fsys.Code) fsys.Code {
	if c == fsys.TooManyFiles {
		return fsys.InsufficientMemory
	}
	return c
}

// fileError turns a code into the error that the guest sees. Any other is one of
// the context.
func fileError(err error) error {
	if c, ok := err.(fsys.Code); ok {
		return caseOf(c)
	}
	return err
}

// fileTime is wasi:clocks/wall-clock.datetime.
type fileTime struct {
	Seconds     uint64
	Nanoseconds uint32
}

// fileTimeOf has no time for what was before 1970.
func fileTimeOf(t *fsys.Timestamp) *fileTime {
	if t == nil || t.Seconds < 0 {
		return nil
	}
	return &fileTime{uint64(t.Seconds), t.Nanoseconds}
}

type descriptorStat struct {
	Type                      fsys.Type
	LinkCount                 uint64
	Size                      uint64
	DataAccessTimestamp       *fileTime
	DataModificationTimestamp *fileTime
	StatusChangeTimestamp     *fileTime
}

func statOf(st fsys.Stat) descriptorStat {
	return descriptorStat{
		Type:                      st.Type,
		LinkCount:                 st.Links,
		Size:                      st.Size,
		DataAccessTimestamp:       fileTimeOf(st.Accessed),
		DataModificationTimestamp: fileTimeOf(st.Modified),
		StatusChangeTimestamp:     fileTimeOf(st.StatusChanged),
	}
}

type newTimestamp interface {
	gondola.Variant[newTimestamps]
	time() (fsys.NewTime, error)
}

type newTimestamps struct {
	NoChange  noChange
	Now       now
	Timestamp timestamp
}

type (
	noChange  struct{}
	now       struct{}
	timestamp struct{ To fileTime }
)

func (noChange) WITCases(newTimestamps)  {}
func (now) WITCases(newTimestamps)       {}
func (timestamp) WITCases(newTimestamps) {}

func (noChange) time() (fsys.NewTime, error) { return fsys.NewTime{}, nil }
func (now) time() (fsys.NewTime, error)      { return fsys.NewTime{How: fsys.SetToNow}, nil }

func (t timestamp) time() (fsys.NewTime, error) {
	seconds := int64(t.To.Seconds)
	if seconds < 0 {
		return fsys.NewTime{}, fsys.Overflow
	}
	return fsys.NewTime{How: fsys.SetTo, Time: fsys.Timestamp{Seconds: seconds, Nanoseconds: t.To.Nanoseconds}}, nil
}

func timesOf(accessed, modified newTimestamp) (t fsys.Times, err error) {
	if t.Accessed, err = accessed.time(); err != nil {
		return t, err
	}
	t.Modified, err = modified.time()
	return t, err
}

type pathFlags uint8

func (f pathFlags) follow() bool { return f != 0 }

func addDescriptor(l *gondola.Linker) {
	plain := func(name string, fn any) { l.Func(filesystem, "[method]descriptor."+name, fn) }
	plain("get-flags", func(_ context.Context, d descriptor) (fsys.Flags, error) { return d.Flags(), nil })
	plain("get-type", func(_ context.Context, d descriptor) (fsys.Type, error) { return d.Type(), nil })
	plain("is-same-object", func(_ context.Context, d, other descriptor) bool { return d.IsSame(other) })
	plain("metadata-hash", func(_ context.Context, d descriptor) (fsys.Hash, error) { return d.MetadataHash(), nil })

	method := func(name string, fn any) { l.Func(filesystem, "[method]descriptor."+name, fn, gondola.Blocking()) }
	method("advise", func(ctx context.Context, d descriptor, offset, length uint64, a fsys.Advice) error {
		return fileError(do(ctx, d, func(ctx context.Context) error { return d.Advise(ctx, offset, length, a) }))
	})
	method("sync-data", func(ctx context.Context, d descriptor) error { return fileError(do(ctx, d, d.SyncData)) })
	method("sync", func(ctx context.Context, d descriptor) error { return fileError(do(ctx, d, d.Sync)) })
	method("set-size", func(ctx context.Context, d descriptor, size uint64) error {
		return fileError(do(ctx, d, func(ctx context.Context) error { return d.SetSize(ctx, size) }))
	})
	method("set-times", func(ctx context.Context, d descriptor, accessed, modified newTimestamp) error {
		t, err := timesOf(accessed, modified)
		if err != nil {
			return err
		}
		return fileError(do(ctx, d, func(ctx context.Context) error { return d.SetTimes(ctx, t) }))
	})
	method("stat", func(ctx context.Context, d descriptor) (descriptorStat, error) {
		st, err := of(ctx, d, nil, d.Stat)
		return statOf(st), fileError(err)
	})
}

func addDescriptorAt(l *gondola.Linker) {
	method := func(name string, fn any) { l.Func(filesystem, "[method]descriptor."+name, fn, gondola.Blocking()) }
	method("create-directory-at", func(ctx context.Context, d descriptor, path string) error {
		return fileError(do(ctx, d, func(ctx context.Context) error { return d.CreateDirectoryAt(ctx, path) }))
	})
	method("stat-at", func(ctx context.Context, d descriptor, flags pathFlags, path string) (descriptorStat, error) {
		st, err := of(ctx, d, nil, func(ctx context.Context) (fsys.Stat, error) { return d.StatAt(ctx, flags.follow(), path) })
		return statOf(st), fileError(err)
	})
	method("set-times-at", func(ctx context.Context, d descriptor, flags pathFlags, path string, accessed, modified newTimestamp) error {
		t, err := timesOf(accessed, modified)
		if err != nil {
			return err
		}
		return fileError(do(ctx, d, func(ctx context.Context) error { return d.SetTimesAt(ctx, flags.follow(), path, t) }))
	})
	method("link-at", func(ctx context.Context, d descriptor, flags pathFlags, path string, to descriptor, newPath string) error {
		return fileError(do(ctx, slower(d, to), func(ctx context.Context) error { return d.LinkAt(ctx, flags.follow(), path, to, newPath) }))
	})
	method("open-at", func(ctx context.Context, d descriptor, how pathFlags, path string, open fsys.OpenFlags, flags fsys.Flags) (descriptor, error) {
		opened, err := of(ctx, d, descriptor.Drop, func(ctx context.Context) (descriptor, error) {
			return d.OpenAt(ctx, how.follow(), path, open, flags)
		})
		return opened, fileError(err)
	})
	method("readlink-at", func(ctx context.Context, d descriptor, path string) (string, error) {
		target, err := of(ctx, d, nil, func(ctx context.Context) (string, error) { return d.ReadLinkAt(ctx, path) })
		return target, fileError(err)
	})
	method("remove-directory-at", func(ctx context.Context, d descriptor, path string) error {
		return fileError(do(ctx, d, func(ctx context.Context) error { return d.RemoveDirectoryAt(ctx, path) }))
	})
	method("rename-at", func(ctx context.Context, d descriptor, path string, to descriptor, newPath string) error {
		return fileError(do(ctx, slower(d, to), func(ctx context.Context) error { return d.RenameAt(ctx, path, to, newPath) }))
	})
	method("symlink-at", func(ctx context.Context, d descriptor, target, path string) error {
		return fileError(do(ctx, d, func(ctx context.Context) error { return d.SymlinkAt(ctx, target, path) }))
	})
	method("unlink-file-at", func(ctx context.Context, d descriptor, path string) error {
		return fileError(do(ctx, d, func(ctx context.Context) error { return d.UnlinkFileAt(ctx, path) }))
	})
	method("metadata-hash-at", func(ctx context.Context, d descriptor, flags pathFlags, path string) (fsys.Hash, error) {
		hash, err := of(ctx, d, nil, func(ctx context.Context) (fsys.Hash, error) { return d.MetadataHashAt(ctx, flags.follow(), path) })
		return hash, fileError(err)
	})
}
