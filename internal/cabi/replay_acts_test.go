package cabi

// actOnce does one thing that core code may do, mostly something sensible.
func (g *replayGuest) actOnce(label uint64) {
	for range 20 {
		if replayActs[g.w.rand.IntN(len(replayActs))](g, label) {
			return
		}
	}
}

// replayActs are what a guest may do. Each reports whether there was anything to do
// it to; those that stand twice are done twice as often.
var replayActs = []func(g *replayGuest, label uint64) bool{
	(*replayGuest).actCall, (*replayGuest).actCall, (*replayGuest).actCall, (*replayGuest).actCall,
	(*replayGuest).actCopy, (*replayGuest).actCopy, (*replayGuest).actCopy, (*replayGuest).actCopy,
	(*replayGuest).actNewEnds,
	(*replayGuest).actCancelCopy,
	(*replayGuest).actDropEnd,
	(*replayGuest).actNewSet,
	(*replayGuest).actJoin, (*replayGuest).actJoin, (*replayGuest).actJoin,
	(*replayGuest).actWait, (*replayGuest).actWait,
	(*replayGuest).actPoll,
	(*replayGuest).actDropSet,
	(*replayGuest).actCancelSubtask,
	(*replayGuest).actDropSubtask,
	(*replayGuest).actResolve,
	(*replayGuest).actPressure,
	(*replayGuest).actNewThread,
	(*replayGuest).actThread, (*replayGuest).actThread,
	(*replayGuest).actYield,
}

// mayBlock keeps most of what blocks out of functions that are not async, which may
// not, and of what is on the stack while one has not returned.
func (g *replayGuest) mayBlock() bool { return g.inst.sync == nil || g.chance(1000) }

// mode is the suffix of a built-in's name, for one that does not block or one that
// may.
func (g *replayGuest) mode() string {
	if g.mayBlock() && g.chance(3) {
		return ""
	}
	return " async"
}

func (g *replayGuest) cancellable() string {
	if g.chance(2) {
		return " cancellable"
	}
	return ""
}

func (g *replayGuest) actCall(label uint64) bool {
	w := g.w
	if w.calls >= maxReplayCall {
		return false
	}
	i := w.rand.IntN(len(w.funcs))
	f := w.funcs[i]
	callee := w.guests[f.Guest]
	if callee == g || callee.letsHolderGo(f) { // which the reference tests want otherwise
		return false
	}
	if !callee.inst.mayEnterFrom(g.inst) && !g.chance(1000) {
		return false
	}
	args := []uint64{uint64(i), 0}
	if f.Param != "" {
		end, ok := g.pick(func(h handle) bool {
			e, ok := h.(*CopyEnd)
			return ok && e.end == replayEnds[f.Param] && (e.state == copyIdle && e.set == nil || g.chance(600))
		})
		if !ok {
			return false
		}
		args = append(args, end)
	}
	mode := g.mode()
	if !f.Async && g.chance(2) {
		mode = ""
	}
	if mode != "" {
		args = append(args, uint64(16+4*w.rand.IntN(24)))
	}
	w.calls++
	args[1] = w.calls
	g.perform(label, "call"+mode, g.lowerFor(i, mode), args)
	return true
}

var replayEnds = map[string]endKind{"stream": readableStream, "future": readableFuture}

// letsHolderGo reports whether a call would do what the specification does not: see
// Task.letHolderGo.
func (g *replayGuest) letsHolderGo(f *replayFunc) bool {
	held := g.inst.exclusive
	return f.Async && f.Lift != "stackful" && held != nil && held.queue == queueReady && g.inst.waiting == 0 && g.inst.backpressure == 0
}

func (g *replayGuest) lowerFor(i int, mode string) CoreBuiltin {
	if g.lowered == nil {
		g.lowered = map[string][]CoreBuiltin{}
	}
	if g.lowered[mode] == nil {
		opts := g.sync
		if mode != "" {
			opts = g.async
		}
		for _, f := range g.w.funcs {
			g.lowered[mode] = append(g.lowered[mode], g.lower(f.inst, opts))
		}
	}
	return g.lowered[mode][i]
}

