package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// report prints tables.
type report struct {
	lab  *lab
	out  io.Writer
	pace pace
}

func (r *report) printf(format string, args ...any) { fmt.Fprintf(r.out, format, args...) }

// head prints the head of a table; all columns but the first are numbers.
func (r *report) head(columns ...string) {
	r.printf("\n| %s |\n|---|%s\n", strings.Join(columns, " | "), strings.Repeat("--:|", len(columns)-1))
}

func (r *report) line(cells ...string) { r.printf("| %s |\n", strings.Join(cells, " | ")) }

func (r *report) calls() error { return r.compare(slices.Concat(callRows, goCallRows)) }
func (r *report) instantiate() error {
	return r.compare(slices.Concat(instantiateRows, goInstantiateRows))
}

func (r *report) compare(rows []row) error {
	r.head("work", "Gondola", "floor", "ratio", "processor time", "floor's", "ratio", "allocs", "bytes", "reach")
	f, err := newFloor(r.lab)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := r.row(row, f); err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
	}
	return nil
}

func (r *report) row(row row, f *floor) error {
	ours, err := row.ours(r.lab)
	if err != nil {
		return err
	}
	works := []work{ours}
	if row.floor != nil {
		floor, err := row.floor(r.lab, f)
		if err != nil {
			return err
		}
		works = append(works, floor)
	}
	s, err := r.pace.compare(works...)
	if err != nil {
		return err
	}
	cells := []string{row.name}
	for _, cost := range []func(sample) float64{sample.wall, sample.processor} {
		cells = append(cells, against(s, cost)...)
	}
	r.line(append(cells, fmt.Sprintf("%.3g", s[0].allocs), fmt.Sprintf("%.0f", s[0].bytes), row.reach)...)
	return nil
}

// against is what Gondola's sample costs, what the floor's does if there is one, and the ratio of both.
func against(s []sample, cost func(sample) float64) []string {
	ours := cost(s[0])
	if len(s) == 1 || cost(s[1]) == 0 {
		return []string{ns(ours), "", ""}
	}
	return []string{ns(ours), ns(cost(s[1])), times(ours / cost(s[1]))}
}

func ns(x float64) string {
	d := time.Duration(x)
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%.3g ns", x)
	case d < time.Millisecond:
		return fmt.Sprintf("%.3g µs", x/1e3)
	case d < time.Second:
		return fmt.Sprintf("%.3g ms", x/1e6)
	}
	return fmt.Sprintf("%.3g s", x/1e9)
}

func times(x float64) string { return fmt.Sprintf("%.2f", x) }

func percent(x float64) string { return fmt.Sprintf("%+.1f %%", 100*(x-1)) }

// waitingTasks is how many tasks wait at the same time.
const waitingTasks = 10_000

func (r *report) tasks() error {
	r.head(fmt.Sprintf("%d waiting tasks", waitingTasks), "per task", "reach")
	var all []waiting
	for range r.pace.rounds {
		w, err := measureWaiting(r.lab, waitingTasks)
		if err != nil {
			return err
		}
		all = append(all, w)
	}
	of := func(f func(waiting) float64) float64 {
		var xs []float64
		for _, w := range all {
			xs = append(xs, f(w))
		}
		return median(xs)
	}
	total := of(func(w waiting) float64 { return float64(w.perTask) })
	bare := of(func(w waiting) float64 { return float64(w.bareTime) })
	bytes := func(f func(waiting) float64) string { return fmt.Sprintf("%.0f B", of(f)) }
	r.line("processor time to start, answer and end; with the caller's and the host function's goroutines", ns(total), "")
	r.line("the same of two bare goroutines", ns(bare), "")
	r.line("processor time without goroutines", ns(total-bare), "≤ 1 µs")
	r.line("heap beyond that of two goroutines", bytes(func(w waiting) float64 { return w.heap }), "≤ 1 KiB")
	r.line("stacks of the two goroutines", bytes(func(w waiting) float64 { return w.stacks }), "")
	r.line("stacks of two bare goroutines", bytes(func(w waiting) float64 { return w.bareStack }), "")
	return nil
}

func (r *report) processes() error {
	r.head("process, start to end", "time", "beyond native")
	p, err := newProcesses(r.lab)
	if err != nil {
		return err
	}
	samples, err := p.measure(max(1, min(r.pace.rounds, 5)))
	if err != nil {
		return err
	}
	for i, s := range samples {
		r.line(processRows[i].name, ns(s.ns), ns(s.ns-samples[0].ns))
	}
	return nil
}

func (r *report) fuel() error {
	r.head("kernel, processor time", "as it came", "the same again", "with fuel checks", "from tick to tick")
	modules, err := r.lab.kernels()
	if err != nil {
		return err
	}
	var all, realistic []float64
	for _, k := range kernels {
		works := r.lab.kernelWorks(k, modules[k.module])
		s, err := r.pace.compare(works...)
		if err != nil {
			return err
		}
		// Long enough for some hundred ticks.
		gap, err := modules[k.module][checked].tickGap(works[checked], int(1+20e6/s[checked].cost()))
		if err != nil {
			return err
		}
		ratio := s[checked].cost() / s[asItCame].cost()
		if all = append(all, ratio); k.realistic() {
			realistic = append(realistic, ratio)
		}
		r.line(k.module+" "+k.name, ns(s[asItCame].cost()), percent(s[again].cost()/s[asItCame].cost()), percent(ratio), ns(gap))
	}
	r.line("median of all", "", "", percent(median(all)), "")
	r.line("median of those in Go (reach ≤ 3 %)", "", "", percent(median(realistic)), "")
	return nil
}

// collections is how many collections there are while something is busy.
const collections = 25

func (r *report) gc() error {
	r.head(fmt.Sprintf("%d runtime.GC() beside", collections), "median", "worst")
	// What every row has on its heap.
	if _, err := r.lab.kernels(); err != nil {
		return err
	}
	for _, row := range slices.Concat(busyRows, goBusyRows) {
		busy, stop, err := row.busy(r.lab)
		if err != nil {
			return err
		}
		s, err := measureGC(collections, busy, stop)
		if err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		r.line(row.name, ns(float64(s.median)), ns(float64(s.worst)))
	}
	r.line("reach", "≤ 5 ms", "≤ 30 ms")
	return nil
}
