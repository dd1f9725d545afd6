package httpio

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// TestRandomGuests has guests call anything in any order, as far as the handles that
// they have allow: nothing panics, and when all is dropped nothing goes on.
func TestRandomGuests(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	before := runtime.NumGoroutine()
	for i := range 300 {
		g := &randomGuest{t: t, Rand: rand.New(rand.NewPCG(seed, uint64(i)))}
		for range 300 {
			g.step()
		}
		for len(g.drops) > 0 {
			g.drop(g.IntN(len(g.drops)))
		}
	}
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines are left of %d:\n%s", n, before, buf[:runtime.Stack(buf, true)])
	}
}

// randomGuest has handles of every sort.
type randomGuest struct {
	*rand.Rand
	t *testing.T

	requests  []*OutgoingRequest
	responses []*OutgoingResponse
	out       []*OutgoingBody
	sinks     []*pollio.OutputStream
	futures   []*FutureResponse
	received  []*IncomingResponse
	in        []*IncomingBody
	sources   []*pollio.InputStream
	trailers  []*FutureTrailers
	pollables []*pollio.Pollable
	outparams []*Outparam

	drops []func() // of all of them; a handle may have gone
}

func (g *randomGuest) fields() *httpx.Fields {
	f := httpx.NewFieldRules(0).New()
	if g.IntN(4) == 0 {
		_ = f.Append("Content-Length", []byte{'0' + byte(g.IntN(5))})
	}
	return f
}

// pick takes one of a list, and out of it.
func pick[T any](g *randomGuest, list *[]T, take bool) (v T, ok bool) {
	if len(*list) == 0 {
		return v, false
	}
	i := g.IntN(len(*list))
	v = (*list)[i]
	if take {
		*list = append((*list)[:i:i], (*list)[i+1:]...)
	}
	return v, true
}

// keep adds a handle, to be dropped unless it is given away before.
func keep[T comparable](g *randomGuest, list *[]T, v T, drop func(T)) {
	*list = append(*list, v)
	g.drops = append(g.drops, func() {
		for i, w := range *list {
			if w == v {
				*list = append((*list)[:i:i], (*list)[i+1:]...)
				drop(v)
				return
			}
		}
	})
}

func (g *randomGuest) drop(i int) {
	drop := g.drops[i]
	g.drops = append(g.drops[:i:i], g.drops[i+1:]...)
	drop()
}

func ignore[T any](f func(T) error) func(T) { return func(v T) { _ = f(v) } }

func (g *randomGuest) step() {
	switch g.IntN(21) {
	case 0:
		r := NewOutgoingRequest(g.fields())
		r.Authority, r.PathWithQuery = "a", new("/")
		keep(g, &g.requests, r, (*OutgoingRequest).Drop)
	case 1:
		keep(g, &g.responses, NewOutgoingResponse(g.fields()), (*OutgoingResponse).Drop)
	case 2:
		if r, ok := pick(g, &g.requests, false); ok {
			if b, err := r.Body(100, httpx.NewBudget(0)); err == nil {
				keep(g, &g.out, b, ignore((*OutgoingBody).Drop))
			}
		}
	case 3:
		if r, ok := pick(g, &g.responses, false); ok {
			if b, err := r.Body(100, httpx.NewBudget(0)); err == nil {
				keep(g, &g.out, b, ignore((*OutgoingBody).Drop))
			}
		}
	case 4:
		if b, ok := pick(g, &g.out, false); ok {
			if s, err := b.Write(); err == nil {
				keep(g, &g.sinks, s, ignore((*pollio.OutputStream).Drop))
			}
		}
	case 5, 6, 7:
		g.write()
	case 8:
		if b, ok := pick(g, &g.out, true); ok {
			_ = b.Finish([]*httpx.Fields{nil, g.fields()}[g.IntN(2)])
		}
	case 9, 10:
		if r, ok := pick(g, &g.requests, true); ok {
			if f, err := Send(context.Background(), client(g.answer(g.IntN(6))), r, nil); err == nil {
				keep(g, &g.futures, f, ignore((*FutureResponse).Drop))
			}
		}
	case 11, 12:
		if f, ok := pick(g, &g.futures, false); ok {
			if r, ready, err := f.Get(); ready && err == nil {
				keep(g, &g.received, r, (*IncomingResponse).Drop)
			}
		}
	case 13:
		if r, ok := pick(g, &g.received, false); ok {
			if b, err := r.Consume(); err == nil {
				keep(g, &g.in, b, ignore((*IncomingBody).Drop))
			}
		}
	case 14:
		if b, ok := pick(g, &g.in, false); ok {
			if s, err := b.Stream(); err == nil {
				keep(g, &g.sources, s, ignore((*pollio.InputStream).Drop))
			}
		}
	case 15:
		if s, ok := pick(g, &g.sources, false); ok {
			_, _ = s.Read(uint64(g.IntN(100)))
		}
	case 16:
		if b, ok := pick(g, &g.in, true); ok {
			if f, err := b.Finish(); err == nil {
				keep(g, &g.trailers, f, ignore((*FutureTrailers).Drop))
			}
		}
	case 17:
		if f, ok := pick(g, &g.trailers, false); ok {
			_, _, _ = f.Get()
		}
	case 18:
		g.poll()
	case 19:
		g.respond()
	default:
		if len(g.drops) > 0 {
			g.drop(g.IntN(len(g.drops)))
		}
	}
}

