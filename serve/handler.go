package serve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// Handler answers HTTP requests with instances of a component. It is an [http.Handler],
// for any number of goroutines.
type Handler struct {
	pool *pool
	opts Options

	present           atomic.Int64 // requests that are here
	requests, refused atomic.Uint64
}

func newHandler(src source, opts Options, watches bool) *Handler {
	return &Handler{pool: newPool(src, opts, watches), opts: opts}
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.requests.Add(1)
	h.present.Add(1)
	defer h.present.Add(-1)
	x := newExchange(w, r, &h.opts)
	defer x.close()
	ctx, stop := wasi.WatchClient(&x.ctx, r)
	defer stop()
	var begin time.Time
	if h.opts.AccessLog != nil {
		begin = time.Now()
	}
	err := h.serve(ctx, x)
	gone := x.left() || context.Cause(ctx) == wasi.ErrClientGone
	stop() // before something else is written
	whole := err == nil || !gone && h.conclude(ctx, x, err)
	if h.opts.AccessLog != nil {
		h.logAccess(x, begin, err)
	}
	if !whole {
		panic(http.ErrAbortHandler)
	}
}

// serve has an instance answer x.
func (h *Handler) serve(ctx context.Context, x *exchange) error {
	if h.present.Load() > int64(h.opts.MaxRequests) {
		return errOverload
	}
	if limit := h.opts.MaxBodyBytes; limit > 0 {
		if x.r.ContentLength > limit {
			return &http.MaxBytesError{Limit: limit}
		}
		if x.hasBody() {
			// Without the response, whose header it would touch in the middle of a read,
			// beside whoever writes it.
			x.r.Body = http.MaxBytesReader(nil, x.r.Body, limit)
		}
	}
	for tries := 1; ; tries++ {
		w, err := h.pool.acquire(ctx, x)
		if err != nil {
			return err
		}
		x.worker = w.id
		err = h.serveBy(ctx, w, x)
		if !errors.Is(err, gondola.ErrEndedBefore) || tries == maxTries {
			return err
		}
	}
}

// maxTries is how often a request is given to instances that turn out to have trapped
// before it came.
const maxTries = 5

// serveBy has w answer x.
func (h *Handler) serveBy(ctx context.Context, w *worker, x *exchange) (err error) {
	err = errPanicked
	defer func() { h.pool.release(w, x, err) }()
	return w.inst.serve(ctx, x, x.r)
}

var errPanicked = errors.New("a panic")

// conclude answers x, which has failed, if that has not been done. It reports whether x has
// got all of its response.
func (h *Handler) conclude(ctx context.Context, x *exchange, err error) (whole bool) {
	timeout := context.Cause(ctx) == errTimeout
	if !endsInstance(err) && !isRefusal(err) { // which others have told
		why := err
		if timeout {
			why = errTimeout
		}
		h.opts.Log.Warn("a request failed", "method", x.r.Method, "uri", x.r.RequestURI, "instance", x.worker, "error", why)
	}
	if x.headed() {
		return false
	}
	status := http.StatusInternalServerError
	var tooLong *http.MaxBytesError
	switch {
	case isRefusal(err):
		h.refused.Add(1)
		x.w.Header().Set("Retry-After", "1")
		x.closeAfter()
		status = http.StatusServiceUnavailable
	case errors.Is(err, gondola.ErrEndedBefore): // so that the request is as it was
		x.closeAfter()
	case timeout:
		status = http.StatusGatewayTimeout
	case errors.As(err, &tooLong):
		status = http.StatusRequestEntityTooLarge
	case x.stalled():
		status = http.StatusRequestTimeout
	}
	x.fail(status)
	return true
}

// patientReading is how long a request's body may take to come that nobody wants.
const patientReading = 500 * time.Millisecond

// closeAfter has the connection closed after the response if the request has a body, for
// whose end net/http would wait otherwise for as long as the client likes.
func (x *exchange) closeAfter() {
	if x.r.ProtoMajor != 1 || !x.hasBody() {
		return
	}
	x.Header().Set("Connection", "close")
	_ = http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(patientReading))
}

// fail answers with no more than a status.
func (x *exchange) fail(status int) {
	text := http.StatusText(status) + "\n"
	x.Header().Set("Content-Type", "text/plain; charset=utf-8")
	x.Header().Set("X-Content-Type-Options", "nosniff")
	x.WriteHeader(status)
	_, _ = io.WriteString(x, text) // who has gone needs none
}

// isRefusal reports whether err says that there was no room for a request.
func isRefusal(err error) bool { return err == errDown || err == errOverload || err == errQueue }

// endsInstance reports whether err says that the instance has ended.
func endsInstance(err error) bool {
	_, trap := errors.AsType[*gondola.Trap](err)
	return trap || errors.Is(err, gondola.ErrEndedBefore) || errors.Is(err, gondola.ErrClosed)
}

func (h *Handler) logAccess(x *exchange, begin time.Time, err error) {
	attrs := []slog.Attr{
		slog.String("remote", x.r.RemoteAddr),
		slog.String("method", x.r.Method),
		slog.String("uri", x.r.RequestURI),
		slog.String("proto", x.r.Proto),
		slog.Int("status", int(x.status.Load())),
		slog.Int64("bytes", x.bytes),
		slog.Duration("duration", time.Since(begin)),
	}
	if x.worker != "" {
		attrs = append(attrs, slog.String("instance", x.worker))
	}
	if err != nil {
		// The rest of it is a guest's backtrace, which the log of what goes wrong has.
		reason, _, _ := strings.Cut(err.Error(), "\n")
		attrs = append(attrs, slog.String("error", reason))
	}
	h.opts.AccessLog.LogAttrs(context.Background(), slog.LevelInfo, "request", attrs...)
}

// Shutdown takes no more requests, which get status 503 from then on, and returns when
// those that it has are answered, what their instances do after that is done, and the
// instances are closed. When ctx ends before that, the instances are closed whatever they
// are doing, and the error is why ctx has ended. No goroutine is left then, but those of
// whoever called ServeHTTP.
func (h *Handler) Shutdown(ctx context.Context) error { return h.pool.shutdown(ctx) }
