// Package profile collects where guests spend their time, as stacks of functions, and
// writes it in the format of pprof.
//
// Whoever runs code names functions once ([Profile.Frame]) and adds to what a stack of
// them has taken ([Profile.Add]); encode.go is the format.
//
// # What it must not know
//
// Engines, stores, and what a stack looks like in memory.
package profile

import (
	"encoding/binary"
	"sync"
	"time"
)

// Profile is where the guests of the runtimes that have it spend their time. It may be
// given to several, and be written while they run. It is safe for use from several
// goroutines. Make one with [New].
//
// There is a sample for every 1,000 steps that a guest takes, for every call of a function
// of the host, and where a guest goes on for long without either. Each has three values:
//
//   - steps: iterations of loops, and calls that may recurse, as fuel counts them. The
//     same guest on the same input has the same steps, function by function, on every
//     machine.
//   - guest: the time that guest code took, in nanoseconds, without what it called
//     of the host. This is what pprof shows if it is not told otherwise.
//   - wall: the same, and the time in functions of the host, under their own names,
//     what they waited included.
//
// Time is that of the clock, so that what else the machine did is in it; what the
// profile itself costs is not. A sample has the time since the last one: what a guest
// does between two samples is booked where the second is taken.
//
// What a profile takes of memory is bounded: of a stack the innermost 256 functions are
// kept, and of stacks some millions of functions in all; behind that only
// the innermost function of each stack is.
type Profile struct {
	mu     sync.Mutex
	began  time.Time
	frames map[Func]Frame
	list   []Func            // by Frame
	index  map[string]*stack // by the frames, four bytes each
	stacks []*stack          // in the order in which they came
	kept   int               // frames of all stacks
	key    []byte
}

// Frame is a function of one profile.
type Frame uint32

// Func is a function: its module, "host" for functions of the host, and its name.
type Func struct{ Module, Name string }

// Values are what a stack has taken: steps, the time of guest code, and the time of
// the host function that is innermost.
type Values struct {
	Steps       int64
	Guest, Host time.Duration
}

// Sample is a stack, innermost function first, and all that it has taken.
type Sample struct {
	Stack []Func
	Values
}

type stack struct {
	frames []Frame // innermost first
	values Values
}

const (
	// Period is how many steps there are to a sample.
	Period = 1_000

	// MaxDepth is how many frames of a stack are kept, those that are innermost.
	MaxDepth = 256

	// maxKept bounds the frames of all stacks together, not counting stacks of one.
	maxKept = 4 << 20
)

// New makes an empty profile, which begins now.
func New() *Profile {
	return &Profile{began: time.Now(), frames: map[Func]Frame{}, index: map[string]*stack{}}
}

// Frame is the frame of a function in a module, by their names.
func (p *Profile) Frame(module, function string) Frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := Func{module, function}
	id, ok := p.frames[f]
	if !ok {
		id = Frame(len(p.list))
		p.frames[f] = id
		p.list = append(p.list, f)
	}
	return id
}

// Add adds to what a stack has taken, which is given innermost frame first and not
// kept.
func (p *Profile) Add(frames []Frame, v Values) {
	if len(frames) == 0 {
		return
	}
	frames = frames[:min(len(frames), MaxDepth)]
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.find(frames)
	if s == nil && p.kept+len(frames) > maxKept {
		frames = frames[:1]
		s = p.find(frames)
	}
	if s == nil {
		s = p.insert(frames)
	}
	s.values.Steps += v.Steps
	s.values.Guest += v.Guest
	s.values.Host += v.Host
}

// Samples is what has been collected so far: every stack once, in the order in which they
// were first seen.
func (p *Profile) Samples() []Sample {
	p.mu.Lock()
	defer p.mu.Unlock()
	samples := make([]Sample, len(p.stacks))
	for i, s := range p.stacks {
		samples[i] = Sample{make([]Func, len(s.frames)), s.values}
		for k, f := range s.frames {
			samples[i].Stack[k] = p.list[f]
		}
	}
	return samples
}

// find leaves the key in p.key.
func (p *Profile) find(frames []Frame) *stack {
	p.key = p.key[:0]
	for _, f := range frames {
		p.key = binary.LittleEndian.AppendUint32(p.key, uint32(f))
	}
	return p.index[string(p.key)]
}

func (p *Profile) insert(frames []Frame) *stack {
	s := &stack{frames: append([]Frame(nil), frames...)}
	p.index[string(p.key)] = s
	p.stacks = append(p.stacks, s)
	p.kept += len(frames)
	return s
}
