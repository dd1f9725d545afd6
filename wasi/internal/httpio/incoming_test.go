package httpio

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// bodyOf is a body to be received, with trailers that its end has.
func bodyOf(r io.Reader, trailers *httpx.Fields) *incoming {
	c, ok := r.(io.Closer)
	if !ok {
		c = io.NopCloser(nil)
	}
	return &incoming{body: r, close: closer(c), trailers: func() *httpx.Fields { return trailers }, code: httpx.CodeOf}
}

func responseOf(b *incoming) *IncomingResponse {
	return &IncomingResponse{Status: 200, Fields: httpx.NewFieldRules(0).Received(nil), incoming: b}
}

// readAll reads a stream, a few bytes at a time.
func readAll(ctx context.Context, s *pollio.InputStream) (string, error) {
	var b strings.Builder
	for {
		p, err := s.BlockingRead(ctx, 7)
		b.Write(p)
		if err != nil {
			return b.String(), err
		}
	}
}

func TestIncomingBody(t *testing.T) {
	text := strings.Repeat("what came ", 10_000)
	r := responseOf(bodyOf(iotest.HalfReader(strings.NewReader(text)), fields(t, "x: y")))
	body := must(r.Consume())
	if _, err := r.Consume(); err != ErrTaken {
		t.Errorf("a second body: %v", err)
	}
	s := must(body.Stream())
	if _, err := body.Stream(); err != ErrTaken {
		t.Errorf("a second stream: %v", err)
	}
	if got, err := readAll(t.Context(), s); got != text || err != pollio.ErrClosed {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := s.Drop(); err != nil {
		t.Error(err)
	}
	future := must(body.Finish())
	trailers, ready, err := future.Get()
	if !ready || err != nil || !trailers.Has("X") {
		t.Errorf("trailers %v, %v, %v", trailers, ready, err)
	}
	if _, ready, err := future.Get(); !ready || err != ErrTaken {
		t.Errorf("again: %v, %v", ready, err)
	}
	if err := future.Drop(); err != nil {
		t.Error(err)
	}
}

// What a guest has not read is read for the trailers' sake, once it asks for them.
func TestTrailersOfABodyThatWasNotRead(t *testing.T) {
	for _, read := range []int{0, 3} {
		body := must(responseOf(bodyOf(strings.NewReader(strings.Repeat("x", 200_000)), fields(t, "x: y"))).Consume())
		if read > 0 {
			s := must(body.Stream())
			must(s.BlockingRead(t.Context(), uint64(read)))
			if err := s.Drop(); err != nil {
				t.Error(err)
			}
		}
		future := must(body.Finish())
		pollable := future.Subscribe()
		if err := pollable.Block(t.Context()); err != nil {
			t.Fatal(err)
		}
		if future.CheckDrop() == nil {
			t.Error("the future may be dropped before its pollable")
		}
		pollable.Drop()
		if trailers, ready, err := future.Get(); !ready || err != nil || !trailers.Has("x") {
			t.Errorf("trailers %v, %v, %v", trailers, ready, err)
		}
	}
}

func TestFinishWithAStream(t *testing.T) {
	for _, end := range []func(*IncomingBody) error{
		(*IncomingBody).Drop,
		func(b *IncomingBody) error {
			_, err := b.Finish()
			return err
		},
	} {
		body := must(responseOf(bodyOf(strings.NewReader(""), nil)).Consume())
		must(body.Stream())
		if err := end(body); err != pollio.ErrHasChildren {
			t.Error(err)
		}
	}
}

func TestIncomingBodyThatBreaksOff(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF))
	body := must(responseOf(bodyOf(broken, nil)).Consume())
	s := must(body.Stream())
	got, err := readAll(t.Context(), s)
	if code, _ := errors.AsType[httpx.ErrorCode](err); got != "half" || code != (httpx.HTTPResponseIncomplete{}) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.Read(1); err != pollio.ErrClosed {
		t.Errorf("then %v", err)
	}
	if err := s.Drop(); err != nil {
		t.Error(err)
	}
	if _, ready, err := must(body.Finish()).Get(); !ready || err != (httpx.HTTPResponseIncomplete{}) {
		t.Errorf("trailers: %v, %v", ready, err)
	}
}

type panicky struct{}

func (panicky) Read([]byte) (int, error) { panic("boom") }

func TestIncomingBodyThatPanics(t *testing.T) {
	s := must(must(responseOf(bodyOf(panicky{}, nil)).Consume()).Stream())
	if _, err := s.BlockingRead(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Error(err)
	}
}

// A body is closed once, whatever is dropped, and a read under way ends.
func TestIncomingBodyIsClosed(t *testing.T) {
	for name, drop := range map[string]func(*IncomingResponse){
		"response": (*IncomingResponse).Drop,
		"body":     func(r *IncomingResponse) { _ = must(r.Consume()).Drop() },
		"read body": func(r *IncomingResponse) {
			b := must(r.Consume())
			s := must(b.Stream())
			if p, err := s.Read(1); len(p) > 0 || err != nil {
				t.Errorf("read %q, %v", p, err)
			}
			_ = s.Drop()
			r.Drop()
			_ = b.Drop()
		},
		"trailers": func(r *IncomingResponse) {
			future := must(must(r.Consume()).Finish())
			if _, ready, _ := future.Get(); ready {
				t.Error("the trailers are there")
			}
			_ = future.Drop()
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := &stuck{closed: make(chan struct{})}
			drop(responseOf(bodyOf(b, nil)))
			select {
			case <-b.closed:
			case <-time.After(time.Minute):
				t.Error("not closed")
			}
			b.reads.Lock() // no read is stuck
		})
	}
}

