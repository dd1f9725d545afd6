package main

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// size is the value of a flag: a number of bytes, with a unit or without.
type size uint64

// sizeUnits are powers of 1024. What stands first is how a size is written.
var sizeUnits = []struct {
	name, short string
	bytes       uint64
}{
	{"GiB", "G", 1 << 30},
	{"MiB", "M", 1 << 20},
	{"KiB", "K", 1 << 10},
	{"B", "", 1},
}

func (s *size) Set(text string) error {
	number, unit := text, uint64(1)
	for _, u := range sizeUnits {
		n, ok := cutSuffixFold(text, u.name)
		if !ok && u.short != "" {
			n, ok = cutSuffixFold(text, u.short)
		}
		if ok {
			number, unit = n, u.bytes
			break
		}
	}
	n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 64)
	over, bytes := bits.Mul64(n, unit)
	if err != nil || over != 0 {
		return fmt.Errorf("want a number of bytes, or with a unit, such as 65536, 512KiB, 64MiB or 1GiB")
	}
	*s = size(bytes)
	return nil
}

func cutSuffixFold(s, suffix string) (before string, ok bool) {
	i := len(s) - len(suffix)
	if i < 0 || !strings.EqualFold(s[i:], suffix) {
		return s, false
	}
	return s[:i], true
}

func (s *size) String() string {
	for _, u := range sizeUnits {
		if n := uint64(*s); n > 0 && n%u.bytes == 0 && u.bytes > 1 {
			return strconv.FormatUint(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatUint(uint64(*s), 10)
}

func (s *size) Type() string { return "size" }

// sizeLimit is the value of a flag: a size of at least one byte, or [none], which is 0.
type sizeLimit size

func (s *sizeLimit) Set(text string) error {
	if text == none {
		*s = 0
		return nil
	}
	switch err := (*size)(s).Set(text); {
	case err != nil:
		return fmt.Errorf("%w, or none", err)
	case *s == 0:
		return errors.New("want at least one byte, or none")
	}
	return nil
}

func (s *sizeLimit) String() string {
	if *s == 0 {
		return none
	}
	return (*size)(s).String()
}

func (s *sizeLimit) Type() string { return "size" }
