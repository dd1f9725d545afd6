package main

import (
	"errors"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// span is the value of a flag: how long something may take. It is -1 where there is no
// limit, and never 0, which stands for the default elsewhere.
type span struct {
	d    *time.Duration
	some bool // nothing can be done in no time at all
}

// spanVar adds a flag for how long something may take.
func spanVar(f *pflag.FlagSet, d *time.Duration, name string, value time.Duration, usage string) {
	*d = value
	f.Var(span{d: d}, name, usage)
}

// someSpanVar is spanVar for what takes some time in any case.
func someSpanVar(f *pflag.FlagSet, d *time.Duration, name string, value time.Duration, usage string) {
	*d = value
	f.Var(span{d: d, some: true}, name, usage)
}

// Set implements pflag.Value.
func (s span) Set(text string) error {
	if text == none {
		*s.d = -1
		return nil
	}
	d, err := parseSpan(text)
	switch {
	case err != nil:
		return errors.New("want a duration, such as 1.5s, 200ms or 2m, or none")
	case s.some && d <= 1:
		return errors.New("that leaves no time at all; none is no limit")
	}
	*s.d = d
	return nil
}

// parseSpan reads a duration. Callers say what they want in place of its error.
func parseSpan(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = strconv.ErrSyntax
	}
	return max(d, 1), err
}

// String implements pflag.Value. It is "" where there is no default.
func (s span) String() string {
	switch {
	case s.d == nil || *s.d == 0:
		return ""
	case *s.d < 0:
		return none
	}
	return s.d.String()
}

// Type implements pflag.Value.
func (s span) Type() string { return "duration" }
