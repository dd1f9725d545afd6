package httpio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

// handler serves by a Go function in a guest's place.
func handler(t *testing.T, guest func(*IncomingRequest, *Outparam) error) (url string, errs chan error) {
	errs = make(chan error, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in := httpx.NewIncoming(w, r, nil, nil)
		h := &handling{ctx: r.Context(), w: w, r: r, in: in, out: newOutparam(), returned: make(chan error, 1)}
		req := must(received(r, in, nil))
		go func() { h.returned <- guest(req, h.out) }()
		err := h.respond()
		errs <- err
		if err != nil && !errors.Is(err, httpx.ErrBegun) {
			w.WriteHeader(500)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, errs
}

func TestInformationalResponses(t *testing.T) {
	url, _ := handler(t, func(_ *IncomingRequest, out *Outparam) error {
		for _, link := range []string{"</a.css>", "</b.css>"} {
			if err := out.SendInformational(103, fields(t, "Link: "+link)); err != nil {
				t.Error(err)
			}
		}
		out.Set(NewOutgoingResponse(fields(t, "A: b")), nil)
		return nil
	})
	var got []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			got = append(got, fmt.Sprint(code, h))
			return nil
		},
	})
	resp, err := http.DefaultClient.Do(must(http.NewRequestWithContext(ctx, "GET", url, nil)))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	want := "[103 map[Link:[</a.css>]] 103 map[Link:[</b.css>]]]"
	if fmt.Sprint(got) != want || resp.Header.Get("Link") != "" || resp.Header.Get("A") != "b" {
		t.Errorf("got %v, then %v", got, resp.Header)
	}
}

// What is lost with an answer that nobody waits for any more is told to the guest.
func TestClientThatIsGone(t *testing.T) {
	asked, gone, answered := make(chan bool), make(chan bool), make(chan error, 1)
	url, errs := handler(t, func(_ *IncomingRequest, out *Outparam) error {
		close(asked)
		<-gone
		r := NewOutgoingResponse(fields(t))
		stream := must(must(r.Body(0, httpx.NewBudget(0))).Write())
		out.Set(r, nil)
		var err error
		for err == nil {
			err = stream.BlockingWriteAndFlush(context.Background(), make([]byte, 4096))
		}
		answered <- err
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = http.DefaultClient.Do(must(http.NewRequestWithContext(ctx, "GET", url, nil)))
	}()
	<-asked
	cancel()
	if err := <-errs; err == nil {
		t.Error("there was a response")
	}
	close(gone)
	if err := <-answered; err == nil {
		t.Error("the guest does not know")
	}
}

func TestResponsesWithoutABody(t *testing.T) {
	url, errs := handler(t, func(req *IncomingRequest, out *Outparam) error {
		r := NewOutgoingResponse(fields(t, "Content-Length: 1234"))
		if strings.HasSuffix(req.PathWithQuery, "304") {
			r.Status = 304
		}
		body := must(r.Body(0, httpx.NewBudget(0)))
		_ = body.Finish(nil)
		out.Set(r, nil)
		return nil
	})
	for _, r := range [][2]string{{"HEAD", "/"}, {"GET", "/304"}} {
		resp, err := http.DefaultClient.Do(must(http.NewRequestWithContext(t.Context(), r[0], url+r[1], nil)))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if err := <-errs; err != nil || r[0] == "HEAD" && resp.ContentLength != 1234 {
			t.Errorf("%s %s: %v, %v", r[0], r[1], resp.Header, err)
		}
	}
}

// The body of a request breaks off.
func TestRequestThatBreaksOff(t *testing.T) {
	read := make(chan error, 1)
	url, _ := handler(t, func(req *IncomingRequest, out *Outparam) error {
		_, err := readAll(context.Background(), must(must(req.Consume()).Stream()))
		read <- err
		return nil
	})
	pr, pw := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = http.DefaultClient.Do(must(http.NewRequestWithContext(ctx, "POST", url, pr)))
	}()
	if _, err := pw.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	cancel()
	if code, ok := errors.AsType[httpx.ErrorCode](<-read); !ok || code != (httpx.ConnectionTerminated{}) {
		t.Errorf("got %v", code)
	}
}

func TestBadTarget(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "a b"
	if err := Handle(t.Context(), nil, w, r, nil); err != nil || w.Code != 400 {
		t.Error(err, w.Code)
	}
}
