package httpx_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

// soon tries until something succeeds that waits for the collection of garbage.
func soon(t *testing.T, what string, try func() bool) {
	t.Helper()
	for range 3000 {
		if try() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("never: " + what)
}

// What guests hold of fields has a bound for all of it together, however many they are.
func TestHeldFields(t *testing.T) {
	rules := httpx.NewFieldRules(0)
	rules.LimitHeld(1 << 20)
	value := bytes.Repeat([]byte("v"), 100<<10)
	var all []*httpx.Fields
	fill := func() (err error) {
		for err == nil {
			f := rules.New()
			if err = f.Append("a", value); err == nil {
				all = append(all, f)
			}
		}
		return err
	}
	if err := fill(); err != httpx.SizeExceeded || len(all) != 10 {
		t.Fatalf("%d fields of 100 KiB, then %v", len(all), err)
	}
	if err := rules.New().Append("a", []byte("small")); err != nil {
		t.Errorf("small fields: %v", err)
	}

	// A copy counts when it is changed, and what can't be changed stays as it was.
	c := all[0].Clone()
	if err := c.Append("b", nil); err != httpx.SizeExceeded {
		t.Errorf("changing a copy: %v", err)
	}
	if _, err := c.Delete("a"); err != httpx.SizeExceeded || len(c.Get("a")) != 1 {
		t.Errorf("deleting from a copy: %v, %d values are left", err, len(c.Get("a")))
	}
	if err := c.Set("b", [][]byte{nil}); err != httpx.SizeExceeded || len(c.Get("a")) != 1 {
		t.Errorf("setting in a copy: %v, %d values are left", err, len(c.Get("a")))
	}
	if err := all[0].Set("a", [][]byte{value[:50<<10]}); err == nil {
		t.Error("what has a copy was changed without one of its own")
	}

	// What is gone makes room.
	runtime.KeepAlive(all)
	all, c = nil, nil
	soon(t, "room where everything is gone", func() bool { return fill() == httpx.SizeExceeded && len(all) >= 8 })
	runtime.KeepAlive(all)
}

// Paths count, too.
func TestHeldText(t *testing.T) {
	rules := httpx.NewFieldRules(0)
	rules.LimitHeld(1 << 20)
	var all []*string
	hold := func() bool {
		s := "/" + strings.Repeat("p", 100<<10)
		ok := rules.HoldText(&s)
		if ok {
			all = append(all, &s)
		}
		return ok
	}
	for hold() {
	}
	if len(all) != 10 {
		t.Errorf("%d paths of 100 KiB", len(all))
	}
	if !rules.HoldText(new("/short")) {
		t.Error("there is no room for a short path")
	}
	runtime.KeepAlive(all)
	all = nil
	soon(t, "room for a path", hold)
}

// Nor can the headers of responses be piled up.
func TestHeldResponses(t *testing.T) {
	rules := httpx.NewFieldRules(0)
	rules.LimitHeld(1 << 20)
	c := httpx.NewClient(httpx.ClientConfig{Fields: rules, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"A": {strings.Repeat("v", 200<<10)}}, Body: http.NoBody, Request: r}, nil
	})})
	var all []*httpx.ClientResponse
	var err error
	for err == nil && len(all) < 100 {
		var resp *httpx.ClientResponse
		if resp, err = c.Send(t.Context(), get(rules)); err == nil {
			all = append(all, resp)
		}
	}
	if _, ok := err.(httpx.HTTPResponseHeaderSectionSize); !ok || len(all) != 5 {
		t.Errorf("%d responses with a header of 200 KiB, then %v", len(all), err)
	}
	runtime.KeepAlive(all)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func get(rules *httpx.FieldRules) *httpx.ClientRequest {
	return &httpx.ClientRequest{Method: "GET", Scheme: "http", Authority: "example.com", Fields: rules.New()}
}

// No more requests are under way than the limit says; those that wait go on when one is
// over, and fail when that takes too long.
func TestMaxRequests(t *testing.T) {
	bodies := make(chan *io.PipeWriter, 10)
	c := httpx.NewClient(httpx.ClientConfig{
		MaxRequests: 2,
		Timeouts:    httpx.Timeouts{Connect: time.Hour},
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/none" {
				return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
			}
			pr, pw := io.Pipe()
			bodies <- pw
			return &http.Response{StatusCode: 200, Body: pr, Request: r}, nil
		}),
	})
	send := func(path string, patience time.Duration) (*httpx.ClientResponse, error) {
		r := get(nil)
		r.PathWithQuery = path
		r.Timeouts.Connect = patience
		return c.Send(t.Context(), r)
	}
	impatient := func(what string) {
		t.Helper()
		if _, err := send("/", time.Millisecond); err != (httpx.ConnectionLimitReached{}) {
			t.Errorf("%s: %v", what, err)
		}
	}
	must := func(r *httpx.ClientResponse, err error) *httpx.ClientResponse {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for range 5 { // those without a body are over at once
		must(send("/none", 0)).Body.Close()
	}
	first, second := must(send("/", 0)), must(send("/", 0))
	impatient("while two are under way")

	// One is over when its body was read, and no second time when that is closed.
	third := make(chan *httpx.ClientResponse)
	go func() {
		r, err := send("/", 0)
		if err != nil {
			t.Error(err)
		}
		third <- r
	}()
	(<-bodies).Close()
	if _, err := io.ReadAll(first.Body); err != nil {
		t.Error(err)
	}
	got := <-third
	first.Body.Close()
	impatient("when a third has followed")
	second.Body.Close()
	must(send("/", 0)).Body.Close()
	got.Body.Close()

	// Nor does one wait whose sender does not.
	must(send("/", 0))
	must(send("/", 0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Send(ctx, get(nil)); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}

	// Too many don't wait at all.
	failed := make(chan error, 21)
	for range 21 {
		go func() {
			_, err := send("/", 0)
			failed <- err
		}()
	}
	if err := <-failed; err != (httpx.ConnectionLimitReached{}) {
		t.Errorf("the last of 21: %v", err)
	}
}
