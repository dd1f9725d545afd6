package cabi

import "github.com/gondola-wasm/gondola/internal/trap"

// A trap ends the tree of component instances that it happened in: nobody may
// observe their state again. What unwound it was on the stack of every
// thread up to where the store was entered, so all of their trees go down; and
// with a task goes whoever waits for it, since to core code a call that traps is
// a trap. The host's callers are told.
//
// Spec: Explainer.md#component-invariants (1).

// doom is a tree that is to go down, and why.
type doom struct {
	root *ComponentInstance
	why  error
}

// doom has the tree of which i is the root go down when the store is left. From
// now on nobody enters it, and its code that is on the stack traps as soon as it
// calls anything.
func (i *ComponentInstance) doom(why error) {
	if i.poison == nil {
		i.poison = why
		i.store.doomed = append(i.store.doomed, doom{i, why})
	}
}

// poison takes trees down, and with them all that waits for them.
func (s *Store) poison(why error, roots ...*ComponentInstance) {
	for _, r := range roots {
		r.doom(why)
	}
	s.stopDoomed()
}

// stopDoomed ends what is doomed, once no guest code is on the stack. What ends
// may doom more.
func (s *Store) stopDoomed() {
	if s.depth > 0 || s.stopping {
		return
	}
	s.stopping = true
	for len(s.doomed) > 0 {
		d := s.doomed[0]
		s.doomed = s.doomed[1:]
		s.stop(d)
	}
	s.doomed, s.stopping = nil, false
}

// takeDown makes the whole store unusable.
func (s *Store) takeDown(why error) {
	if s.down == nil {
		s.down = why
	}
	for _, i := range s.instances {
		i.root.doom(why)
	}
	s.poison(why)
}

// stop ends everything in one tree: first the stacks are unwound, then those
// who wait are told, then what the instances owned is given up.
func (s *Store) stop(d doom) {
	var tree []*ComponentInstance
	for _, i := range s.instances {
		if i.root == d.root {
			tree = append(tree, i)
		}
	}
	for _, i := range tree {
		i.abandonThreads()
	}
	for _, i := range tree {
		i.endTasks(d.why)
	}
	s.endHostCalls(d.root)
	for _, i := range tree {
		i.dropHandles(d.why)
	}
}

func (i *ComponentInstance) abandonThreads() {
	for k := i.live.head; k != nil; k = k.liveLinks.next {
		k.implicit.abandonUnlessRunning()
		for t := k.threads.head; t != nil; t = t.taskLinks.next {
			t.abandonUnlessRunning()
		}
	}
}

// abandonUnlessRunning leaves threads alone that a trap unwound: no guest code is
// on the stack, so what was running is gone.
func (t *Thread) abandonUnlessRunning() {
	if t.state != threadDone && t.state != threadRunning {
		t.abandon()
	}
}

func (i *ComponentInstance) endTasks(why error) {
	for k := i.live.head; k != nil; k = i.live.head {
		i.live.remove(k, taskLinks)
		i.store.live--
		for t := k.threads.head; t != nil; t = t.taskLinks.next {
			if t.explicit != nil {
				i.store.live--
			}
		}
		k.gen++
		if k.state != taskResolved {
			k.state = taskResolved
			k.caller.OnTrap(why)
		}
	}
}

// dropHandles gives up what the instance owned where somebody else cares: other
// ends of streams and futures, and the host's resources.
func (i *ComponentInstance) dropHandles(why error) {
	array := i.handles.array
	i.handles.array, i.handles.free = nil, nil
	for _, h := range array {
		switch h := h.(type) {
		case *CopyEnd:
			h.abandon(why)
		case *ResourceHandle:
			if h.own && h.rt.drop != nil {
				h.rt.drop(uint32(h.rep))
			}
		case *Subtask:
			h.abandon()
		}
	}
}

// abandon gives up an end whose owner is gone.
func (e *CopyEnd) abandon(why error) {
	s := e.shared.base()
	if s.pendingCopier == e {
		s.resetPending()
	}
	if f, ok := e.shared.(*Future); ok && e.end == writableFuture && e.state != copyDone && !s.dropped {
		f.abandon(why)
		return
	}
	s.drop()
}

// abandon cancels a call that has not begun. One that has begun goes on; nobody
// looks at what it returns.
func (st *Subtask) abandon() {
	if k := st.onCancel.task; k != nil && k.gen == st.onCancel.gen && k.state == taskInitial && k.inst.root.poison == nil {
		st.cancelRequested = true
		k.requestCancellation(nil)
	}
}

// Trap ends everything in the store by t, as when the embedder's patience ends
// while guest code waits.
func (s *Store) Trap(t *trap.Trap) { s.poisonAll(t) }

func (s *Store) poisonAll(why error) {
	for _, i := range s.instances {
		i.root.doom(why)
	}
	s.poison(why)
}

// Close unwinds all parked calls, ends every pending call of the host by
// [ErrClosed], and makes the store unusable. It must not be called while guest
// code runs. Memories may be freed after it.
func (s *Store) Close() {
	assert(s.depth == 0, "a store is not closed within guest code")
	s.takeDown(ErrClosed)
}
