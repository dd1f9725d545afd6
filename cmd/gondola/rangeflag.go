package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// rangeFlag is a flag whose value is one number, or a range of which each instance draws
// its own: 64..256, both included. low is 0 where it is one number.
type rangeFlag[N int | time.Duration] struct {
	low, high *N
	parse     func(string) (N, error)
}

func countRange(low, high *int) *rangeFlag[int] { return &rangeFlag[int]{low, high, strconv.Atoi} }

func timeRange(low, high *time.Duration) *rangeFlag[time.Duration] {
	return &rangeFlag[time.Duration]{low, high, time.ParseDuration}
}

// String implements pflag.Value.
func (f *rangeFlag[N]) String() string {
	switch {
	case f.high == nil || *f.high == 0:
		return ""
	case *f.low == 0:
		return fmt.Sprint(*f.high)
	}
	return fmt.Sprintf("%v..%v", *f.low, *f.high)
}

// Type implements pflag.Value.
func (f *rangeFlag[N]) Type() string { return "range" }

// Set implements pflag.Value.
func (f *rangeFlag[N]) Set(s string) error {
	lower, upper, isRange := strings.Cut(s, "..")
	if !isRange {
		n, err := f.parse(s)
		if err != nil {
			return f.wrong()
		}
		*f.low, *f.high = 0, n
		return nil
	}
	low, err := f.parse(lower)
	if err != nil {
		return f.wrong()
	}
	high, err := f.parse(upper)
	if err != nil {
		return f.wrong()
	}
	if low <= 0 || high < low {
		return fmt.Errorf("want a range that goes up from a positive number")
	}
	*f.low, *f.high = low, high
	return nil
}

func (f *rangeFlag[N]) wrong() error {
	if _, ok := any(*f.low).(time.Duration); ok {
		return fmt.Errorf("want a time, such as 1s, or a range, such as 1s..10s")
	}
	return fmt.Errorf("want a number, or a range, such as 64..256")
}
