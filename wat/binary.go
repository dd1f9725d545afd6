package wat

import "bytes"

// Binary gives the binary form of a file that may have either: what begins like a
// binary is returned as it is, anything else is taken as text. name and the error are
// as for [Parse].
func Binary(name string, src []byte) (wasm []byte, err error) {
	if IsBinary(src) {
		return src, nil
	}
	return Parse(name, src)
}

// IsBinary reports whether a file can only be a binary, right or wrong: no text has
// a zero byte at its front.
func IsBinary(src []byte) bool { return bytes.HasPrefix(src, []byte{0}) }
