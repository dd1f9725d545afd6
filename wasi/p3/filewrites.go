package p3

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// writeFile writes what comes out of a stream, on a goroutine while there is
// something to write. An err is that the file can't be written, and that nothing of
// the stream is taken.
func writeFile(ctx context.Context, pieces *pollio.Pieces, w *fsys.Writer, err error, data *gondola.StreamReader[byte]) *gondola.FutureReader[fileOutcome] {
	result, future := gondola.NewFuture[fileOutcome]()
	done := func(err error) { result.Set(fileOutcomeOf(err)) }
	if err != nil {
		data.Close()
	} else {
		err = pour(ctx, pieces, data, fileOutlet{w}, done)
	}
	if err != nil {
		done(err)
	}
	return future
}

// fileOutlet is a file as an [outlet]: to write it may always take its time.
type fileOutlet struct{ *fsys.Writer }

func (fileOutlet) TryWrite([]byte) (int, error) { return 0, nil }
