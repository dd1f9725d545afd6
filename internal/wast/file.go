package wast

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wat"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// File is a script that was read. It runs for one goroutine at a time.
type File struct {
	Name    string
	script  *wat.Script
	header  header
	runtime *gondola.Runtime
	sources map[*wat.Source]*source

	coreScript *coreScript // nil until something is asked of it
	coreErr    error
}

// Open reads a script. What stands in it is looked at when it is run. opts are for
// the runtime that its components run in.
func Open(name, src string, opts ...gondola.Option) (*File, error) {
	script, err := wat.ParseScript(name, src)
	if err != nil {
		return nil, err
	}
	h := readHeader(script.Header)
	opts = append([]gondola.Option{gondola.WithFeatures(h.features), gondola.WithMaxMemory(maxMemory)}, opts...)
	return &File{
		Name:    name,
		script:  script,
		header:  h,
		runtime: gondola.NewRuntime(context.Background(), opts...),
		sources: map[*wat.Source]*source{},
	}, nil
}

// maxMemory is what suites need that go to the end of a memory.
const maxMemory = 5 << 30

// Close frees what was compiled.
func (f *File) Close(ctx context.Context) error {
	err := f.runtime.Close(ctx)
	if f.coreScript != nil {
		err = errors.Join(err, f.coreScript.close(ctx))
	}
	return err
}

func (f *File) source(s *wat.Source) *source {
	if f.sources[s] == nil {
		f.sources[s] = &source{Source: s, file: f}
	}
	return f.sources[s]
}

// Options say how a script is run.
type Options struct {
	// Seed chooses among the permitted orders of tasks; nil means in order.
	Seed *uint64

	// Timeout bounds each directive. 0 means [DefaultTimeout].
	Timeout time.Duration

	// Invert judges each outcome against the opposite of what its directive
	// expects, too: see [Report.Blind].
	Invert bool

	// order decides in place of a seed, for tests.
	order func(ways int) int
}

// DefaultTimeout is for directives that hang, not for slow ones.
const DefaultTimeout = 20 * time.Second

// Report is what came of running a script once.
type Report struct {
	Counts   Counts
	Failures []Failure

	// Order is the same for two runs whose tasks ran in the same order.
	Order uint64

	// Inversions is how many opposites were judged, and Blind those that were taken
	// for true all the same: always none, or assertions of their kind say nothing.
	Inversions int
	Blind      []Failure
}

// Counts are directives that passed, by what they show.
type Counts struct {
	Valid     int // definitions that were accepted
	Invalid   int // sources that were refused as invalid
	Malformed int // sources that were refused as malformed
	Executed  int // what ran as it should, or was refused by the linker
}

// Passed is the number of directives that passed.
func (c Counts) Passed() int { return c.Valid + c.Invalid + c.Malformed + c.Executed }

// Failure is a directive that did not what it should.
type Failure struct {
	At        syntax.Location
	Directive string
	Err       error
}

// String is the place, the directive, and what was expected and came. Without a
// directive it is the error alone, which has its own place.
func (f Failure) String() string {
	if f.Directive == "" {
		return f.Err.Error()
	}
	return fmt.Sprintf("%s:%d:%d: %s: %v", f.At.File, f.At.Line, f.At.Column, f.Directive, f.Err)
}

// count adds a directive that passed.
func (c *Counts) count(d *wat.Directive) {
	switch d.Kind {
	case wat.DirectiveModule, wat.DirectiveDefinition:
		c.Valid++
	case wat.DirectiveAssertInvalid, wat.DirectiveAssertInvalidCustom:
		c.Invalid++
	case wat.DirectiveAssertMalformed, wat.DirectiveAssertMalformedCustom:
		c.Malformed++
	default:
		c.Executed++
	}
}

// Run carries the directives out, in order. It ends early only when ctx does.
func (f *File) Run(ctx context.Context, opts Options) *Report {
	r := newRun(f, opts)
	defer r.close()
	report := &Report{}
	for _, d := range f.script.Directives {
		if ctx.Err() != nil {
			report.fail(d, ctx.Err())
			continue
		}
		o := r.directive(ctx, d)
		if err := expectationOf(d).judge(o); err != nil {
			report.fail(d, err)
			continue
		}
		report.Counts.count(d)
		if opts.Invert {
			report.invert(d, o)
		}
	}
	report.Order = r.order.sum()
	return report
}

func (r *Report) fail(d *wat.Directive, err error) {
	r.Failures = append(r.Failures, Failure{d.At.Location(), d.Word, err})
}

// invert judges an outcome against what would have to fail.
func (r *Report) invert(d *wat.Directive, o outcome) {
	for _, e := range expectationOf(d).inverted() {
		r.Inversions++
		if e.judge(o) == nil {
			err := fmt.Errorf("the opposite holds too: %+v", e)
			r.Blind = append(r.Blind, Failure{d.At.Location(), d.Word, err})
		}
	}
}
