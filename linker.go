package gondola

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/internal/plan"
)

// Linker holds what the host gives to components. Fill it from one goroutine;
// then it may instantiate from several.
//
// Instances are named as the component names them, with their version:
// "wasi:cli/stdout@0.3.0". A component that was built for another patch version
// of the same track (0.3.1) gets what is there for it. A later definition of the
// same name replaces an earlier one.
type Linker struct {
	rt        *Runtime
	funcs     map[[2]string]*hostFunc
	resources map[[2]string]*hostResource

	definitions map[[2]string]*hostDefinition // of core modules and components
	trapUnknown bool

	mu       sync.Mutex
	linkages map[*plan.Plan]*linkage   // found out before, for what is given now
	closed   map[*Component]*Component // what was made of open components
}

// NewLinker makes a linker that gives nothing.
func (rt *Runtime) NewLinker() *Linker {
	return &Linker{
		rt:        rt,
		funcs:     map[[2]string]*hostFunc{},
		resources: map[[2]string]*hostResource{},

		definitions: map[[2]string]*hostDefinition{},
	}
}

// FuncOption says how a host function is called.
type FuncOption func(*hostFunc)

// Ready declares that a host function for an async WIT function never blocks: it
// is called on the spot, on the calling task, and no goroutine is spent on it.
// It may not call back into the instance. One that is not always ready says so with
// [Later].
func Ready() FuncOption { return func(f *hostFunc) { f.ready = true } }

// Blocking declares that a host function for a WIT function that is not async
// may block all the same, as those of WASI 0.2 do. While it does, its instance
// stands still and others that call it wait, each with its own context. Closing
// the instance ends the function's context. It may not call back into the
// instance.
func Blocking() FuncOption { return func(f *hostFunc) { f.blocking = true } }

// Func gives a function to components. instance is "" for a function that stands
// in the world itself.
//
// fn is a Go function whose first parameter is a context.Context; its other
// parameters and results are Go values for those of the WIT function:
//
//	linker.Func("local:local/baz", "foo",
//		func(ctx context.Context, s string, delay bool) (string, error) { … })
//
// A [HostFunc] takes and returns dynamic values instead. Whether fn fits is
// found out when a component is instantiated that imports it.
//
// A function for an async WIT function is called on a goroutine of its own,
// beside the instance: it may block, and may call back into the instance. Its
// context ends when the guest cancels the call or the instance is closed; an
// error that is the context's then says that the call was cancelled. Any other
// function is called in the middle of guest code and must return soon; it may
// not call back into the instance, which is an error, and its context is for the
// time of the call: a goroutine that it starts and that waits for a stream, a future
// or the instance needs another one, not made from it. The context has the values of
// the call that led to this one.
//
// A guest that cancels a call may stand still until the call has ended; one written
// in Go does. So a function whose context has ended must return soon. One that has
// not within the grace period ([WithGracePeriod]) is left to itself: for the guest,
// the call was cancelled. What the function borrowed may be dropped from then on,
// what it returns is closed, and its error is forgotten, but a panic still traps the
// guest.
//
// An error that is not one that the WIT function's result can carry traps the
// guest with its text.
func (l *Linker) Func(instance, name string, fn any, opts ...FuncOption) {
	f := &hostFunc{fn: reflect.ValueOf(fn)}
	if f.fn.Kind() != reflect.Func || f.fn.IsNil() {
		panic(fmt.Sprintf("gondola: %s: %T is not a function", Item{instance, name, nil}, fn))
	}
	for _, o := range opts {
		o(f)
	}
	l.funcs[linkKey(instance, name)] = f
	l.changed()
}

// changed forgets what was found out for what was given before.
func (l *Linker) changed() { l.linkages, l.closed = nil, nil }

// linkKey is where something is kept: under its instance's track, which all
// versions share that can stand in for one another.
func linkKey(instance, name string) [2]string {
	if id, err := names.ParseInterface(instance, names.AllGates); err == nil {
		instance = id.TrackKey()
	}
	return [2]string{instance, name}
}

