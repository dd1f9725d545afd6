package main

import (
	"errors"
	"strconv"

	"github.com/spf13/pflag"
)

// none is the text of a limit that is not there.
const none = "none"

// count is the value of a flag: how many there may be of something, which is at least
// one; where unlimited says so, also [none], which is -1.
type count struct {
	n         *int
	unlimited bool
}

// countVar adds a flag for how many there may be of something.
func countVar(f *pflag.FlagSet, n *int, name string, value int, usage string) {
	*n = value
	f.Var(count{n: n}, name, usage)
}

// limitVar is countVar for what may also have no limit.
func limitVar(f *pflag.FlagSet, n *int, name string, value int, usage string) {
	*n = value
	f.Var(count{n: n, unlimited: true}, name, usage)
}

// Set implements pflag.Value.
func (c count) Set(text string) error {
	if c.unlimited && text == none {
		*c.n = -1
		return nil
	}
	n, err := parseCount(text)
	switch {
	case err == nil:
		*c.n = n
		return nil
	case errors.Is(err, strconv.ErrRange) && text[0] != '-':
		return errors.New("the number is too large")
	case c.unlimited:
		return errors.New("want a whole number of at least 1, or none")
	}
	return errors.New("want a whole number of at least 1")
}

// parseCount reads a number of at least one. Callers say what they want in place of its
// error.
func parseCount(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && n < 1 {
		err = strconv.ErrSyntax
	}
	return n, err
}

// String implements pflag.Value. It is "" where something else decides on the default.
func (c count) String() string {
	switch {
	case c.n == nil || *c.n == 0:
		return ""
	case *c.n < 0:
		return none
	}
	return strconv.Itoa(*c.n)
}

// Type implements pflag.Value.
func (c count) Type() string { return "number" }
