package wast

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Suite is a set of scripts to be run and reported on.
type Suite struct {
	Files []string // paths

	// Seeds are what each file is run with, one after the other. Empty means once,
	// in order.
	Seeds []uint64

	Options Options // Seed is not used
	Runtime []gondola.Option
}

// Find lists the scripts that paths name: files, and all .wast files in folders.
func Find(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		found := len(files)
		err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(p, ".wast") {
				files = append(files, p)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(files) == found {
			return nil, fmt.Errorf("%s: there is no .wast file in this folder", path)
		}
	}
	return files, nil
}

// FileReport is what came of running a file with all seeds.
type FileReport struct {
	Path       string
	Header     []string // the comments at the top
	Directives int
	Counts     Counts          // of directives that passed with every seed
	Failures   []SeededFailure // each directive once, with the first seed that shows it
	Runs       int
	Orders     int    // that were different
	Fixed      string // what has no other orders in this file, and why; may be empty
	Inversions int
	Blind      []Failure
}

// SeededFailure is a failure, and the seed under which it came first.
type SeededFailure struct {
	Failure
	Seed *uint64 // nil where tasks went in order
}

// String is the failure, with the seed in front of what happened.
func (f SeededFailure) String() string {
	if f.Seed == nil {
		return f.Failure.String()
	}
	g := f.Failure
	g.Err = fmt.Errorf("with seed %d: %w", *f.Seed, g.Err)
	return g.String()
}

// Run runs all files, as many at a time as there are processors, and hands their
// reports to done in order.
func (s *Suite) Run(ctx context.Context, done func(*FileReport)) {
	reports := make([]chan *FileReport, len(s.Files))
	for i := range reports {
		reports[i] = make(chan *FileReport, 1)
	}
	var next sync.Mutex
	at := 0
	for range min(runtime.GOMAXPROCS(0), len(s.Files)) {
		go func() {
			for {
				next.Lock()
				i := at
				at++
				next.Unlock()
				if i >= len(s.Files) {
					return
				}
				reports[i] <- s.runFile(ctx, s.Files[i])
			}
		}()
	}
	for _, r := range reports {
		done(<-r)
	}
}

// runFile reads a file and runs it with each seed.
func (s *Suite) runFile(ctx context.Context, path string) *FileReport {
	report := &FileReport{Path: path}
	src, err := os.ReadFile(path)
	var f *File
	if err == nil {
		f, err = Open(path, string(src), s.Runtime...)
	}
	if err != nil {
		report.Failures = []SeededFailure{{Failure: unread(path, err)}}
		return report
	}
	defer f.Close(context.WithoutCancel(ctx))
	report.Header, report.Directives = f.script.Header, len(f.script.Directives)
	seeds := []*uint64{nil}
	if len(s.Seeds) > 0 {
		seeds = nil
		if fixed := fixedOrderOf(path); fixed != nil {
			report.Fixed = fixed.String()
		}
		for i := range s.Seeds {
			seeds = append(seeds, &s.Seeds[i])
		}
	}
	failed := map[syntax.Location]bool{}
	orders := map[uint64]bool{}
	for _, seed := range seeds {
		opts := s.Options
		opts.Seed = seed
		one := f.Run(ctx, opts)
		report.add(one, seed, failed)
		orders[one.Order] = true
	}
	report.Orders = len(orders)
	return report
}

// add takes in what came of one seed. Of the directives that pass now and then, none
// is counted as passed: what remains is what the seed with most failures counted.
func (r *FileReport) add(one *Report, seed *uint64, failed map[syntax.Location]bool) {
	if r.Runs == 0 || one.Counts.Passed() < r.Counts.Passed() {
		r.Counts = one.Counts
	}
	r.Runs++
	r.Inversions += one.Inversions
	r.Blind = append(r.Blind, one.Blind...)
	for _, f := range one.Failures {
		if !failed[f.At] {
			failed[f.At] = true
			r.Failures = append(r.Failures, SeededFailure{f, seed})
		}
	}
	slices.SortStableFunc(r.Failures, func(a, b SeededFailure) int { return a.At.Line - b.At.Line })
}

// unread is the failure of a file that can't be read. A fault in its text has a place
// of its own.
func unread(path string, err error) Failure {
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		return Failure{e.At, "", err}
	}
	return Failure{syntax.Location{File: path}, "", err}
}

// Passed is the number of directives that passed with every seed.
func (r *FileReport) Passed() int { return max(0, r.Directives-len(r.Failures)) }

// Write writes the report as `gondola wast` prints it: the path, the failures, and
// how many directives passed and failed.
func (r *FileReport) Write(w io.Writer) {
	fmt.Fprintln(w, r.Path)
	for _, f := range r.Failures {
		fmt.Fprintln(w, indent(f.String()))
	}
	for _, f := range r.Blind {
		fmt.Fprintln(w, indent(f.String()))
	}
	if r.Fixed != "" {
		fmt.Fprintln(w, indent(r.Fixed))
	}
	writeCounts(w, r.Passed(), len(r.Failures))
}

func writeCounts(w io.Writer, passed, failed int) {
	fmt.Fprintf(w, "%d passed, %d failed\n", passed, failed)
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

// Totals are the sums over files.
type Totals struct {
	Files, Passed, Failed int
	Runs, Orders          int
	Inversions, Blind     int
}

// Add takes a file's report in.
func (t *Totals) Add(r *FileReport) {
	t.Files++
	t.Passed += r.Passed()
	t.Failed += len(r.Failures)
	t.Runs = max(t.Runs, r.Runs)
	t.Orders += r.Orders
	t.Inversions += r.Inversions
	t.Blind += len(r.Blind)
}

// OK reports whether everything is as it should be.
func (t *Totals) OK() bool { return t.Failed == 0 && t.Blind == 0 }

// Write writes the sums. The last line is like that of each file.
func (t *Totals) Write(w io.Writer) {
	fmt.Fprintf(w, "\nall %d files\n", t.Files)
	if t.Runs > 1 {
		fmt.Fprintf(w, "%d seeds, %d distinct orders\n", t.Runs, t.Orders)
	}
	if t.Inversions > 0 {
		fmt.Fprintf(w, "%d opposites judged, %d taken for true\n", t.Inversions, t.Blind)
	}
	writeCounts(w, t.Passed, t.Failed)
}
