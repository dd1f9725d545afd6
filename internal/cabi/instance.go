package cabi

import (
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
)

// ComponentInstance is the state of one instance of a component.
//
// Spec: CanonicalABI.md#component-instances (definitions.py ComponentInstance).
type ComponentInstance struct {
	store  *Store
	parent *ComponentInstance
	root   *ComponentInstance // the oldest ancestor, or itself
	depth  int                // the number of ancestors
	name   string

	handles   table[handle]
	threads   table[*Thread]
	resources []*ResourceType // by types.Resource.Index

	mayEnter     bool
	mayLeave     bool
	mayBlock     bool
	backpressure int
	waiting      int     // tasks that wait to enter
	exclusive    *Thread // the implicit thread that holds the lock, or nil
	sync         *Task   // a task of a sync function that is on the stack, or nil

	queues   [numQueues]threadQueue
	links    links[ComponentInstance] // in Store.runnable
	runnable bool                     // it is there

	live     list[Task] // every task that has not ended
	scrap    *Thread    // the thread that realloc runs on
	free     *ResourceHandle
	freeEnds []*CopyEnd

	poison error // of a root: why the whole tree is down, or nil
}

// handle is what a handle table holds: a *ResourceHandle, *Subtask, *CopyEnd,
// *WaitableSet or *ErrorContext.
type handle interface {
	// kind is what errors call it.
	kind() string
}

// NewInstance adds an instance to the store. The name is what traps call it.
// parent is the instance whose component contains the instantiation, or nil
// where the host instantiates.
func (s *Store) NewInstance(name string, parent *ComponentInstance) *ComponentInstance {
	i := &ComponentInstance{store: s, parent: parent, name: name, mayEnter: true, mayLeave: true}
	i.root = i
	if parent != nil {
		assert(parent.store == s, "an instance and its parent live in one store")
		i.root, i.depth = parent.root, parent.depth+1
	}
	i.handles = table[handle]{limit: s.cfg.MaxHandles, unknown: trap.UnknownHandle}
	i.threads = table[*Thread]{limit: s.cfg.MaxTasks, unknown: trap.UnknownThread}
	i.scrap = newScrapThread(i)
	s.instances = append(s.instances, i)
	return i
}

// Name is what traps call the instance.
func (i *ComponentInstance) Name() string { return i.name }

// Store is the store that the instance lives in.
func (i *ComponentInstance) Store() *Store { return i.store }

// Poisoned is the error that ended the instance and all that it was
// instantiated with, or nil.
func (i *ComponentInstance) Poisoned() error { return i.root.poison }

// SetMayBlock declares that core code of the instance can reach a built-in that
// blocks on its stack: a sync lowering of an async function, waitable-set.wait,
// a sync subtask.cancel or stream or future operation, or any of thread.* but
// index, new-indirect and resume-later. Core calls then run on stacks of their
// own. It must be called before any code of the instance runs.
func (i *ComponentInstance) SetMayBlock() { i.mayBlock = true }

// SetResource says which resource type stands for the [types.Resource] with
// that index in the types that the instance uses. It must be called before a
// handle of that type is passed.
func (i *ComponentInstance) SetResource(index int, rt *ResourceType) {
	for len(i.resources) <= index {
		i.resources = append(i.resources, nil)
	}
	i.resources[index] = rt
}

// resource is the resource type of an own or borrow type that i uses.
func (i *ComponentInstance) resource(r *types.Resource) *ResourceType {
	n := r.Index()
	assert(n >= 0 && n < len(i.resources) && i.resources[n] != nil,
		"every resource of a type that an instance uses was set")
	return i.resources[n]
}

// boundary is the youngest instance that has both i and caller as itself or a
// descendant; entering i from caller enters those of i's line below it. It is
// nil where that is the whole line.
//
// Spec: definitions.py entering_set, self_and_ancestors.
func (i *ComponentInstance) boundary(caller *ComponentInstance) *ComponentInstance {
	if caller == nil || i.root != caller.root {
		return nil
	}
	for a := i; ; a = a.parent {
		for caller.depth > a.depth {
			caller = caller.parent
		}
		if a == caller {
			return a
		}
	}
}

// mayEnterFrom reports whether the line from i up to below the boundary may be
// entered.
//
// Spec: definitions.py may_enter_from.
func (i *ComponentInstance) mayEnterFrom(caller *ComponentInstance) bool {
	if i.root.poison != nil {
		return false
	}
	stop := i.boundary(caller)
	for a := i; a != stop; a = a.parent {
		if !a.mayEnter {
			return false
		}
	}
	return true
}

// Spec: definitions.py enter_from.
func (i *ComponentInstance) enterFrom(caller *ComponentInstance) {
	stop := i.boundary(caller)
	for a := i; a != stop; a = a.parent {
		assert(a.mayEnter, "an instance is entered only where it may be")
		a.mayEnter = false
	}
}

// Spec: definitions.py leave_to.
func (i *ComponentInstance) leaveTo(caller *ComponentInstance) {
	stop := i.boundary(caller)
	for a := i; a != stop; a = a.parent {
		assert(!a.mayEnter, "an instance is left only where it was entered")
		a.mayEnter = true
	}
}

// trapUnlessMayLeave is the guard of nearly everything that core code can call.
func (i *ComponentInstance) trapUnlessMayLeave() {
	if !i.mayLeave {
		trap.Throw(trap.CannotLeave)
	}
}
