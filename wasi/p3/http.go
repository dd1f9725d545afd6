package p3

import (
	"context"
	"errors"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

const httpTypes = "wasi:http/types" + version

// addHTTP adds wasi:http but for its interface handler, which guests export.
func addHTTP(l *gondola.Linker, h *host.Host) {
	addFields(l, h)
	addRequest(l, h)
	addRequestOptions(l)
	addResponse(l)
	l.Func("wasi:http/client"+version, "send", func(ctx context.Context, r *httpx.Request) (*httpx.Response, error) {
		return h.HTTP.SendRequest(ctx, r, h.KeepHTTP())
	})
}

// failed is the failure of a result without types.
var failed = &gondola.Err[struct{}]{}

// okIf is a result without types.
func okIf(ok bool) error {
	if ok {
		return nil
	}
	return failed
}

// headerError is the variant header-error.
type headerError interface {
	gondola.Variant[headerErrors]
	error
}

type headerErrors struct {
	InvalidSyntax headerInvalidSyntax
	Forbidden     headerForbidden
	Immutable     headerImmutable
	SizeExceeded  headerSizeExceeded
	Other         headerOther
}

type (
	headerInvalidSyntax struct {
		httpx.HeaderError `wit:"-"`
	}
	headerForbidden struct {
		httpx.HeaderError `wit:"-"`
	}
	headerImmutable struct {
		httpx.HeaderError `wit:"-"`
	}
	headerSizeExceeded struct {
		httpx.HeaderError `wit:"-"`
	}
	headerOther struct {
		httpx.HeaderError `wit:"-"`
		Text              *string
	}
)

func (headerInvalidSyntax) WITCases(headerErrors) {}
func (headerForbidden) WITCases(headerErrors)     {}
func (headerImmutable) WITCases(headerErrors)     {}
func (headerSizeExceeded) WITCases(headerErrors)  {}
func (headerOther) WITCases(headerErrors)         {}

func headerErrorOf(err error) error {
	var e httpx.HeaderError
	if !errors.As(err, &e) {
		return err
	}
	return [...]headerError{
		httpx.InvalidSyntax: headerInvalidSyntax{e},
		httpx.Forbidden:     headerForbidden{e},
		httpx.Immutable:     headerImmutable{e},
		httpx.SizeExceeded:  headerSizeExceeded{e},
	}[e]
}

// fieldEntry is tuple<field-name, field-value>.
type fieldEntry struct {
	F0 string
	F1 []byte
}

func addFields(l *gondola.Linker, h *host.Host) {
	l.Resource(httpTypes, "fields", func(*httpx.Fields) {})
	l.Func(httpTypes, "[constructor]fields", func(context.Context) *httpx.Fields { return h.HTTPFields.New() })
	l.Func(httpTypes, "[static]fields.from-list", func(_ context.Context, entries []fieldEntry) (*httpx.Fields, error) {
		f := h.HTTPFields.New()
		for _, e := range entries {
			if err := f.Append(e.F0, e.F1); err != nil {
				return nil, headerErrorOf(err)
			}
		}
		return f, nil
	})
	l.Func(httpTypes, "[method]fields.get", func(_ context.Context, f *httpx.Fields, name string) [][]byte { return f.Get(name) })
	l.Func(httpTypes, "[method]fields.has", func(_ context.Context, f *httpx.Fields, name string) bool { return f.Has(name) })
	l.Func(httpTypes, "[method]fields.set", func(_ context.Context, f *httpx.Fields, name string, values [][]byte) error {
		return headerErrorOf(f.Set(name, values))
	})
	l.Func(httpTypes, "[method]fields.delete", func(_ context.Context, f *httpx.Fields, name string) error {
		_, err := f.Delete(name)
		return headerErrorOf(err)
	})
	l.Func(httpTypes, "[method]fields.get-and-delete", func(_ context.Context, f *httpx.Fields, name string) ([][]byte, error) {
		values, err := f.Delete(name)
		return values, headerErrorOf(err)
	})
	l.Func(httpTypes, "[method]fields.append", func(_ context.Context, f *httpx.Fields, name string, value []byte) error {
		return headerErrorOf(f.Append(name, value))
	})
	l.Func(httpTypes, "[method]fields.copy-all", func(_ context.Context, f *httpx.Fields) []fieldEntry {
		var entries []fieldEntry
		for name, value := range f.All() {
			entries = append(entries, fieldEntry{name, value})
		}
		return entries
	})
	l.Func(httpTypes, "[method]fields.clone", func(_ context.Context, f *httpx.Fields) *httpx.Fields { return f.Clone() })
}

// bodyReader is a body as consume-body gives it to a guest: tuple<stream<u8>, future<result<option<trailers>, error-code>>>.
type bodyReader struct {
	F0 *gondola.StreamReader[byte]
	F1 *gondola.FutureReader[httpx.TrailersOutcome]
}

// newRequest is tuple<request, future<result<_, error-code>>>.
type newRequest struct {
	F0 *httpx.Request
	F1 *gondola.FutureReader[httpx.Outcome]
}

// newResponse is tuple<response, future<result<_, error-code>>>.
type newResponse struct {
	F0 *httpx.Response
	F1 *gondola.FutureReader[httpx.Outcome]
}

func addRequest(l *gondola.Linker, h *host.Host) {
	l.Resource(httpTypes, "request", (*httpx.Request).Drop)
	l.Func(httpTypes, "[static]request.new", func(_ context.Context, headers *httpx.Fields, contents **gondola.StreamReader[byte],
		trailers *gondola.FutureReader[httpx.TrailersOutcome], options **httpx.RequestOptions) newRequest {
		body, sent := httpx.NewGuestBody(optional(contents), trailers)
		return newRequest{httpx.NewRequest(headers, body, optional(options)), sent}
	})
	l.Func(httpTypes, "[static]request.consume-body", func(ctx context.Context, r *httpx.Request, res *gondola.FutureReader[httpx.Outcome]) bodyReader {
		data, trailers := r.Consume(ctx, res)
		return bodyReader{data, trailers}
	})
	l.Func(httpTypes, "[method]request.get-method", func(_ context.Context, r *httpx.Request) httpx.Method { return httpx.MethodOf(r.Method) })
	l.Func(httpTypes, "[method]request.set-method", func(_ context.Context, r *httpx.Request, m httpx.Method) error {
		name, ok := httpx.MethodName(m)
		if ok {
			r.Method = name
		}
		return okIf(ok)
	})
	l.Func(httpTypes, "[method]request.get-path-with-query", func(_ context.Context, r *httpx.Request) *string { return r.PathWithQuery })
	l.Func(httpTypes, "[method]request.set-path-with-query", func(_ context.Context, r *httpx.Request, s *string) error {
		return setText(h, &r.PathWithQuery, s, httpx.ParsePathWithQuery)
	})
	l.Func(httpTypes, "[method]request.get-scheme", func(_ context.Context, r *httpx.Request) *httpx.Scheme {
		if r.Scheme == nil {
			return nil
		}
		return new(httpx.SchemeOf(*r.Scheme))
	})
	l.Func(httpTypes, "[method]request.set-scheme", func(_ context.Context, r *httpx.Request, s *httpx.Scheme) error {
		if s == nil {
			r.Scheme = nil
			return nil
		}
		name, ok := httpx.SchemeName(*s)
		if ok {
			r.Scheme = &name
		}
		return okIf(ok)
	})
	l.Func(httpTypes, "[method]request.get-authority", func(_ context.Context, r *httpx.Request) *string { return r.Authority })
	l.Func(httpTypes, "[method]request.set-authority", func(_ context.Context, r *httpx.Request, s *string) error {
		return setText(h, &r.Authority, s, func(s string) (string, bool) {
			_, ok := httpx.ParseAuthority(s)
			return s, ok
		})
	})
	l.Func(httpTypes, "[method]request.get-options", func(_ context.Context, r *httpx.Request) **httpx.RequestOptions {
		if r.Options == nil {
			return nil
		}
		return &r.Options
	})
	l.Func(httpTypes, "[method]request.get-headers", func(_ context.Context, r *httpx.Request) *httpx.Fields { return r.Fields() })
}

// optional is what an option holds, or nil.
func optional[T any](p **T) *T {
	if p == nil {
		return nil
	}
	return *p
}

// setText sets a part of a request where it is well-formed, or takes it away.
func setText(h *host.Host, part **string, s *string, parse func(string) (string, bool)) error {
	if s == nil {
		*part = nil
		return nil
	}
	text, ok := parse(*s)
	if ok = ok && h.HTTPFields.HoldText(&text); ok {
		*part = &text
	}
	return okIf(ok)
}

func addResponse(l *gondola.Linker) {
	l.Resource(httpTypes, "response", (*httpx.Response).Drop)
	l.Func(httpTypes, "[static]response.new", func(_ context.Context, headers *httpx.Fields, contents **gondola.StreamReader[byte],
		trailers *gondola.FutureReader[httpx.TrailersOutcome]) newResponse {
		body, sent := httpx.NewGuestBody(optional(contents), trailers)
		return newResponse{httpx.NewResponse(headers, body), sent}
	})
	l.Func(httpTypes, "[static]response.consume-body", func(ctx context.Context, r *httpx.Response, res *gondola.FutureReader[httpx.Outcome]) bodyReader {
		data, trailers := r.Consume(ctx, res)
		return bodyReader{data, trailers}
	})
	l.Func(httpTypes, "[method]response.get-status-code", func(_ context.Context, r *httpx.Response) uint16 { return r.Status })
	l.Func(httpTypes, "[method]response.set-status-code", func(_ context.Context, r *httpx.Response, status uint16) error {
		ok := httpx.ValidStatus(status)
		if ok {
			r.Status = status
		}
		return okIf(ok)
	})
	l.Func(httpTypes, "[method]response.get-headers", func(_ context.Context, r *httpx.Response) *httpx.Fields { return r.Fields() })
}
