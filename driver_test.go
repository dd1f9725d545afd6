package gondola

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// newTestDriver makes a driver over a queue of threads that are ready.
func newTestDriver() (d *driver, threads *[]func()) {
	threads = new([]func())
	d = &driver{
		ready: func() bool { return len(*threads) > 0 },
	}
	d.tick = func() bool {
		if len(*threads) == 0 {
			return false
		}
		t := (*threads)[0]
		*threads = (*threads)[1:]
		t()
		return true
	}
	return d, threads
}

// testVisitor is a visitor made of two functions.
type testVisitor struct {
	do   func()
	done func() bool
}

func (v testVisitor) enter()       { v.do() }
func (v testVisitor) leaves() bool { return v.done() }

func TestEntriesNeverOverlap(t *testing.T) {
	for _, owned := range []bool{false, true} {
		d, threads := newTestDriver()
		d.owned = owned
		var inside, ran atomic.Int32
		one := func() {
			if inside.Add(1) != 1 {
				t.Error("two goroutines hold the store")
			}
			runtime.Gosched()
			inside.Add(-1)
			ran.Add(1)
		}
		synctest.Test(t, func(t *testing.T) {
			var wg sync.WaitGroup
			for i := range 64 {
				wg.Go(func() {
					entry := func() {
						one()
						*threads = append(*threads, one)
					}
					if i%2 == 0 {
						d.enter(entry)
					} else {
						d.post(entry)
					}
				})
			}
			wg.Wait()
			synctest.Wait()
		})
		if ran.Load() != 128 || d.state.Load() != storeFree {
			t.Errorf("owned %v: %d of 128 ran, state %v", owned, ran.Load(), d.state.Load())
		}
	}
}

func TestDriverLeavesWhenItsCallIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, threads := newTestDriver()
		var mine, other bool
		caller := goid()
		d.visit(testVisitor{func() {
			*threads = append(*threads,
				func() { mine = true },
				func() {
					if goid() == caller {
						t.Error("the caller drove on after its call was done")
					}
					other = true
				})
		}, func() bool { return mine }})
		if !mine {
			t.Error("the driver left before its call was done")
		}
		synctest.Wait()
		if !other || d.state.Load() != storeFree {
			t.Errorf("what was left was not driven: other %v, state %v", other, d.state.Load())
		}
	})
}

func TestUnwoundDriverHandsOver(t *testing.T) {
	for name, unwind := range map[string]func(){
		"panic":  func() { panic("host function") },
		"Goexit": runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			d, threads := newTestDriver()
			var ran []string
			go func() {
				defer func() { _ = recover() }()
				d.enter(func() {
					*threads = append(*threads, func() { ran = append(ran, "thread") })
					d.post(func() { ran = append(ran, "entry") })
					unwind()
				})
			}()
			synctest.Wait()
			if len(ran) != 2 || d.state.Load() != storeFree {
				t.Errorf("%s: after the driver was unwound only %v ran", name, ran)
			}
		})
	}
}

func TestEntriesComeBeforeReadyThreads(t *testing.T) {
	d, threads := newTestDriver()
	var stopped bool
	spins := 0
	var spin func()
	spin = func() {
		if spins++; spins == 10 {
			d.post(func() { stopped = true })
		}
		if spins > 1000 {
			t.Fatal("a thread that is always ready kept an entry out")
		}
		if !stopped {
			*threads = append(*threads, spin)
		}
	}
	d.enter(func() { *threads = append(*threads, spin) })
	if spins > 11 {
		t.Errorf("the entry ran %d turns late", spins-11)
	}
}

// goid is the calling goroutine's identity, as its stack trace prints it.
func goid() string {
	b := make([]byte, 64)
	b = b[:runtime.Stack(b, false)]
	for i := range b {
		if b[i] == '[' {
			return string(b[:i])
		}
	}
	return string(b)
}

func BenchmarkEnterFree(b *testing.B) {
	d, _ := newTestDriver()
	n := 0
	v := testVisitor{func() { n++ }, func() bool { return true }}
	for b.Loop() {
		d.visit(&v)
	}
}