// Instantiate makes an instance of a component, with a store of its own.
//
// # Errors
//
// All imports that the linker does not give are listed in a [*LinkError], and so is
// all that does not fit. A trap of a start function is a [*Trap]. The component must
// have been compiled by the linker's runtime.
//
// ctx bounds the instantiation; its values reach host functions that start
// functions call. Where it can't be noticed, a start function doesn't run: host functions
// that it would call are, with the same arguments.
func (l *Linker) Instantiate(ctx context.Context, c *Component, opts ...InstanceOption) (*Instance, error) {
	if c.rt != l.rt {
		return nil, errOtherRuntime
	}
	c, err := l.close(ctx, c)
	if err != nil {
		return nil, err
	}
	k, err := l.linkage(c.tmpl.Plan)
	if err != nil {
		return nil, err
	}
	s := newStore(l.rt.cfg, opts)
	s.handles = k.handles
	s.owned = k.owned || mayBlock(c.tmpl.Plan)
	in := &Instance{component: c, store: s, funcs: make([]atomic.Pointer[Func], len(c.exports))}
	if err := in.start(ctx, k); err != nil {
		return nil, errors.Join(blame(ctx, err), in.Close(context.WithoutCancel(ctx)))
	}
	return in, nil
}

var errOtherRuntime = errors.New("the component was compiled by another Runtime than the one that made this Linker: compile it with that one, too")

// LinkError says that a linker does not give what a component imports. Nothing of
// the component has run.
type LinkError struct {
	// Missing are the imports that the linker does not give, with their types.
	Missing []string
	// Misfits are why what it gives does not fit.
	Misfits []error
}

// Error lists everything.
func (e *LinkError) Error() string {
	var parts []string
	if len(e.Missing) > 0 {
		parts = append(parts, "the component imports what the host does not give:\n\t"+strings.Join(e.Missing, "\n\t"))
	}
	for _, m := range e.Misfits {
		parts = append(parts, m.Error())
	}
	return strings.Join(parts, "\n")
}

// Unwrap is why what the linker gives does not fit.
func (e *LinkError) Unwrap() []error { return e.Misfits }

