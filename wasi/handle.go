package wasi

import (
	"context"
	"net"
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

// ErrClientGone is why the context of a request ends when its client has been found to be
// gone by [WatchClient]. Where net/http finds out, it is [context.Canceled].
var ErrClientGone = httpx.ErrClientGone

// ConnContext lets requests that come by c end when their client goes, whatever they are
// doing. It is for the server:
//
//	srv := &http.Server{Handler: handler, ConnContext: wasi.ConnContext}
//
// Without it net/http notices that a client of HTTP/1 goes only when the body of its
// request has been read to its end, and nothing but the request was sent; other requests
// go on until a timeout. With it the connection is looked at once a second while
// [Host.HandleHTTP], or who calls [WatchClient], works on a request. A client is gone when
// it has reset the connection, or closed it.
//
// A client may close its half of the connection and wait for the response. net/http takes
// it for gone once the body of the request has been read; before that it gets its
// response. To tell it from one that has closed all, it is sent the status 100 (Continue)
// now and then, until the response begins. Where that can't be done, since it speaks
// HTTP/1.0 or the response has begun, its going is noticed when something is sent, or by the
// keep-alive of TCP, which [net.ListenConfig] turns on: about a minute later.
//
// Linux does all that. On macOS it is untested, and goes for TCP alone. On other systems
// ConnContext does nothing. It does nothing either where it finds no connection of the system in c: a
// type that wraps one has a method SyscallConn, or NetConn as [crypto/tls.Conn] has.
// HTTP/2 does not need it.
//
// A server that has a ConnContext of its own calls this one in it.
func ConnContext(ctx context.Context, c net.Conn) context.Context { return httpx.ConnContext(ctx, c) }

// WatchClient makes a context that also ends, with [ErrClientGone], when the client of r
// goes. It is for who keeps r waiting before [Host.HandleHTTP], which is given the
// context and does the same by itself otherwise. Nobody else may write to the client
// until stop has returned, which must be called. Where ctx has a method CancelCause(error)
// that ends it, that is called, and watched ends with ctx.
func WatchClient(ctx context.Context, r *http.Request) (watched context.Context, stop func()) {
	return httpx.WatchClient(ctx, r)
}

// HandleHTTP passes a request to the handler that an instance exports, and what that
// answers to w. Bodies pass in both directions while they come, with their trailers.
// It returns when the response is out, or failed; the guest may go on by itself, and
// neither w nor r is used any more, so that what it has not read of the request's
// body by then it won't get. Any number of requests may be under way in one instance.
//
// The guest gets the path and query as the client has sent them, or those of r.URL where a
// handler has put others there, as [http.StripPrefix] does.
//
// Of WASI 0.2 an instance works on one request after the other. A handler that has
// returned can't write any more: a body that it has not finished by then, nor
// dropped, is complete, as in Wasmtime.
//
// When ctx ends, or the request's body breaks off, or the client goes (see [ConnContext]),
// the guest is asked to cancel, and what it still writes goes nowhere. The values of ctx reach the host functions that
// the guest calls while it works on the request.
//
// # Errors
//
// An error that is [ErrResponseBegun] says that a part of the response was written.
// Any other has left w untouched, for the caller to answer. A trap is in it as a
// [*gondola.Trap].
func (h *Host) HandleHTTP(ctx context.Context, in *gondola.Instance, w http.ResponseWriter, r *http.Request) error {
	ctx, stop := httpx.WatchClient(ctx, r)
	defer stop()
	if handle := in.Func(handler, "handle"); handle.Err() == nil {
		return httpx.Handle(ctx, handle, w, r, h.impl.HTTPFields, h.impl.KeepHTTP())
	}
	return httpio.Handle(ctx, in.Func(incomingHandler, "handle"), w, r, h.impl.HTTPFields)
}
