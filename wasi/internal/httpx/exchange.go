package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

// ErrBegun is in an error that came when a part of the response was out: the
// connection must be aborted.
var ErrBegun = errors.New("the response broke off")

// Handle passes a request that a server received to a guest's handle of WASI 0.3, and
// its response to the client. rules are for the request's fields, and keep says how much
// of the response's body is taken at a time. It returns when the response is out, or
// failed; the guest may go on by itself then. An error that is not an [ErrBegun] has left
// w as it was.
func Handle(ctx context.Context, handle *gondola.Func, w http.ResponseWriter, r *http.Request, rules *FieldRules, keep Keep) error {
	g := new(given)
	x := &g.exchange
	*x = exchange{keep: keep, method: r.Method, news: make(news, 1)}
	var broken func(error)
	if r.Body != nil && r.Body != http.NoBody {
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer cancel(nil)
		broken = func(err error) {
			if isGone(err) {
				cancel(fmt.Errorf("the request broke off: %w", err))
			}
		}
	}
	in := NewIncoming(w, r, rules, broken)
	request, err := in.request(g)
	if err != nil {
		Answering(ctx)
		in.GiveUp(err)
		http.Error(w, "the target of the request is not well-formed", http.StatusBadRequest)
		return nil
	}
	call, err := handle.Start(ctx, x.resolved, val.Own(gondola.NewHostResource(request)))
	if err != nil {
		in.GiveUp(err)
		return err
	}
	if !x.wait(ctx) {
		call.Cancel()
		in.GiveUp(ctx.Err())
		return x.blame(context.Cause(ctx))
	}
	if x.err != nil {
		in.GiveUp(x.err)
		return x.blame(x.err)
	}
	return in.Respond(ctx, int(x.response.Status), x.response.Fields(), x.content)
}

// isGone reports whether an error of a request's body says that its sender is
// gone.
func isGone(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &op)
}

// given is what a guest has of a request, in one piece. It does not refer to the
// connection unless there is a body to be read from it: the guest may keep it for long.
type given struct {
	request  Request
	body     HostBody
	target   Target
	exchange exchange
}

// news tells who waits that something has changed: it has an element then.
type news chan struct{}

func (n news) tell() {
	select {
	case n <- struct{}{}:
	default:
	}
}

// exchange is a request to a guest for which somebody waits.
type exchange struct {
	keep   Keep
	method string
	news   news // the response's content has the same: one waits for either

	mu       sync.Mutex
	answered bool // the response and the content, or the error, are set
	left     bool // nobody waits any more
	reported ErrorCode
	response *Response
	content  Content
	err      error
}

// report notes that the guest could not make use of the request's body. It may
// answer all the same.
func (x *exchange) report(code ErrorCode) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.reported = code
}

// blame adds what the guest has reported to why there is no response.
func (x *exchange) blame(err error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.reported != nil {
		return fmt.Errorf("%w; before that the handler reported: %w", err, x.reported)
	}
	return err
}

// wait waits for the guest's answer. Where ctx ends before, it is false, and a response that
// comes later is dropped.
func (x *exchange) wait(ctx context.Context) bool {
	for !x.isAnswered() {
		select {
		case <-x.news:
		case <-ctx.Done():
			return !x.leave()
		}
	}
	return true
}

func (x *exchange) isAnswered() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.answered
}

// leave reports whether there is no answer yet.
func (x *exchange) leave() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.left = !x.answered
	return x.left
}

// resolved is called when the guest has returned, while the instance is held.
func (x *exchange) resolved(ctx context.Context, v val.Value, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	defer x.news.tell()
	x.answered = true
	if err != nil {
		x.err = err
		return
	}
	payload, ok := v.Result()
	if !ok {
		x.err = &HandlerError{payload.String()}
		return
	}
	x.response = payload.Resource().(*gondola.HostResource).Value().(*Response)
	if x.left {
		x.response.Drop()
		return
	}
	x.content, x.err = x.response.content(ctx, x.news, x.keep, Bodiless(x.method, int(x.response.Status)))
}

// HandlerError is the error of a guest's handler.
type HandlerError struct {
	Code string // the error-code, as WAVE
}

func (e *HandlerError) Error() string { return "the handler failed: " + e.Code }
