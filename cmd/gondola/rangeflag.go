package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// rangeFlag is a flag whose value is one number, or a range of which each instance draws
// its own: 64..256, both included; or [none], which is -1. low is 0 where it is no range.
type rangeFlag[N int | time.Duration] struct {
	low, high *N
	parse     func(string) (N, error)
	want      string
}

func countRange(low, high *int) *rangeFlag[int] {
	return &rangeFlag[int]{low, high, parseCount, "want a whole number of at least 1, a range such as 64..256, or none"}
}

func timeRange(low, high *time.Duration) *rangeFlag[time.Duration] {
	return &rangeFlag[time.Duration]{low, high, parseSpan, "want a duration such as 1.5s, a range such as 1s..10s, or none"}
}

// String implements pflag.Value.
func (f *rangeFlag[N]) String() string {
	switch {
	case f.high == nil || *f.high == 0:
		return ""
	case *f.high < 0:
		return none
	case *f.low == 0:
		return fmt.Sprint(*f.high)
	}
	return fmt.Sprintf("%v..%v", *f.low, *f.high)
}

// Type implements pflag.Value.
func (f *rangeFlag[N]) Type() string { return "range" }

// Set implements pflag.Value.
func (f *rangeFlag[N]) Set(s string) error {
	if s == none {
		*f.low, *f.high = 0, -1
		return nil
	}
	var low N
	lower, upper, isRange := strings.Cut(s, "..")
	if !isRange {
		upper = s
	} else if n, err := f.parse(lower); err != nil {
		return errors.New(f.want)
	} else {
		low = n
	}
	high, err := f.parse(upper)
	switch {
	case err != nil:
		return errors.New(f.want)
	case high < low:
		return errors.New("want a range that goes up")
	}
	*f.low, *f.high = low, high
	return nil
}
