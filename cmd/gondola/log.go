package main

import (
	"fmt"
	"io"
	"log/slog"
)

// logFormat is how a command logs: "text" or "json".
type logFormat string

// String implements pflag.Value.
func (f *logFormat) String() string {
	if *f == "" {
		return "text"
	}
	return string(*f)
}

// Type implements pflag.Value.
func (f *logFormat) Type() string { return "format" }

// Set implements pflag.Value.
func (f *logFormat) Set(s string) error {
	if s != "text" && s != "json" {
		return fmt.Errorf("want text or json")
	}
	*f = logFormat(s)
	return nil
}

func (f *logFormat) logger(w io.Writer) *slog.Logger {
	if *f == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
