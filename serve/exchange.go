package serve

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// errTimeout cancels a request that takes too long.
var errTimeout = errors.New("the request took too long")

// errLongResponse breaks a response off.
var errLongResponse = errors.New("the body of the response is longer than the service allows")

// exchangeContext is the context under which an instance works on an exchange.
type exchangeContext struct {
	context.Context
	cancel context.CancelCauseFunc
	x      *exchange
}

// CancelCause ends the context. [wasi.WatchClient] does too.
func (c *exchangeContext) CancelCause(why error) { c.cancel(why) }

type exchangeKey struct{}

// Value implements [context.Context].
func (c *exchangeContext) Value(key any) any {
	if key == (exchangeKey{}) {
		return c.x
	}
	return c.Context.Value(key)
}

// exchangeOf is what an instance works on under ctx, or nil.
func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// exchange is a request and its response. It is the response's [http.ResponseWriter],
// which sees what happens to it.
type exchange struct {
	w     http.ResponseWriter
	r     *http.Request
	ctx   exchangeContext
	limit int64 // of the response's body, unless it is 0 or less
	sends patience
	body  *receiving // nil for none, or one that has no end of time

	detach func() bool // ctx from the request's, if it is not made of that

	given      time.Time // when a worker was given it
	answered   time.Time // when that worker was done with it; zero before
	late       bool      // it was cancelled since it took too long
	prev, next *exchange // in pool.headless
	listed     bool

	status atomic.Int32 // of the response, when its header is out; 0 before
	bytes  int64
	worker string // the id of the last worker that was given it
}

func newExchange(w http.ResponseWriter, r *http.Request, o *Options) *exchange {
	x := &exchange{w: w, r: r, limit: o.MaxResponseBytes, sends: patience{span: o.SendTimeout}}
	x.ctx.x = x
	parent := r.Context()
	if x.hasBody() && o.ReceiveTimeout != forever {
		x.body = &receiving{ReadCloser: r.Body, w: w, span: o.ReceiveTimeout}
		r.Body = x.body
		if r.ProtoMajor == 1 {
			parent = context.WithoutCancel(parent)
		}
	}
	x.ctx.Context, x.ctx.cancel = context.WithCancelCause(parent)
	if parent != r.Context() {
		x.detach = context.AfterFunc(r.Context(), func() {
			if x.left() {
				x.ctx.cancel(context.Cause(r.Context()))
			}
		})
	}
	return x
}

func (x *exchange) hasBody() bool { return x.r.Body != nil && x.r.Body != http.NoBody }

// left reports whether net/http has found the client to be gone, which over HTTP/1 it also
// does when a read of the body is ended.
func (x *exchange) left() bool {
	return x.r.Context().Err() != nil && !(x.r.ProtoMajor == 1 && x.stalled())
}

// stalled reports whether the body has broken off since the client sent nothing of it.
func (x *exchange) stalled() bool { return x.body != nil && x.body.stalled() }

// close ends what belongs to x.
func (x *exchange) close() {
	if x.detach != nil {
		x.detach()
	}
	x.ctx.CancelCause(nil)
	if x.body != nil {
		x.body.stop()
	}
}

// Header implements [http.ResponseWriter].
func (x *exchange) Header() http.Header { return x.w.Header() }

// WriteHeader implements [http.ResponseWriter].
func (x *exchange) WriteHeader(status int) {
	if status >= 200 {
		x.head(status)
	}
	x.w.WriteHeader(status)
}

func (x *exchange) head(status int) {
	x.status.CompareAndSwap(0, int32(status))
}

// headed reports whether the header of the response is out.
func (x *exchange) headed() bool { return x.status.Load() != 0 }

// Write implements [http.ResponseWriter].
func (x *exchange) Write(b []byte) (int, error) {
	x.head(http.StatusOK)
	if x.limit > 0 && int64(len(b)) > x.limit-x.bytes {
		return 0, errLongResponse
	}
	written := 0
	for {
		x.sends.renew(x.w)
		n, err := x.w.Write(b[written:min(len(b), written+mostAtOnce)])
		written += n
		x.bytes += int64(n)
		if err != nil || written == len(b) {
			return written, x.sends.explain(err)
		}
	}
}

// FlushError is for [http.ResponseController].
func (x *exchange) FlushError() error {
	x.head(http.StatusOK)
	x.sends.renew(x.w)
	return x.sends.explain(http.NewResponseController(x.w).Flush())
}

// Unwrap is for [http.ResponseController].
func (x *exchange) Unwrap() http.ResponseWriter { return x.w }

// exchangeList is a list of exchanges.
type exchangeList struct{ first, last *exchange }

func (l *exchangeList) push(x *exchange) {
	assert(!x.listed, "an exchange is in one list, once")
	x.listed = true
	x.prev, x.next = l.last, nil
	if l.last == nil {
		l.first = x
	} else {
		l.last.next = x
	}
	l.last = x
}

// remove takes x out of the list, if it is there.
func (l *exchangeList) remove(x *exchange) {
	if !x.listed {
		return
	}
	x.listed = false
	if x.prev == nil {
		l.first = x.next
	} else {
		x.prev.next = x.next
	}
	if x.next == nil {
		l.last = x.prev
	} else {
		x.next.prev = x.prev
	}
	x.prev, x.next = nil, nil
}
