package engine

import (
	"github.com/gondola-wasm/gondola/internal/plan"
	"github.com/gondola-wasm/gondola/val"
)

// What start functions make of an instance follows from the module and from what the
// host answers them. So where one instance is asked for after the other, the second one
// is looked at while it starts. If all that it wanted of the host were answers of plain
// functions, an [Image] of it is kept. For those that come after it, the host is asked the
// same again, in the same order, and where it answers the same, the image is what their
// start functions would make of them, and takes their place.

// beginning is how a component's instances begin.
type beginning struct {
	image Image
	asked []question
	ticks int // of the start functions
}

// question is a call of an imported function by a start function.
type question struct {
	fn     int // index in Links.Funcs
	args   []val.Value
	answer val.Value
}

// answer is what the host answered.
type answer struct {
	fn    int
	value val.Value
	err   error
}

// watch is on what start functions of an instance ask.
type watch struct {
	asked   []question
	given   []answer // what to answer first, since the host has been asked already
	direct  []HostFunc
	ticks   int
	over    bool
	tainted bool // something else happened than plain answers
}

func newWatch(trampolines int) *watch { return &watch{direct: make([]HostFunc, trampolines)} }

// counting counts ticks.
func (w *watch) counting(tick func()) func() {
	return func() {
		if !w.over {
			w.ticks++
		}
		tick()
	}
}

// watches reports whether an instance is to be watched: the second one, since many
// components have but one.
func (t *Template) watches() bool {
	return !t.gaveUp.Load() && t.made.Load() < 2 && t.made.Add(1) == 2
}

// giveUp ends looking for what start functions do.
func (t *Template) giveUp() {
	t.gaveUp.Store(true)
	t.beginning.Store(nil)
	t.code.Forget()
}

// begin is called when start functions begin to run. It reports whether they need not.
func (b *builder) begin() {
	if b.begun {
		return
	}
	b.begun = true
	known := b.template.beginning.Load()
	if known == nil {
		return
	}
	given, same := b.ask(known.asked)
	if same {
		b.space.Skip(known.image)
		b.spend(known.ticks)
		return
	}
	b.template.giveUp()
	b.watch = newWatch(len(b.trampolines))
	b.watch.given, b.watch.tainted = given, true
	for _, s := range b.plan.Steps {
		if s, ok := s.(*plan.Lower); ok && b.trampolines[s.Number] != nil {
			b.watchLower(s)
		}
	}
}

// ask asks the host again and reports whether it answers the same. It stops where it
// doesn't; the answers so far are the start functions'.
func (b *builder) ask(questions []question) (given []answer, same bool) {
	for _, q := range questions {
		v, err, ok := b.store.Ask(b.links.Funcs[q.fn], q.args)
		if !ok {
			return given, false
		}
		given = append(given, answer{q.fn, v, err})
		if err != nil || !val.Equal(v, q.answer) {
			return given, false
		}
	}
	return given, true
}

// watchLower has the watch see calls of the trampoline of s.
func (b *builder) watchLower(s *plan.Lower) {
	w, direct := b.watch, b.trampolines[s.Number]
	w.direct[s.Number] = direct
	if !s.Func.Imported {
		b.watchTrampoline(s.Number)
		return
	}
	fn := s.Func.Index
	seen, ok := b.store.Observed(b.links.Funcs[fn], func(args []val.Value, call func() (val.Value, error)) (val.Value, error) {
		return w.answer(fn, args, call)
	})
	if !ok {
		b.watchTrampoline(s.Number)
		return
	}
	observed := b.store.Lower(seen, s.Type, b.options(&s.Options), b.instances[s.Options.Instance])
	b.trampolines[s.Number] = func(stack []uint64) {
		if w.over {
			direct(stack)
			return
		}
		observed(stack)
	}
}

// watchTrampoline has the watch see that a trampoline is called.
func (b *builder) watchTrampoline(n int) {
	w, direct := b.watch, b.trampolines[n]
	w.direct[n] = direct
	b.trampolines[n] = func(stack []uint64) {
		w.tainted = true
		direct(stack)
	}
}

// answer answers a question.
func (w *watch) answer(fn int, args []val.Value, call func() (val.Value, error)) (val.Value, error) {
	if len(w.given) > 0 && w.given[0].fn == fn {
		a := w.given[0]
		w.given = w.given[1:]
		return a.value, a.err
	}
	if w.tainted {
		return call()
	}
	q := question{fn: fn, args: append([]val.Value(nil), args...)}
	v, err := call()
	w.tainted = w.tainted || err != nil || len(w.asked) == maxAsked
	q.answer = v
	w.asked = append(w.asked, q)
	return v, err
}

// maxAsked is how many questions are worth to be asked again.
const maxAsked = 100

// end takes the watch away, when everything is instantiated, and keeps what it saw.
func (b *builder) end() {
	w := b.watch
	if w == nil {
		return
	}
	w.over = true
	for i, f := range w.direct {
		if f != nil {
			b.trampolines[i] = f
		}
	}
	if w.tainted || !b.begun {
		b.template.giveUp()
		return
	}
	image := b.space.Save()
	if image == nil {
		b.template.giveUp()
		return
	}
	b.template.beginning.CompareAndSwap(nil, &beginning{image, w.asked, w.ticks})
}
