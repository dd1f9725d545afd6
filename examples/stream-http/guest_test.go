package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/examples/stream-http/gen/http/client"
	"github.com/gondola-wasm/gondola/examples/stream-http/gen/http/types"
	"github.com/gondola-wasm/gondola/examples/stream-http/gen/rt"
)

func play(t *testing.T) *host {
	h := newHost()
	types.SetHost(h)
	client.SetHost(h)
	return h
}

func TestEchoComesPieceByPiece(t *testing.T) {
	h := play(t)
	r, body, end := h.incoming("/echo")
	got, err := h.answer(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{"one", "two", "three"} {
		go io.WriteString(body, piece)
		echo := make([]byte, len(piece))
		if _, err := io.ReadFull(got.body, echo); err != nil || string(echo) != piece {
			t.Fatalf("got %q, %v, want %q", echo, err, piece)
		}
	}
	body.Close()
	fields := h.NewFields()
	end.CloseWith(rt.Ok[*types.Fields, types.ErrorCode](fields))
	if rest, err := io.ReadAll(got.body); len(rest) > 0 || err != nil {
		t.Errorf("after the end: %q, %v", rest, err)
	}
	if trailers, err := got.trailers.Await(t.Context()); err != nil || trailers.IsErr || trailers.Ok != fields {
		t.Errorf("trailers: %v, %v", trailers, err)
	}
}

// A request whose body breaks off must not look whole in the answer.
func TestEchoOfWhatBreaksOff(t *testing.T) {
	h := play(t)
	r, body, end := h.incoming("/echo")
	got, err := h.answer(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	body.Close()
	end.CloseWith(rt.Fail[*types.Fields, types.ErrorCode](types.ErrorCodeConnectionTerminated{}))
	if trailers, err := got.trailers.Await(t.Context()); err != nil || trailers.Err != (types.ErrorCodeConnectionTerminated{}) {
		t.Errorf("trailers: %v, %v", trailers, err)
	}
}

func TestHash(t *testing.T) {
	h := play(t)
	h.answers = map[string]string{"/a": "aaa", "/b?c": "bbb", "/empty": ""}
	r, _, _ := h.incoming("/hash?url=http://x/a&url=http://x/b%3Fc&url=http://x/empty&url=http://x/refused")
	got, err := h.answer(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(got.body)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Sort(lines)
	want := []string{
		fmt.Sprintf("http://x/a: %x", sha256.Sum256([]byte("aaa"))),
		fmt.Sprintf("http://x/b?c: %x", sha256.Sum256([]byte("bbb"))),
		"http://x/empty: status 404",
		"http://x/refused: error-code: connection-refused",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
}

func TestOtherPaths(t *testing.T) {
	h := play(t)
	for path, status := range map[string]uint16{"/": 200, "/hash": 400, "/nothing": 404} {
		r, _, _ := h.incoming(path)
		got, err := h.answer(t.Context(), r)
		if err != nil || got.status != status {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
}
