package httpx

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gondola-wasm/gondola"
)

// Incoming is a request that a server received, and its body. It can be left while
// somebody else still reads the body, when net/http must not go on: reads that are
// under way when the response is complete are ended, and later ones fail.
type Incoming struct {
	w      http.ResponseWriter
	r      *http.Request
	rules  *FieldRules
	broken func(error) // is told when the body breaks off, or nil

	mu      sync.Mutex
	idle    sync.Cond // reading is false
	reading bool
	begun   bool // something was read, or tried to
	ended   bool // the body is at its end
	left    bool
}

// NewIncoming is the request r, which w answers. rules are for its fields. broken is told
// when the body breaks off; it may be nil.
func NewIncoming(w http.ResponseWriter, r *http.Request, rules *FieldRules, broken func(error)) *Incoming {
	in := &Incoming{w: w, r: r, rules: rules, broken: broken}
	in.idle.L = &in.mu
	return in
}

// duplex has net/http let bodies pass in both directions at once. From then on it
// believes that the body is read to its end before the connection is used again, and
// panics if it is not: see leave.
func (in *Incoming) duplex() {
	if in.r.ProtoMajor == 1 && in.HasBody() {
		// Without it the server would not read while it writes. Others can anyway.
		_ = http.NewResponseController(in.w).EnableFullDuplex()
	}
}

// HasBody reports whether there is a body to read, if only an empty one.
func (in *Incoming) HasBody() bool { return in.r.Body != nil && in.r.Body != http.NoBody }

// Read reads the body. After the response the error is [ConnectionTerminated].
func (in *Incoming) Read(p []byte) (int, error) {
	if !in.HasBody() {
		return 0, io.EOF
	}
	in.mu.Lock()
	if in.left {
		in.mu.Unlock()
		return 0, ConnectionTerminated{}
	}
	in.reading, in.begun = true, true
	in.mu.Unlock()
	n, err := in.r.Body.Read(p)
	in.mu.Lock()
	in.reading, in.ended = false, err == io.EOF
	in.idle.Broadcast()
	left := in.left
	in.mu.Unlock()
	switch {
	case err == nil || err == io.EOF:
	case left:
		err = ConnectionTerminated{} // the read was ended from here
	case in.broken != nil:
		in.broken(err)
	}
	return n, err
}

// Trailers are what came after the body.
func (in *Incoming) Trailers() *Fields { return in.rules.ReceivedTrailers(in.r.Trailer) }

// leave ends reading. It reports whether the connection can be used for another
// request: nothing of this one is on it any more, and nobody is reading.
//
// What is left of the body must not be left to net/http. At the end of the body it
// begins to watch the connection, and panics where it takes the next request from it at
// the same time, as happens when it finds the end itself after the handler.
func (in *Incoming) leave() (clean bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.left = true
	switch {
	case in.r.ProtoMajor != 1, !in.HasBody(), in.ended:
		return true
	case in.reading, !in.begun && in.r.Header.Get("Expect") != "" && in.r.ProtoAtLeast(1, 1):
		return false // the sender of the latter waits to be asked for the body
	}
	return in.discard()
}

const (
	// mostDiscarded is how much of a body is thrown away to keep a connection.
	mostDiscarded = 256 << 10
	// arriving is how long what is thrown away may take to come.
	arriving = 5 * time.Millisecond
)

// discard reads what is left of the body, if that is not much and is there. It reports
// whether that was all.
func (in *Incoming) discard() (all bool) {
	conn := http.NewResponseController(in.w)
	if conn.SetReadDeadline(time.Now().Add(arriving)) != nil {
		return false
	}
	if _, err := io.CopyN(io.Discard, in.r.Body, mostDiscarded); err != io.EOF {
		return false
	}
	return conn.SetReadDeadline(time.Time{}) == nil
}

// wait returns when no read is under way.
func (in *Incoming) wait() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for in.reading {
		in.idle.Wait()
	}
}

// GiveUp leaves a request to which nothing has been answered yet. Where somebody was
// reading its body, or much of it is left, the rest can't be told from another request
// any more, so that the connection closes after the response. Where the guest was gone
// before the call began, the request is left as it was, for another one.
func (in *Incoming) GiveUp(why error) {
	if errors.Is(why, gondola.ErrEndedBefore) || in.leave() {
		return
	}
	in.w.Header().Set("Connection", "close")
	in.interrupt()
}

// abandon leaves a request whose connection will be aborted. Before net/http does that it
// reads what is left of the body, for which it would wait as long as the client likes; and
// where somebody else reads it and comes to its end, for ever.
func (in *Incoming) abandon() {
	in.mu.Lock()
	in.left = true
	unread := in.HasBody() && !in.ended
	in.mu.Unlock()
	if unread && in.r.ProtoMajor == 1 {
		in.interrupt()
	}
}

// interrupt ends the read that is under way.
func (in *Incoming) interrupt() {
	_ = http.NewResponseController(in.w).SetReadDeadline(time.Unix(1, 0))
	in.wait()
}

// finish leaves a request whose response is complete but for what net/http adds at its
// end, these trailers among it. Where its sender has not sent all of its body, the
// connection is closed.
func (in *Incoming) finish(o *output, trailers http.Header) error {
	if in.leave() {
		return nil
	}
	o.dirty = true
	if err := o.flush(); err != nil {
		return err
	}
	// Only who has taken the connection over may close it at this point.
	conn, buf, err := http.NewResponseController(in.w).Hijack()
	if err != nil {
		in.wait()
		return nil
	}
	in.wait()
	if o.chunked {
		err = writeLastChunk(buf.Writer, trailers)
	}
	go linger(conn)
	return err
}

// writeLastChunk: RFC 9112, section 7.1.
func writeLastChunk(w *bufio.Writer, trailers http.Header) error {
	_, _ = w.WriteString("0\r\n")
	_ = trailers.Write(w)
	_, _ = w.WriteString("\r\n")
	return w.Flush()
}

// lingering is how long a connection stays open after the last response, since what
// its other end has sent meanwhile would otherwise reset it and destroy the response.
const lingering = 500 * time.Millisecond

// linger closes a connection.
func linger(conn net.Conn) {
	if c, ok := conn.(interface{ CloseWrite() error }); ok && c.CloseWrite() == nil {
		end := time.Now().Add(lingering)
		_ = conn.SetReadDeadline(end)
		if n, _ := io.CopyN(io.Discard, conn, mostDiscarded); n == mostDiscarded {
			time.Sleep(time.Until(end)) // its sender has to wait, and may read
		}
	}
	_ = conn.Close()
}
