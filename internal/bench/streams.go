package main

import (
	"bytes"
	"io"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

// answered is what a call on another goroutine has come to.
type answered struct {
	v   val.Value
	err error
}

// drainPieces writes n pieces to a guest that reads them.
func drainPieces(l *lab) (work, error) {
	in, err := l.tinyInstance(echoLater)
	if err != nil {
		return nil, err
	}
	drain, piece := in.Func("", "drain"), bytes.Repeat([]byte{1}, pieceSize)
	return func(n int) error {
		w, r := gondola.NewStream[byte]()
		done := make(chan answered, 1)
		go func() {
			v, err := drain.Call(l.ctx, r.Value())
			done <- answered{v, err}
		}()
		for range n {
			if _, err := w.Write(piece); err != nil {
				return err
			}
		}
		if err := w.Close(); err != nil {
			return err
		}
		a := <-done
		if a.err != nil {
			return a.err
		}
		return checkDrained(a.v.Uint(), n)
	}, nil
}

// checkDrained checks the answer of drain: every piece came whole, and began as it was sent.
func checkDrained(got uint64, n int) error {
	if want := uint64(n)*pieceSize + uint64(n)<<40; got != want {
		return wrong("drain", got, want)
	}
	return nil
}

func floorDrain(_ *lab, f *floor) (work, error) {
	drain, piece := f.async("drain"), bytes.Repeat([]byte{1}, pieceSize)
	return func(n int) error {
		f.incoming = nil
		for range n {
			f.incoming = append(f.incoming, piece)
		}
		got, err := drain(handle)
		if err != nil {
			return err
		}
		return checkDrained(got, n)
	}, nil
}

// fillPieces reads n pieces that a guest writes.
func fillPieces(l *lab) (work, error) {
	in, err := l.tinyInstance(echoLater)
	if err != nil {
		return nil, err
	}
	fill, buf, want := in.Func("", "fill"), make([]byte, pieceSize), bytes.Repeat([]byte{pieceByte}, pieceSize)
	return func(n int) error {
		v, err := fill.Call(l.ctx, val.U64(uint64(n)*pieceSize))
		if err != nil {
			return err
		}
		r, err := gondola.StreamOf[byte](v)
		if err != nil {
			return err
		}
		defer r.Close()
		total := 0
		for {
			clear(buf[:1])
			m, err := r.Read(buf)
			if !bytes.Equal(buf[:m], want[:m]) {
				return wrong("fill", buf[:1], want[:1])
			}
			if total += m; err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		if total != n*pieceSize {
			return wrong("fill", total, n*pieceSize)
		}
		return nil
	}, nil
}

func floorFill(_ *lab, f *floor) (work, error) {
	fill, want := f.async("fill"), bytes.Repeat([]byte{pieceByte}, pieceSize)
	return func(n int) error {
		clear(f.outgoing)
		if _, err := fill(uint64(n) * pieceSize); err != nil {
			return err
		}
		// As often as the other side looks at what it got.
		for range n {
			if !bytes.Equal(f.outgoing, want) {
				return wrong("fill", f.outgoing[:1], want[:1])
			}
		}
		return nil
	}, nil
}

// echoPieces sends n pieces through examples/roundtrip, each only after the one before has come back.
func echoPieces(l *lab) (work, error) {
	in, err := l.roundtripInstance()
	if err != nil {
		return nil, err
	}
	echo := in.Func("local:local/streams-and-futures", "echo-stream-u8")
	piece, buf := bytes.Repeat([]byte("gondola!"), pieceSize/8), make([]byte, pieceSize)
	return func(n int) error {
		w, r := gondola.NewStream[byte]()
		v, err := echo.Call(l.ctx, r.Value())
		if err != nil {
			return err
		}
		back, err := gondola.StreamOf[byte](v)
		if err != nil {
			return err
		}
		defer back.Close()
		sent := make(chan error, 1)
		for range n {
			go func() {
				_, err := w.Write(piece)
				sent <- err
			}()
			clear(buf)
			if _, err := io.ReadFull(back, buf); err != nil {
				return err
			}
			if err := <-sent; err != nil {
				return err
			}
			if !bytes.Equal(buf, piece) {
				return wrong("echo-stream-u8", buf[:8], piece[:8])
			}
		}
		if err := w.Close(); err != nil {
			return err
		}
		if m, err := back.Read(buf); err != io.EOF {
			return wrong("the end of echo-stream-u8", m, io.EOF)
		}
		return nil
	}, nil
}
