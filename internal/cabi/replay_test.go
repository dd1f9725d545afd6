package cabi

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Random guests are let loose on one another, and what they and the host did is
// replayed on definitions.py (testdata/replay.py): every order that was chosen must be
// one of those that the specification permits, and every result, event, trap and byte
// of memory what comes of it there.
func TestReplayOnDefinitions(t *testing.T) {
	definitions := testenv.Path(t, testenv.Definitions)
	python, err := exec.LookPath("python3")
	if err != nil {
		testenv.Missing(t, "%v", err)
	}
	first := testenv.Seed(t)
	r := newReplayer(t, python, definitions)
	var ops, traps int
	reasons := map[trap.Code]int{}
	for seed := first; seed < first+uint64(testenv.Number(t, testenv.Replays, 200)); seed++ {
		w := playRandomly(t, seed)
		if verdict := r.replay(w.trace()); verdict != "ok" {
			t.Errorf("seed %d: %s\n%s", seed, verdict, w.lastEntries(verdict))
		}
		ops += w.ops
		if w.trapped {
			reasons[w.why]++
			traps++
		}
	}
	t.Logf("%d operations of guests, %d traps: %v", ops, traps, reasons)
}

// traceEntry is something that happened. Which fields count depends on the kind:
//
//	invoke     the host calls function Args[0]; the call is Thread
//	tick       the host lets a thread go on
//	cancel     the host asks call Thread to end
//	idle       no thread is ready
//	start      thread Thread begins in core code, called with Args after its number
//	callback   it goes on in its callback, called with Args
//	op         it calls the built-in Name with Args,
//	return     which returns Results, for an event with its two words; Memory is a
//	           checksum of the guest's
//	end        its core code returns Results
//	resolved   call Thread of the host ends with Results, or cancelled
//	trap       and nothing comes after it
type traceEntry struct {
	Kind    string   `json:"k"`
	Thread  uint64   `json:"t,omitempty"`
	Name    string   `json:"n,omitempty"`
	Args    []uint64 `json:"a"`
	Results []uint64 `json:"r"`
	Memory  uint32   `json:"m,omitempty"`
}

// replayFunc is a function of a world. It takes the number of its call and perhaps a
// stream<u8> or future<u8>, and returns a u32.
type replayFunc struct {
	Guest int    `json:"guest"`
	Async bool   `json:"async"` // its type is
	Lift  string `json:"lift"`  // "sync", "stackful" or "callback"
	Param string `json:"param"` // "", "stream" or "future"

	inst FuncInst
}

// replayWorld is a few guests that do whatever comes to their minds.
type replayWorld struct {
	*harness
	rand    *rand.Rand
	guests  []*replayGuest
	funcs   []*replayFunc
	entries []traceEntry
	calls   uint64 // the calls so far; they are numbered from 1
	threads uint64 // the explicit threads so far; they are numbered from 1001
	ops     int
	trapped bool
	why     trap.Code
	over    bool // what happens now is only that stacks are unwound
}

const (
	replayGuests  = 3
	maxReplayOps  = 300
	maxReplayCall = 30
)

// playRandomly makes a world and lets it run until nothing can go on, or until a
// trap.
func playRandomly(t *testing.T, seed uint64) *replayWorld {
	store := NewStore(Config{Chooser: NewSeeded(seed), PanicOnBug: true})
	w := &replayWorld{harness: &harness{Store: store, t: t}, rand: rand.New(rand.NewPCG(seed, 2))}
	defer func() { w.over = true; w.Close() }()
	for i := range replayGuests {
		w.guests = append(w.guests, newReplayGuest(w, i))
	}
	for _, g := range w.guests {
		for _, lift := range []string{"sync", "stackful", "callback"} {
			for _, param := range []string{"", "stream", "future"} {
				w.addFunc(g, &replayFunc{Guest: g.number, Async: true, Lift: lift, Param: param})
			}
		}
		w.addFunc(g, &replayFunc{Guest: g.number, Lift: "sync"})
	}
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("seed %d: %v\n%s", seed, p, w.lastEntries(""))
		}
	}()
	w.drive()
	return w
}

