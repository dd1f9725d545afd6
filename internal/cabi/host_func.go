package cabi

import (
	"errors"

	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// HostFunc is a function of the host. Exactly one of Plain and Async is set.
// Neither may end its goroutine; a panic in one poisons the store.
type HostFunc struct {
	// Name is what errors call the function.
	Name string

	// Type is its type.
	Type *types.Func

	// Scope is an instance that means by the resources in Type what Type does;
	// nil where there are none.
	Scope *ComponentInstance

	// Plain answers on the spot, on the calling task, while the store is held.
	// It serves plain functions and async ones that are declared ready. It may
	// keep what is in args, but not args itself. context is what the host gave
	// to [Store.Invoke] for the task that calls. An error traps the caller with
	// its text; a *trap.Trap is thrown as it is. That of an async function may be a
	// [Starter], which starts to work in its place.
	Plain func(context any, args []val.Value) (val.Value, error)

	// Async starts to work on c and returns without blocking; c is answered
	// then or later. Where Type is not async, c must be answered by then.
	Async func(c *HostCall)
}

// Starter is an error of a Plain function that could not answer on the spot. Start
// is what Async is.
type Starter interface {
	error
	Start(c *HostCall)
}

// hostFunc is a component-level function of the host.
type hostFunc struct {
	store *Store
	f     *HostFunc
}

// NewHostFunc makes a component-level function of the host.
func (s *Store) NewHostFunc(f *HostFunc) FuncInst {
	assert((f.Plain == nil) != (f.Async == nil), "a host function is either plain or async")
	return &hostFunc{s, f}
}

// Type is the function's type.
func (h *hostFunc) Type() *types.Func { return h.f.Type }

func (h *hostFunc) call(c Caller, from *ComponentInstance) OnCancel {
	args := c.OnStart(nil)
	if h.f.Async != nil {
		return h.start(c, from, args, h.f.Async)
	}
	v, err := h.callPlain(args, from)
	later, isLater := err.(Starter)
	switch {
	case err == nil:
		c.OnResolve(v, Returned)
	case isLater:
		return h.start(c, from, args, later.Start)
	case from == nil:
		c.OnTrap(trap.Host(err))
	default:
		panic(trap.Host(err))
	}
	return OnCancel{}
}

// callPlain calls a plain function and checks what it returns.
func (h *hostFunc) callPlain(args []val.Value, from *ComponentInstance) (val.Value, error) {
	v, err := h.f.Plain(h.store.contextFor(from), args)
	if err != nil {
		return val.Value{}, err
	}
	return v, h.checkResult(v)
}

func (h *hostFunc) checkResult(v val.Value) error {
	if t := h.f.Type.Result; t != nil && isPlain(v, t) {
		return nil
	}
	if err := checkResult(v, h.f.Type, h.f.Scope); err != nil {
		return inPart("result of "+h.f.Name, err)
	}
	return nil
}

// contextFor is the context of the task of from that calls, or what the host gives
// to the call that it is making.
func (s *Store) contextFor(from *ComponentInstance) any {
	if from == nil {
		return s.context
	}
	return s.current.task.context
}

func (h *hostFunc) start(c Caller, from *ComponentInstance, args []val.Value, async func(*HostCall)) OnCancel {
	hc := &HostCall{host: h, caller: c, from: from, context: h.store.contextFor(from), args: args}
	h.store.hostCalls.push(hc, hostCallLinks)
	async(hc)
	if !h.f.Type.Async && hc.state != hostCallEnded {
		hc.Fail(errors.New(h.f.Name + " is not async and did not answer at once"))
	}
	if hc.failed != nil && from != nil {
		panic(hc.failed)
	}
	return OnCancel{host: hc}
}

// HostCall is one call of an async function of the host. Its methods need the
// store to be held.
type HostCall struct {
	host      *hostFunc
	caller    Caller
	from      *ComponentInstance // nil where the host calls itself
	context   any
	args      []val.Value
	state     hostCallState
	cancelled bool // the guest asked for it
	canceller Canceller
	failed    *trap.Trap // that Fail ended it by
	links     links[HostCall]
}

type hostCallState uint8

const (
	hostCallOpen hostCallState = iota
	hostCallEnded
)

func hostCallLinks(c *HostCall) *links[HostCall] { return &c.links }

// Context is what the host gave to [Store.Invoke] for the task that calls.
func (c *HostCall) Context() any { return c.context }

// Args are the arguments. The host may keep them.
func (c *HostCall) Args() []val.Value { return c.args }

// Ended reports whether the call was answered, or its caller is gone.
func (c *HostCall) Ended() bool { return c.state == hostCallEnded }

// CancelRequested reports whether the guest asked the call to end early.
func (c *HostCall) CancelRequested() bool { return c.cancelled }

// Canceller is told when the guest asks a call to end early or is gone: at most once,
// while the store is held. It must be quick, and may answer the call.
type Canceller interface{ RequestCancel() }

// SetCanceller says whom to tell.
func (c *HostCall) SetCanceller(to Canceller) { c.canceller = to }

// end takes the call out of the store's list. It reports whether it was there.
func (c *HostCall) end() bool {
	if c.state == hostCallEnded {
		return false
	}
	c.state = hostCallEnded
	c.host.store.hostCalls.remove(c, hostCallLinks)
	return true
}

// Return answers the call; result is the zero Value where the function has none.
// An error says that the value does not have the result's type, and the call is
// then not answered yet. Where the call has ended, nothing happens. The guest's
// realloc may run; a trap of it goes to whoever waits for the guest.
func (c *HostCall) Return(result val.Value) error {
	if c.Ended() {
		return nil
	}
	if err := c.host.checkResult(result); err != nil {
		return err
	}
	c.end()
	c.resolve(result, Returned)
	return nil
}

// Cancel answers the call without a value, which only a call that was asked to
// end may do.
func (c *HostCall) Cancel() error {
	switch {
	case c.Ended():
		return nil
	case !c.cancelled:
		return errors.New(c.host.f.Name + " resolved as cancelled without a request")
	}
	c.end()
	c.resolve(val.Value{}, Cancelled)
	return nil
}

// resolve lets the caller's realloc run on behalf of the caller.
func (c *HostCall) resolve(result val.Value, how Resolution) {
	if c.from == nil {
		c.caller.OnResolve(result, how)
		return
	}
	s := c.host.store
	err := s.protect(func() { c.caller.OnResolve(result, how) })
	if t, ok := err.(*trap.Trap); ok {
		s.poison(t, c.from.root)
	}
}

// Fail ends the call by a trap of its caller, with the text of err.
func (c *HostCall) Fail(err error) {
	if !c.end() {
		return
	}
	t := trap.Host(err)
	s := c.host.store
	switch {
	case c.from == nil:
		c.caller.OnTrap(t)
	default:
		c.failed = t
		s.poison(t, c.from.root)
	}
}

// requestCancellation tells the host, once.
func (c *HostCall) requestCancellation() {
	if c.Ended() || c.cancelled {
		return
	}
	c.cancelled = true
	c.tellHost()
}

func (c *HostCall) tellHost() {
	if to := c.canceller; to != nil {
		c.canceller = nil
		to.RequestCancel()
	}
}

// endHostCalls ends the calls that a tree which goes down was making.
func (s *Store) endHostCalls(root *ComponentInstance) {
	var gone []*HostCall
	for c := s.hostCalls.head; c != nil; c = c.links.next {
		if c.from != nil && c.from.root == root {
			gone = append(gone, c)
		}
	}
	for _, c := range gone {
		if c.end() {
			c.tellHost()
		}
	}
}
