package host

import "time"

// Timezone is what guests take for their local time.
type Timezone struct{ location *time.Location }

// newTimezone makes a timezone of a location; nil is UTC, which tells a guest nothing
// of where it runs.
func newTimezone(l *time.Location) Timezone {
	if l == nil {
		l = time.UTC
	}
	return Timezone{l}
}

// At is the local time at a number of seconds since 1970.
func (z Timezone) At(seconds int64) time.Time { return time.Unix(seconds, 0).In(z.location) }

// Offset is how far local time is ahead of UTC then, in seconds.
func (z Timezone) Offset(seconds int64) int {
	_, offset := z.At(seconds).Zone()
	return offset
}

// Name is the name in IANA's database, or "" where the location has none.
func (z Timezone) Name() string {
	if z.location == time.Local {
		return ""
	}
	return z.location.String()
}

// String is for people.
func (z Timezone) String() string { return z.location.String() }
