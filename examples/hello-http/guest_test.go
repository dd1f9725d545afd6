package main

import "testing"

// The guest is an ordinary package: its tests need no component.

func TestGreeting(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{"/", "Hello, world!\n"},
		{"/gondolier", "Hello, gondolier!\n"},
		{"/two%20words/?loud=no", "Hello, two words!\n"},
		{"/%zz", "Hello, world!\n"},
	} {
		if got := greeting(&test.path); got != test.want {
			t.Errorf("%s: got %q, want %q", test.path, got, test.want)
		}
	}
	if got, want := greeting(nil), "Hello, world!\n"; got != want {
		t.Errorf("no path: got %q, want %q", got, want)
	}
}
