package suite

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

// roundTripper is a function as a transport.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// transport puts a function in front of the transport of outgoing requests.
func transport(f func(r *http.Request, next http.RoundTripper) (*http.Response, error)) damage {
	return damage{config: func(c *wasi.Config) {
		c.HTTP.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			return f(r, &http.Transport{DisableCompression: true, DisableKeepAlives: true})
		})
	}}
}

// asks changes requests.
func asks(change func(*http.Request)) damage {
	return transport(func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
		change(r)
		return next.RoundTrip(r)
	})
}

// answers changes responses.
func answers(change func(*http.Response)) damage {
	return transport(func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err == nil {
			change(resp)
		}
		return resp, err
	})
}

func inHTTP(name string, lie func(val.Value) val.Value) damage {
	return functions(lies(httpID, name, lie))
}

var httpControls = []control{
	{name: "client: every request is a GET", fails: []string{"http-client-method", "http-client-trailer-error", "http-client-trailers", "http-client"}, damage: asks(func(r *http.Request) { r.Method = "GET" })},
	{name: "client: the query is lost", fails: []string{"http-client-path"}, damage: asks(func(r *http.Request) {
		r.URL.RawQuery = ""
		r.URL.Opaque, _, _ = strings.Cut(r.URL.Opaque, "?")
	})},
	{name: "client: the path is decoded", fails: []string{"http-client-path"}, damage: asks(func(r *http.Request) {
		r.URL.Opaque = strings.Replace(r.URL.Opaque, "%2F", "/", 1)
		r.URL.RawPath = ""
	})},
	{name: "client: headers are lost", fails: []string{"http-client-headers"}, damage: asks(func(r *http.Request) { r.Header = http.Header{} })},
	{name: "client: of several values one is sent", fails: []string{"http-client-headers"}, damage: asks(func(r *http.Request) {
		for name, values := range r.Header {
			r.Header[name] = values[:min(1, len(values))]
		}
	})},
	{name: "client: the body is lost", fails: []string{"http-client-trailer-error", "http-client-trailers", "http-client"}, damage: asks(func(r *http.Request) { r.Body, r.ContentLength = nil, 0 })},
	{name: "client: trailers of requests are lost", fails: []string{"http-client-trailers"}, damage: asks(func(r *http.Request) { r.Trailer = nil })},
	{name: "client: every status is 200", fails: []string{"http-client-method", "http-client-path", "http-client-status"}, damage: answers(func(r *http.Response) { r.StatusCode = 200 })},
	{name: "client: bodies of responses are lost", fails: []string{"http-client-chunked", "http-client-method", "http-client-path-none", "http-client-path", "http-client-status", "http-client-trailers", "http-client"}, damage: answers(func(r *http.Response) {
		r.Body.Close()
		r.Body = http.NoBody
	})},
	{name: "client: a byte more in bodies of responses", fails: []string{"http-client-chunked", "http-client-headers", "http-client-method", "http-client-path-none", "http-client-path", "http-client-status", "http-client-trailers", "http-client"}, damage: answers(func(r *http.Response) {
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(r.Body, strings.NewReader("!")), r.Body}
		r.ContentLength = -1
		r.Header.Del("Content-Length")
	})},
	{name: "client: trailers of responses are lost", fails: []string{"http-client-chunked"}, damage: transport(func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		without := *resp // the trailers come into the other one
		without.Trailer = nil
		return &without, nil
	})},
	{name: "client: headers of responses are lost", fails: []string{"http-client-headers", "http-client-path", "http-client-trailers"}, damage: answers(func(r *http.Response) { r.Header = http.Header{} })},
	{name: "client: an error is a response", fails: []string{"http-client-send-errors", "http-client-sent", "http-client-trailer-error"}, damage: transport(func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			w := httptest.NewRecorder()
			w.WriteHeader(http.StatusBadGateway)
			return w.Result(), nil
		}
		return resp, err
	})},
	{name: "client: every request was sent", fails: []string{"http-client-sent"}, damage: functions(lies(httpID, "[static]request.new", func(v val.Value) val.Value {
		return val.Tuple(v.Elems()[0], future(done))
	}))},

	{name: "fields: names may be anything", fails: []string{"http-fields", "http-request", "http-response"}, damage: inHTTP("[method]fields.append", constant(done))},
	{name: "fields: set says that all went well", fails: []string{"http-fields", "http-request", "http-response"}, damage: inHTTP("[method]fields.set", constant(done))},
	{name: "fields: delete says that all went well", fails: []string{"http-fields", "http-request", "http-response"}, damage: inHTTP("[method]fields.delete", constant(done))},
	{name: "fields: forbidden ones are invalid", fails: []string{"http-fields"}, damage: functions(
		lies(httpID, "[method]fields.append", code("forbidden", "invalid-syntax")),
		lies(httpID, "[method]fields.set", code("forbidden", "invalid-syntax")),
		lies(httpID, "[static]fields.from-list", code("forbidden", "invalid-syntax")),
	)},
	{name: "fields: immutable ones are forbidden", fails: []string{"http-request", "http-response"}, damage: functions(
		lies(httpID, "[method]fields.append", code("immutable", "forbidden")),
		lies(httpID, "[method]fields.set", code("immutable", "forbidden")),
		lies(httpID, "[method]fields.delete", code("immutable", "forbidden")),
	)},
	{name: "fields: names are different in another case", fails: []string{"http-fields"}, damage: functions(mishears(httpID, "[method]fields.get", 1, func(v val.Value) val.Value {
		if v.Str() != strings.ToLower(v.Str()) {
			return val.String("x-none")
		}
		return v
	}))},
	{name: "fields: nothing is there", fails: []string{"http-fields"}, damage: functions(says(httpID, "[method]fields.has", val.Bool(false)))},
	{name: "fields: one value is enough", fails: []string{"http-fields"}, damage: inHTTP("[method]fields.get", func(v val.Value) val.Value {
		return val.List(v.Elems()[:min(1, v.Len())]...)
	})},
	{name: "fields: the order is another", fails: []string{"http-client-headers", "http-fields"}, damage: inHTTP("[method]fields.copy-all", func(v val.Value) val.Value {
		elems := slices.Clone(v.Elems())
		slices.Reverse(elems)
		return val.List(elems...)
	})},
	{name: "request: any method will do", fails: []string{"http-request"}, damage: inHTTP("[method]request.set-method", constant(done))},
	{name: "request: methods are forgotten", fails: []string{"http-client-method", "http-client-trailer-error", "http-client-trailers", "http-client", "http-request"}, damage: functions(says(httpID, "[method]request.set-method", done))},
	{name: "request: any path will do", fails: []string{"http-request"}, damage: inHTTP("[method]request.set-path-with-query", constant(done))},
	{name: "request: any scheme will do", fails: []string{"http-request"}, damage: inHTTP("[method]request.set-scheme", constant(done))},
	{name: "request: any authority will do", fails: []string{"http-request"}, damage: inHTTP("[method]request.set-authority", constant(done))},
	{name: "response: any status will do", fails: []string{"http-response"}, damage: inHTTP("[method]response.set-status-code", constant(done))},
	{name: "response: the status is 200", fails: []string{"http-client-method", "http-client-path", "http-client-status", "http-response"}, damage: functions(says(httpID, "[method]response.get-status-code", val.U16(200)))},
	{name: "options: timeouts are forgotten", fails: []string{"http-request-options"}, damage: functions(says(httpID, "[method]request-options.set-connect-timeout", done))},
	{name: "options: those of a request can be changed", fails: []string{"http-request-options"}, damage: functions(
		lies(httpID, "[method]request-options.set-connect-timeout", constant(done)),
		lies(httpID, "[method]request-options.set-first-byte-timeout", constant(done)),
		lies(httpID, "[method]request-options.set-between-bytes-timeout", constant(done)),
	)},
}

