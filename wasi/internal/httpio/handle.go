package httpio

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

// Handle passes a request that a server received to a handler's function, and its
// response to the client. It returns when the response is out, or won't be; the
// handler may go on then. It touches neither w nor the request's body before the
// guest has something to say or wants it. An error that comes before the response's
// header is out leaves w as it was; after one that comes later the connection must be
// aborted.
//
// rules are for the request's fields. The values of ctx reach the guest. Its end,
// until the response is out, cancels the call.
//
// Spec: wasi:http/incoming-handler.handle.
func Handle(ctx context.Context, handle *gondola.Func, w http.ResponseWriter, r *http.Request, rules *httpx.FieldRules) error {
	in := httpx.NewIncoming(w, r, rules, nil)
	req, err := received(r, in, rules)
	if err != nil {
		httpx.Answering(ctx)
		in.GiveUp(err)
		http.Error(w, "the target of the request is not well-formed", http.StatusBadRequest)
		return nil
	}
	h := &handling{ctx: ctx, w: w, r: r, in: in, out: newOutparam(), returned: make(chan error, 1)}
	call, cancel := context.WithCancel(context.WithoutCancel(ctx))
	detach := context.AfterFunc(ctx, cancel)
	defer detach()
	go func() {
		defer cancel()
		h.returned <- handle.CallInto(call, nil, req, h.out)
	}()
	if err := h.respond(); err != nil {
		if !errors.Is(err, httpx.ErrBegun) {
			in.GiveUp(err)
		}
		return err
	}
	return nil
}

// handling is a call of a handler.
type handling struct {
	ctx      context.Context
	w        http.ResponseWriter
	r        *http.Request
	in       *httpx.Incoming
	out      *Outparam
	returned chan error // has what the call has come to
}

// respond waits for the response and sends it.
func (h *handling) respond() error {
	for {
		select {
		case i := <-h.out.informational:
			h.inform(i)
		case a := <-h.out.answer:
			return h.answer(a)
		case err := <-h.returned:
			return h.after(err)
		case <-h.ctx.Done():
			h.out.abandon()
			return context.Cause(h.ctx)
		}
	}
}

// after is about a call that has returned before its response was seen.
func (h *handling) after(err error) error {
	if err != nil {
		h.out.abandon()
		return err
	}
	h.returned <- nil // again
	select {
	case a := <-h.out.answer:
		return h.answer(a)
	default:
		return ErrNoResponse
	}
}

// answer sends the response.
func (h *handling) answer(a answer) error {
	if a.err != nil {
		return a.err
	}
	for len(h.out.informational) > 0 {
		h.inform(<-h.out.informational)
	}
	r := a.response
	switch {
	case httpx.Bodiless(h.r.Method, int(r.Status)):
		// The length that its fields may say is that of another response's body.
		r.Drop()
		r.content = nil
	case r.content != nil:
		go func() { r.content.leave(<-h.returned) }()
	}
	if r.content == nil {
		r.content = newContent(0, nil)
		r.content.end(contentFinished, nil)
	}
	return h.in.Respond(h.ctx, int(r.Status), r.Fields, r.content)
}

// inform sends a response that is not the last.
func (h *handling) inform(i informational) {
	httpx.Answering(h.ctx)
	header := h.w.Header()
	for name, values := range i.fields.Header() {
		header[name] = values
	}
	h.w.WriteHeader(int(i.status))
	clear(header)
}

// received makes a request for the guest of one that a server received.
func received(r *http.Request, in *httpx.Incoming, rules *httpx.FieldRules) (*IncomingRequest, error) {
	target, err := httpx.TargetOf(r)
	if err != nil {
		return nil, err
	}
	return &IncomingRequest{
		Method: r.Method,
		Target: target,
		header: r.Header,
		rules:  rules,
		incoming: &incoming{
			// Nobody but the server may close it: that would wait for a read under way, or
			// for the rest of the body, while the instance is held.
			body:     in,
			trailers: in.Trailers,
			code:     requestCode,
		},
	}, nil
}

// requestCode is what a guest is told when the body of a request breaks off.
func requestCode(err error) httpx.ErrorCode {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, http.ErrBodyReadAfterClose) {
		return httpx.ConnectionTerminated{}
	}
	return httpx.CodeOf(err)
}
