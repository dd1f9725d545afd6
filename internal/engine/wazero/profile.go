package wazero

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/profile"
)

// Guest code enters the host by itself, whenever it calls a function of the host and, to
// tick, when its fuel is used up, of which it gets less than otherwise. There samples are taken: a listener of wazero's, which
// only functions of the host have, is shown the stack. So guest code is the same with a
// profile and without one, wherever it is cached.

// profiler is the profile of an engine's guests, with what the engine knows to name
// functions.
type profiler struct {
	profile *profile.Profile
	modules sync.Map // functionTable to profiledModule
	frames  sync.Map // api.FunctionDefinition to profile.Frame
}

// hostFrames is the name of the module that functions of the host are in.
const hostFrames = "host"

// functionTable tells compiled modules apart. wazero knows of a function on the stack
// which one it is, but not of which of our modules: all its definitions of a module's
// functions lie in one array, where that begins is the same for all of them.
type functionTable uintptr

func tableOf(def api.FunctionDefinition) functionTable {
	at := reflect.ValueOf(def)
	if at.Kind() != reflect.Pointer {
		return 0
	}
	return functionTable(at.Pointer() - uintptr(def.Index())*at.Type().Elem().Size())
}

// profiledModule is what there is to know to name a module's functions.
type profiledModule struct {
	name  string
	names *corewasm.Names       // where those that wazero has are numbers
	keep  wazero.CompiledModule // nothing else may come to lie where its functions are
}

// compiled notes a compiled module.
func (p *profiler) compiled(m profiledModule) {
	if p == nil {
		return
	}
	for _, def := range m.keep.ImportedFunctions() {
		p.modules.LoadOrStore(tableOf(def), m)
		return
	}
	for _, def := range m.keep.ExportedFunctions() {
		p.modules.LoadOrStore(tableOf(def), m)
		return
	}
}

// frame is the frame of a function of wasm or of the host.
func (p *profiler) frame(def api.FunctionDefinition) profile.Frame {
	if f, ok := p.frames.Load(def); ok {
		return f.(profile.Frame)
	}
	m := profiledModule{name: def.ModuleName()}
	if def.GoFunction() != nil {
		m.name = hostFrames
	} else if known, ok := p.modules.Load(tableOf(def)); ok {
		m = known.(profiledModule)
	}
	f := p.profile.Frame(m.name, m.funcName(def))
	p.frames.Store(def, f)
	return f
}

// funcName is the name of a function, or that of an export, or its index.
func (m profiledModule) funcName(def api.FunctionDefinition) string {
	index, ok := numberOf(def.Name()) // which stands in place of a name
	if !ok {
		return def.Name()
	}
	if m.names != nil {
		if name, ok := m.names.Func(index); ok {
			return name
		}
	}
	if exports := def.ExportNames(); len(exports) > 0 {
		return exports[0]
	}
	return fmt.Sprintf("func[%d]", index)
}

// listening is a context in which functions of the host are compiled whose callers
// are sampled.
func (p *profiler) listening(ctx context.Context) context.Context {
	if p == nil {
		return ctx
	}
	return experimental.WithFunctionListenerFactory(ctx, p)
}

// NewFunctionListener implements [experimental.FunctionListenerFactory].
func (p *profiler) NewFunctionListener(def api.FunctionDefinition) experimental.FunctionListener {
	switch name := def.ExportNames()[0]; name {
	case copyField, i31Field, getSField, getUField: // they are instructions, and no business of the host's
		return nil
	case tickField:
		return atTick
	}
	return atCall
}

var (
	atTick = experimental.FunctionListenerFunc(func(ctx context.Context, mod api.Module, _ api.FunctionDefinition, _ []uint64, stack experimental.StackIterator) {
		spaceOf(ctx).clock.ticked(mod, stack)
	})
	atCall = experimental.FunctionListenerFunc(func(ctx context.Context, _ api.Module, _ api.FunctionDefinition, _ []uint64, stack experimental.StackIterator) {
		spaceOf(ctx).clock.called(stack)
	})
)

// clock says on whose account the time of a space goes. It is for whoever is in the
// space.
type clock struct {
	profiler *profiler
	since    time.Time
	account  account
	begun    map[api.Module]bool    // who has used up the fuel that it began with
	steps    int32                  // since the last tick of the space
	guest    time.Duration          // what guest code took that no sample has yet
	callee   api.FunctionDefinition // at the last sample, and who called it, innermost first
	stack    []profile.Frame
}

// account is whose time it is.
type account struct {
	kind accountKind
	call *hostCall // of accountHost
}

type accountKind byte

const (
	accountNobody accountKind = iota
	accountGuest
	accountHost
)

// hostCall is a call of a function of the host that is under way, or was.
type hostCall struct {
	stack []profile.Frame
	took  time.Duration
	done  bool
}

