package transcode

import "unicode/utf8"

// Latin1Prefix measures the longest prefix of s that Latin-1 can say: its
// characters, each a byte there, and its bytes in s.
func Latin1Prefix(s string) (chars, bytes int) {
	bytes = ASCIIPrefix(s)
	chars = bytes
	for bytes < len(s) {
		r, n := utf8.DecodeRuneInString(s[bytes:])
		if r > 0xff {
			break
		}
		chars++
		bytes += n
	}
	return chars, bytes
}

// EncodeLatin1 writes s, all of whose characters Latin-1 can say, to dst, which
// is long enough, and returns the number of bytes written.
func EncodeLatin1(dst []byte, s string) int {
	n := copy(dst, s[:ASCIIPrefix(s)])
	for _, r := range s[n:] {
		dst[n] = byte(r)
		n++
	}
	return n
}

// DecodeLatin1 converts Latin-1.
func DecodeLatin1(b []byte) string {
	ascii := asciiPrefixBytes(b)
	if ascii == len(b) {
		return string(b)
	}
	out := make([]byte, ascii, len(b)+len(b)/2)
	copy(out, b)
	for _, c := range b[ascii:] {
		out = utf8.AppendRune(out, rune(c))
	}
	return string(out)
}
