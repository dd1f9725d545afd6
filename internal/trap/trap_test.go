package trap

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

var verb = regexp.MustCompile(`%(\[\d\])?#?[sdx]`)

func TestEveryCodeHasAText(t *testing.T) {
	seen := map[string]Code{}
	n := 0
	for i, text := range texts {
		if text == "" {
			continue
		}
		n++
		if other, ok := seen[text]; ok {
			t.Errorf("codes %d and %d have one text: %s", other, i, text)
		}
		seen[text] = Code(i)
		if left := verb.ReplaceAllString(text, ""); strings.Contains(left, "%") {
			t.Errorf("a verb in %q is no %%s, %%d or %%x", text)
		}
		if strings.HasSuffix(text, ".") || strings.ToUpper(text[:1]) == text[:1] && text[0] != '`' {
			t.Errorf("%q is no message in the style of errors", text)
		}
	}
	for _, last := range []Code{OutOfFuel, WriterAbandoned, ValueTooLarge, TooManyThreads} {
		if texts[last] == "" {
			t.Errorf("code %d has no text", last)
		}
	}
	if Code(255).String() != "unknown trap" || n == 0 {
		t.Error("an unknown code must say so")
	}
}

func TestError(t *testing.T) {
	tr := New(UnknownHandle, 5)
	if tr.Error() != "wasm trap: unknown handle index 5" || tr.Message() != "unknown handle index 5" {
		t.Errorf("got %q", tr)
	}
	tr.Component, tr.Func = "inst", "f"
	tr.Frames = []Frame{{Func: "a", File: "x.go", Line: 3}, {Module: "m", Func: "func[7]"}}
	want := "wasm trap: unknown handle index 5\n" +
		"    in function f of component instance inst\n" +
		"    at a (x.go:3)\n" +
		"    at m.func[7]"
	if tr.Error() != want {
		t.Errorf("got %q", tr)
	}
}

func TestThrowAndHost(t *testing.T) {
	defer func() {
		tr, ok := recover().(*Trap)
		if !ok || tr.Code != CannotEnter {
			t.Errorf("recovered %v", tr)
		}
		if h := Host(io.ErrUnexpectedEOF); !errors.Is(h, io.ErrUnexpectedEOF) || h.Code != HostFailed {
			t.Errorf("got %v", h)
		}
		if Host(tr) != tr {
			t.Error("a trap must stay what it is")
		}
	}()
	Throw(CannotEnter)
}