func newClock(p *profiler) *clock {
	if p == nil {
		return nil
	}
	return &clock{profiler: p, since: time.Now(), begun: map[api.Module]bool{}}
}

// turn puts what has passed on the account that it belongs to, and opens another.
func (c *clock) turn(to account) {
	now := time.Now()
	took := now.Sub(c.since)
	switch c.account.kind {
	case accountGuest:
		c.guest += took
	case accountHost:
		c.account.call.took += took
	}
	c.since, c.account = now, to
}

// enter is called before guest code is called, and gives what leave has to have
// afterwards. A space without a profile has no clock.
func (c *clock) enter() (outer account) {
	if c == nil {
		return account{}
	}
	return c.entered()
}

func (c *clock) entered() account {
	outer := c.account
	c.turn(account{kind: accountGuest})
	return outer
}

func (c *clock) leave(outer account) {
	if c != nil {
		c.left(outer)
	}
}

func (c *clock) left(outer account) {
	if outer.kind == accountHost && outer.call.done {
		outer = account{} // what called has gone on elsewhere in the meantime
	}
	c.turn(outer)
}

// sampleSteps is the fuel that guest code gets from one sample to the next.
const sampleSteps = profile.Period

// ticked takes a sample of guest code that has used up its fuel. What that takes, and what
// the tick does, is on nobody's account.
func (c *clock) ticked(mod api.Module, stack experimental.StackIterator) {
	c.turn(account{})
	c.walk(stack)
	steps := int32(sampleSteps)
	if !c.begun[mod] {
		c.begun[mod] = true
		steps = fuel
	}
	c.steps += steps
	c.book(profile.Values{Steps: int64(steps)})
}

// due reports whether it is time for a tick of the space.
func (c *clock) due() bool {
	if c.steps < fuel {
		return false
	}
	c.steps -= fuel
	return true
}

// longStretch is more than guest code takes from sample to sample. Fuel runs out at any
// place of the code, in proportion to what it does there, and the host is called at few: as
// long as fuel does the time goes there.
const longStretch = 200 * time.Microsecond

// called is called when guest code calls the host.
func (c *clock) called(stack experimental.StackIterator) {
	c.turn(account{})
	c.walk(stack)
	if c.guest >= longStretch {
		c.book(profile.Values{})
	}
}

func (c *clock) book(v profile.Values) {
	v.Guest, c.guest = c.guest, 0
	c.profiler.profile.Add(c.stack, v)
}

// close books what no sample has.
func (c *clock) close() {
	if c != nil {
		c.book(profile.Values{})
	}
}

// walk reads the stack, on top of which is the function of the host.
func (c *clock) walk(stack experimental.StackIterator) {
	c.stack = c.stack[:0]
	stack.Next()
	c.callee = stack.Function().Definition()
	for len(c.stack) < profile.MaxDepth && stack.Next() {
		c.stack = append(c.stack, c.profiler.frame(stack.Function().Definition()))
	}
}

// begin is called by a function of the host, right after called.
func (c *clock) begin() *hostCall {
	h := &hostCall{stack: append([]profile.Frame{c.profiler.frame(c.callee)}, c.stack...)}
	c.turn(account{accountHost, h})
	return h
}

// end is called by it when it is done, whoever has been in the space in the
// meantime.
func (c *clock) end(h *hostCall) {
	c.turn(account{kind: accountGuest})
	c.profiler.profile.Add(h.stack, profile.Values{Host: h.took})
	h.done = true
}

// timed is a function of the host that has its time booked, if there is a profile.
func (p *profiler) timed(f api.GoModuleFunc) api.GoModuleFunc {
	if p == nil {
		return f
	}
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		c := spaceOf(ctx).clock
		h := c.begin()
		defer c.end(h)
		f(ctx, mod, stack)
	}
}

// function begins a function of the host, which has its time booked if there is a
// profile.
func (p *profiler) function(b wazero.HostModuleBuilder, f api.GoFunc, params, results []api.ValueType) wazero.HostFunctionBuilder {
	if p == nil {
		return b.NewFunctionBuilder().WithGoFunction(f, params, results)
	}
	timed := p.timed(func(ctx context.Context, _ api.Module, stack []uint64) { f(ctx, stack) })
	return b.NewFunctionBuilder().WithGoModuleFunction(timed, params, results)
}

// ticking is a tick that comes for every sample and lets guest code go on to the next. To
// the space it is as if there was no profile.
func (p *profiler) ticking(tick api.GoFunc) api.GoFunc {
	if p == nil {
		return tick
	}
	return func(ctx context.Context, stack []uint64) {
		c := spaceOf(ctx).clock
		for c.due() {
			tick(ctx, stack)
		}
		stack[0] = sampleSteps
		c.turn(account{kind: accountGuest})
	}
}
