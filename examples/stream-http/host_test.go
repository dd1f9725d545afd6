package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/gondola-wasm/gondola/examples/stream-http/gen/http/types"
	"github.com/gondola-wasm/gondola/examples/stream-http/gen/rt"
)

// The guest is an ordinary package: its tests need no component, only somebody who plays the part of HTTP.

// host is wasi:http/types and wasi:http/client. What is not there is not called.
type host struct {
	types.Host
	answers map[string]string // bodies by URL path

	mu       sync.Mutex
	requests map[*types.Request]*request
	replies  map[*types.Response]*response
}

func newHost() *host {
	return &host{requests: map[*types.Request]*request{}, replies: map[*types.Response]*response{}}
}

type contents struct {
	headers  *types.Fields
	body     *rt.ByteReader
	trailers *rt.FutureReader[rt.Result[*types.Fields, types.ErrorCode]]
}

type request struct {
	types.RequestMethods
	contents
	path string
}

type response struct {
	types.ResponseMethods
	contents
	status uint16
}

type fields struct {
	types.FieldsMethods
	values map[string][][]byte
}

func (f *fields) Get(name string) [][]byte          { return f.values[name] }
func (f *fields) Set(name string, v [][]byte) error { f.values[name] = v; return nil }
func (f *fields) Append(name string, v []byte) error {
	f.values[name] = append(f.values[name], v)
	return nil
}

func (r *request) GetHeaders() *types.Fields          { return r.headers }
func (r *request) GetPathWithQuery() *string          { return &r.path }
func (r *request) SetPathWithQuery(p *string) error   { r.path = *p; return nil }
func (r *request) SetScheme(*types.Scheme) error      { return nil }
func (r *request) SetAuthority(*string) error         { return nil }
func (r *response) GetStatusCode() uint16             { return r.status }
func (r *response) SetStatusCode(status uint16) error { r.status = status; return nil }

func (h *host) NewFields() *types.Fields {
	return types.FakeFields(&fields{values: map[string][][]byte{}})
}

func (h *host) FieldsFromList(entries []rt.Tuple2[string, []byte]) (*types.Fields, error) {
	f := h.NewFields()
	for _, e := range entries {
		f.Append(e.F0, e.F1)
	}
	return f, nil
}

func (h *host) RequestNew(headers *types.Fields, body *rt.ByteReader, trailers *rt.FutureReader[rt.Result[*types.Fields, types.ErrorCode]], _ *types.RequestOptions) rt.Tuple2[*types.Request, *rt.FutureReader[rt.Result[rt.Unit, types.ErrorCode]]] {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := &request{contents: contents{headers, body, trailers}}
	made := types.FakeRequest(r)
	h.requests[made] = r
	_, sent := types.NewFutureResultUnitErrorCode()
	return rt.Tuple2[*types.Request, *rt.FutureReader[rt.Result[rt.Unit, types.ErrorCode]]]{F0: made, F1: sent}
}

func (h *host) ResponseNew(headers *types.Fields, body *rt.ByteReader, trailers *rt.FutureReader[rt.Result[*types.Fields, types.ErrorCode]]) rt.Tuple2[*types.Response, *rt.FutureReader[rt.Result[rt.Unit, types.ErrorCode]]] {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := &response{contents: contents{headers, body, trailers}, status: 200}
	made := types.FakeResponse(r)
	h.replies[made] = r
	_, sent := types.NewFutureResultUnitErrorCode()
	return rt.Tuple2[*types.Response, *rt.FutureReader[rt.Result[rt.Unit, types.ErrorCode]]]{F0: made, F1: sent}
}

func (h *host) RequestConsumeBody(r *types.Request, _ *rt.FutureReader[rt.Result[rt.Unit, types.ErrorCode]]) rt.Tuple2[*rt.ByteReader, *rt.FutureReader[rt.Result[*types.Fields, types.ErrorCode]]] {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests[r].consume()
}

func (h *host) ResponseConsumeBody(r *types.Response, _ *rt.FutureReader[rt.Result[rt.Unit, types.ErrorCode]]) rt.Tuple2[*rt.ByteReader, *rt.FutureReader[rt.Result[*types.Fields, types.ErrorCode]]] {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.replies[r].consume()
}

func (c *contents) consume() rt.Tuple2[*rt.ByteReader, *rt.FutureReader[rt.Result[*types.Fields, types.ErrorCode]]] {
	return rt.Tuple2[*rt.ByteReader, *rt.FutureReader[rt.Result[*types.Fields, types.ErrorCode]]]{F0: c.body, F1: c.trailers}
}

// Send answers what the test has an answer for.
func (h *host) Send(_ context.Context, r *types.Request) (*types.Response, error) {
	h.mu.Lock()
	path := h.requests[r].path
	text, found := h.answers[path]
	h.mu.Unlock()
	if !found {
		return nil, types.ErrorCodeConnectionRefused{}
	}
	if text == "" {
		return respondText(404, "")
	}
	return respondText(200, text)
}

// incoming makes a request, and what its sender holds of it.
func (h *host) incoming(path string) (r *types.Request, body *rt.ByteWriter, trailers *rt.FutureWriter[rt.Result[*types.Fields, types.ErrorCode]]) {
	body, stream := types.NewStreamU8()
	trailers, future := types.NewFutureResultOptionFieldsErrorCode()
	r = h.RequestNew(h.NewFields(), stream, future, nil).F0
	h.requests[r].path = path
	return r, body, trailers
}

// answer lets the guest handle r.
func (h *host) answer(ctx context.Context, r *types.Request) (*response, error) {
	made, err := service{}.Handle(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("handle: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.replies[made], nil
}
