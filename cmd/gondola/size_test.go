package main

import "testing"

func TestSize(t *testing.T) {
	for text, want := range map[string]struct {
		n     uint64
		shown string
	}{
		"0":       {0, "0"},
		"65536":   {65536, "64KiB"},
		"65537":   {65537, "65537"},
		"1K":      {1024, "1KiB"},
		"512 kib": {512 << 10, "512KiB"},
		"64MiB":   {64 << 20, "64MiB"},
		"2g":      {2 << 30, "2GiB"},
		"7B":      {7, "7"},
	} {
		var s size
		if err := s.Set(text); err != nil || uint64(s) != want.n || s.String() != want.shown {
			t.Errorf("%q is %d, shown as %s, %v", text, s, s.String(), err)
		}
	}
	for _, text := range []string{"", "x", "-1", "1.5MiB", "1TB", "99999999999GiB", "MiB", "1 2"} {
		var s size
		if err := s.Set(text); err == nil {
			t.Errorf("%q is %d", text, s)
		}
	}
}