// write writes what is permitted.
func (g *randomGuest) write() {
	s, ok := pick(g, &g.sinks, false)
	if !ok {
		return
	}
	n, err := s.CheckWrite()
	if err != nil || n == 0 {
		return
	}
	n = g.Uint64N(n + 1)
	switch g.IntN(3) {
	case 0:
		_ = s.WriteZeroes(n)
	case 1:
		_ = s.Flush()
	default:
		_ = s.Write(make([]byte, n))
	}
}

// poll makes a pollable, or waits for some for a moment.
func (g *randomGuest) poll() {
	var p *pollio.Pollable
	switch g.IntN(4) {
	case 0:
		if s, ok := pick(g, &g.sinks, false); ok {
			p = s.Subscribe()
		}
	case 1:
		if f, ok := pick(g, &g.futures, false); ok {
			p = f.Subscribe()
		}
	case 2:
		if f, ok := pick(g, &g.trailers, false); ok {
			p = f.Subscribe()
		}
	default:
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Microsecond)
		defer cancel()
		if len(g.pollables) > 0 {
			_, _ = pollio.Poll(ctx, g.pollables)
		}
	}
	if p != nil {
		keep(g, &g.pollables, p, (*pollio.Pollable).Drop)
	}
}

// respond gives a response to a client that may be gone.
func (g *randomGuest) respond() {
	r, ok := pick(g, &g.responses, true)
	if !ok {
		return
	}
	o := newOutparam()
	if g.IntN(2) == 0 {
		o.abandon()
	}
	o.Set(r, nil)
	if o.abandoned {
		return
	}
	a := <-o.answer
	if c := a.response.content; c != nil {
		n := g.IntN(3)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		go func() {
			defer cancel()
			var err error
			for range n {
				_, err = c.Next(ctx)
			}
			c.Done(err)
		}()
	}
}

// answer is a client of a sort.
func (g *randomGuest) answer(sort int) func(context.Context, *httpx.ClientRequest) (*httpx.ClientResponse, error) {
	return func(ctx context.Context, r *httpx.ClientRequest) (*httpx.ClientResponse, error) {
		body := func(r io.Reader) *httpx.ClientResponse {
			return &httpx.ClientResponse{Status: 200, Fields: httpx.NewFieldRules(0).Received(nil), Body: io.NopCloser(r), Trailer: func() *httpx.Fields { return nil }}
		}
		closeBody := func() {
			if c, ok := r.Body.(io.Closer); ok {
				_ = c.Close()
			}
		}
		defer closeBody()
		switch sort {
		case 0:
			return nil, errors.New("no luck")
		case 1:
			<-ctx.Done()
			return nil, ctx.Err()
		case 2:
			return body(iotest.OneByteReader(strings.NewReader("some text"))), nil
		case 3:
			return body(iotest.ErrReader(io.ErrUnexpectedEOF)), nil
		case 4:
			panic("a transport's fault")
		}
		if r.Body == nil {
			return body(strings.NewReader("")), nil
		}
		_, _ = r.Body.Read(make([]byte, 10))
		return body(strings.NewReader(strings.Repeat("x", 100_000))), nil
	}
}