var replayParams = map[string]*types.Type{"stream": types.Stream(types.U8), "future": types.Future(types.U8)}

func (w *replayWorld) addFunc(g *replayGuest, f *replayFunc) {
	ft := funcType(types.U32, types.U32)
	if p := replayParams[f.Param]; p != nil {
		ft = funcType(types.U32, types.U32, p)
	}
	ft.Async = f.Async
	opts := &CanonicalOptions{Memory: g.mem, Async: f.Lift != "sync"}
	if f.Lift == "callback" {
		opts.Callback = core(g.callback)
	}
	f.inst = g.lift("f", core(func(args []uint64) []uint64 { return g.start(f, args) }), ft, opts)
	w.funcs = append(w.funcs, f)
}

// replayCall is a call of the host's.
type replayCall struct {
	w         *replayWorld
	label     uint64
	on        OnCancel
	cancelled bool
	ended     bool
}

func (c *replayCall) OnStart(args []val.Value) []val.Value {
	return append(args, val.U32(uint32(c.label)))
}

func (c *replayCall) OnResolve(v val.Value, how Resolution) {
	c.ended = true
	e := traceEntry{Kind: "resolved", Thread: c.label}
	if how == Returned {
		e.Results = []uint64{v.Uint()}
	}
	c.w.add(e)
}

func (c *replayCall) OnTrap(err error) {
	c.ended = true
	if err != ErrClosed {
		c.w.trap(err)
	}
}

// drive is the host.
func (w *replayWorld) drive() {
	var calls []*replayCall
	for w.noticeTrap(); !w.trapped; w.noticeTrap() {
		var open []*replayCall
		for _, c := range calls {
			if !c.ended && !c.cancelled {
				open = append(open, c)
			}
		}
		switch {
		case len(open) > 0 && w.rand.IntN(8) == 0:
			c := open[w.rand.IntN(len(open))]
			c.cancelled = true
			w.add(traceEntry{Kind: "cancel", Thread: c.label})
			c.on.Request()
		case w.Ready() && w.rand.IntN(6) > 0:
			w.add(traceEntry{Kind: "tick"})
			w.Tick()
		case len(calls) < 10 && w.calls < maxReplayCall:
			calls = append(calls, w.invoke())
		case w.Ready():
			w.add(traceEntry{Kind: "tick"})
			w.Tick()
		case len(open) > 0:
			open[0].cancelled = true
			w.add(traceEntry{Kind: "cancel", Thread: open[0].label})
			open[0].on.Request()
		default:
			w.add(traceEntry{Kind: "idle"})
			return
		}
	}
}

func (w *replayWorld) invoke() *replayCall {
	for {
		i := w.rand.IntN(len(w.funcs))
		if w.funcs[i].Param != "" {
			continue
		}
		w.calls++
		c := &replayCall{w: w, label: w.calls}
		w.add(traceEntry{Kind: "invoke", Thread: c.label, Args: []uint64{uint64(i)}})
		c.on = w.Invoke(w.funcs[i].inst, c, nil)
		return c
	}
}

func (w *replayWorld) add(e traceEntry) {
	if w.over || w.trapped {
		return
	}
	if e.Args == nil {
		e.Args = []uint64{}
	}
	if e.Results == nil {
		e.Results = []uint64{}
	}
	w.entries = append(w.entries, e)
}

// trap ends the trace. A trap that the specification has only later, or not at all,
// since the reference tests want it so, excuses whatever definitions.py does instead.
func (w *replayWorld) trap(err any) {
	e := traceEntry{Kind: "trap", Name: fmt.Sprint(err)}
	if t, ok := err.(*trap.Trap); ok {
		w.why = t.Code
	}
	if w.why == trap.CannotBlockSyncTask {
		e.Name = "excused"
	}
	w.add(e)
	w.trapped = true
}

