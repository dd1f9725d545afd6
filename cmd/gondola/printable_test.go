package main

import "testing"

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"a\n\tb":                   "a\n\tb",
		"größer als 3 €":           "größer als 3 €",
		"red \x1b[31m \x07":        `red \x1b[31m \a`,
		"over\rwritten \u009b31m":  `over\rwritten \u009b31m`,
		"turned \u202e round":      `turned \u202e round`,
		"no UTF-8: \xff, \x1b\xff": "no UTF-8: \ufffd, \\x1b\ufffd",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
