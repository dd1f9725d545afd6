package transcode

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

var samples = []string{
	"", "a", "hi", "\x00", "a\x00b", "\u0080", "\u0080b", "ab\u00efc", "\u01ffy", "xy\u01ff",
	"a\ud7ffb", "a\u02ff\u03ff\u04ffbc", "\uf123", "\uf123\uf123abc", "abcdef\uf123",
	"🍰", "a🍰b", "\U0010ffff", strings.Repeat("ascii ", 20), strings.Repeat("ascii ", 20) + "é☃🍰",
	"ééééééééé", "12345678é", "1234567é9",
}

func TestUTF16(t *testing.T) {
	for _, s := range samples {
		want := utf16.Encode([]rune(s))
		if n := UTF16Len(s); n != len(want) {
			t.Errorf("%q has %d units, want %d", s, n, len(want))
		}
		b := make([]byte, 2*len(want))
		if n := EncodeUTF16(b, s); n != len(b) {
			t.Errorf("%q took %d bytes, want %d", s, n, len(b))
		}
		for i, u := range want {
			if got := binary.LittleEndian.Uint16(b[2*i:]); got != u {
				t.Errorf("%q: unit %d is %#x, want %#x", s, i, got, u)
			}
		}
		if got, _, f := DecodeUTF16(b); f != Valid || got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	}
}

func TestUnpairedSurrogates(t *testing.T) {
	for _, c := range []struct {
		units []uint16
		at    int
	}{
		{[]uint16{0xd800}, 0},
		{[]uint16{'a', 0xdc00}, 1},
		{[]uint16{'a', 0xd800, 'b'}, 1},
		{[]uint16{'a', 0xd83c, 0xdf70, 0xdc00, 0xd800}, 3},
		{[]uint16{0xd800, 0xd800, 0xdc00}, 0},
	} {
		var b []byte
		for _, u := range c.units {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		if _, at, f := DecodeUTF16(b); f != Invalid || at != c.at {
			t.Errorf("%#x: fault %d at %d, want one at %d", c.units, f, at, c.at)
		}
	}
}

func TestLatin1(t *testing.T) {
	for _, s := range samples {
		chars, n := Latin1Prefix(s)
		for i, r := range s {
			if (r > 0xff) != (i >= n) && i <= n {
				t.Errorf("%q: the prefix is %d bytes", s, n)
			}
		}
		if chars != utf8.RuneCountInString(s[:n]) {
			t.Errorf("%q: the prefix has %d characters", s, chars)
		}
		b := make([]byte, chars)
		if got := EncodeLatin1(b, s[:n]); got != chars {
			t.Errorf("%q took %d bytes, want %d", s, got, chars)
		}
		if got := DecodeLatin1(b); got != s[:n] {
			t.Errorf("%q came back as %q", s[:n], got)
		}
	}
}

func TestCheckUTF8(t *testing.T) {
	for _, c := range []struct {
		s  string
		at int
		f  Fault
	}{
		{"", 0, Valid},
		{"abc\u00e9\ufffd", 0, Valid},
		{"abc\xff", 3, Invalid},
		{"\u00e9\xe2\x98", 2, Incomplete},
		{"a\xf0\x9f\x8d", 1, Incomplete},
		{"a\xf0\x9f\x8dx", 1, Invalid},
		{"a\xc0\x80", 1, Invalid},
		{"\xed\xa0\x80", 0, Invalid},
		{"\xf4\x90\x80\x80", 0, Invalid},
	} {
		if at, f := CheckUTF8([]byte(c.s)); f != c.f || f != Valid && at != c.at {
			t.Errorf("%q: fault %d at %d, want %d at %d", c.s, f, at, c.f, c.at)
		}
	}
}

func FuzzDecodeUTF16(f *testing.F) {
	for _, s := range samples {
		b := make([]byte, 2*UTF16Len(s))
		EncodeUTF16(b, s)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:len(b)&^1]
		s, _, fault := DecodeUTF16(b)
		if fault != Valid {
			return
		}
		if !utf8.ValidString(s) {
			t.Fatalf("%q is not valid UTF-8", s)
		}
		back := make([]byte, 2*UTF16Len(s))
		EncodeUTF16(back, s)
		if string(back) != string(b) {
			t.Fatalf("%x came back as %x", b, back)
		}
	})
}
