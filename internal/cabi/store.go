package cabi

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/gondola-wasm/gondola/internal/coro"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/val"
)

// Store holds component instances that may call one another, and schedules their
// tasks. It is for one goroutine at a time, which must be one of the runtime's
// own where an instance may block (see package coro). Nothing in it blocks that
// goroutine.
//
// Spec: CanonicalABI.md#embedding (definitions.py Store).
type Store struct {
	cfg       Config
	instances []*ComponentInstance
	runnable  list[ComponentInstance] // instances with a thread that may go
	current   *Thread                 // the innermost thread that runs, or nil
	depth     int                     // how often the store was entered and not left
	context   any                     // of the call that the host is making
	seq       uint64
	live      int   // tasks and threads that have not ended
	down      error // why the store is unusable, or nil

	hostCalls    list[HostCall] // that have not ended
	doomed       []doom         // trees that go down next
	stopping     bool           // they are about to
	freeTasks    *Task
	freeSubtasks *Subtask
	freeStacks   []*coreStack
	freeArgs     [][]val.Value
}

// Config are the choices of a store. The zero Config is usable.
type Config struct {
	// Chooser decides where the specification permits several orders. Nil
	// means in order.
	Chooser Chooser

	// MaxHandles bounds the handle table of each component instance. 0 is 1<<20.
	MaxHandles int

	// MaxTasks bounds the tasks and threads of the store that have not ended.
	// 0 is 1<<20.
	MaxTasks int

	// MaxValueBytes bounds what one value that is lifted may take of the
	// host's memory. 0 is 1<<30.
	MaxValueBytes int

	// PanicOnBug lets assertions of ours that fail panic, as tests want,
	// instead of only poisoning the store.
	PanicOnBug bool
}

// NewStore makes an empty store.
func NewStore(c Config) *Store {
	orDefault := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	orDefault(&c.MaxHandles, 1<<20)
	orDefault(&c.MaxTasks, 1<<20)
	orDefault(&c.MaxValueBytes, 1<<30)
	c.MaxHandles = min(c.MaxHandles, maxTableLength)
	return &Store{cfg: c}
}

// ErrClosed ends the calls of a store that is closed under them.
var ErrClosed = errors.New("the component instance was closed")

// ErrTooManyTasks refuses a call of the host's.
var ErrTooManyTasks = errors.New("too many calls at once")

// mark is where the store was entered.
type mark struct {
	current *Thread
	depth   int
	context any
}

func (s *Store) enter() mark {
	m := mark{s.current, s.depth, s.context}
	s.depth++
	return m
}

// exit is how the store is left where nothing unwound.
func (s *Store) exit(m mark) {
	assert(s.current == m.current && s.depth == m.depth+1, "a store is left as it was entered")
	s.depth = m.depth
	if len(s.doomed) > 0 {
		s.stopDoomed()
	}
}

// leave must be deferred. It stops what unwinds guest code.
func (s *Store) leave(m mark, err *error) {
	if s.depth == m.depth {
		return
	}
	p := recover()
	why := s.reason(p)
	roots := s.unwind(m)
	if _, ok := why.(*trap.Trap); ok {
		s.poison(why, roots...)
	} else {
		s.takeDown(why)
	}
	if err != nil {
		*err = why
	}
	if b, ok := p.(*Bug); ok && s.cfg.PanicOnBug {
		panic(b)
	}
}

// unwind forgets the threads that ran above m, and returns their trees.
func (s *Store) unwind(m mark) (roots []*ComponentInstance) {
	for t := s.current; t != m.current; t = t.resumer {
		roots = append(roots, t.task.inst.root)
	}
	s.current, s.depth, s.context = m.current, m.depth, m.context
	return roots
}

// reason is the error that p, which unwound guest code, stands for.
func (s *Store) reason(p any) error {
	switch p := p.(type) {
	case *trap.Trap:
		if t := s.current; t != nil && p.Component == "" {
			p.Component, p.Func = t.task.inst.name, t.task.lift.name
		}
		return p
	case *Bug:
		return p
	case *coro.Panic:
		return &Bug{p.Error()}
	case nil:
		return &Bug{"a host function ended its goroutine"}
	default:
		return &Bug{fmt.Sprintf("panic: %v\n%s", p, debug.Stack())}
	}
}

