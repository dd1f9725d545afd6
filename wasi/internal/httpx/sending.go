package httpx

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// addBody gives a request its body and says how it is framed.
func (r *ClientRequest) addBody(req *http.Request, s *sending) error {
	length, given, err := r.Fields.ContentLength()
	if err != nil || length > 1<<62 {
		return HTTPProtocolError{}
	}
	delete(req.Header, "Content-Length")
	if given && length == 0 {
		// To Go a length of 0 is unknown. This way it says it, but for GET and HEAD.
		req.Body, req.TransferEncoding = http.NoBody, []string{"identity"}
	}
	announced := req.Header["Trailer"]
	delete(req.Header, "Trailer")
	switch {
	case r.Body == nil && length > 0:
		return HTTPRequestBodySize{Size: new(uint64(0))}
	case r.Body == nil:
		s.body = bodyComplete
		return nil
	}
	body := &requestBody{r: r, req: req, sending: s}
	if given && length == 0 {
		s.body = bodyDraining
		go body.drain()
		return nil
	}
	req.Body, req.ContentLength = body, -1
	if given {
		req.ContentLength = int64(length)
		return nil
	}
	req.Trailer = http.Header{} // not nil, for those that come late
	for _, names := range announced {
		for name := range strings.SplitSeq(names, ",") {
			if name = http.CanonicalHeaderKey(strings.TrimSpace(name)); mayTrail(name) {
				req.Trailer[name] = nil
			}
		}
	}
	return nil
}

// mayTrail reports whether a field, named as Go does, may come after a body.
func mayTrail(name string) bool {
	switch name {
	case "Content-Length", "Trailer", "Transfer-Encoding":
		return false
	}
	return ValidFieldName(name) && !forbidden[strings.ToLower(name)]
}

// requestBody is the body of a request as Go reads it.
type requestBody struct {
	r       *ClientRequest
	req     *http.Request
	sending *sending
	end     error
}

func (b *requestBody) Read(p []byte) (n int, err error) {
	if b.end != nil {
		return 0, b.end
	}
	n, err = b.r.Body.Read(p)
	if err == io.EOF {
		err = b.atEnd()
	}
	if err != nil {
		b.end = err
		if err != io.EOF {
			b.sending.ended(err)
		}
	}
	return n, err
}

// atEnd adds the trailers, and is io.EOF unless there is something wrong with
// them.
func (b *requestBody) atEnd() error {
	if b.r.Trailer == nil {
		return io.EOF
	}
	fields, err := b.r.Trailer()
	if err != nil {
		return err
	}
	if fields == nil || b.req.Trailer == nil {
		return io.EOF
	}
	for name, values := range fields.Header() {
		if mayTrail(name) {
			b.req.Trailer[name] = values
		}
	}
	return io.EOF
}

func (b *requestBody) Close() error {
	b.r.close()
	b.sending.closed(b.end == io.EOF)
	return nil
}

// drain reads a body that must be empty.
func (b *requestBody) drain() {
	_, _ = io.Copy(io.Discard, b)
	b.r.close()
	if b.end == io.EOF {
		b.sending.drained()
	}
}

// sending is how far a request has got. What is known comes from the request's body
// and from the transport, in any order.
type sending struct {
	sent func(error)

	mu       sync.Mutex
	over     bool
	traced   bool  // the transport says when it has written the request
	failed   error // what it said
	body     bodyProgress
	response bool // has come
}

// bodyProgress is how far the body of a request was read.
type bodyProgress uint8

const (
	bodyOpen bodyProgress = iota
	bodyComplete
	bodyBroken   // it was given up before its end
	bodyDraining // it must be empty, which is not known yet: the request may be out before
)

// wrote says that the transport has written the request, or failed to, after which
// it may try again.
func (s *sending) wrote(err error) {
	s.mu.Lock()
	s.traced, s.failed = true, err
	if err != nil && !s.response || err == nil && s.body == bodyDraining {
		s.mu.Unlock()
		return
	}
	s.finish(err)
}

// closed says that the transport doesn't need the body any more.
func (s *sending) closed(complete bool) {
	s.mu.Lock()
	s.body = bodyBroken
	if complete {
		s.body = bodyComplete
	}
	s.unlessTraced()
}

// drained says that a body that had to be empty was.
func (s *sending) drained() {
	s.mu.Lock()
	s.body = bodyComplete
	if s.traced && s.failed == nil {
		s.finish(nil)
		return
	}
	s.unlessTraced()
}

// answered says that the response has come.
func (s *sending) answered() {
	s.mu.Lock()
	s.response = true
	s.unlessTraced()
}

// unlessTraced ends it for a transport that tells nothing.
func (s *sending) unlessTraced() {
	switch {
	case !s.response || s.traced && s.failed == nil:
		s.mu.Unlock()
	case s.traced:
		s.finish(s.failed)
	case s.body == bodyComplete:
		s.finish(nil)
	case s.body == bodyBroken:
		s.finish(ConnectionTerminated{})
	default:
		s.mu.Unlock()
	}
}

// ended says that the request has failed.
func (s *sending) ended(err error) {
	s.mu.Lock()
	s.finish(err)
}

// finish tells whoever wants to know. It unlocks s.
func (s *sending) finish(err error) {
	over := s.over
	s.over = true
	s.mu.Unlock()
	if over || s.sent == nil {
		return
	}
	if err != nil {
		err = networkError(err)
	}
	s.sent(err)
}
