package httpio

import (
	"errors"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// ErrTaken is what is returned for what can be had only once.
var ErrTaken = errors.New("it was taken before")

// OutgoingBody is the resource outgoing-body.
type OutgoingBody struct {
	pollio.Parent
	content *content
	written bool // the stream was taken
}

// newOutgoingBody makes the body of a message with given fields. The error is that
// they are not well-formed.
func newOutgoingBody(fields *httpx.Fields, most int, budget *httpx.Budget, badSize func(uint64) httpx.ErrorCode) (*OutgoingBody, error) {
	length, fixed, err := fields.ContentLength()
	if err != nil {
		return nil, err
	}
	if most == 0 {
		most = DefaultBuffer
	}
	c := newContent(most, budget)
	c.length, c.fixed, c.badSize = length, fixed, badSize
	return &OutgoingBody{content: c}, nil
}

// Write makes the stream, a child of the body. The error is [ErrTaken].
//
// Spec: wasi:http/types.outgoing-body.write.
func (b *OutgoingBody) Write() (*pollio.OutputStream, error) {
	if b.written {
		return nil, ErrTaken
	}
	b.written = true
	stream := b.content.open()
	stream.ChildOf(&b.Parent)
	return stream, nil
}

// Finish ends the body, with trailers unless they are nil. The error is a
// [httpx.ErrorCode] where the size is not what the Content-Length says, or of a
// guest that has not dropped the stream.
//
// Spec: wasi:http/types.outgoing-body.finish.
func (b *OutgoingBody) Finish(trailers *httpx.Fields) error {
	if b.HasChildren() {
		b.content.abort(httpx.HTTPProtocolError{})
		return b.CheckDrop()
	}
	if trailers != nil {
		trailers.Freeze()
	}
	return b.content.finish(trailers)
}

// Drop ends a body that was not finished, for the worse.
//
// Spec: wasi:http/types.outgoing-body.
func (b *OutgoingBody) Drop() error {
	b.content.abort(httpx.HTTPProtocolError{})
	return b.CheckDrop()
}

// OutgoingRequest is the resource outgoing-request. It is GET without a scheme,
// authority or path at first.
type OutgoingRequest struct {
	Method        string
	Scheme        string // "" where none is set
	Authority     string // "" where none is set
	PathWithQuery *string
	Fields        *httpx.Fields

	content *content // nil before the body is taken
}

// NewOutgoingRequest makes a request of fields, which can't be changed from then
// on.
func NewOutgoingRequest(fields *httpx.Fields) *OutgoingRequest {
	fields.Freeze()
	return &OutgoingRequest{Method: "GET", Fields: fields}
}

// Body makes the body. The error is [ErrTaken], or that the fields' Content-Length
// is none. most is how much of the body is kept that was not sent yet, or 0 for
// [DefaultBuffer], as far as the budget allows it.
func (r *OutgoingRequest) Body(most int, budget *httpx.Budget) (*OutgoingBody, error) {
	return takeBody(&r.content, r.Fields, most, budget, func(n uint64) httpx.ErrorCode { return httpx.HTTPRequestBodySize{Size: &n} })
}

func takeBody(place **content, fields *httpx.Fields, most int, budget *httpx.Budget, badSize func(uint64) httpx.ErrorCode) (*OutgoingBody, error) {
	if *place != nil {
		return nil, ErrTaken
	}
	body, err := newOutgoingBody(fields, most, budget, badSize)
	if err != nil {
		return nil, err
	}
	*place = body.content
	return body, nil
}

// Drop says that the request will not be sent.
func (r *OutgoingRequest) Drop() {
	if r.content != nil {
		r.content.Done(nil)
	}
}

// OutgoingResponse is the resource outgoing-response.
type OutgoingResponse struct {
	Status uint16
	Fields *httpx.Fields

	content *content // nil before the body is taken
}

// NewOutgoingResponse makes a response of fields, which can't be changed from then
// on.
func NewOutgoingResponse(fields *httpx.Fields) *OutgoingResponse {
	fields.Freeze()
	return &OutgoingResponse{Status: 200, Fields: fields}
}

// Body makes the body, as that of an [OutgoingRequest].
func (r *OutgoingResponse) Body(most int, budget *httpx.Budget) (*OutgoingBody, error) {
	return takeBody(&r.content, r.Fields, most, budget, func(n uint64) httpx.ErrorCode { return httpx.HTTPResponseBodySize{Size: &n} })
}

// Drop says that the response will not be sent.
func (r *OutgoingResponse) Drop() {
	if r.content != nil {
		r.content.Done(nil)
	}
}
