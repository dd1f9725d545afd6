package httpio

import (
	"context"
	"fmt"
	"sync"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// Sender sends requests, as [httpx.Client] does.
type Sender interface {
	Send(context.Context, *httpx.ClientRequest) (*httpx.ClientResponse, error)
}

// FutureResponse is the resource future-incoming-response.
type FutureResponse struct {
	pollio.Parent
	done   pollio.Event
	cancel context.CancelFunc

	mu    sync.Mutex
	state futureState
	resp  *httpx.ClientResponse
	err   error
}

// futureState is where the response is.
//
//	waiting ──▶ there ──▶ taken
//	   └──────────┴─────▶ dropped
type futureState uint8

const (
	futureWaiting futureState = iota
	futureThere
	futureTaken
	futureDropped
)

// Send begins to send a request, which is not the guest's any more. The error is a
// [httpx.ErrorCode] for a request that can't be sent. The values of ctx go with it,
// not its end. opts may be nil.
//
// Spec: wasi:http/outgoing-handler.handle.
func Send(ctx context.Context, s Sender, r *OutgoingRequest, opts *httpx.RequestOptions) (*FutureResponse, error) {
	req, err := r.toClient(opts)
	if err != nil {
		r.Drop()
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &FutureResponse{cancel: cancel}
	go func() {
		resp, err := send(ctx, s, req)
		f.arrived(resp, err)
	}()
	return f, nil
}

// toClient is the request for the client, if it is complete. Without a scheme it is
// https.
func (r *OutgoingRequest) toClient(opts *httpx.RequestOptions) (*httpx.ClientRequest, error) {
	req := &httpx.ClientRequest{Method: r.Method, Scheme: r.Scheme, Authority: r.Authority, Fields: r.Fields, Timeouts: opts.Timeouts()}
	switch req.Scheme {
	case "":
		req.Scheme = "https"
	case "http", "https":
	default:
		return nil, httpx.HTTPProtocolError{}
	}
	if r.Authority == "" || r.PathWithQuery == nil {
		return nil, httpx.HTTPRequestURIInvalid{}
	}
	req.PathWithQuery = *r.PathWithQuery
	if c := r.content; c != nil {
		req.Body = bodyReader{c}
		req.Trailer = func() (*httpx.Fields, error) { return c.Trailers(), nil }
	}
	return req, nil
}

// bodyReader is a content for a client.
type bodyReader struct{ *content }

// Close implements [io.Closer].
func (b bodyReader) Close() error {
	b.Done(nil)
	return nil
}

// send guards against panics of a transport of the embedder's.
func send(ctx context.Context, s Sender, req *httpx.ClientRequest) (resp *httpx.ClientResponse, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("sending a request panicked: %v", p)
		}
	}()
	return s.Send(ctx, req)
}

// arrived is called once.
func (f *FutureResponse) arrived(resp *httpx.ClientResponse, err error) {
	f.mu.Lock()
	dropped := f.state == futureDropped
	if !dropped {
		f.state, f.resp, f.err = futureThere, resp, err
	}
	f.mu.Unlock()
	if dropped && err == nil {
		closer(resp.Body)()
	}
	f.done.Set()
}

// Subscribe makes a pollable that is ready when Get is.
func (f *FutureResponse) Subscribe() *pollio.Pollable { return f.Parent.Subscribe(&f.done) }

// Get returns the response; ready means that it, or an error, is there. The error
// is [ErrTaken] the second time, or a [httpx.ErrorCode].
//
// Spec: wasi:http/types.future-incoming-response.get.
func (f *FutureResponse) Get() (resp *IncomingResponse, ready bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.state {
	case futureWaiting:
		return nil, false, nil
	case futureTaken:
		return nil, true, ErrTaken
	}
	f.state = futureTaken
	if f.err != nil {
		return nil, true, httpx.CodeOf(f.err)
	}
	return &IncomingResponse{
		Status:   uint16(f.resp.Status),
		Fields:   f.resp.Fields,
		incoming: &incoming{body: f.resp.Body, close: closer(f.resp.Body), trailers: f.resp.Trailer, code: httpx.CodeOf},
	}, true, nil
}

// Drop says that the response is not wanted, if it was not taken. A request under
// way is given up.
func (f *FutureResponse) Drop() error {
	f.mu.Lock()
	state := f.state
	f.state = futureDropped
	f.mu.Unlock()
	f.cancel()
	if state == futureThere && f.err == nil {
		go closer(f.resp.Body)()
	}
	return f.CheckDrop()
}
