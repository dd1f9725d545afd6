package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// newTestLab is a lab that is closed with the test.
func newTestLab(t testing.TB) *lab {
	l := newLab(context.Background())
	t.Cleanup(func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// rowsHere are the rows that a test goes through. Compiling guests written in Go takes minutes under the race detector,
// which has other tests of them.
func rowsHere[T any](rows, goRows []T) []T {
	if underRace {
		return rows
	}
	return slices.Concat(rows, goRows)
}

// TestWork does each piece of work a few times. It checks its results itself.
func TestWork(t *testing.T) {
	l := newTestLab(t)
	f, err := newFloor(l)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range append(rowsHere(callRows, goCallRows), rowsHere(instantiateRows, goInstantiateRows)...) {
		t.Run(row.name, func(t *testing.T) {
			do := func(w work, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range []int{1, 3} {
					if err := w(n); err != nil {
						t.Error(err)
					}
				}
			}
			do(row.ours(l))
			if row.floor != nil {
				do(row.floor(l, f))
			}
		})
	}
}

// TestKernels runs each kernel with and without checks, which compares what they answer.
func TestKernels(t *testing.T) {
	if underRace {
		t.Skip("one goroutine at a time, and minutes of compiling: nothing to find for the race detector")
	}
	l := newTestLab(t)
	modules, err := l.kernels()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kernels {
		works := l.kernelWorks(k, modules[k.module])
		for _, w := range works {
			if err := w(2); err != nil {
				t.Error(err)
			}
		}
		n := 10
		if k.module == "hand" {
			n = 2000
		}
		if gap, err := modules[k.module][checked].tickGap(works[checked], n); err != nil || gap <= 0 {
			t.Errorf("%s: %v ns from tick to tick, %v", k.name, gap, err)
		}
	}
}

// TestMemories runs the kernels in every kind of memory, and compares what they answer.
func TestMemories(t *testing.T) {
	l := newTestLab(t)
	for _, k := range memoryKernels {
		works, err := l.memoryWorks(k.name, k.want)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range works {
			if err := w(3); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestWaitingTasks(t *testing.T) {
	w, err := measureWaiting(newTestLab(t), 500)
	if err != nil {
		t.Fatal(err)
	}
	if w.heap <= 0 || w.stacks <= 0 {
		t.Errorf("measured nothing: %+v", w)
	}
}

func TestCollections(t *testing.T) {
	l := newTestLab(t)
	for _, row := range rowsHere(busyRows, goBusyRows) {
		busy, stop, err := row.busy(l)
		if err != nil {
			t.Fatal(err)
		}
		s, err := measureGC(2, busy, stop)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		// Without checks in guest code it would never end.
		if s.median <= 0 || s.worst > time.Minute {
			t.Errorf("%s: %+v", row.name, s)
		}
	}
}

func TestUnknownTable(t *testing.T) {
	err := run(context.Background(), io.Discard, "calls,nonsense", pace{})
	if err == nil || !strings.Contains(err.Error(), `no table "nonsense"`) {
		t.Errorf("got %v", err)
	}
}

// TestReport prints a table that needs no Go guest.
func TestReport(t *testing.T) {
	r := &report{lab: newTestLab(t), pace: pace{rounds: 2, round: time.Microsecond}}
	var out strings.Builder
	r.out = &out
	if err := r.compare(callRows[:3]); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 5 {
		t.Fatalf("want a head and three rows, got %q", lines)
	}
	for _, l := range lines {
		if strings.Count(l, "|") != 11 {
			t.Errorf("%q has %d bars", l, strings.Count(l, "|"))
		}
	}
}

// BenchmarkWork is what the tables of calls and instantiations measure, a benchmark for either side of a row.
func BenchmarkWork(b *testing.B) {
	l := newTestLab(b)
	f, err := newFloor(l)
	if err != nil {
		b.Fatal(err)
	}
	for _, row := range slices.Concat(callRows, goCallRows, instantiateRows, goInstantiateRows) {
		b.Run(row.name, func(b *testing.B) {
			ours, err := row.ours(l)
			benchmark(b, "gondola", ours, err)
			if row.floor != nil {
				floor, err := row.floor(l, f)
				benchmark(b, "floor", floor, err)
			}
		})
	}
}

// BenchmarkKernels is what the table of fuel checks measures.
func BenchmarkKernels(b *testing.B) {
	l := newTestLab(b)
	modules, err := l.kernels()
	if err != nil {
		b.Fatal(err)
	}
	for _, k := range kernels {
		works := l.kernelWorks(k, modules[k.module])
		benchmark(b, k.module+"/"+k.name+"/plain", works[asItCame], nil)
		benchmark(b, k.module+"/"+k.name+"/checked", works[checked], nil)
	}
}

// BenchmarkMemories is what the table of memories measures.
func BenchmarkMemories(b *testing.B) {
	l := newTestLab(b)
	for _, k := range memoryKernels {
		works, err := l.memoryWorks(k.name, k.want)
		if err != nil {
			b.Fatal(err)
		}
		for i, w := range works {
			benchmark(b, k.name+"/"+memoryKinds[i].name, w, nil)
		}
	}
}

func benchmark(b *testing.B, name string, w work, err error) {
	if err != nil {
		b.Fatal(err)
	}
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		if err := w(b.N); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkWaitingTasks is what the table of waiting tasks measures, for several numbers of them: it should cost the same
// for each.
func BenchmarkWaitingTasks(b *testing.B) {
	l := newTestLab(b)
	for _, n := range []int{100, 1000, waitingTasks} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				w, err := measureWaiting(l, n)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(w.perTask), "cpu-ns/task")
				b.ReportMetric(w.heap, "heap-B/task")
			}
		})
	}
}
