package p3

import (
	"context"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
)

// writeFile writes what comes out of a stream: on a goroutine, while there is
// something to write. A stream for which the guest has nothing costs neither that nor
// a buffer. An err is that the file can't be written, and that nothing of the stream
// is taken.
func writeFile(ctx context.Context, w *fsys.Writer, err error, data *gondola.StreamReader[byte]) *gondola.FutureReader[fileOutcome] {
	result, future := gondola.NewFuture[fileOutcome]()
	if err == nil {
		own, stop := stopping(ctx, w.Close)
		out := &fileWriting{ctx: own, stop: stop, to: w, result: result}
		var in *gondola.Intake
		if in, err = gondola.Receive(ctx, data, out); err == nil {
			out.attach(in)
			return future
		}
		stop()
	}
	data.Close()
	result.Set(fileOutcomeOf(err))
	return future
}

// fileWriting is what goes from a stream to a file. It implements [gondola.Sink].
//
//	idle ──▶ filling ──▶ writing ──▶ idle      filling: the guest's bytes are on their way to piece
//	  └─────────┴───────────┴──▶ over          writing: a goroutine writes them
type fileWriting struct {
	ctx    context.Context
	stop   func() // lets go of the file too
	to     *fsys.Writer
	result *gondola.FutureWriter[fileOutcome]

	mu     sync.Mutex // of what follows
	intake *gondola.Intake
	state  writeState
	piece  *[filePiece]byte // in the states filling and writing
	end    error            // of the stream; nil while it goes on
}

type writeState uint8

const (
	writeIdle writeState = iota
	writeFilling
	writeWriting
	writeOver
)

// attach says where the bytes come from, some of which may have come by now.
func (f *fileWriting) attach(in *gondola.Intake) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.intake = in
	if f.state == writeOver {
		in.Close()
		return
	}
	in.Resume() // where a write has ended that began before
}

// Offer implements [gondola.Sink].
func (f *fileWriting) Offer(int) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state != writeIdle {
		return nil
	}
	f.state, f.piece = writeFilling, filePieces.Get().(*[filePiece]byte)
	return f.piece[:]
}

// Took implements [gondola.Sink].
func (f *fileWriting) Took(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state != writeFilling {
		return // it was over in the middle of it
	}
	if n == 0 {
		f.rest()
		return
	}
	f.state = writeWriting
	go f.write(f.piece[:n])
}

// rest gives the piece back. The lock is held.
func (f *fileWriting) rest() {
	f.state = writeIdle
	filePieces.Put(f.piece)
	f.piece = nil
}

func (f *fileWriting) write(p []byte) {
	_, err := f.to.Write(f.ctx, p)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rest()
	switch {
	case err != nil:
		f.finish(err)
		if f.intake != nil {
			f.intake.Close()
		}
	case f.end != nil:
		f.finish(f.end)
	case f.intake != nil:
		f.intake.Resume()
	}
}

// End implements [gondola.Sink].
func (f *fileWriting) End(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.state {
	case writeWriting:
		f.end = err
	case writeIdle, writeFilling:
		f.finish(err)
	}
}

// finish is the end of it all. The lock is held.
func (f *fileWriting) finish(err error) {
	if f.piece != nil {
		f.rest()
	}
	f.state = writeOver
	f.stop()
	if err == io.EOF {
		err = nil
	}
	f.result.Set(fileOutcomeOf(err))
}
