// Package coro runs functions that can be parked in the middle and resumed
// later: the stack switching that component model threads are made of.
//
// A coroutine is a goroutine that [iter.Pull] switches to and from, which costs a
// quarter of what two channel operations do. Idle ones are kept for reuse, so
// that starting one costs no more than a switch.
//
// # Where coroutines may be used
//
// One goroutine at a time may resume a coroutine; which one does not matter, nor
// does it matter on which one it was made. But the Go runtime ends the process
// when a coroutine is resumed by a goroutine that called runtime.LockOSThread,
// unless it was made by it. So whoever uses this package does so only on
// goroutines that are its own, and never locks those to their threads: a
// goroutine of the embedder's can be locked, and nothing tells.
//
// # What it must not know
//
// Nothing of wasm.
//
// Spec: CanonicalABI.md#stack-switching (definitions.py cont_new, resume, block).
package coro

import (
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"sync"
)

// Coro is a function that is parked or running on a stack of its own.
type Coro struct {
	state state
	f     func()
	panic any // what f panicked with

	next  func() (done, ok bool)
	stop  func()
	yield func(done bool) bool
}

type state uint8

const (
	idle state = iota
	parked
	running
	abandoning
)

// abandoned is what a parked function panics with when it is abandoned. It is an
// error so that engines that turn panics into errors keep its identity.
type abandoned struct{}

func (abandoned) Error() string { return "coro: abandoned" }

// Abandoned is the value that [Coro.Block] panics with in a coroutine that is
// abandoned. Whatever recovers from panics in between must panic with it again.
var Abandoned error = abandoned{}

// maxIdle bounds how many stacks wait for reuse in the whole process.
const maxIdle = 256

var pool struct {
	sync.Mutex
	idle []*Coro
}

// New makes a parked coroutine that will run f.
func New(f func()) *Coro {
	c := takeIdle()
	if c == nil {
		c = &Coro{}
		c.next, c.stop = iter.Pull(c.work)
	}
	c.f, c.state = f, parked
	return c
}

// Panic is what [Coro.Resume] panics with where the coroutine's function panicked
// by mistake: with a runtime error or with what is no error. It keeps the stack
// on which that was.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v\n%s", p.Value, p.Stack) }

// Resume runs the coroutine until it blocks or its function returns; done says
// which. Once it is done the coroutine must not be used any more. If the
// function panics with an error, Resume does, with the same one, and the
// coroutine is done; if it panics with anything else, with a [*Panic].
//
// Spec: definitions.py resume.
func (c *Coro) Resume() (done bool) {
	if c.state != parked {
		panic("coro: resumed while it is not parked")
	}
	c.state = running
	done, alive := c.next()
	if !done && alive {
		return false
	}
	if p := c.panic; p != nil {
		c.panic = nil
		c.release()
		panic(p)
	}
	c.release()
	return true
}

// Block parks the running coroutine until it is resumed. It must be called on
// the coroutine itself. It panics with [Abandoned] when the coroutine is
// abandoned instead.
//
// Spec: definitions.py block.
func (c *Coro) Block() {
	if c.state == running {
		c.state = parked
		c.yield(false)
	}
	if c.state == abandoning {
		panic(Abandoned)
	}
}

// Abandon unwinds a parked coroutine: its Block panics, deferred functions run,
// and it is done. A coroutine that never ran just ends.
func (c *Coro) Abandon() {
	if c.state != parked {
		panic("coro: abandoned while it is not parked")
	}
	c.state = abandoning
	c.next()
	c.panic = nil
	c.release()
}

// work is the life of one stack: it runs one function after another.
func (c *Coro) work(yield func(done bool) bool) {
	c.yield = yield
	for {
		if c.state == running {
			c.run()
		}
		if !yield(true) {
			return
		}
	}
}

func (c *Coro) run() {
	defer func() { c.panic = keepStack(recover()) }()
	c.f()
}

// keepStack must be called where the panic is recovered.
func keepStack(p any) any {
	err, isError := p.(error)
	if _, mistake := err.(runtime.Error); p == nil || isError && !mistake {
		return p
	}
	return &Panic{p, debug.Stack()}
}

func takeIdle() *Coro {
	pool.Lock()
	defer pool.Unlock()
	n := len(pool.idle)
	if n == 0 {
		return nil
	}
	c := pool.idle[n-1]
	pool.idle = pool.idle[:n-1]
	return c
}

// release keeps the stack for reuse, or ends it where enough are kept.
func (c *Coro) release() {
	c.f, c.state = nil, idle
	if !c.keep() {
		c.stop()
	}
}

func (c *Coro) keep() bool {
	pool.Lock()
	defer pool.Unlock()
	if len(pool.idle) == maxIdle {
		return false
	}
	pool.idle = append(pool.idle, c)
	return true
}
