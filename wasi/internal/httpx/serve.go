package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Target is where a request that came from outside goes.
type Target struct {
	Scheme        string
	Authority     string
	PathWithQuery string // "" where there is none
}

// ErrBadTarget says that the target of a request is none that a guest could be
// given. It is the client's fault.
var ErrBadTarget = errors.New("the target of the request is not well-formed")

// TargetOf is the target of a request that a server received, as it was sent: net/http
// tidies up the one in its URL.
func TargetOf(r *http.Request) (t Target, err error) {
	t = Target{Scheme: "http", Authority: r.Host, PathWithQuery: r.RequestURI}
	if r.TLS != nil {
		t.Scheme = "https"
	}
	switch {
	case r.Method == http.MethodConnect:
		t.Authority, t.PathWithQuery = r.RequestURI, ""
	case !strings.HasPrefix(r.RequestURI, "/") && r.RequestURI != "*":
		// It is a whole URI, as proxies get them.
		_, rest, ok := strings.Cut(r.RequestURI, "://")
		if !ok {
			return t, ErrBadTarget
		}
		t.PathWithQuery = "/"
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			t.PathWithQuery = rest[i:]
		}
	}
	if t.Authority == "" {
		t.Authority = localAuthority(r)
	}
	if _, ok := ParseAuthority(t.Authority); !ok {
		return t, ErrBadTarget
	}
	if _, ok := ParsePathWithQuery(t.PathWithQuery); !ok || !utf8.ValidString(t.PathWithQuery) {
		return t, ErrBadTarget
	}
	return t, nil
}

// localAuthority stands in for the host of a request of HTTP/1.0, which may not name
// any.
func localAuthority(r *http.Request) string {
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return addr.String()
	}
	return "localhost"
}

// RequestOf makes a request for a guest of one that a server received. failed is told
// when the guest says that it could not make use of the body; broken when the body
// breaks off.
func RequestOf(r *http.Request, rules *FieldRules, failed func(ErrorCode), broken func(error)) (*Request, error) {
	t, err := TargetOf(r)
	if err != nil {
		return nil, err
	}
	req := &Request{
		Method:    r.Method,
		Scheme:    &t.Scheme,
		Authority: &t.Authority,
		header:    header{received: r.Header, rules: rules},
	}
	if t.PathWithQuery != "" {
		req.PathWithQuery = &t.PathWithQuery
	}
	body := &HostBody{Failed: failed}
	if r.Body != nil && r.Body != http.NoBody {
		body.Reader = &incomingReader{r.Body, broken}
		body.Trailer = func() *Fields { return rules.ReceivedTrailers(r.Trailer) }
	}
	req.body = body
	return req, nil
}

// incomingReader reads the body of a request that a server received.
type incomingReader struct {
	body   io.Reader
	broken func(error)
}

func (r *incomingReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if err != nil && err != io.EOF {
		r.broken(err)
	}
	return n, err
}

// ResponseError says that a response can't be sent.
type ResponseError struct{ Reason string }

func (e *ResponseError) Error() string { return e.Reason }

// WriteResponse sends a response to a client. It returns when it is out with its body
// and trailers, or won't be. An [ErrBegun] means that the connection must be
// aborted, so that nobody takes what was sent for the whole; another error has left w
// as it was.
func WriteResponse(ctx context.Context, w http.ResponseWriter, req *http.Request, status int, fields *Fields, content Content) error {
	err := writeResponse(ctx, w, req, status, fields, content)
	content.Done(err)
	return err
}

func writeResponse(ctx context.Context, w http.ResponseWriter, req *http.Request, status int, fields *Fields, content Content) error {
	if status < 200 {
		return &ResponseError{"a response with an informational status (1xx) can't be the last"}
	}
	var piece []byte
	var err error
	if content.Ready() { // then what is wrong with it comes before its header
		if piece, err = content.Next(ctx); err != nil && err != io.EOF {
			return err
		}
	}
	o := &output{w: w, bodiless: Bodiless(req.Method, status)}
	o.header(status, fields)
	for err == nil {
		if err = o.write(piece); err == nil && !content.Ready() {
			err = o.flush()
		}
		if err == nil {
			piece, err = content.Next(ctx)
		}
	}
	if err != io.EOF {
		return fmt.Errorf("%w: %w", ErrBegun, err)
	}
	o.trailers(content.Trailers())
	return nil
}

// Bodiless reports whether a response has no body, whatever its fields say.
func Bodiless(method string, status int) bool {
	return method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified
}

// output writes a response.
type output struct {
	w        http.ResponseWriter
	bodiless bool
	dirty    bool // there is something to flush
}

func (o *output) header(status int, fields *Fields) {
	h := o.w.Header()
	for name, value := range fields.All() {
		name = http.CanonicalHeaderKey(name)
		h[name] = append(h[name], string(value))
	}
	if _, there := h["Content-Type"]; !there {
		h["Content-Type"] = nil // Go would guess
	}
	if length := h["Content-Length"]; status == http.StatusNoContent {
		delete(h, "Content-Length")
	} else if len(length) > 1 {
		h["Content-Length"] = length[:1] // they are the same
	}
	delete(h, "Trailer") // they are announced, or not, by Go
	o.w.WriteHeader(status)
	o.dirty = true
}

func (o *output) write(piece []byte) error {
	if len(piece) == 0 || o.bodiless {
		return nil
	}
	o.dirty = true
	_, err := o.w.Write(piece)
	return err
}

func (o *output) flush() error {
	if !o.dirty {
		return nil
	}
	o.dirty = false
	err := http.NewResponseController(o.w).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

func (o *output) trailers(fields *Fields) {
	if fields == nil || o.bodiless {
		return
	}
	// A response that is complete before anything of it is out would get a length, and
	// then no trailers. An error shows when the server ends the response.
	_ = o.flush()
	h := o.w.Header()
	for name, values := range fields.Header() {
		if mayTrail(name) {
			h[http.TrailerPrefix+name] = values
		}
	}
}
