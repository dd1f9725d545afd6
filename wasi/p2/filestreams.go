package p2

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

func addDescriptorStreams(l *gondola.Linker, h *host.Host) {
	plain := func(name string, fn any) { l.Func(filesystem, "[method]descriptor."+name, fn) }
	plain("read-via-stream", func(_ context.Context, d descriptor, offset uint64) (*pollio.InputStream, error) {
		r, err := d.NewReader(offset)
		if err != nil {
			return nil, fileError(err)
		}
		if r.Prompt() {
			return h.Streams.NewInputStream(fileOrigin{r}), nil
		}
		return h.Streams.NewInputStream(pollio.NewBuffered(r.Read, r.Close)), nil
	})
	plain("write-via-stream", func(_ context.Context, d descriptor, offset uint64) (*pollio.OutputStream, error) {
		w, err := d.NewWriter(offset)
		return fileOutput(h, w, err)
	})
	plain("append-via-stream", func(_ context.Context, d descriptor) (*pollio.OutputStream, error) {
		w, err := d.NewAppender()
		return fileOutput(h, w, err)
	})

	method := func(name string, fn any) { l.Func(filesystem, "[method]descriptor."+name, fn, gondola.Blocking()) }
	method("read", func(ctx context.Context, d descriptor, length, offset uint64) (contents, error) {
		return of(ctx, d, nil, func(ctx context.Context) (contents, error) {
			return readFile(ctx, h.Streams.Pieces, d, length, offset)
		})
	})
	method("write", func(ctx context.Context, d descriptor, p []byte, offset uint64) (uint64, error) {
		if !d.Prompt() {
			p = bytes.Clone(p) // the guest's call may be over before it is written
		}
		n, err := of(ctx, d, nil, func(ctx context.Context) (int, error) { return d.WriteAt(ctx, p, offset) })
		return uint64(n), fileError(err)
	})
}

// fileOrigin reads a file in the guest's call: a file has what it has, and there is
// nothing to wait for.
type fileOrigin struct{ r *fsys.Reader }

func (o fileOrigin) Take(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, o.r.Peek(context.Background())
	}
	return o.r.Read(context.Background(), p)
}

func (fileOrigin) Ready() bool               { return true }
func (fileOrigin) Wait(context.Context, int) {}
func (o fileOrigin) Close()                  { o.r.Close() }

func fileOutput(h *host.Host, w *fsys.Writer, err error) (*pollio.OutputStream, error) {
	if err != nil {
		return nil, fileError(err)
	}
	return h.Streams.NewOutputStream(fileSink{w}, pollio.OutputOptions{Permit: h.FilePermit, Prompt: true}), nil
}

type fileSink struct{ w *fsys.Writer }

func (s fileSink) Write(ctx context.Context, p []byte) (int, error) { return s.w.Write(ctx, p) }
func (fileSink) Flush(context.Context) error                        { return nil }
func (s fileSink) Close()                                           { s.w.Close() }

// contents is tuple<list<u8>, bool>.
type contents struct {
	F0 []byte
	F1 bool
}

func readFile(ctx context.Context, pieces *pollio.Pieces, d descriptor, length, offset uint64) (contents, error) {
	buf := pieces.Get()
	defer pieces.Put(buf)
	n, err := d.ReadAt(ctx, (*buf)[:min(length, uint64(pieces.Size()))], offset)
	if err == io.EOF {
		return contents{F1: true}, nil
	}
	return contents{F0: bytes.Clone((*buf)[:n])}, fileError(err)
}

// entryStream is the resource directory-entry-stream.
type entryStream struct {
	using sync.Mutex // list, maybe for longer than the guest's call
	list  *fsys.Entries
	some  []fsys.Entry // read, and not yet the guest's
}

func (s *entryStream) close() {
	if s.using.TryLock() {
		s.list.Close()
		return
	}
	go func() {
		s.using.Lock()
		s.list.Close()
	}()
}

func (s *entryStream) read(ctx context.Context) ([]fsys.Entry, error) {
	s.using.Lock()
	defer s.using.Unlock()
	return s.list.Next(ctx)
}

func (s *entryStream) next(ctx context.Context) (*fsys.Entry, error) {
	if len(s.some) == 0 {
		some, err := of(ctx, s.list, nil, s.read)
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, fileError(err)
		}
		s.some = some
	}
	e := &s.some[0]
	s.some = s.some[1:]
	return e, nil
}

func addDirectoryEntryStream(l *gondola.Linker) {
	l.Resource(filesystem, "directory-entry-stream", (*entryStream).close)
	l.Func(filesystem, "[method]descriptor.read-directory", func(ctx context.Context, d descriptor) (*entryStream, error) {
		list, err := of(ctx, d, (*fsys.Entries).Close, d.NewEntries)
		if err != nil {
			return nil, fileError(err)
		}
		return &entryStream{list: list}, nil
	}, gondola.Blocking())
	l.Func(filesystem, "[method]directory-entry-stream.read-directory-entry", func(ctx context.Context, s *entryStream) (*fsys.Entry, error) {
		return s.next(ctx)
	}, gondola.Blocking())
}
