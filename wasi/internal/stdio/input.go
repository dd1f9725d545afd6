package stdio

import (
	"errors"
	"io"
	"sync"
)

// Input shares a reader between streams.
type Input struct {
	r io.Reader

	mu      sync.Mutex // held by the stream that is being served
	buf     []byte
	pending []byte // read and not yet taken by any stream; part of buf
	err     error  // what ended the reader
}

// NewInput shares r, which is read only while a stream wants something. A nil r
// is at its end.
func NewInput(r io.Reader) *Input {
	in := &Input{r: r}
	if r == nil {
		in.err = io.EOF
	}
	return in
}

// PieceSize is how much is read from a file, or written to one, at a time.
const PieceSize = 64 << 10

// CopyTo writes what there is to read into a stream, until the input is at its
// end, or cannot be read, or the stream takes no more. readErr is nil but in the
// second case. write is the stream's Write: it reports how much the other side
// took.
func (in *Input) CopyTo(write func([]byte) (int, error)) (readErr error) {
	for {
		more, err := in.copyPiece(write)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || !more {
			return err
		}
	}
}

// copyPiece moves one piece. What the stream does not take stays for the next
// stream.
func (in *Input) copyPiece(write func([]byte) (int, error)) (more bool, readErr error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := in.fill(); err != nil {
		return false, err
	}
	n, err := write(in.pending)
	in.pending = in.pending[n:]
	return err == nil, nil
}

func (in *Input) fill() error {
	if len(in.pending) > 0 {
		return nil
	}
	if in.err != nil {
		return in.err
	}
	if in.buf == nil {
		in.buf = make([]byte, PieceSize)
	}
	for len(in.pending) == 0 && in.err == nil {
		var n int
		n, in.err = in.r.Read(in.buf)
		in.pending = in.buf[:n]
	}
	if len(in.pending) == 0 {
		return in.err
	}
	return nil
}