// stuck is a body that never comes.
type stuck struct {
	reads  sync.Mutex // held while it is read
	closed chan struct{}
}

func (s *stuck) Read([]byte) (int, error) {
	s.reads.Lock()
	defer s.reads.Unlock()
	<-s.closed
	return 0, io.ErrClosedPipe
}

func (s *stuck) Close() error {
	close(s.closed)
	return nil
}

// client is a [Sender].
type client func(context.Context, *httpx.ClientRequest) (*httpx.ClientResponse, error)

func (c client) Send(ctx context.Context, r *httpx.ClientRequest) (*httpx.ClientResponse, error) {
	return c(ctx, r)
}

func request(t *testing.T) *OutgoingRequest {
	r := NewOutgoingRequest(fields(t))
	r.Authority, r.PathWithQuery = "example.com", new("/p")
	return r
}

func TestSend(t *testing.T) {
	r := request(t)
	body := must(r.Body(0, httpx.NewBudget(0)))
	future := must(Send(t.Context(), client(func(_ context.Context, r *httpx.ClientRequest) (*httpx.ClientResponse, error) {
		if r.Method != "GET" || r.Scheme != "https" || r.Authority != "example.com" || r.PathWithQuery != "/p" {
			t.Errorf("%+v", r)
		}
		return &httpx.ClientResponse{Status: 203, Fields: httpx.NewFieldRules(0).Received(nil), Body: io.NopCloser(r.Body), Trailer: func() *httpx.Fields { return must(r.Trailer()) }}, nil
	}), r, nil))
	pollable := future.Subscribe()
	if err := pollable.Block(t.Context()); err != nil {
		t.Fatal(err)
	}
	resp, ready, err := future.Get()
	if !ready || err != nil || resp.Status != 203 {
		t.Fatal(ready, err)
	}
	if _, ready, err := future.Get(); !ready || err != ErrTaken {
		t.Errorf("again: %v, %v", ready, err)
	}
	if future.Drop() == nil {
		t.Error("dropped before its pollable")
	}
	// The body still flows.
	in := must(must(resp.Consume()).Stream())
	out := must(body.Write())
	if err := out.BlockingWriteAndFlush(t.Context(), []byte("text")); err != nil {
		t.Error(err)
	}
	if p, err := in.BlockingRead(t.Context(), 10); string(p) != "text" || err != nil {
		t.Errorf("%q, %v", p, err)
	}
	_ = out.Drop()
	if err := body.Finish(nil); err != nil {
		t.Error(err)
	}
	if _, err := in.BlockingRead(t.Context(), 10); err != pollio.ErrClosed {
		t.Error(err)
	}
}

func TestSendRefuses(t *testing.T) {
	unused := client(func(context.Context, *httpx.ClientRequest) (*httpx.ClientResponse, error) { panic("sent") })
	for _, c := range []struct {
		change func(*OutgoingRequest)
		want   httpx.ErrorCode
	}{
		{func(r *OutgoingRequest) { r.Scheme = "ws" }, httpx.HTTPProtocolError{}},
		{func(r *OutgoingRequest) { r.Authority = "" }, httpx.HTTPRequestURIInvalid{}},
		{func(r *OutgoingRequest) { r.PathWithQuery = nil }, httpx.HTTPRequestURIInvalid{}},
	} {
		r := request(t)
		out := must(must(r.Body(0, httpx.NewBudget(0))).Write())
		c.change(r)
		if _, err := Send(t.Context(), unused, r, nil); err != c.want {
			t.Errorf("got %v, want %v", err, c.want)
		}
		if _, err := out.CheckWrite(); err != pollio.ErrClosed {
			t.Errorf("writing to nobody: %v", err)
		}
	}
}

func TestSendFails(t *testing.T) {
	for _, c := range []struct {
		send client
		want string
	}{
		{func(context.Context, *httpx.ClientRequest) (*httpx.ClientResponse, error) {
			return nil, httpx.ConnectionRefused{}
		}, "the connection was refused"},
		{func(context.Context, *httpx.ClientRequest) (*httpx.ClientResponse, error) { panic("boom") }, "internal error: \"sending a request panicked: boom\""},
	} {
		future := must(Send(t.Context(), c.send, request(t), nil))
		if err := future.Subscribe().Block(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, ready, err := future.Get(); !ready || err == nil || err.Error() != c.want {
			t.Errorf("%v, %v", ready, err)
		}
	}
}

// Nothing leaks, whenever a guest loses interest.
func TestFutureThatIsDropped(t *testing.T) {
	for _, early := range []bool{true, false} {
		b := &stuck{closed: make(chan struct{})}
		answer := make(chan struct{})
		ended := make(chan error, 1)
		future := must(Send(t.Context(), client(func(ctx context.Context, _ *httpx.ClientRequest) (*httpx.ClientResponse, error) {
			<-answer
			ended <- ctx.Err()
			return &httpx.ClientResponse{Status: 200, Fields: httpx.NewFieldRules(0).Received(nil), Body: b}, nil
		}), request(t), nil))
		if early {
			if err := future.Drop(); err != nil {
				t.Error(err)
			}
			close(answer)
		} else {
			close(answer)
			pollable := future.Subscribe()
			if err := pollable.Block(t.Context()); err != nil {
				t.Fatal(err)
			}
			pollable.Drop()
			if err := future.Drop(); err != nil {
				t.Error(err)
			}
		}
		if err := <-ended; (err != nil) != early {
			t.Errorf("the request's context: %v", err)
		}
		<-b.closed
	}
}