// endType is the type of an end, and whether it reads.
func endType(k endKind) (name, direction string) {
	name, direction = "stream", "write"
	if k.future() {
		name = "future"
	}
	if k.readable() {
		direction = "read"
	}
	return name, direction
}

// endAtIndex is the kind of the end at an index, or any.
func (g *replayGuest) endAtIndex(i uint64) endKind {
	if i < uint64(len(g.inst.handles.array)) {
		if e, ok := g.inst.handles.array[i].(*CopyEnd); ok {
			return e.end
		}
	}
	return endKind(g.w.rand.IntN(4))
}

func (g *replayGuest) actCopy(label uint64) bool {
	mode := g.mode()
	i, ok := g.pick(func(h handle) bool {
		e, ok := h.(*CopyEnd)
		return ok && (e.state == copyIdle && (mode != "" || e.set == nil) || g.chance(2000))
	})
	if !ok {
		return false
	}
	name, direction := endType(g.endAtIndex(i))
	args := []uint64{i, uint64(128 + g.w.rand.IntN(100))}
	if name == "stream" {
		args = append(args, uint64(g.w.rand.IntN(6)))
	}
	g.op(label, name+"."+direction+mode, args...)
	return true
}

func (g *replayGuest) actNewEnds(label uint64) bool {
	g.op(label, []string{"stream.new", "stream.new", "future.new"}[g.w.rand.IntN(3)])
	return true
}

func (g *replayGuest) actCancelCopy(label uint64) bool {
	mode := g.mode()
	i, ok := g.pick(func(h handle) bool {
		e, ok := h.(*CopyEnd)
		// What is cancelled with a part of it done counts as cancelled for the
		// reference tests, and as completed for the specification: see CopyEnd.cancel.
		return ok && e.state == copyCopying && e.syncWaiter == nil && (mode != "" || e.set == nil) &&
			!(e.pending && e.reclaim && e.buffer.remain() > 0)
	})
	if !ok {
		return false
	}
	name, direction := endType(g.endAtIndex(i))
	g.op(label, name+".cancel-"+direction+mode, i)
	return true
}

func (g *replayGuest) actDropEnd(label uint64) bool {
	i, ok := g.pick(func(h handle) bool {
		e, ok := h.(*CopyEnd)
		return ok && (!e.copying() && (e.end != writableFuture || e.state == copyDone) || g.chance(2000))
	})
	if !ok {
		return false
	}
	name, direction := endType(g.endAtIndex(i))
	g.op(label, name+".drop-"+map[string]string{"read": "readable", "write": "writable"}[direction], i)
	return true
}

func (g *replayGuest) actNewSet(label uint64) bool {
	if _, ok := g.pick(func(h handle) bool { _, ok := h.(*WaitableSet); return ok }); ok && !g.chance(4) {
		return false
	}
	g.op(label, "waitable-set.new")
	return true
}

func (g *replayGuest) pickSet(sensible func(s *WaitableSet) bool) (uint64, bool) {
	return g.pick(func(h handle) bool { s, ok := h.(*WaitableSet); return ok && sensible(s) })
}

func (g *replayGuest) actJoin(label uint64) bool {
	w, ok := g.pick(func(h handle) bool {
		w := asWaitable(h)
		return w != nil && w.syncWaiter == nil && (w.set == nil || g.chance(4))
	})
	if !ok {
		return false
	}
	set, ok := g.pickSet(func(*WaitableSet) bool { return true })
	if !ok || g.chance(8) {
		set = 0
	}
	g.op(label, "waitable.join", w, set)
	return true
}

