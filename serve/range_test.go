package serve

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// shares has a handler answer requests one after the other, and returns how many each instance has answered.
func shares(t *testing.T, opts Options, requests int) (shares []int) {
	t.Helper()
	last := ""
	bubble(t, sleepers(), opts, func(t *testing.T, h *Handler) {
		for range requests {
			a := get(t.Context(), h, "/1ms")
			if a.body != last {
				shares = append(shares, 0)
			}
			last = a.body
			shares[len(shares)-1]++
			synctest.Wait()
		}
	})
	return shares[:len(shares)-1] // the last may not have had all of its share
}

func TestEachInstanceDrawsItsOwnReuse(t *testing.T) {
	opts := Options{MinReuse: 2, MaxReuse: 6, Seed: 1}
	got := shares(t, opts, 200)
	if least, most := slices.Min(got), slices.Max(got); least != 2 || most != 6 {
		t.Errorf("instances answered from %d to %d requests, want from 2 to 6: %v", least, most, got)
	}
	if again := shares(t, opts, 200); !slices.Equal(again, got) {
		t.Errorf("the same seed gave %v and %v", got, again)
	}
	opts.Seed = 2
	if other := shares(t, opts, 200); slices.Equal(other, got) {
		t.Errorf("two seeds gave %v", got)
	}
}

func TestEachInstanceDrawsItsOwnConcurrency(t *testing.T) {
	g := sleepers()
	bubble(t, g, Options{MinConcurrent: 2, MaxConcurrent: 4, Seed: 1}, func(t *testing.T, h *Handler) {
		for range 60 {
			go get(t.Context(), h, "/1s")
			synctest.Wait()
		}
		time.Sleep(2 * time.Second)
	})
	var most []int
	for _, in := range g.all()[:len(g.all())-1] { // the last may have got fewer
		most = append(most, in.most)
	}
	if slices.Min(most) != 2 || slices.Max(most) != 4 {
		t.Errorf("instances worked on %v requests at a time, want from 2 to 4", most)
	}
}

func TestEachInstanceDrawsItsOwnIdleTimeout(t *testing.T) {
	bubble(t, sleepers(), Options{MaxConcurrent: 1, MinIdleTimeout: time.Second, IdleTimeout: time.Minute, Seed: 1}, func(t *testing.T, h *Handler) {
		for range 20 {
			go get(t.Context(), h, "/1ms")
			synctest.Wait()
		}
		var gone []int
		for _, wait := range []time.Duration{999 * time.Millisecond, 30 * time.Second, 30 * time.Second} {
			time.Sleep(wait)
			synctest.Wait()
			gone = append(gone, 20-h.Stats().Instances)
		}
		if gone[0] != 0 || gone[1] == 0 || gone[1] == 20 || gone[2] != 20 {
			t.Errorf("%v of 20 instances are gone after 1 s, 31 s and 61 s", gone)
		}
	})
}

func TestRangesThatAreNone(t *testing.T) {
	for _, test := range []struct {
		opts Options
		want string // "" for none
	}{
		{Options{MinReuse: 9, MaxReuse: 8}, "serve: Options.MinReuse is 9: want at most MaxReuse, which is 8, and nothing negative"},
		{Options{MinReuse: 129}, "serve: Options.MinReuse is 129: want at most MaxReuse, which is 128, and nothing negative"},
		{Options{MinConcurrent: -1}, "serve: Options.MinConcurrent is -1: want at most MaxConcurrent, which is 16, and nothing negative"},
		{Options{MinIdleTimeout: time.Minute}, "serve: Options.MinIdleTimeout is 1m0s: want at most IdleTimeout, which is 1s, and nothing negative"},
		{Options{MinReuse: 5, MaxReuse: -1}, ""},
		{Options{MinReuse: 5, MinConcurrent: 5, Isolation: IsolationRequest}, ""}, // which has a share of 1
	} {
		_, err := test.opts.settled(true)
		if got := errorText(err); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.opts, got, test.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimSpace(err.Error())
}
