package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
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

// TargetOf is the target of a request that a server received: as it was sent, since net/http
// tidies up the one in its URL, or the URL's where somebody has put another one there.
func TargetOf(r *http.Request) (t Target, err error) {
	t = Target{Scheme: "http", Authority: r.Host, PathWithQuery: r.RequestURI}
	if r.TLS != nil {
		t.Scheme = "https"
	}
	switch {
	case r.Method == http.MethodConnect:
		t.Authority, t.PathWithQuery = r.RequestURI, ""
	case rewritten(r):
		t.PathWithQuery = r.URL.RequestURI()
	case !strings.HasPrefix(r.RequestURI, "/") && r.RequestURI != "*":
		// It is a whole URI, as proxies get them.
		_, rest, ok := strings.Cut(r.RequestURI, "://")
		if !ok {
			return t, ErrBadTarget
		}
		t.PathWithQuery = "/"
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			t.PathWithQuery += strings.TrimPrefix(rest[i:], "/")
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

// rewritten reports whether the URL of a request is not what was sent any more, as behind
// [http.StripPrefix], or whether nothing was sent, as with [http.NewRequest].
func rewritten(r *http.Request) bool {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	if r.URL.Path == path && r.URL.RawPath == "" && r.URL.RawQuery == query {
		return false
	}
	sent, err := url.ParseRequestURI(r.RequestURI)
	return err != nil || sent.EscapedPath() != r.URL.EscapedPath() || sent.RawQuery != r.URL.RawQuery
}

// localAuthority stands in for the host of a request of HTTP/1.0, which may not name
// any.
func localAuthority(r *http.Request) string {
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return addr.String()
	}
	return "localhost"
}

// request makes a request in g for a guest of WASI 0.3.
func (in *Incoming) request(g *given) (_ *Request, err error) {
	r := in.r
	if g.target, err = TargetOf(r); err != nil {
		return nil, err
	}
	g.request = Request{
		Method:    r.Method,
		Scheme:    &g.target.Scheme,
		Authority: &g.target.Authority,
		header:    header{received: r.Header, rules: in.rules},
		body:      &g.body,
	}
	if g.target.PathWithQuery != "" {
		g.request.PathWithQuery = &g.target.PathWithQuery
	}
	g.body.Failed = &g.exchange
	if in.HasBody() {
		g.body.Reader, g.body.Trailer = in, in.Trailers
	}
	return &g.request, nil
}

// ResponseError says that a response can't be sent.
type ResponseError struct{ Reason string }

func (e *ResponseError) Error() string { return e.Reason }

// Respond sends the response to a request, whose body can't be read afterwards. It
// returns when the response is out with its body and trailers, or won't be. An
// [ErrBegun] means that the connection must be aborted, so that nobody takes what was
// sent for the whole; another error has written nothing.
func (in *Incoming) Respond(ctx context.Context, status int, fields *Fields, content Content) error {
	err := in.respond(ctx, status, fields, content)
	if err == nil && Bodiless(in.r.Method, status) {
		drain(content)
		return nil
	}
	content.Done(err)
	if c, ok := content.(*guestContent); ok {
		c.release()
	}
	switch {
	case err == nil:
	case errors.Is(err, ErrBegun):
		in.abandon()
	default:
		in.GiveUp(err)
	}
	return err
}

// drain takes the body of a response that has none, which guests may write all the
// same. It does not wait until it has.
func drain(content Content) {
	var err error
	for err == nil && content.Ready() {
		_, err = content.Next(context.Background())
	}
	switch err {
	case nil:
		go func() {
			for err == nil {
				_, err = content.Next(context.Background())
			}
			content.Done(unlessEOF(err))
		}()
	default:
		content.Done(unlessEOF(err))
	}
}

func unlessEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

func (in *Incoming) respond(ctx context.Context, status int, fields *Fields, content Content) error {
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
	Answering(ctx)
	in.duplex()
	o := &output{w: in.w, bodiless: Bodiless(in.r.Method, status)}
	o.header(in.r, status, fields)
	for err == nil && !o.bodiless {
		if err = o.write(piece); err == nil && !content.Ready() {
			err = o.flush()
		}
		if err == nil {
			piece, err = content.Next(ctx)
		}
	}
	if err = unlessEOF(err); err == nil {
		err = o.end(in, content)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ctx.Err()):
		err = context.Cause(ctx)
	}
	return fmt.Errorf("%w: %w", ErrBegun, err)
}

// Bodiless reports whether a response has no body, whatever its fields say.
func Bodiless(method string, status int) bool {
	return method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified
}

// output writes a response.
type output struct {
	w        http.ResponseWriter
	bodiless bool
	chunked  bool // HTTP/1.1 without a length
	dirty    bool // there is something to flush
}

func (o *output) header(r *http.Request, status int, fields *Fields) {
	h := o.w.Header()
	fields.AddTo(h)
	if _, there := h["Content-Type"]; !there {
		h["Content-Type"] = nil // Go would guess
	}
	if length := h["Content-Length"]; status == http.StatusNoContent {
		delete(h, "Content-Length")
	} else if len(length) > 1 {
		h["Content-Length"] = length[:1] // they are the same
	}
	delete(h, "Trailer") // they are announced, or not, by Go
	_, sized := h["Content-Length"]
	o.chunked = !o.bodiless && !sized && r.ProtoMajor == 1 && r.ProtoMinor == 1
	o.w.WriteHeader(status)
	o.dirty = true
}

func (o *output) write(piece []byte) error {
	if len(piece) == 0 {
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

// end ends the response with its trailers.
func (o *output) end(in *Incoming, content Content) error {
	var trailers http.Header
	if o.bodiless {
		return in.finish(o, nil)
	}
	if fields := content.Trailers(); fields != nil {
		trailers = fields.Header()
		maps.DeleteFunc(trailers, func(name string, _ []string) bool { return !mayTrail(name) })
		// Without a flush Go would find out the length, which leaves no place for them.
		if err := o.flush(); err != nil {
			return err
		}
	}
	for name, values := range trailers {
		o.w.Header()[http.TrailerPrefix+name] = values
	}
	return in.finish(o, trailers)
}
