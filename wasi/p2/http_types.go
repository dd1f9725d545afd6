package p2

import (
	"context"
	"errors"
	"fmt"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/httpio"
	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

const httpTypes = "wasi:http/types" + version

func addHTTPTypes(l *gondola.Linker, h *host.Host) {
	addFields(l, h)
	addIncomingRequest(l)
	addOutgoingRequest(l, h)
	addRequestOptions(l)
	addResponseOutparam(l)
	addIncomingResponse(l)
	addIncomingBody(l)
	addFutureTrailers(l)
	addOutgoingResponse(l, h)
	addOutgoingBody(l)
	addFutureIncomingResponse(l)
	l.Func(httpTypes, "http-error-code", func(_ context.Context, e *pollio.Error) *httpx.ErrorCode {
		if code, ok := errors.AsType[httpx.ErrorCode](e); ok {
			return &code
		}
		return nil
	})
}

// methods adds methods of a resource of wasi:http/types.
func methods(l *gondola.Linker, resource string) func(name string, fn any) {
	return func(name string, fn any) { l.Func(httpTypes, "[method]"+resource+"."+name, fn) }
}

// failed is the failure of a result without types.
var failed = &gondola.Err[struct{}]{}

// result is what a guest sees of an error that has no payload in WIT.
func result(ok bool) error {
	if ok {
		return nil
	}
	return failed
}

// once is what a guest sees of what can be had only once.
func once[T any](v T, err error) (T, error) {
	return v, result(err == nil)
}

// headerError is the variant header-error.
type headerError interface {
	gondola.Variant[headerErrors]
	error
}

type headerErrors struct {
	InvalidSyntax invalidSyntax
	Forbidden     forbidden
	Immutable     immutable
}

type (
	invalidSyntax struct{}
	forbidden     struct{}
	immutable     struct{}
)

func (invalidSyntax) WITCases(headerErrors) {}
func (forbidden) WITCases(headerErrors)     {}
func (immutable) WITCases(headerErrors)     {}

func (invalidSyntax) Error() string { return httpx.InvalidSyntax.Error() }
func (forbidden) Error() string     { return httpx.Forbidden.Error() }
func (immutable) Error() string     { return httpx.Immutable.Error() }

// headerErrorOf turns an error of fields into one that the guest sees. That they
// are too large is none, and traps.
func headerErrorOf(err error) error {
	switch err {
	case httpx.InvalidSyntax:
		return invalidSyntax{}
	case httpx.Forbidden:
		return forbidden{}
	case httpx.Immutable:
		return immutable{}
	case nil:
		return nil
	}
	return fmt.Errorf("wasi:http/types: %w", err)
}

// fieldEntry is tuple<field-name, field-value>.
type fieldEntry struct {
	F0 string
	F1 []byte
}

func addFields(l *gondola.Linker, h *host.Host) {
	type fields = *httpx.Fields
	l.Resource(httpTypes, "fields", func(fields) {})
	l.Func(httpTypes, "[constructor]fields", func(context.Context) fields { return h.HTTPFields.New() })
	l.Func(httpTypes, "[static]fields.from-list", func(_ context.Context, entries []fieldEntry) (fields, error) {
		f := h.HTTPFields.New()
		for _, e := range entries {
			if err := f.Append(e.F0, e.F1); err != nil {
				return nil, headerErrorOf(err)
			}
		}
		return f, nil
	})
	method := methods(l, "fields")
	method("get", func(_ context.Context, f fields, name string) [][]byte { return f.Get(name) })
	method("has", func(_ context.Context, f fields, name string) bool { return f.Has(name) })
	method("set", func(_ context.Context, f fields, name string, values [][]byte) error {
		return headerErrorOf(f.Set(name, values))
	})
	method("delete", func(_ context.Context, f fields, name string) error {
		_, err := f.Delete(name)
		return headerErrorOf(err)
	})
	method("append", func(_ context.Context, f fields, name string, value []byte) error {
		return headerErrorOf(f.Append(name, value))
	})
	method("entries", func(_ context.Context, f fields) []fieldEntry {
		var entries []fieldEntry
		for name, value := range f.All() {
			entries = append(entries, fieldEntry{name, value})
		}
		return entries
	})
	method("clone", func(_ context.Context, f fields) fields { return f.Clone() })
}

func addIncomingRequest(l *gondola.Linker) {
	type request = *httpio.IncomingRequest
	l.Resource(httpTypes, "incoming-request", request.Drop)
	method := methods(l, "incoming-request")
	method("method", func(_ context.Context, r request) httpx.Method { return httpx.MethodOf(r.Method) })
	method("path-with-query", func(_ context.Context, r request) *string {
		if r.PathWithQuery == "" {
			return nil
		}
		return &r.PathWithQuery
	})
	method("scheme", func(_ context.Context, r request) *httpx.Scheme { return new(httpx.SchemeOf(r.Scheme)) })
	method("authority", func(_ context.Context, r request) *string { return &r.Authority })
	method("headers", func(_ context.Context, r request) *httpx.Fields { return r.Fields() })
	method("consume", func(_ context.Context, r request) (*httpio.IncomingBody, error) { return once(r.Consume()) })
}

func addOutgoingRequest(l *gondola.Linker, h *host.Host) {
	type request = *httpio.OutgoingRequest
	l.Resource(httpTypes, "outgoing-request", request.Drop)
	l.Func(httpTypes, "[constructor]outgoing-request", func(_ context.Context, f *httpx.Fields) request {
		return httpio.NewOutgoingRequest(f)
	})
	method := methods(l, "outgoing-request")
	method("body", func(_ context.Context, r request) (*httpio.OutgoingBody, error) {
		return once(r.Body(h.HTTPPiece, h.HTTPBudget))
	})
	method("method", func(_ context.Context, r request) httpx.Method { return httpx.MethodOf(r.Method) })
	method("set-method", func(_ context.Context, r request, m httpx.Method) error {
		name, ok := httpx.MethodName(m)
		if ok {
			r.Method = name
		}
		return result(ok)
	})
	method("path-with-query", func(_ context.Context, r request) *string { return r.PathWithQuery })
	method("set-path-with-query", func(_ context.Context, r request, p *string) error {
		if p == nil {
			r.PathWithQuery = nil
			return nil
		}
		path, ok := httpx.ParsePathWithQuery(*p)
		if ok = ok && h.HTTPFields.HoldText(&path); ok {
			r.PathWithQuery = &path
		}
		return result(ok)
	})
	method("scheme", func(_ context.Context, r request) *httpx.Scheme {
		if r.Scheme == "" {
			return nil
		}
		return new(httpx.SchemeOf(r.Scheme))
	})
	method("set-scheme", func(_ context.Context, r request, s *httpx.Scheme) error {
		if s == nil {
			r.Scheme = ""
			return nil
		}
		name, ok := httpx.SchemeName(*s)
		if ok {
			r.Scheme = name
		}
		return result(ok)
	})
	method("authority", func(_ context.Context, r request) *string {
		if r.Authority == "" {
			return nil
		}
		return &r.Authority
	})
	method("set-authority", func(_ context.Context, r request, a *string) error {
		if a == nil {
			r.Authority = ""
			return nil
		}
		_, ok := httpx.ParseAuthority(*a)
		if ok {
			r.Authority = *a
		}
		return result(ok)
	})
	method("headers", func(_ context.Context, r request) *httpx.Fields { return r.Fields })
}

func addRequestOptions(l *gondola.Linker) {
	type options = *httpx.RequestOptions
	l.Resource(httpTypes, "request-options", func(options) {})
	l.Func(httpTypes, "[constructor]request-options", func(context.Context) options { return new(httpx.RequestOptions) })
	method := methods(l, "request-options")
	for name, of := range map[string]func(options) **uint64{
		"connect-timeout":       func(o options) **uint64 { return &o.ConnectTimeout },
		"first-byte-timeout":    func(o options) **uint64 { return &o.FirstByteTimeout },
		"between-bytes-timeout": func(o options) **uint64 { return &o.BetweenBytesTimeout },
	} {
		method(name, func(_ context.Context, o options) *uint64 { return *of(o) })
		method("set-"+name, func(_ context.Context, o options, d *uint64) error {
			*of(o) = d
			return nil
		})
	}
}

func addResponseOutparam(l *gondola.Linker) {
	type outparam = *httpio.Outparam
	l.Resource(httpTypes, "response-outparam", outparam.Drop)
	l.Func(httpTypes, "[method]response-outparam.send-informational", func(_ context.Context, o outparam, status uint16, f *httpx.Fields) error {
		return o.SendInformational(status, f)
	})
	l.Func(httpTypes, "[static]response-outparam.set",
		func(_ context.Context, o outparam, r gondola.Result[*httpio.OutgoingResponse, httpx.ErrorCode]) {
			o.Set(r.Get())
		})
}

func addIncomingResponse(l *gondola.Linker) {
	type response = *httpio.IncomingResponse
	l.Resource(httpTypes, "incoming-response", response.Drop)
	method := methods(l, "incoming-response")
	method("status", func(_ context.Context, r response) uint16 { return r.Status })
	method("headers", func(_ context.Context, r response) *httpx.Fields { return r.Fields })
	method("consume", func(_ context.Context, r response) (*httpio.IncomingBody, error) { return once(r.Consume()) })
}

func addIncomingBody(l *gondola.Linker) {
	type body = *httpio.IncomingBody
	l.Resource(httpTypes, "incoming-body", body.Drop)
	methods(l, "incoming-body")("stream", func(_ context.Context, b body) (*pollio.InputStream, error) { return once(b.Stream()) })
	l.Func(httpTypes, "[static]incoming-body.finish", func(_ context.Context, b body) (*httpio.FutureTrailers, error) { return b.Finish() })
}

// later is option<result<result<T, error-code>>>: what may not be there yet, and
// can be had only once.
type later[T any] = *gondola.Result[gondola.Result[T, httpx.ErrorCode], struct{}]

func laterOf[T any](v T, ready bool, err error) later[T] {
	r := &gondola.Result[gondola.Result[T, httpx.ErrorCode], struct{}]{}
	switch code, failed := err.(httpx.ErrorCode); {
	case !ready:
		return nil
	case failed:
		r.OK.Err = &code
	case err != nil:
		r.Err = &struct{}{}
	default:
		r.OK.OK = v
	}
	return r
}

func addFutureTrailers(l *gondola.Linker) {
	type future = *httpio.FutureTrailers
	l.Resource(httpTypes, "future-trailers", future.Drop)
	method := methods(l, "future-trailers")
	method("subscribe", func(_ context.Context, f future) *pollio.Pollable { return f.Subscribe() })
	method("get", func(_ context.Context, f future) later[**httpx.Fields] {
		trailers, ready, err := f.Get()
		if trailers == nil {
			return laterOf[**httpx.Fields](nil, ready, err)
		}
		return laterOf(&trailers, ready, err)
	})
}

func addOutgoingResponse(l *gondola.Linker, h *host.Host) {
	type response = *httpio.OutgoingResponse
	l.Resource(httpTypes, "outgoing-response", response.Drop)
	l.Func(httpTypes, "[constructor]outgoing-response", func(_ context.Context, f *httpx.Fields) response {
		return httpio.NewOutgoingResponse(f)
	})
	method := methods(l, "outgoing-response")
	method("status-code", func(_ context.Context, r response) uint16 { return r.Status })
	method("set-status-code", func(_ context.Context, r response, status uint16) error {
		ok := httpx.ValidStatus(status)
		if ok {
			r.Status = status
		}
		return result(ok)
	})
	method("headers", func(_ context.Context, r response) *httpx.Fields { return r.Fields })
	method("body", func(_ context.Context, r response) (*httpio.OutgoingBody, error) {
		return once(r.Body(h.HTTPPiece, h.HTTPBudget))
	})
}

func addOutgoingBody(l *gondola.Linker) {
	type body = *httpio.OutgoingBody
	l.Resource(httpTypes, "outgoing-body", body.Drop)
	methods(l, "outgoing-body")("write", func(_ context.Context, b body) (*pollio.OutputStream, error) { return once(b.Write()) })
	l.Func(httpTypes, "[static]outgoing-body.finish", func(_ context.Context, b body, trailers **httpx.Fields) error {
		if trailers == nil {
			return b.Finish(nil)
		}
		return b.Finish(*trailers)
	})
}

func addFutureIncomingResponse(l *gondola.Linker) {
	type future = *httpio.FutureResponse
	l.Resource(httpTypes, "future-incoming-response", future.Drop)
	method := methods(l, "future-incoming-response")
	method("subscribe", func(_ context.Context, f future) *pollio.Pollable { return f.Subscribe() })
	method("get", func(_ context.Context, f future) later[*httpio.IncomingResponse] { return laterOf(f.Get()) })
}
