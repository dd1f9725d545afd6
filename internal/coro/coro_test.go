package coro

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBlockAndResume(t *testing.T) {
	var got []int
	var c *Coro
	c = New(func() {
		for i := range 3 {
			got = append(got, i)
			c.Block()
		}
	})
	for i := 0; !c.Resume(); i++ {
		got = append(got, 10+i)
	}
	if want := []int{0, 10, 1, 11, 2, 12}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNestedResumedFromElsewhere(t *testing.T) {
	var inner, outer *Coro
	steps := ""
	inner = New(func() { steps += "a"; inner.Block(); steps += "d" })
	outer = New(func() {
		inner.Resume()
		steps += "b"
		outer.Block()
		steps += "e"
	})
	outer.Resume()
	steps += "c"
	done := make(chan bool)
	go func() { done <- inner.Resume() }()
	if !<-done || !outer.Resume() || steps != "abcde" {
		t.Errorf("steps %q, want abcde", steps)
	}
}

func TestPanicsReachTheResumer(t *testing.T) {
	boom := errors.New("boom")
	c := New(func() { panic(boom) })
	defer func() {
		if got := recover(); got != boom {
			t.Errorf("recovered %v, want %v", got, boom)
		}
	}()
	c.Resume()
	t.Error("no panic")
}

func TestPanicKeepsTheStack(t *testing.T) {
	defer func() {
		p, ok := recover().(*Panic)
		if !ok || !strings.Contains(p.Error(), "index out of range") || !strings.Contains(p.Error(), "TestPanicKeepsTheStack") {
			t.Errorf("recovered %v", p)
		}
	}()
	var empty []int
	New(func() { _ = empty[len(empty)] }).Resume()
	t.Error("no panic")
}

func TestAbandonUnwinds(t *testing.T) {
	var c *Coro
	deferred := false
	c = New(func() {
		defer func() {
			deferred = true
			if p := recover(); p != Abandoned {
				t.Errorf("unwound by %v", p)
			}
			c.Block() // must not park again
		}()
		c.Block()
		t.Error("went on after it was abandoned")
	})
	c.Resume()
	c.Abandon()
	if !deferred {
		t.Error("deferred functions did not run")
	}
	New(func() { t.Error("ran though it was abandoned before its start") }).Abandon()
}

func TestGoexitReachesTheResumer(t *testing.T) {
	done := make(chan bool, 1)
	go func() {
		defer func() { done <- true }()
		New(runtime.Goexit).Resume()
		done <- false
	}()
	if !<-done {
		t.Error("Resume returned")
	}
}

func TestStacksAreReused(t *testing.T) {
	New(func() {}).Resume()
	before := runtime.NumGoroutine()
	for range 1000 {
		New(func() {}).Resume()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
	many := make([]*Coro, 2*maxIdle)
	for i := range many {
		many[i] = New(func() {})
	}
	for _, c := range many {
		c.Resume()
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); runtime.Gosched() {
		if runtime.NumGoroutine() <= before+maxIdle {
			return
		}
	}
	t.Errorf("%d goroutines are left of %d", runtime.NumGoroutine()-before, len(many))
}

func TestMisuse(t *testing.T) {
	var c *Coro
	c = New(func() {
		defer func() {
			if recover() == nil {
				t.Error("resumed itself")
			}
		}()
		c.Resume()
	})
	c.Resume()
}

func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	f := func() {}
	for b.Loop() {
		New(f).Resume()
	}
}

func BenchmarkSwitch(b *testing.B) {
	b.ReportAllocs()
	var c *Coro
	c = New(func() {
		for {
			c.Block()
		}
	})
	for b.Loop() {
		c.Resume()
	}
	c.Abandon()
}
