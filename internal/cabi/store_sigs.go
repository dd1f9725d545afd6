package cabi

import (
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

const soon = "cabi: only the signature is here yet"

// Cancellable says whether a built-in that blocks may be woken by a request to
// cancel its task.
type Cancellable bool

// Mode says whether a built-in blocks or answers BLOCKED.
type Mode uint8

// The modes.
const (
	Sync Mode = iota
	Async
)

// Store holds component instances that may call one another, and schedules
// their tasks. It is for one goroutine at a time. Nothing in it blocks.
type Store struct{}

// Config are the choices of a store. The zero Config is usable.
type Config struct {
	Chooser       Chooser // or nil: in order
	MaxHandles    int     // per component instance; 0 is 1<<20
	MaxTasks      int     // tasks and threads per store; 0 is 1<<20
	MaxValueBytes int     // what one lifted value may take of the host's memory; 0 is 1<<30
}

// Chooser decides among the orders that the specification permits.
type Chooser interface {
	// Choose returns one of 0 to n-1. n is at least 2.
	Choose(n int) int
}

// NewStore makes an empty store.
func NewStore(c Config) *Store { panic(soon) }

// ComponentInstance is the state of one instance of a component.
type ComponentInstance struct{}

// NewInstance adds an instance. The name is what traps call it. parent is nil
// where the host instantiates.
func (s *Store) NewInstance(name string, parent *ComponentInstance) *ComponentInstance { panic(soon) }

// SetMayBlock declares that core code of the instance can reach a built-in that
// blocks on its stack: a sync lowering of an async function, waitable-set.wait,
// a sync subtask.cancel or stream or future operation, or thread.* but index
// and new-indirect. It must be called before any code of it runs.
func (i *ComponentInstance) SetMayBlock() { panic(soon) }

// SetResource says which resource type stands for the [types.Resource] with
// that index in types that the instance uses.
func (i *ComponentInstance) SetResource(index int, rt *ResourceType) { panic(soon) }

// ResourceType is a resource type at run time.
type ResourceType struct{}

// NewResourceType makes a resource type that impl implements.
func NewResourceType(name string, impl *ComponentInstance) *ResourceType { panic(soon) }

// SetDtor sets the destructor, a core function (rep i32) -> ().
func (rt *ResourceType) SetDtor(dtor CoreFunc) { panic(soon) }

// NewHostResourceType makes a resource type of the host. drop, which may be
// nil, is called with the representation when the last owner drops it, while
// the store is held.
func NewHostResourceType(name string, drop func(rep uint32)) *ResourceType { panic(soon) }

// Lift makes the component-level function of a canon lift definition of inst.
//
// Spec: CanonicalABI.md#embedding (definitions.py Store.lift).
func (s *Store) Lift(name string, f CoreFunc, ft *types.Func, opts *CanonicalOptions, inst *ComponentInstance) FuncInst {
	panic(soon)
}

// Lower makes the core function of a canon lower definition of inst.
//
// Spec: CanonicalABI.md#embedding (definitions.py Store.lower).
func (s *Store) Lower(f FuncInst, ft *types.Func, opts *CanonicalOptions, inst *ComponentInstance) CoreBuiltin {
	panic(soon)
}

// NewHostFunc makes a component-level function of the host.
func (s *Store) NewHostFunc(f *HostFunc) FuncInst { panic(soon) }

// RunStart runs f, which instantiates core modules of inst and so runs their
// start functions, as a task of inst. It returns the trap that ended it.
func (s *Store) RunStart(inst *ComponentInstance, f func()) error { panic(soon) }

// Invoke calls f for the host. context travels with the task to every host
// function that it calls. It returns when the call has resolved or blocked.
//
// Spec: CanonicalABI.md#embedding (definitions.py Store.invoke).
func (s *Store) Invoke(f FuncInst, c Caller, context any) OnCancel { panic(soon) }

// Tick lets one ready thread run until it blocks or ends. It reports whether
// there was one.
//
// Spec: CanonicalABI.md#embedding (definitions.py Store.tick).
func (s *Store) Tick() bool { panic(soon) }

// Ready reports whether [Store.Tick] would find a thread.
func (s *Store) Ready() bool { panic(soon) }

// TrapDeadlock ends all tasks that wait by a deadlock trap that names them and
// what they wait for. Only the embedder knows that nothing outside can wake
// them any more.
func (s *Store) TrapDeadlock() { panic(soon) }

// Trap ends everything in the store by t, as when a deadline passes.
func (s *Store) Trap(t *trap.Trap) { panic(soon) }

// Close unwinds all parked calls, ends every pending call of the host by an
// error, and makes the store unusable. Memories may be freed after it.
func (s *Store) Close() { panic(soon) }

// OnCancel asks a call to end early. The zero OnCancel does nothing.
type OnCancel struct{}

// Request asks on behalf of the host. A request that races the call's end does
// nothing, and neither does a second one. It may let guest code run.
func (c OnCancel) Request() { panic(soon) }

// HostCall is one call of a host function.
type HostCall struct{}

// Context is what the host gave to [Store.Invoke] for the task that calls.
func (c *HostCall) Context() any { panic(soon) }

// Args are the arguments. The host may keep them.
func (c *HostCall) Args() []val.Value { panic(soon) }

// Return answers the call. An error says that the value does not have the
// result's type; the call is then not answered yet. Once the call has ended,
// or its instance is gone, nothing happens.
func (c *HostCall) Return(result val.Value) error { panic(soon) }

// Cancel answers a call for which cancellation was requested without a value.
func (c *HostCall) Cancel() error { panic(soon) }

// Fail traps the caller with the text of err.
func (c *HostCall) Fail(err error) { panic(soon) }

// SetOnCancel says what to call when the guest asks the call to end early or its
// instance is gone. It is called at most once, while the store is held.
func (c *HostCall) SetOnCancel(f func()) { panic(soon) }
