package gondola

import (
	"context"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
)

// ReadAhead takes up to n bytes of a stream<u8> from the guest before anybody
// reads them, from now on: the guest's writes are complete at once as long as
// there is room. A host function that is given a stream to write out calls it
// with its own context before it returns, so that even a guest that can't wait,
// in a function that is not async, gets rid of what it writes.
//
// arrived, unless it is nil, is told of what comes, in the order in which it comes
// over all streams of the instance: of so many bytes, which a read then has at
// once, or last of the error that reads end with, [io.EOF] or another. It is called
// while the instance is held, so it must be quick and may not read.
//
// ReadAhead must be called before the first read, once. The stream can't be passed
// on any more. Streams of anything but bytes are not changed.
func ReadAhead(ctx context.Context, r *StreamReader[byte], n int, arrived func(n int, err error)) {
	p := r.pipe
	if !p.isTied() || p.store == nil || p.core.Elem() != types.U8 {
		return
	}
	a := &readAhead{store: p.store, core: p.core, arrived: arrived, buf: make([]byte, n), more: make(chan struct{}, 1)}
	r.ahead = a
	p.pinned.Store(true)
	if holds(ctx, p.store) {
		a.arm()
		return
	}
	p.store.post(a.arm)
}

// readAhead is a buffer between a guest's writes and the host's reads.
//
//	buf:  taken | came, not taken | room
//	      0     start             end
type readAhead struct {
	store   *store
	core    *cabi.Stream
	arrived func(int, error) // or nil

	reading bool // a read of the stream goes on; used while the store is held

	mu         sync.Mutex
	buf        []byte
	start, end int
	err        error // what comes after the bytes; nil while there may be more

	more chan struct{} // has an element when there is something new
}

// arm starts a read into the room that there is, while the store is held.
func (a *readAhead) arm() {
	room := a.room()
	if a.reading || len(room) == 0 {
		return
	}
	a.reading = true
	buf := cabi.NewBytesBuffer(room, 1)
	err := a.core.Read(buf, func(r cabi.CopyResult) {
		a.reading = false
		a.came(buf.Progress(), a.after(r))
		a.arm()
	})
	if err != nil {
		a.reading = false
		a.came(0, err)
	}
}

// tell says what came, while the store is held.
func (a *readAhead) tell(n int, err error) {
	if a.arrived == nil {
		return
	}
	if n > 0 {
		a.arrived(n, nil)
	}
	if err != nil {
		a.arrived(0, err)
	}
}

// room is where the next bytes go. It is empty once the stream has ended.
func (a *readAhead) room() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return nil
	}
	if a.start == a.end {
		a.start, a.end = 0, 0
	}
	return a.buf[a.end:]
}

// came notes what a read brought, while the store is held or is no more.
func (a *readAhead) came(n int, err error) {
	a.mu.Lock()
	a.end += n
	a.err = err
	a.mu.Unlock()
	a.tell(n, err)
	select {
	case a.more <- struct{}{}:
	default:
	}
}

// read takes bytes out of the buffer, waiting for some.
func (a *readAhead) read(ctx context.Context, p []byte) (int, error) {
	for {
		n, full, err := a.take(p)
		if full {
			a.store.post(a.arm)
		}
		if n > 0 || err != nil {
			return n, err
		}
		select {
		case <-a.more:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-a.store.closed:
			a.came(0, ErrClosed)
		}
	}
}

func (a *readAhead) take(p []byte) (n int, full bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	full = a.end == len(a.buf) && a.err == nil
	n = copy(p, a.buf[a.start:a.end])
	a.start += n
	if a.start == a.end && n == 0 {
		err = a.err
	}
	return n, full && a.start == a.end, err
}

// after is what comes after a read that ended in a certain way, while the store is
// held.
func (a *readAhead) after(r cabi.CopyResult) error {
	switch r {
	case cabi.CopyDropped:
		if err := a.store.poisoned(); err != nil {
			return err
		}
		return io.EOF
	case cabi.CopyCancelled:
		return io.ErrClosedPipe // nobody cancels but who closes the end
	}
	return nil
}
