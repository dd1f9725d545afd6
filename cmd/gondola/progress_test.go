package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestGettingGuest(t *testing.T) {
	for path, want := range map[string]string{
		"-": "loading -", "../../go.mod": "loading ../../go.mod", "progress.go": "building progress.go", ".": "building .", "example.com/x": "building example.com/x",
	} {
		if got := gettingGuest(path); got != want {
			t.Errorf("%s: got %q", path, got)
		}
	}
}

func TestProgress(t *testing.T) {
	for eager, want := range map[bool]string{
		false: "gondola: still compiling after 1s\ngondola: still compiling after 11s\n",
		true:  "gondola: loading\ngondola: compiling\ngondola: still compiling after 1s\ngondola: still compiling after 11s\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			var out strings.Builder
			p := &progress{w: &out, eager: eager}
			p.now("loading")
			time.Sleep(999 * time.Millisecond)
			p.now("compiling")
			time.Sleep(12 * time.Second)
			p.stop()
			time.Sleep(time.Minute)
			p.stop()
			if out.String() != want {
				t.Errorf("eager %v: got\n%s", eager, out.String())
			}
		})
	}
}