// noticeTrap finds out about a trap of a task that owed nobody an answer.
func (w *replayWorld) noticeTrap() {
	for _, g := range w.guests {
		if err := g.inst.root.poison; err != nil && !w.trapped {
			w.trap(err)
		}
	}
}

// trace is what replay.py reads.
func (w *replayWorld) trace() any {
	return map[string]any{"guests": replayGuests, "functions": w.funcs, "entries": w.entries}
}

// lastEntries shows the trace up to where a verdict points.
func (w *replayWorld) lastEntries(verdict string) string {
	at := len(w.entries) - 1
	_, _ = fmt.Sscanf(verdict, "entry %d", &at)
	var b strings.Builder
	for i, f := range w.funcs {
		fmt.Fprintf(&b, "f%d: guest %d, async %v, %s %s; ", i, f.Guest, f.Async, f.Lift, f.Param)
	}
	for i := max(0, at-60); i <= min(at+3, len(w.entries)-1); i++ {
		e := w.entries[i]
		fmt.Fprintf(&b, "\n%4d %5d %-8s %s %v %v", i, e.Thread, e.Kind, e.Name, e.Args, e.Results)
	}
	return b.String()
}

// replayer is a running replay.py.
type replayer struct {
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd

	command []string
	done    int
}

func newReplayer(t *testing.T, command ...string) *replayer {
	r := &replayer{t: t, command: []string{command[0], "testdata/replay.py", command[1]}}
	t.Cleanup(r.stop)
	return r
}

func (r *replayer) start() {
	r.cmd = exec.Command(r.command[0], r.command[1:]...)
	r.cmd.Stderr = r.t.Output()
	var err error
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		r.t.Fatal(err)
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	r.out = bufio.NewReader(out)
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *replayer) stop() {
	if r.cmd != nil {
		_ = r.in.Close()
		_ = r.cmd.Wait()
		r.cmd = nil
	}
}

// replay returns the verdict. What a replay leaves behind is a few stuck threads, so
// that the process is changed now and then.
func (r *replayer) replay(trace any) (verdict string) {
	r.t.Helper()
	if r.done++; r.done%100 == 0 {
		r.stop()
	}
	if r.cmd == nil {
		r.start()
	}
	data, err := json.Marshal(trace)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.in.Write(append(data, '\n')); err != nil {
		r.t.Fatal(err)
	}
	line, err := r.out.ReadBytes('\n')
	if err != nil {
		r.t.Fatalf("replay.py: %v", err)
	}
	if err := json.Unmarshal(line, &verdict); err != nil {
		r.t.Fatal(err)
	}
	return verdict
}

// replayGuest is a component instance whose functions do as they please.
type replayGuest struct {
	*guest
	w        *replayWorld
	number   int
	mem      *memory
	builtins map[string]CoreBuiltin
	get, set CoreBuiltin // of the context
	lowered  map[string][]CoreBuiltin
}

