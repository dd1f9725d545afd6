package rt

import (
	"errors"
	"testing"
)

type describedRecord struct {
	Code *uint16
	Text **string
	List []int
}

type describedCloser struct{ n int }

func (*describedCloser) Close() error { return nil }

func TestDescribe(t *testing.T) {
	text := new("a text")
	for _, c := range []struct {
		v    any
		want string
	}{
		{7, "7"},
		{"text", "text"},
		{(*string)(nil), "none"},
		{text, "a text"},
		{describedRecord{new(uint16(3)), &text, []int{1, 2}}, "{Code:3 Text:a text List:[1 2]}"},
		{&describedRecord{}, "{Code:none Text:none List:[]}"},
		{new(errors.New("an error")), "an error"},
		{&describedCloser{1}, "*rt.describedCloser"},
		{Ok[*int, Unit](new(5)), "{IsErr:false Ok:5 Err:{}}"},
	} {
		if got := Describe(c.v); got != c.want {
			t.Errorf("%#v: got %q, want %q", c.v, got, c.want)
		}
	}
}
