package p3

import (
	"context"
	"io"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// fileInput is tuple<stream<u8>, future<result<_, error-code>>>.
type fileInput struct {
	F0 *gondola.StreamReader[byte]
	F1 *gondola.FutureReader[fileOutcome]
}

type directoryEntry struct {
	Type val.Value
	Name string
}

// listing is tuple<stream<directory-entry>, future<result<_, error-code>>>.
type listing struct {
	F0 *gondola.StreamReader[directoryEntry]
	F1 *gondola.FutureReader[fileOutcome]
}

func addDescriptorStreams(l *gondola.Linker, h *host.Host) {
	pieces := h.Streams.Pieces
	f := h.Files
	method := func(name string, fn any) { l.Func(filesystem, "[method]descriptor."+name, fn) }
	method("read-via-stream", func(ctx context.Context, d descriptor, offset uint64) fileInput {
		return readFile(ctx, f, pieces, d, offset)
	})
	method("write-via-stream", func(ctx context.Context, d descriptor, data *gondola.StreamReader[byte], offset uint64) *gondola.FutureReader[fileOutcome] {
		w, err := d.NewWriter(offset)
		return writeFile(ctx, pieces, w, err, data)
	})
	method("append-via-stream", func(ctx context.Context, d descriptor, data *gondola.StreamReader[byte]) *gondola.FutureReader[fileOutcome] {
		w, err := d.NewAppender()
		return writeFile(ctx, pieces, w, err, data)
	})
	method("read-directory", func(ctx context.Context, d descriptor) listing { return readDirectory(ctx, f, d) })
}

// produce makes a stream and the future beside it, which run fills on a goroutine, of which
// there may not be too many. When it has, close is called. An err is that there is nothing
// to run.
func produce[T any](ctx context.Context, f *fsys.FS, run func(ctx context.Context, data *gondola.StreamWriter[T]) error, close func(), err error) (*gondola.StreamReader[T], *gondola.FutureReader[fileOutcome]) {
	data, reader := gondola.NewStream[T]()
	result, future := gondola.NewFuture[fileOutcome]()
	var release func()
	if err == nil {
		if release, err = f.Occupy(); err != nil {
			close()
		}
	}
	if err != nil {
		data.Close()
		result.Set(fileOutcomeOf(err))
		return reader, future
	}
	ctx, stop := stopping(ctx, func() {
		close()
		release()
	})
	go func() {
		var err error
		// A file system of the embedder's may panic.
		if perr := pollio.Guard("reading a file", func() { err = run(ctx, data) }); perr != nil {
			err = perr
		}
		stop()
		data.Finish()
		result.Set(fileOutcomeOf(err))
	}()
	return reader, future
}

func readFile(ctx context.Context, f *fsys.FS, pieces *pollio.Pieces, d descriptor, offset uint64) fileInput {
	r, err := d.NewReader(offset)
	stream, future := produce(ctx, f, func(ctx context.Context, data *gondola.StreamWriter[byte]) error {
		for {
			more, err := readPiece(ctx, pieces, r, data)
			if !more || err != nil {
				return err
			}
		}
	}, r.Close, err)
	return fileInput{stream, future}
}

// readPiece reads when the guest does. It returns false when the guest reads no
// more, and at the end of the file.
func readPiece(ctx context.Context, pieces *pollio.Pieces, r *fsys.Reader, data *gondola.StreamWriter[byte]) (more bool, err error) {
	if data.Wanted(ctx) != nil {
		return false, nil
	}
	buf := pieces.Get()
	defer pieces.Put(buf)
	n, err := r.Read(ctx, *buf)
	if n > 0 {
		if _, werr := data.WriteContext(ctx, (*buf)[:n]); werr != nil {
			return false, nil
		}
	}
	if err == io.EOF {
		return false, nil
	}
	return true, err
}

func readDirectory(ctx context.Context, f *fsys.FS, d descriptor) listing {
	err := d.Listable()
	if err == nil {
		d, err = d.Share()
	}
	stream, future := produce(ctx, f, func(ctx context.Context, entries *gondola.StreamWriter[directoryEntry]) error {
		if entries.Wanted(ctx) != nil {
			return nil
		}
		list, err := d.NewEntries(ctx)
		if err != nil {
			return err
		}
		defer list.Close()
		return copyEntries(ctx, list, entries)
	}, d.Drop, err)
	return listing{stream, future}
}

func copyEntries(ctx context.Context, list *fsys.Entries, entries *gondola.StreamWriter[directoryEntry]) error {
	var buf []directoryEntry
	for entries.Wanted(ctx) == nil {
		some, err := list.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		buf = buf[:0]
		for _, e := range some {
			buf = append(buf, directoryEntry{fileTypes[e.Type], e.Name})
		}
		if _, err := entries.WriteContext(ctx, buf); err != nil {
			return nil
		}
	}
	return nil
}
