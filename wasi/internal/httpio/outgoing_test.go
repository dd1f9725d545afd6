package httpio

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// fields are fields of entries such as "name: value".
func fields(t *testing.T, entries ...string) *httpx.Fields {
	t.Helper()
	f := httpx.NewFieldRules(0).New()
	for _, e := range entries {
		name, value, _ := strings.Cut(e, ": ")
		if err := f.Append(name, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// must is v, where nothing can have gone wrong.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// reader is the body of a response, as a client would read it.
func reader(r *OutgoingResponse) io.ReadCloser { return bodyReader{r.content} }

func TestBodyIsReadAsItIsWritten(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	r := NewOutgoingResponse(fields(t))
	body := must(r.Body(1000, httpx.NewBudget(0)))
	got := make(chan []byte)
	go func() { got <- must(io.ReadAll(reader(r))) }()
	var want []byte
	out := must(body.Write())
	for range 200 {
		p := make([]byte, rnd.IntN(300))
		for i := range p {
			p[i] = byte(rnd.Uint32())
		}
		want = append(want, p...)
		if err := out.BlockingWriteAndFlush(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Drop(); err != nil {
		t.Error(err)
	}
	if err := body.Finish(fields(t, "x: y")); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(<-got, want) {
		t.Error("another body was read")
	}
	if tr := r.content.Trailers(); !tr.Has("x") || tr.Append("a", nil) != httpx.Immutable {
		t.Error("trailers")
	}
}

// The buffer that was read is used again, which must not show.
func TestPiecesOfABody(t *testing.T) {
	r := NewOutgoingResponse(fields(t))
	out := must(must(r.Body(0, httpx.NewBudget(0))).Write())
	for i := range 5 {
		p := strings.Repeat(string(rune('a'+i)), 10)
		for _, half := range []string{p[:4], p[4:]} {
			if err := out.Write([]byte(half)); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := r.content.Next(t.Context()); string(got) != p || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if r.content.Ready() {
		t.Error("ready with nothing written")
	}
}

// A body that nobody reads takes its buffer's size and no more, and holds up nobody
// before that.
func TestBodyThatNobodyReads(t *testing.T) {
	r := NewOutgoingRequest(fields(t))
	out := must(must(r.Body(0, httpx.NewBudget(0))).Write())
	if err := out.BlockingWriteAndFlush(t.Context(), make([]byte, 4096)); err != nil {
		t.Error(err)
	}
	if n, err := out.CheckWrite(); n != 1<<20-4096 || err != nil {
		t.Errorf("%d bytes permitted, %v", n, err)
	}
	if err := out.WriteZeroes(1<<64 - 1); err == nil || errors.Is(err, pollio.ErrClosed) {
		t.Errorf("many zeroes: %v", err)
	}
	if err := out.WriteZeroes(1<<20 - 4096); err != nil {
		t.Error(err)
	}
	pollable := out.Subscribe()
	if n, err := out.CheckWrite(); n != 0 || err != nil || pollable.Ready() {
		t.Errorf("%d bytes permitted, %v", n, err)
	}
	go r.Drop()
	if err := pollable.Block(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := out.CheckWrite(); err != pollio.ErrClosed {
		t.Errorf("writing to nobody: %v", err)
	}
}

func TestBodyWhoseReaderIsGone(t *testing.T) {
	r := NewOutgoingResponse(fields(t))
	body := must(r.Body(0, httpx.NewBudget(0)))
	r.Drop()
	out := must(body.Write())
	if _, err := out.CheckWrite(); err != pollio.ErrClosed {
		t.Errorf("writing to nobody: %v", err)
	}
	if err := out.Drop(); err != nil {
		t.Error(err)
	}
	if err := body.Finish(nil); err != nil {
		t.Error(err)
	}
	r.content.Done(nil) // again
}

func TestBodyIsTakenOnce(t *testing.T) {
	r := NewOutgoingResponse(fields(t))
	body := must(r.Body(0, httpx.NewBudget(0)))
	if _, err := r.Body(0, httpx.NewBudget(0)); err != ErrTaken {
		t.Errorf("a second body: %v", err)
	}
	if must(body.Write()); body.Drop() == nil {
		t.Error("dropped with a stream")
	}
	if _, err := body.Write(); err != ErrTaken {
		t.Errorf("a second stream: %v", err)
	}
	odd := httpx.NewFieldRules(0).Received(map[string][]string{"Content-Length": {"1", "2"}})
	if _, err := NewOutgoingRequest(odd).Body(0, httpx.NewBudget(0)); err == nil {
		t.Error("two lengths")
	}
}

func TestBodyThatIsNotFinished(t *testing.T) {
	for name, end := range map[string]func(*OutgoingBody) error{
		"dropped": (*OutgoingBody).Drop,
		"trapped": func(b *OutgoingBody) error {
			b.content.leave(errors.New("trap"))
			return nil
		},
	} {
		r := NewOutgoingResponse(fields(t))
		body := must(r.Body(0, httpx.NewBudget(0)))
		out := must(body.Write())
		if err := out.Write([]byte("half")); err != nil {
			t.Fatal(err)
		}
		if err := out.Drop(); err != nil {
			t.Error(err)
		}
		if err := end(body); err != nil {
			t.Error(err)
		}
		if got, err := io.ReadAll(reader(r)); string(got) != "half" || err == nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestBodySizes(t *testing.T) {
	for _, c := range []struct {
		written     string
		write, ends httpx.ErrorCode
	}{
		{"long enough", nil, nil},
		{"msg", nil, httpx.HTTPRequestBodySize{Size: new(uint64(3))}},
		{"more than 11 bytes", httpx.HTTPRequestBodySize{Size: new(uint64(18))}, httpx.HTTPRequestBodySize{Size: new(uint64(18))}},
	} {
		r := NewOutgoingRequest(fields(t, "Content-Length: 11"))
		body := must(r.Body(0, httpx.NewBudget(0)))
		out := must(body.Write())
		err := out.BlockingWriteAndFlush(t.Context(), []byte(c.written))
		if !sameSize(err, c.write) {
			t.Errorf("writing %q: %v", c.written, err)
		}
		if err := out.Drop(); err != nil {
			t.Error(err)
		}
		if err := body.Finish(nil); !sameSize(err, c.ends) {
			t.Errorf("finishing %q: %v", c.written, err)
		}
		got, err := io.ReadAll(bodyReader{r.content})
		if !sameSize(err, c.ends) || c.write == nil && string(got) != c.written {
			t.Errorf("read %q, %v", got, err)
		}
	}
}

// sameSize reports whether an error is or holds a size's error code.
func sameSize(err error, want httpx.ErrorCode) bool {
	got, ok := errors.AsType[httpx.HTTPRequestBodySize](err)
	if want == nil {
		return err == nil
	}
	return ok && *got.Size == *want.(httpx.HTTPRequestBodySize).Size
}

func TestReaderIsWokenByTheEnd(t *testing.T) {
	for _, end := range []func(*content){
		func(c *content) { _ = c.finish(nil) },
		func(c *content) { c.abort(io.ErrUnexpectedEOF) },
		func(c *content) { c.Done(nil) },
	} {
		c := newContent(10, httpx.NewBudget(0))
		done := make(chan error)
		go func() {
			_, err := c.Next(t.Context())
			done <- err
		}()
		time.Sleep(time.Millisecond)
		end(c)
		if err := <-done; err == nil {
			t.Error("no end")
		}
	}
}

func TestOutparam(t *testing.T) {
	o := newOutparam()
	for status, want := range map[uint16]bool{99: false, 101: false, 103: true, 200: false} {
		if err := o.SendInformational(status, fields(t)); (err == nil) != want {
			t.Errorf("%d: %v", status, err)
		}
	}
	for range maxInformational {
		_ = o.SendInformational(102, fields(t))
	}
	if err := o.SendInformational(102, fields(t)); err == nil {
		t.Error("no end of informational responses")
	}
	o.abandon()
	r := NewOutgoingResponse(fields(t))
	out := must(must(r.Body(0, httpx.NewBudget(0))).Write())
	o.Set(r, nil)
	if _, err := out.CheckWrite(); err != pollio.ErrClosed {
		t.Errorf("writing to nobody: %v", err)
	}
}

func BenchmarkBody(b *testing.B) {
	b.ReportAllocs()
	p := []byte("Hello, WASI!")
	for b.Loop() {
		r := NewOutgoingResponse(httpx.NewFieldRules(0).New())
		body, _ := r.Body(0, httpx.NewBudget(0))
		out, _ := body.Write()
		_ = out.BlockingWriteAndFlush(b.Context(), p)
		_ = out.Drop()
		_ = body.Finish(nil)
		_, _ = r.content.Next(b.Context())
	}
}

// What bodies keep together is bounded, however many there are, and none of them is
// held up for ever by others.
func TestBudget(t *testing.T) {
	const limit = 1 << 20
	budget := httpx.NewBudget(limit)
	var all []*OutgoingRequest
	var streams []*pollio.OutputStream
	for range 500 {
		r := NewOutgoingRequest(fields(t))
		out := must(must(r.Body(0, budget)).Write())
		n := must(out.CheckWrite())
		if n < httpx.MinShare {
			t.Fatalf("a body may write %d bytes", n)
		}
		if err := out.WriteZeroes(n); err != nil {
			t.Fatal(err)
		}
		all, streams = append(all, r), append(streams, out)
	}
	if used := budget.Used(); used > limit+500*httpx.MinShare {
		t.Errorf("%d bytes are kept", used)
	}
	if n := must(streams[0].CheckWrite()); n != 0 {
		t.Errorf("the first may write %d bytes more", n)
	}
	must(all[0].content.Next(t.Context()))
	if n := must(streams[0].CheckWrite()); n < httpx.MinShare {
		t.Errorf("the first, which was read, may write %d bytes more", n)
	}
	for i, r := range all {
		if i%2 == 0 {
			r.Drop()
			continue
		}
		if _, err := io.Copy(io.Discard, io.LimitReader(bodyReader{r.content}, 1)); err != nil {
			t.Error(err)
		}
	}
	if used := budget.Used(); used != 0 {
		t.Errorf("%d bytes are kept in the end", used)
	}
}
