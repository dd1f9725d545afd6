package serve

import (
	"bytes"
	"strings"
	"testing"
)

func TestPrefixedLines(t *testing.T) {
	long := strings.Repeat("é", maxLine/2)
	for _, test := range []struct {
		name   string
		writes []string
		want   string
	}{
		{"lines", []string{"one\ntwo\n"}, "p: one\np: two\n"},
		{"pieces", []string{"o", "ne", "\nt", "wo"}, "p: one\np: two\n"},
		{"empty lines", []string{"\n\n"}, "p: \np: \n"},
		{"line ends of Windows", []string{"one\r\ntwo\r\n"}, "p: one\np: two\n"},
		{"a disguise", []string{"x\rp: y\x1b[2K\u009b2K\n\tz\n"}, "p: x\\rp: y\\x1b[2K\\u009b2K\np: \tz\n"},
		{"backwards, and lines of another kind", []string{"a\u202eb\u2066c\u2028d\u00a0e\n"}, "p: a\\u202eb\\u2066c\\u2028d\u00a0e\n"},
		{"no text", []string{"\xff\xc3", "\xa9\n"}, "p: \\xffé\n"},
		{"long", []string{long + "é\n"}, "p: " + long + "\np: é\n"},
		{"long, and no text", []string{strings.Repeat("\x80", maxLine+4)}, "p: " + strings.Repeat(`\x80`, maxLine+4) + "\n"},
	} {
		var out bytes.Buffer
		l := NewOutput(&out).Prefixed("p: ")
		for _, w := range test.writes {
			if n, err := l.Write([]byte(w)); n != len(w) || err != nil {
				t.Errorf("%s: %d, %v", test.name, n, err)
			}
		}
		if err := l.Flush(); err != nil {
			t.Error(err)
		}
		if out.String() != test.want {
			t.Errorf("%s: got %q, want %q", test.name, out.String(), test.want)
		}
	}
}

// What is one write comes out as one, so that lines of others can't get between.
func TestPrefixedLinesComeOutTogether(t *testing.T) {
	var w countingWriter
	l := NewOutput(&w).Prefixed("")
	l.Write([]byte("one\ntwo\nthr"))
	l.Write([]byte("e"))
	if w != 1 {
		t.Errorf("%d writes", w)
	}
}

type countingWriter int

func (w *countingWriter) Write(b []byte) (int, error) { *w++; return len(b), nil }
