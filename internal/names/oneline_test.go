package names

import "testing"

func TestOnOneLine(t *testing.T) {
	for name, want := range map[string]string{"": `""`, "a b": "a b", "a\nb": `"a\nb"`, "\x1b": `"\x1b"`} {
		if got := OnOneLine(name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}
