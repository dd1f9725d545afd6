package main

import "encoding"

// textFlag is a flag whose value is a text of few.
type textFlag struct {
	value interface {
		encoding.TextUnmarshaler
		String() string
	}
	kind string
}

// String implements pflag.Value.
func (f textFlag) String() string { return "" }

// Type implements pflag.Value.
func (f textFlag) Type() string { return f.kind }

// Set implements pflag.Value.
func (f textFlag) Set(s string) error { return f.value.UnmarshalText([]byte(s)) }