func newReplayGuest(w *replayWorld, number int) *replayGuest {
	mem := newMemory(256)
	for i := range mem.b {
		mem.b[i] = byte((i * (number + 3)) % 251)
	}
	inst := w.instance(fmt.Sprint("guest ", number), nil)
	g := &replayGuest{guest: w.guest(inst, mem, nil), w: w, number: number, mem: mem}
	g.get, g.set = CanonContextGet(inst, layout.Ptr32, 0), CanonContextSet(inst, layout.Ptr32, 0)
	table := replayTable{core(func(args []uint64) []uint64 { g.explicit(args[0]); return nil })}
	thread := layout.CoreFuncType{Params: []layout.CoreType{layout.I32}}
	g.builtins = map[string]CoreBuiltin{
		"task.return":                   CanonTaskReturn(inst, types.U32, g.async),
		"task.cancel":                   g.taskCancel,
		"backpressure.inc":              g.pressureInc,
		"backpressure.dec":              g.pressureDec,
		"waitable-set.new":              g.setNew,
		"waitable-set.wait":             CanonWaitableSetWait(inst, g.sync, false),
		"waitable-set.wait cancellable": CanonWaitableSetWait(inst, g.sync, true),
		"waitable-set.poll":             CanonWaitableSetPoll(inst, g.sync, false),
		"waitable-set.poll cancellable": CanonWaitableSetPoll(inst, g.sync, true),
		"waitable-set.drop":             g.setDrop,
		"waitable.join":                 g.join,
		"subtask.cancel":                g.subCancel,
		"subtask.cancel async":          g.subCancelAsync,
		"subtask.drop":                  g.subDrop,
		"thread.index":                  CanonThreadIndex(inst),
		"thread.new-indirect":           newThread(CanonThreadNewIndirect(inst, thread, table, layout.Ptr32)),
		"thread.resume-later":           CanonThreadResumeLater(inst),
	}
	for suffix, c := range map[string]Cancellable{"": false, " cancellable": true} {
		g.builtins["thread.suspend"+suffix] = CanonThreadSuspend(inst, c)
		g.builtins["thread.yield"+suffix] = CanonThreadYield(inst, c)
		g.builtins["thread.suspend-then-resume"+suffix] = CanonThreadSuspendThenResume(inst, c)
		g.builtins["thread.yield-then-resume"+suffix] = CanonThreadYieldThenResume(inst, c)
		g.builtins["thread.suspend-then-promote"+suffix] = CanonThreadSuspendThenPromote(inst, c)
		g.builtins["thread.yield-then-promote"+suffix] = CanonThreadYieldThenPromote(inst, c)
	}
	for name, t := range replayParams {
		g.builtins[name+".new"] = CanonNew(inst, t)
		for suffix, m := range map[string]Mode{"": Sync, " async": Async} {
			opts := map[Mode]*CanonicalOptions{Sync: g.sync, Async: g.guest.async}[m]
			g.builtins[name+".read"+suffix] = CanonRead(inst, t, opts)
			g.builtins[name+".write"+suffix] = CanonWrite(inst, t, opts)
			g.builtins[name+".cancel-read"+suffix] = CanonCancelRead(inst, t, m)
			g.builtins[name+".cancel-write"+suffix] = CanonCancelWrite(inst, t, m)
		}
		g.builtins[name+".drop-readable"] = CanonDropReadable(inst, t)
		g.builtins[name+".drop-writable"] = CanonDropWritable(inst, t)
	}
	return g
}

// newThread gives thread.new-indirect its only function; what is left to say is the
// context.
func newThread(b CoreBuiltin) CoreBuiltin {
	return func(stack []uint64) { stack[0] = call(b, 0, stack[0]) }
}

// replayTable is a table of one function.
type replayTable struct{ f CoreFunc }

func (t replayTable) Func(uint64, layout.CoreFuncType) CoreFunc { return t.f }

// start is the core function of each function.
func (g *replayGuest) start(f *replayFunc, args []uint64) []uint64 {
	label := args[0]
	rest := args[1:2:2]
	if f.Param == "" {
		rest = nil
	}
	g.w.add(traceEntry{Kind: "start", Thread: label, Args: append([]uint64{}, rest...)})
	call(g.set, label)
	g.act(label)
	switch f.Lift {
	case "sync":
		return g.end(label, label*7)
	case "callback":
		return g.end(label, g.callbackCode(label))
	}
	g.resolve(label)
	return g.end(label)
}

func (g *replayGuest) callback(args []uint64) []uint64 {
	label := call(g.get)
	g.w.add(traceEntry{Kind: "callback", Thread: label, Args: append([]uint64{}, args[:3]...)})
	g.act(label)
	return g.end(label, g.callbackCode(label))
}

// explicit is the core function of each explicit thread.
func (g *replayGuest) explicit(label uint64) {
	g.w.add(traceEntry{Kind: "start", Thread: label})
	g.act(label)
	if k := g.inst.store.current.task; k.threads.len == 1 || g.chance(4) {
		g.resolve(label)
	}
	g.end(label)
}

