package main

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/gondola-wasm/gondola/examples/roundtrip/gen/baz"
	"github.com/gondola-wasm/gondola/examples/roundtrip/gen/export/streamsandfutures"
)

// The guest is an ordinary package: its tests need no component.

type host struct{}

func (host) Foo(_ context.Context, s string, delay bool) (string, error) {
	return fmt.Sprintf("host[%s, %v]", s, delay), nil
}

func TestFoo(t *testing.T) {
	baz.SetHost(host{})
	got, err := local{}.Foo(t.Context(), "a", true)
	if want := "guest[host[a, true], host[a, true], host[a, true]]"; got != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestEchoStream(t *testing.T) {
	w, r := streamsandfutures.NewStreamU8()
	echo, err := streams{}.EchoStreamU8(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{"one", "two", "three"} {
		go io.WriteString(w, piece)
		got := make([]byte, len(piece))
		if _, err := io.ReadFull(echo, got); string(got) != piece || err != nil {
			t.Fatalf("got %q, %v, want %q", got, err, piece)
		}
	}
	w.Close()
	if rest, err := io.ReadAll(echo); len(rest) > 0 || err != nil {
		t.Errorf("after the end: %q, %v", rest, err)
	}
}

func TestReadStream(t *testing.T) {
	w, r := streamsandfutures.NewStreamU8()
	go func() { io.WriteString(w, "all of it"); w.Close() }()
	if got, err := (streams{}).ReadStreamU8(t.Context(), r); string(got) != "all of it" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestEchoFuture(t *testing.T) {
	w, r := streamsandfutures.NewFutureString()
	echo, err := streams{}.EchoFutureString(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	w.CloseWith("later")
	if got, err := echo.Await(t.Context()); got != "later" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
