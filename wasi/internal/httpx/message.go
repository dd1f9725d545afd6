package httpx

import (
	"context"
	"net/http"
	"time"

	"github.com/gondola-wasm/gondola"
)

// Request is the resource request of WASI 0.3.
type Request struct {
	Method        string
	Scheme        *string
	Authority     *string
	PathWithQuery *string
	Options       *RequestOptions // or nil; they can't be changed

	header
	body Body
}

// Response is the resource response of WASI 0.3.
type Response struct {
	Status uint16

	header
	body Body
}

// header are the fields of a message, made of what came from outside when somebody
// wants them.
type header struct {
	fields   *Fields
	received http.Header
	rules    *FieldRules // for what was received
}

// Fields are the fields, which can't be changed.
func (h *header) Fields() *Fields {
	if h.fields == nil {
		h.fields, h.received = h.rules.Received(h.received), nil
	}
	return h.fields
}

// NewRequest makes a request of a guest's: GET, and nothing else set.
func NewRequest(fields *Fields, body Body, options *RequestOptions) *Request {
	fields.Freeze()
	if options != nil {
		options.Immutable = true
	}
	return &Request{Method: http.MethodGet, header: header{fields: fields}, body: body, Options: options}
}

// NewResponse makes a response of a guest's, with status 200.
func NewResponse(fields *Fields, body Body) *Response {
	fields.Freeze()
	return &Response{Status: http.StatusOK, header: header{fields: fields}, body: body}
}

// Drop gives the request up.
func (r *Request) Drop() { r.body.drop() }

// Drop gives the response up.
func (r *Response) Drop() { r.body.drop() }

// Consume is the function consume-body of requests.
func (r *Request) Consume(ctx context.Context, res *gondola.FutureReader[Outcome]) (*gondola.StreamReader[byte], *gondola.FutureReader[TrailersOutcome]) {
	return r.body.consume(ctx, res)
}

// Consume is the function consume-body of responses.
func (r *Response) Consume(ctx context.Context, res *gondola.FutureReader[Outcome]) (*gondola.StreamReader[byte], *gondola.FutureReader[TrailersOutcome]) {
	return r.body.consume(ctx, res)
}

// content is the response's body to be sent, of a length that its fields say.
// n tells who waits for the content.
func (r *Response) content(ctx context.Context, n news, keep Keep, bodiless bool) (Content, error) {
	length, given, err := r.Fields().ContentLength()
	if err != nil {
		r.body.drop()
		return nil, HTTPProtocolError{}
	}
	size := sizeRule{given, length, responseSize}
	if bodiless {
		size = sizeRule{} // the length is that of another response's body
	}
	return r.body.content(ctx, n, size, keep), nil
}

// RequestOptions is the resource request-options, in both versions of WASI. Nil
// is not set.
type RequestOptions struct {
	ConnectTimeout, FirstByteTimeout, BetweenBytesTimeout *uint64 // in nanoseconds

	Immutable bool
}

// Clone is a copy that can be changed.
func (o *RequestOptions) Clone() *RequestOptions {
	c := *o
	c.Immutable = false
	return &c
}

// Timeouts are the options for a client.
func (o *RequestOptions) Timeouts() (t Timeouts) {
	if o != nil {
		t = Timeouts{durationOf(o.ConnectTimeout), durationOf(o.FirstByteTimeout), durationOf(o.BetweenBytesTimeout)}
	}
	return t
}

// durationOf is a time of at least a nanosecond; 0 where none is set.
func durationOf(nanoseconds *uint64) time.Duration {
	if nanoseconds == nil {
		return 0
	}
	return time.Duration(min(max(*nanoseconds, 1), 1<<63-1))
}
