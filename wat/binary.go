package wat

import (
	"bytes"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Binary gives the binary form of a file that may have either: what begins like a
// binary is returned as it is, anything else is taken as text. name and the error are
// as for [Parse].
func Binary(name string, src []byte) (wasm []byte, err error) {
	if IsBinary(src) {
		return src, nil
	}
	wasm, err = Parse(name, src)
	if e, ok := err.(*syntax.Error); ok && !looksLikeText(src) {
		err = e.WithHint("this is no text, and no binary either: that begins with 00 61 73 6d (\\0asm), this with % x", src[:min(4, len(src))])
	}
	return wasm, err
}

// looksLikeText reports whether somebody may have written src as a text.
func looksLikeText(src []byte) bool {
	return utf8.Valid(src) && !bytes.ContainsFunc(src, func(r rune) bool { return r < '\t' || r == 0x7f })
}

// IsBinary reports whether a file can only be a binary, right or wrong: no text has
// a zero byte at its front.
func IsBinary(src []byte) bool { return bytes.HasPrefix(src, []byte{0}) }