// start makes the core instances, on behalf of the caller.
func (in *Instance) start(ctx context.Context, k *linkage) error {
	c, s := in.component, in.store
	if err := c.rt.keep(in); err != nil {
		return err
	}
	done := make(chan error, 1)
	s.enter(func() {
		if s.isClosing() {
			done <- ErrClosed // its code may be free by now
			return
		}
		s.as(&task{values: ctx}, func() {
			var err error
			in.core, err = c.tmpl.Instantiate(ctx, s.core, func(root *cabi.ComponentInstance) engine.Links {
				s.instance = root
				in.links = k.bind(s)
				return in.links
			}, s.check, s.spend)
			done <- s.explain(err)
		})
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		s.stop("instantiation was cancelled")
		s.cancel(ErrClosed)
		<-done
		return ctx.Err()
	}
}

// InstanceOption changes what [Linker.Instantiate] makes.
type InstanceOption func(*store)

// DetectDeadlock says that nobody will enter the instance while calls of it are
// under way but those calls. Where all of its tasks wait then, and neither a host
// function nor an end of a stream or future that the host holds can wake one, the
// calls end with a [*Trap] that names the tasks and what each waits for. Without
// it they wait for whoever may come.
func DetectDeadlock() InstanceOption {
	return func(s *store) {
		s.ends = endSet{}
		s.whenIdle(s.endDeadlock)
	}
}

// mayBlock reports whether any task of the plan's instances needs a coroutine.
func mayBlock(p *plan.Plan) bool {
	for _, in := range p.Instances {
		if in.MayBlock {
			return true
		}
	}
	return false
}

// linkage is what a linker gives to one component.
type linkage struct {
	plan    *plan.Plan
	handles *handleTypes
	funcs   []*importedFunc // by index of the import; nil for what is no function
	owned   bool            // a function blocks: see driver.owned
}

// linkage finds what satisfies each import.
func (l *Linker) linkage(p *plan.Plan) (*linkage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.linkages[p]; k != nil {
		return k, nil
	}
	k := &linkage{plan: p, handles: newHandleTypes(), funcs: make([]*importedFunc, len(p.Imports))}
	e := &LinkError{Missing: l.linkResources(k)}
	missing, misfits := l.linkFuncs(k)
	e.Missing, e.Misfits = append(e.Missing, missing...), append(misfits, l.checkNames(k)...)
	if len(e.Missing)+len(e.Misfits) > 0 {
		return nil, e
	}
	if l.linkages == nil {
		l.linkages = map[*plan.Plan]*linkage{}
	}
	l.linkages[p] = k
	return k, nil
}

// linkResources comes first, since functions have resources in their types.
func (l *Linker) linkResources(k *linkage) (missing []string) {
	for i := range k.plan.Imports {
		im := &k.plan.Imports[i]
		if im.Resource == nil {
			continue
		}
		r, ok := l.resources[linkKey(splitPath(im.Path))]
		switch {
		case ok:
			k.handles.hosts[im.Resource] = r
		case l.trapUnknown:
			k.handles.hosts[im.Resource] = newUnknownResource()
		default:
			missing = append(missing, describeImport(im))
		}
	}
	return missing
}

// checkNames says which names that need not be given stand for something else than
// they should.
func (l *Linker) checkNames(k *linkage) (misfits []error) {
	for _, a := range k.plan.Aliases {
		instance, name := splitPath(a.Path)
		again, given := l.resources[linkKey(instance, name)]
		if first := k.handles.hosts[a.Resource]; given && first != nil && first.goType != again.goType {
			misfits = append(misfits, fmt.Errorf("%s must be the resource %s, which is %s and not %s",
				Item{instance, name, nil}, a.Resource.Name(), first.goType, again.goType))
		}
	}
	for _, path := range k.plan.Empty {
		instance, name := splitPath(path)
		if key := linkKey(instance, name); l.funcs[key] != nil || l.resources[key] != nil || l.definitions[key] != nil {
			misfits = append(misfits, fmt.Errorf("%s is imported as an instance, which it is not", Item{instance, name, nil}))
		}
	}
	return misfits
}

func (l *Linker) linkFuncs(k *linkage) (missing []string, misfits []error) {
	for i := range k.plan.Imports {
		im := &k.plan.Imports[i]
		if im.Resource != nil {
			continue
		}
		f, ok := l.funcs[linkKey(splitPath(im.Path))]
		if !ok && im.Func != nil && l.trapUnknown {
			f, ok = unknownFunc(importItem(im)), true
		}
		if !ok || im.Func == nil {
			missing = append(missing, describeImport(im))
			continue
		}
		var err error
		k.funcs[i], err = f.match(importItem(im), k.handles)
		if err != nil {
			misfits = append(misfits, err)
		}
		k.owned = k.owned || f.blocking
	}
	return missing, misfits
}

// bind makes what is linked part of a store, which is held.
func (k *linkage) bind(s *store) engine.Links {
	n := len(k.plan.Imports)
	links := engine.Links{Funcs: make([]cabi.FuncInst, n), Resources: make([]*cabi.ResourceType, n)}
	for i := range k.plan.Imports {
		if r := k.plan.Imports[i].Resource; r != nil {
			links.Resources[i] = s.bindResource(r)
		} else {
			links.Funcs[i] = k.funcs[i].bind(s)
		}
	}
	return links
}

func describeImport(im *plan.Import) string {
	instance, name := splitPath(im.Path)
	if instance != "" {
		name = instance + " " + name
	}
	switch {
	case im.Func != nil:
		return name + ": " + im.Func.String()
	case im.Resource != nil:
		return name + ": resource"
	}
	return name + ": core module"
}
