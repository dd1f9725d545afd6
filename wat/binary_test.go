package wat

import (
	"strings"
	"testing"
)

func TestBinary(t *testing.T) {
	const empty = "\x00asm\x01\x00\x00\x00"
	for _, src := range []string{empty, "(module)", " ;; text\n(module)"} {
		if b, err := Binary("t.wat", []byte(src)); err != nil || string(b) != empty {
			t.Errorf("%q: got %q, %v", src, b, err)
		}
	}
	if b, err := Binary("t.wat", []byte("\x00")); err != nil || string(b) != "\x00" {
		t.Errorf("a faulty binary is not returned as it is: %q, %v", b, err)
	}
	for _, src := range []string{"", "\x7fELF", "hello"} {
		if _, err := Binary("t.wat", []byte(src)); err == nil || !strings.HasPrefix(err.Error(), "t.wat:1:1: ") {
			t.Errorf("%q: got %v", src, err)
		}
	}
	for src, begins := range map[string]string{"\x7fELF\x02": "7f 45 4c 46", "\x1f\x8b": "1f 8b", "\x89PNG\r\n": "89 50 4e 47", "héllo": "", "(modul)": ""} {
		_, err := Binary("t.wat", []byte(src))
		if got := strings.Contains(err.Error(), "hint: this is no text, and no binary either"); got != (begins != "") || !strings.Contains(err.Error(), begins) {
			t.Errorf("%q: got %v", src, err)
		}
	}
}