func (g *replayGuest) end(label uint64, results ...uint64) []uint64 {
	g.w.add(traceEntry{Kind: "end", Thread: label, Results: results})
	return results
}

// chance is true once in n times.
func (g *replayGuest) chance(n int) bool { return g.w.rand.IntN(n) == 0 }

// resolve lets the task that runs resolve, if it has not and may.
func (g *replayGuest) resolve(label uint64) {
	k := g.inst.store.current.task
	switch {
	case !k.lift.opts.Async || g.chance(300):
	case k.state == taskCancelDelivered && g.chance(2):
		g.op(label, "task.cancel")
	case k.state != taskResolved:
		g.op(label, "task.return", label*5)
	}
}

// callbackCode says how a task with a callback goes on.
func (g *replayGuest) callbackCode(label uint64) uint64 {
	k := g.inst.store.current.task
	late := g.w.ops > maxReplayOps
	if k.state != taskResolved && (late || g.chance(2)) {
		g.resolve(label)
	}
	if k.state == taskResolved && (late || g.chance(3)) {
		return uint64(callbackExit)
	}
	if set, ok := g.pick(func(h handle) bool { s, ok := h.(*WaitableSet); return ok && (s.len > 0 || g.chance(9)) }); ok && g.chance(2) {
		return waitOn(set)
	}
	if g.chance(500) {
		return uint64(g.w.rand.IntN(4))
	}
	return uint64(callbackYield)
}

// act does a few things.
func (g *replayGuest) act(label uint64) {
	for range g.w.rand.IntN(10) {
		if g.w.ops > maxReplayOps {
			return
		}
		g.actOnce(label)
	}
}

// op calls a built-in.
func (g *replayGuest) op(label uint64, name string, args ...uint64) (result uint64) {
	return g.perform(label, name, g.builtins[name], args)
}

func (g *replayGuest) perform(label uint64, name string, b CoreBuiltin, args []uint64) (result uint64) {
	w := g.w
	w.ops++
	w.add(traceEntry{Kind: "op", Thread: label, Name: name, Args: args})
	switch {
	case strings.HasPrefix(name, "call"):
		args = args[1:]
	case strings.HasPrefix(name, "waitable-set.wait"), strings.HasPrefix(name, "waitable-set.poll"):
		args = append(args[:1:1], 0) // where the event is stored
	}
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if t, ok := p.(*trap.Trap); ok {
			w.trap(t)
		}
		panic(p)
	}()
	result = call(b, args...)
	w.add(traceEntry{Kind: "return", Thread: label, Results: g.results(name, result), Memory: crc32.ChecksumIEEE(g.mem.b)})
	return result
}

// results are those of a built-in that core code sees.
func (g *replayGuest) results(name string, result uint64) []uint64 {
	base, _, _ := strings.Cut(name, " ")
	switch base {
	case "waitable-set.wait", "waitable-set.poll":
		return []uint64{result, uint64(binary.LittleEndian.Uint32(g.mem.b)), uint64(binary.LittleEndian.Uint32(g.mem.b[4:]))}
	case "task.return", "task.cancel", "backpressure.inc", "backpressure.dec", "waitable-set.drop", "waitable.join",
		"subtask.drop", "thread.resume-later", "stream.drop-readable", "stream.drop-writable",
		"future.drop-readable", "future.drop-writable":
		return nil
	}
	return []uint64{result}
}

// pick is the index of a handle for which ok holds, or now and then of any.
func (g *replayGuest) pick(ok func(handle) bool) (index uint64, found bool) {
	if g.chance(1000) {
		return uint64(g.w.rand.IntN(9)), true
	}
	var fit []uint64
	for i, h := range g.inst.handles.array {
		if h != nil && ok(h) {
			fit = append(fit, uint64(i))
		}
	}
	if len(fit) == 0 {
		return 0, false
	}
	return fit[g.w.rand.IntN(len(fit))], true
}