func (g *replayGuest) actWait(label uint64) bool {
	set, ok := g.pickSet(func(s *WaitableSet) bool { return s.len > 0 || g.chance(600) })
	if !ok || !g.mayBlock() {
		return false
	}
	g.op(label, "waitable-set.wait"+g.cancellable(), set)
	return true
}

func (g *replayGuest) actPoll(label uint64) bool {
	set, ok := g.pickSet(func(*WaitableSet) bool { return true })
	if !ok {
		return false
	}
	g.op(label, "waitable-set.poll"+g.cancellable(), set)
	return true
}

func (g *replayGuest) actDropSet(label uint64) bool {
	set, ok := g.pickSet(func(s *WaitableSet) bool { return s.len == 0 && s.waiters.len == 0 || g.chance(2000) })
	if !ok {
		return false
	}
	g.op(label, "waitable-set.drop", set)
	return true
}

func (g *replayGuest) actCancelSubtask(label uint64) bool {
	mode := g.mode()
	i, ok := g.pick(func(h handle) bool {
		st, ok := h.(*Subtask)
		return ok && (!st.delivered && !st.cancelRequested && (mode != "" || st.set == nil) || g.chance(2000))
	})
	if !ok {
		return false
	}
	g.op(label, "subtask.cancel"+mode, i)
	return true
}

func (g *replayGuest) actDropSubtask(label uint64) bool {
	i, ok := g.pick(func(h handle) bool { st, ok := h.(*Subtask); return ok && (st.delivered || g.chance(2000)) })
	if !ok {
		return false
	}
	g.op(label, "subtask.drop", i)
	return true
}

func (g *replayGuest) actResolve(label uint64) bool {
	if k := g.inst.store.current.task; k.state == taskResolved || !g.chance(3) {
		return false
	}
	g.resolve(label)
	return true
}

func (g *replayGuest) actPressure(label uint64) bool {
	if g.inst.backpressure > 0 || g.chance(600) {
		g.op(label, "backpressure.dec")
	} else {
		g.op(label, "backpressure.inc")
	}
	return true
}

func (g *replayGuest) actNewThread(label uint64) bool {
	if g.w.threads > 6 {
		return false
	}
	g.w.threads++
	g.op(label, "thread.new-indirect", 1000+g.w.threads)
	return true
}

// pickThread is the index of a thread for which ok holds.
func (g *replayGuest) pickThread(ok func(*Thread) bool) (index uint64, found bool) {
	var fit []uint64
	for i, t := range g.inst.threads.array {
		if t != nil && ok(t) {
			fit = append(fit, uint64(i))
		}
	}
	if len(fit) == 0 {
		return 0, false
	}
	return fit[g.w.rand.IntN(len(fit))], true
}

func (g *replayGuest) actThread(label uint64) bool {
	suspended := func(t *Thread) bool { return t.suspended() || g.chance(2000) }
	any := func(*Thread) bool { return true }
	acts := []struct {
		name        string
		which       func(*Thread) bool
		cancellable bool
		blocks      bool
	}{
		{"thread.index", nil, false, false},
		{"thread.resume-later", suspended, false, false},
		{"thread.suspend", nil, true, true},
		{"thread.suspend-then-resume", suspended, true, true},
		{"thread.yield-then-resume", suspended, true, true},
		{"thread.suspend-then-promote", any, true, true},
		{"thread.yield-then-promote", any, true, true},
	}
	a := acts[g.w.rand.IntN(len(acts))]
	if a.blocks && !g.mayBlock() || a.name == "thread.suspend" && !g.chance(4) {
		return false
	}
	var args []uint64
	if a.which != nil {
		i, ok := g.pickThread(a.which)
		if !ok {
			return false
		}
		args = []uint64{i}
	}
	name := a.name
	if a.cancellable {
		name += g.cancellable()
	}
	g.op(label, name, args...)
	return true
}

func (g *replayGuest) actYield(label uint64) bool {
	if !g.mayBlock() {
		return false
	}
	g.op(label, "thread.yield"+g.cancellable())
	return true
}
