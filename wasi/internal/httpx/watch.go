package httpx

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"
)

// ErrClientGone is why the context of a request ends whose client has gone.
var ErrClientGone = errors.New("the client has gone")

// connection is one that requests come by, one after the other. What is needed once a
// second is its own, so that it costs nothing to watch for a request that is answered
// sooner.
type connection struct {
	net.Conn
	raw syscall.RawConn

	mu      sync.Mutex
	timer   *time.Timer // has it looked at; made when it is first needed
	set     bool        // the timer will go off
	watches []*watch    // of the request that is worked on, if it is watched
}

type connectionKey struct{}

// ConnContext is for [http.Server.ConnContext]: it is what [WatchClient] finds the
// connection of a request by.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	raw := rawConn(c)
	if raw == nil || !canLook {
		return ctx
	}
	return context.WithValue(ctx, connectionKey{}, &connection{Conn: c, raw: raw})
}

// mostWrappings is how deep in others a connection is looked for.
const mostWrappings = 16

// rawConn is the connection of the system under c, or nil. Those in between say what they
// wrap as [crypto/tls.Conn] does.
func rawConn(c net.Conn) syscall.RawConn {
	for range mostWrappings {
		switch outer := c.(type) {
		case syscall.Conn:
			raw, err := outer.SyscallConn()
			if err != nil {
				return nil
			}
			return raw
		case interface{ NetConn() net.Conn }:
			c = outer.NetConn()
		default:
			return nil
		}
	}
	return nil
}

// peer is what the system knows of the other end of a connection.
type peer uint8

const (
	peerUnknown    peer = iota // and it stays so
	peerThere                  // as far as can be seen
	peerHalfClosed             // it sends nothing more: it may have closed, or wait for a response
	peerStuck                  // it can't send more before something is read: it may have closed behind that
	peerGone                   // nothing that is sent arrives
)

const (
	// lookEvery is how often a connection is looked at while a request that came by it is
	// worked on.
	lookEvery = time.Second
	// stuckLooks is how often a client may be found stuck, one look after the other, before
	// it is asked. It may be a proxy that takes what it is asked by for a response, and that
	// would lose its patience soon anyway.
	stuckLooks = 30
)

// watch looks whether the client of a request is still there, and is the context that ends
// when it is not.
//
// net/http does so too, but only when the body of the request has been read and nothing
// follows it on the connection, since it reads to find out. The descriptor can be asked in
// any case. It knows when the connection is broken; but when the other end has closed, it
// knows no more than that nothing will come from there, as it is with a client that has
// only closed its half and waits for the response, as net/http lets it while the body has
// not been read. And it knows nothing of a client that has closed behind more than there is
// room for. So such a client is sent something that it must ignore, 100 (Continue), to
// which the system of one that has closed answers by breaking the connection. That is done
// while there is no response yet, less and less often, and not to clients of HTTP/1.0, who
// don't know it. Of the others the keep-alive of TCP finds out after a minute, when their
// system has forgotten the connection, or some six where they had more to send.
type watch struct {
	context.Context
	conn   *connection
	cancel context.CancelCauseFunc
	owned  bool // the context is the watch's own
	http10 bool

	// Used while the connection is locked.
	state watchState
	pause int // looks that pass without asking the client
	asked int // how often it was asked
	stuck int // looks in a row that found it stuck
}

// watchState says what may be done.
//
//	waiting ──▶ answering ──▶ over
//	   └───────────────────────▲
type watchState uint8

const (
	waiting   watchState = iota // for the response: the client may be asked whether it is there
	answering                   // something else may be written
	over
)

type watchKey struct{}

// Value implements [context.Context].
func (w *watch) Value(key any) any {
	if key == (watchKey{}) {
		return w
	}
	return w.Context.Value(key)
}

// WatchClient makes a context that also ends, with [ErrClientGone], when the client of r is
// found to be gone. Who calls stop may write to the client then. Until then nothing may be
// written to it before [Answering]. Nothing happens where ctx is such a context already,
// where the server has no [ConnContext], and to requests of HTTP/2, whose server always
// reads. A ctx that can be ended by a method CancelCause is, and no other is made.
func WatchClient(ctx context.Context, r *http.Request) (watched context.Context, stop func()) {
	conn, _ := r.Context().Value(connectionKey{}).(*connection)
	if conn == nil || r.ProtoMajor != 1 || ctx.Value(watchKey{}) != nil {
		return ctx, func() {}
	}
	w := &watch{conn: conn, http10: !r.ProtoAtLeast(1, 1)}
	if c, ok := ctx.(interface{ CancelCause(error) }); ok {
		w.Context, w.cancel = ctx, c.CancelCause
	} else {
		w.Context, w.cancel = context.WithCancelCause(ctx)
		w.owned = true
	}
	conn.add(w)
	return w, w.stop
}

// add begins to look at the connection for w.
func (c *connection) add(w *watch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watches = append(c.watches, w)
	switch {
	case c.set: // for a request before: so it is looked at a little sooner
		return
	case c.timer == nil:
		c.timer = time.AfterFunc(lookEvery, c.look)
	default:
		c.timer.Reset(lookEvery)
	}
	c.set = true
}

// Answering says that somebody begins to write to the client of the request whose context
// ctx is. When it returns nobody else does.
func Answering(ctx context.Context) {
	w, _ := ctx.Value(watchKey{}).(*watch)
	if w == nil {
		return
	}
	w.conn.mu.Lock()
	defer w.conn.mu.Unlock()
	if w.state == waiting {
		w.state = answering
	}
}

// stop leaves the timer alone, for the next request.
func (w *watch) stop() {
	c := w.conn
	c.mu.Lock()
	w.state = over
	if i := slices.Index(c.watches, w); i >= 0 {
		c.watches = slices.Delete(c.watches, i, i+1)
	}
	c.mu.Unlock()
	if w.owned {
		w.cancel(nil)
	}
}

// look looks once, and has it done again while a request is worked on.
func (c *connection) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set = false
	if len(c.watches) == 0 {
		return
	}
	p := lookAt(c.raw)
	for _, w := range c.watches {
		c.set = w.sees(p) || c.set
	}
	if c.set {
		c.timer.Reset(lookEvery)
	}
}

// sees is told what is known of the client. It reports whether that may change.
func (w *watch) sees(p peer) bool {
	if w.Err() != nil {
		return false
	}
	if p == peerStuck {
		w.stuck++
	} else {
		w.stuck = 0
	}
	if (p == peerHalfClosed || w.stuck >= stuckLooks) && !w.ask() {
		p = peerGone
	}
	if p == peerGone {
		w.cancel(ErrClientGone)
	}
	return p != peerGone && p != peerUnknown
}

// ask sends something to a client that may have gone, from time to time. It reports whether
// that can be done.
func (w *watch) ask() bool {
	if w.state != waiting || w.http10 {
		return true
	}
	if w.pause > 0 {
		w.pause--
		return true
	}
	w.pause = 1<<w.asked - 1
	w.asked++
	_, err := io.WriteString(w.conn, "HTTP/1.1 100 Continue\r\n\r\n")
	return err == nil
}
