package wasi

import (
	"context"
	"net/http"
	"strings"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/httpio"
	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

// HTTPKind says how a component answers requests of HTTP.
type HTTPKind uint8

const (
	// NoHTTP: it does not.
	NoHTTP HTTPKind = iota
	// HTTP02: it exports wasi:http/incoming-handler of WASI 0.2.
	HTTP02
	// HTTP03: it exports wasi:http/handler of WASI 0.3.
	HTTP03
)

// String is the interface, as in "wasi:http/handler@0.3".
func (k HTTPKind) String() string {
	return [...]string{NoHTTP: "none", HTTP02: "wasi:http/incoming-handler@0.2", HTTP03: "wasi:http/handler@0.3"}[k]
}

const (
	incomingHandler = "wasi:http/incoming-handler"
	handler         = "wasi:http/handler"
)

// HTTPVersion says how a component answers requests. Where it could in several
// ways, that is the newest.
func HTTPVersion(c *gondola.Component) HTTPKind {
	kind := NoHTTP
	for _, e := range c.Exports() {
		switch {
		case e.Name == "handle" && strings.HasPrefix(e.Instance, handler+"@0.3."):
			return HTTP03
		case e.Name == "handle" && strings.HasPrefix(e.Instance, incomingHandler+"@0.2."):
			kind = HTTP02
		}
	}
	return kind
}

// CloseIdleConnections closes the connections that outgoing requests have left for
// later ones. Those that are not used for half a minute close by themselves.
func (h *Host) CloseIdleConnections() { h.impl.HTTP.CloseIdleConnections() }

// ErrResponseBegun is in the errors of [Host.HandleHTTP] that came when a part of the
// response was out: the connection must be aborted, as by panicking with
// [http.ErrAbortHandler].
var ErrResponseBegun = httpx.ErrBegun

// HandleHTTP passes a request to the handler that an instance exports, and what that
// answers to w. Bodies pass in both directions while they come, with their trailers.
// It returns when the response is out, or failed; the guest may go on by itself, and
// neither w nor r is used any more, so that what it has not read of the request's
// body by then it won't get. Any number of requests may be under way in one instance.
//
// Of WASI 0.2 an instance works on one request after the other. A handler that has
// returned can't write any more: a body that it has not finished by then, nor
// dropped, is complete, as in Wasmtime.
//
// When ctx ends, or the request's body breaks off, the guest is asked to cancel, and
// what it still writes goes nowhere. The values of ctx reach the host functions that
// the guest calls while it works on the request.
//
// # Errors
//
// An error that is [ErrResponseBegun] says that a part of the response was written.
// Any other has left w untouched, for the caller to answer. A trap is in it as a
// [*gondola.Trap].
func (h *Host) HandleHTTP(ctx context.Context, in *gondola.Instance, w http.ResponseWriter, r *http.Request) error {
	if handle := in.Func(handler, "handle"); handle.Err() == nil {
		return httpx.Handle(ctx, handle, w, r, h.impl.HTTPFields, h.impl.HTTPPiece)
	}
	return httpio.Handle(ctx, in.Func(incomingHandler, "handle"), w, r, h.impl.HTTPFields)
}