// protect runs what may run guest code. It returns what unwound it, if anything
// did.
func (s *Store) protect(f func()) (err error) {
	if s.down != nil {
		return s.down
	}
	m := s.enter()
	defer s.leave(m, &err)
	f()
	s.exit(m)
	return nil
}

// Invoke calls f for the host. context travels with the task to every host
// function that it calls ([HostCall.Context]). It returns when the call has
// resolved or blocked. The arguments that c gives must have passed [CheckArgs].
//
// It may be called while guest code runs, by a host function; entering an
// instance that is on the stack ends the call by a trap.
//
// Spec: CanonicalABI.md#embedding (definitions.py Store.invoke).
func (s *Store) Invoke(f FuncInst, c Caller, context any) (on OnCancel) {
	if err := s.refuse(f); err != nil {
		c.OnTrap(err)
		return OnCancel{}
	}
	m := s.enter()
	defer s.leave(m, nil)
	s.context = context
	on = f.call(c, nil)
	s.context = m.context
	s.exit(m)
	return on
}

// refuse reports why a call can't even begin. Once it has, the task sees to it
// that its caller learns of every end.
func (s *Store) refuse(f FuncInst) error {
	l, guest := f.(*lifted)
	switch {
	case s.down != nil:
		return s.down
	case guest && !l.inst.mayEnterFrom(nil):
		t := trap.New(trap.CannotEnter)
		t.Component, t.Func = l.inst.name, l.name
		return t
	case s.live >= s.cfg.MaxTasks:
		return ErrTooManyTasks
	}
	return nil
}

// Tick lets one ready thread run until it blocks or ends. It reports whether
// there was one. It must not be called while guest code runs.
//
// Spec: CanonicalABI.md#embedding (definitions.py Store.tick).
func (s *Store) Tick() bool {
	assert(s.depth == 0, "the scheduler does not run within guest code")
	if s.runnable.len == 0 {
		return false
	}
	m := s.enter()
	defer s.leave(m, nil)
	i := s.runnable.nth(s.choose(ChoiceThread, s.runnable.len), instanceLinks)
	t := i.next()
	i.enterFrom(nil)
	t.resume(false)
	i.leaveTo(nil)
	if i.runnable {
		s.runnable.remove(i, instanceLinks)
		s.runnable.push(i, instanceLinks)
	}
	s.exit(m)
	return true
}

// Ready reports whether [Store.Tick] would find a thread.
func (s *Store) Ready() bool { return s.runnable.len > 0 }

// Running reports whether guest code or a host function that it called is on the
// stack: whether the caller is within the store.
func (s *Store) Running() bool { return s.depth > 0 }

func (s *Store) nextSeq() uint64 {
	s.seq++
	return s.seq
}

// currentThread is the thread that calls a canonical built-in of i.
//
// Spec: definitions.py current_thread, current_instance.
func (i *ComponentInstance) currentThread() *Thread {
	t := i.store.current
	assert(t != nil && t.task.inst == i, "a built-in is called by core code of its instance")
	if err := i.root.poison; err != nil {
		panic(err)
	}
	return t
}

// coreStack has room for the arguments and results of a core function.
type coreStack [layout.MaxFlatParams + 1]uint64

func (s *Store) takeStack() *coreStack {
	n := len(s.freeStacks)
	if n == 0 {
		return new(coreStack)
	}
	st := s.freeStacks[n-1]
	s.freeStacks = s.freeStacks[:n-1]
	return st
}

func (s *Store) putStack(st *coreStack) { s.freeStacks = append(s.freeStacks, st) }

// takeArgs is an empty slice with room for arguments.
func (s *Store) takeArgs() []val.Value {
	n := len(s.freeArgs)
	if n == 0 {
		return make([]val.Value, 0, layout.MaxFlatParams)
	}
	vs := s.freeArgs[n-1]
	s.freeArgs = s.freeArgs[:n-1]
	return vs
}

// putArgs takes back a slice that takeArgs gave, whatever it was appended to.
func (s *Store) putArgs(vs []val.Value) {
	clear(vs)
	s.freeArgs = append(s.freeArgs, vs[:0])
}
