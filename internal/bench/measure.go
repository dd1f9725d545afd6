package main

import (
	"cmp"
	"runtime"
	"slices"
	"time"
)

// work is something that can be done n times in a row. It checks what comes out.
type work func(n int) error

// pace is how thoroughly something is measured.
type pace struct {
	rounds int
	round  time.Duration // how long one round of one work takes, about
}

// sample is what one work costs: medians of rounds, for doing it once.
type sample struct {
	ns     float64
	cpu    float64 // ns on all processors, the garbage collector's work included
	worst  float64 // ns of the worst round
	allocs float64
	bytes  float64
}

// compare measures works that take turns.
func (p pace) compare(works ...work) ([]sample, error) {
	times := make([]int, len(works))
	for i, w := range works {
		var err error
		if times[i], err = p.calibrate(w); err != nil {
			return nil, err
		}
	}
	samples := make([][]sample, len(works))
	for range p.rounds {
		for i, w := range works {
			s, err := measure(w, times[i])
			if err != nil {
				return nil, err
			}
			samples[i] = append(samples[i], s)
		}
	}
	var result []sample
	for _, ss := range samples {
		result = append(result, summarise(ss))
	}
	return result, nil
}

// calibrate finds out how often a work can be done in one round.
func (p pace) calibrate(w work) (n int, err error) {
	for n = 1; ; {
		s, err := measure(w, n)
		if err != nil {
			return 0, err
		}
		fits := int(float64(p.round) / max(s.ns, 1))
		if s.ns*float64(n) >= float64(p.round)/2 {
			return max(1, fits), nil
		}
		n = max(n+1, min(100*n, fits))
	}
}

// measure does a work n times.
func measure(w work, n int) (sample, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu := time.Now(), cpuTime()
	if err := w(n); err != nil {
		return sample{}, err
	}
	took := float64(time.Since(start)) / float64(n)
	cpu = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	return sample{
		cpu:    float64(cpu) / float64(n),
		ns:     took,
		worst:  took,
		allocs: float64(after.Mallocs-before.Mallocs) / float64(n),
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / float64(n),
	}, nil
}

func summarise(ss []sample) sample {
	by := func(f func(sample) float64) float64 {
		var xs []float64
		for _, s := range ss {
			xs = append(xs, f(s))
		}
		return median(xs)
	}
	return sample{
		ns:     by(func(s sample) float64 { return s.ns }),
		cpu:    by(func(s sample) float64 { return s.cpu }),
		worst:  slices.MaxFunc(ss, func(a, b sample) int { return cmp.Compare(a.ns, b.ns) }).ns,
		allocs: by(func(s sample) float64 { return s.allocs }),
		bytes:  by(func(s sample) float64 { return s.bytes }),
	}
}

func median(xs []float64) float64 {
	xs = slices.Clone(xs)
	slices.Sort(xs)
	n := len(xs)
	if n%2 == 0 {
		return (xs[n/2-1] + xs[n/2]) / 2
	}
	return xs[n/2]
}

func (s sample) wall() float64      { return s.ns }
func (s sample) processor() float64 { return s.cpu }

// cost is the processor time, or the time where that is not known.
func (s sample) cost() float64 {
	if s.cpu > 0 {
		return s.cpu
	}
	return s.ns
}