var serviceControls = []control{
	{name: "service: every path is /", fails: []string{"http-request", "http-service-echo", "http-service"}, damage: functions(says(httpID, "[method]request.get-path-with-query", val.Some(val.String("/"))))},
	{name: "service: every method is GET", fails: []string{"http-request", "http-service-echo", "http-service"}, damage: functions(says(httpID, "[method]request.get-method", val.Variant("get", val.Value{})))},
	{name: "service: no authority", fails: []string{"http-request", "http-service-uri"}, damage: functions(says(httpID, "[method]request.get-authority", val.None()))},
	{name: "service: no scheme", fails: []string{"http-request", "http-service-uri"}, damage: functions(says(httpID, "[method]request.get-scheme", val.None()))},
	{name: "service: bodies of requests are lost", fails: []string{"http-service-echo"}, damage: handlers(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Body, r.ContentLength = http.NoBody, 0
		next.ServeHTTP(w, r)
	})},
	{name: "service: headers of requests are lost", fails: []string{"http-service-echo"}, damage: handlers(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Header = http.Header{}
		next.ServeHTTP(w, r)
	})},
	{name: "service: headers of responses are lost", fails: []string{"http-service-echo", "http-service"}, damage: handlers(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(&strippedWriter{w, r}, r)
	})},
	{name: "service: every status is 200", fails: []string{"http-service-echo", "http-service"}, damage: handlers(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(&okWriter{w}, r)
	})},
	{name: "service: one response for all", fails: []string{"http-service-echo", "http-service"}, damage: handlers(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		w.WriteHeader(http.StatusOK)
	})},
}

// strippedWriter loses headers.
type strippedWriter struct {
	http.ResponseWriter
	r *http.Request
}

func (s *strippedWriter) WriteHeader(status int) {
	clear(s.Header())
	s.ResponseWriter.WriteHeader(status)
}

func (s *strippedWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// okWriter is always content.
type okWriter struct{ http.ResponseWriter }

func (o *okWriter) WriteHeader(int)             { o.ResponseWriter.WriteHeader(http.StatusOK) }
func (o *okWriter) Unwrap() http.ResponseWriter { return o.ResponseWriter }
