package p3

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
)

func addFilesystem(l *gondola.Linker, h *host.Host) {
	addPreopens(l, h)
	l.Resource(filesystem, "descriptor", descriptor.Drop)
	addDescriptor(l)
	addDescriptorAt(l)
	addDescriptorStreams(l, h)
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

// fileErrors are the cases of wasi:filesystem/types.error-code.
var fileErrors = func() (all [fsys.TooManyFiles + 1]*gondola.Err[val.Value]) {
	for c := range all {
		code := val.Variant(fsys.Code(c).String(), val.Value{})
		switch fsys.Code(c) {
		case fsys.WouldBlock, fsys.TooManyFiles:
			code = val.Variant("other", val.Some(val.String(fsys.Code(c).String())))
		}
		all[c] = &gondola.Err[val.Value]{Value: code}
	}
	return all
}()

// fileError turns a code into the error that the guest sees. Any other is one of
// the context.
func fileError(err error) error {
	if c, ok := err.(fsys.Code); ok {
		return fileErrors[c]
	}
	return err
}

// fileOutcome is result<_, error-code>.
type fileOutcome = gondola.Result[struct{}, val.Value]

func fileOutcomeOf(err error) fileOutcome {
	if err == nil {
		return fileOutcome{}
	}
	return fileOutcome{Err: &fileErrors[fsys.CodeOf(err)].Value}
}

// fileTypes are the cases of descriptor-type.
var fileTypes = [...]val.Value{
	fsys.Unknown:         val.Variant("other", val.None()),
	fsys.BlockDevice:     val.Variant("block-device", val.Value{}),
	fsys.CharacterDevice: val.Variant("character-device", val.Value{}),
	fsys.Directory:       val.Variant("directory", val.Value{}),
	fsys.FIFO:            val.Variant("fifo", val.Value{}),
	fsys.SymbolicLink:    val.Variant("symbolic-link", val.Value{}),
	fsys.RegularFile:     val.Variant("regular-file", val.Value{}),
	fsys.Socket:          val.Variant("socket", val.Value{}),
}

type descriptorStat struct {
	Type                      val.Value
	LinkCount                 uint64
	Size                      uint64
	DataAccessTimestamp       *instant
	DataModificationTimestamp *instant
	StatusChangeTimestamp     *instant
}

func statOf(st fsys.Stat) descriptorStat {
	return descriptorStat{
		Type:                      fileTypes[st.Type],
		LinkCount:                 st.Links,
		Size:                      st.Size,
		DataAccessTimestamp:       (*instant)(st.Accessed),
		DataModificationTimestamp: (*instant)(st.Modified),
		StatusChangeTimestamp:     (*instant)(st.StatusChanged),
	}
}

type newTimestamp interface {
	gondola.Variant[newTimestamps]
	time() fsys.NewTime
}

type newTimestamps struct {
	NoChange  noChange
	Now       now
	Timestamp timestamp
}

type (
	noChange  struct{}
	now       struct{}
	timestamp struct{ To instant }
)

func (noChange) WITCases(newTimestamps)  {}
func (now) WITCases(newTimestamps)       {}
func (timestamp) WITCases(newTimestamps) {}

func (noChange) time() fsys.NewTime { return fsys.NewTime{} }
func (now) time() fsys.NewTime      { return fsys.NewTime{How: fsys.SetToNow} }
func (t timestamp) time() fsys.NewTime {
	return fsys.NewTime{How: fsys.SetTo, Time: fsys.Timestamp(t.To)}
}

func timesOf(accessed, modified newTimestamp) fsys.Times {
	return fsys.Times{Accessed: accessed.time(), Modified: modified.time()}
}

type pathFlags uint8

func (f pathFlags) follow() bool { return f != 0 }

func addDescriptor(l *gondola.Linker) {
	method := func(name string, fn any, opts ...gondola.FuncOption) {
		l.Func(filesystem, "[method]descriptor."+name, fn, opts...)
	}
	// These don't block, whatever their type.
	method("get-flags", func(_ context.Context, d descriptor) (fsys.Flags, error) { return d.Flags(), nil }, gondola.Ready())
	method("get-type", func(_ context.Context, d descriptor) (val.Value, error) { return fileTypes[d.Type()], nil }, gondola.Ready())
	method("is-same-object", func(_ context.Context, d, other descriptor) bool { return d.IsSame(other) }, gondola.Ready())
	method("metadata-hash", func(_ context.Context, d descriptor) (fsys.Hash, error) { return d.MetadataHash(), nil }, gondola.Ready())

	method("advise", func(ctx context.Context, d descriptor, offset, length uint64, a fsys.Advice) error {
		return fileError(d.Advise(ctx, offset, length, a))
	})
	method("sync-data", func(ctx context.Context, d descriptor) error { return fileError(d.SyncData(ctx)) })
	method("sync", func(ctx context.Context, d descriptor) error { return fileError(d.Sync(ctx)) })
	method("set-size", func(ctx context.Context, d descriptor, size uint64) error { return fileError(d.SetSize(ctx, size)) })
	method("set-times", func(ctx context.Context, d descriptor, accessed, modified newTimestamp) error {
		return fileError(d.SetTimes(ctx, timesOf(accessed, modified)))
	})
	method("stat", func(ctx context.Context, d descriptor) (descriptorStat, error) {
		st, err := d.Stat(ctx)
		return statOf(st), fileError(err)
	})
}

func addDescriptorAt(l *gondola.Linker) {
	method := func(name string, fn any) { l.Func(filesystem, "[method]descriptor."+name, fn) }
	method("create-directory-at", func(ctx context.Context, d descriptor, path string) error {
		return fileError(d.CreateDirectoryAt(ctx, path))
	})
	method("stat-at", func(ctx context.Context, d descriptor, flags pathFlags, path string) (descriptorStat, error) {
		st, err := d.StatAt(ctx, flags.follow(), path)
		return statOf(st), fileError(err)
	})
	method("set-times-at", func(ctx context.Context, d descriptor, flags pathFlags, path string, accessed, modified newTimestamp) error {
		return fileError(d.SetTimesAt(ctx, flags.follow(), path, timesOf(accessed, modified)))
	})
	method("link-at", func(ctx context.Context, d descriptor, flags pathFlags, path string, to descriptor, newPath string) error {
		return fileError(d.LinkAt(ctx, flags.follow(), path, to, newPath))
	})
	method("open-at", func(ctx context.Context, d descriptor, how pathFlags, path string, open fsys.OpenFlags, flags fsys.Flags) (descriptor, error) {
		opened, err := d.OpenAt(ctx, how.follow(), path, open, flags)
		return opened, fileError(err)
	})
	method("readlink-at", func(ctx context.Context, d descriptor, path string) (string, error) {
		target, err := d.ReadLinkAt(ctx, path)
		return target, fileError(err)
	})
	method("remove-directory-at", func(ctx context.Context, d descriptor, path string) error {
		return fileError(d.RemoveDirectoryAt(ctx, path))
	})
	method("rename-at", func(ctx context.Context, d descriptor, path string, to descriptor, newPath string) error {
		return fileError(d.RenameAt(ctx, path, to, newPath))
	})
	method("symlink-at", func(ctx context.Context, d descriptor, target, path string) error {
		return fileError(d.SymlinkAt(ctx, target, path))
	})
	method("unlink-file-at", func(ctx context.Context, d descriptor, path string) error {
		return fileError(d.UnlinkFileAt(ctx, path))
	})
	method("metadata-hash-at", func(ctx context.Context, d descriptor, flags pathFlags, path string) (fsys.Hash, error) {
		hash, err := d.MetadataHashAt(ctx, flags.follow(), path)
		return hash, fileError(err)
	})
}
