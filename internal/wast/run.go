package wast

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wat"
)

// run is a script while it runs.
type run struct {
	file    *File
	timeout time.Duration
	order   *order
	linker  *gondola.Linker
	core    *coreRun // nil until a core module is instantiated

	definitions map[string]*source // by identifier; "" is the last one
	instances   map[string]instance
	current     instance // nil before the first, and where the last one failed
	threads     map[string]bool
	open        map[*gondola.Instance]bool
}

// instance is what actions speak of.
type instance interface {
	// invoke calls an exported function.
	invoke(ctx context.Context, name string, args []*literal) outcome
}

func newRun(f *File, opts Options) *run {
	r := &run{
		file:        f,
		timeout:     opts.Timeout,
		order:       &order{seed: opts.Seed, choose: opts.order, fixed: fixedOrderOf(f.Name)},
		linker:      f.runtime.NewLinker(),
		definitions: map[string]*source{},
		instances:   map[string]instance{},
		threads:     map[string]bool{},
		open:        map[*gondola.Instance]bool{},
	}
	if r.timeout == 0 {
		r.timeout = DefaultTimeout
	}
	addHost(r.linker)
	return r
}

// close ends what the script has left running.
func (r *run) close() {
	for in := range r.open {
		r.drop(in)
	}
	if r.core != nil {
		r.core.space.Close()
	}
}

// drop ends what nobody can speak of any more, since its memory may be large.
func (r *run) drop(in *gondola.Instance) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	_ = in.Close(ctx) // whatever it still did, the script has its results
	delete(r.open, in)
}

// leave ends the current instance, unless it has a name.
func (r *run) leave() {
	in, ok := r.current.(*componentInstance)
	if ok && !in.named {
		r.drop(in.Instance)
	}
	r.current = nil
}

// directive carries a directive out.
func (r *run) directive(ctx context.Context, d *wat.Directive) outcome {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var o outcome
	if err := protect(func() { o = r.carryOut(ctx, d) }); err != nil {
		return failure("a bug of ours: %w", err)
	}
	if ctx.Err() != nil && o.end == failed && errors.Is(o.err, ctx.Err()) {
		return failure("this did not end within %v", r.timeout)
	}
	return o
}

func (r *run) carryOut(ctx context.Context, d *wat.Directive) outcome {
	switch d.Kind {
	case wat.DirectiveModule:
		return r.module(ctx, d)
	case wat.DirectiveDefinition:
		return r.define(d.Source)
	case wat.DirectiveInstance:
		return r.instantiateDefined(ctx, d)
	case wat.DirectiveAssertMalformed, wat.DirectiveAssertInvalid, wat.DirectiveAssertMalformedCustom, wat.DirectiveAssertInvalidCustom:
		return r.file.source(d.Source).check()
	case wat.DirectiveAssertUnlinkable:
		return r.attempt(ctx, d)
	case wat.DirectiveRegister:
		return r.register(d)
	case wat.DirectiveThread:
		return r.thread(ctx, d)
	case wat.DirectiveWait:
		return r.wait(d)
	}
	if d.Source != nil {
		return r.attempt(ctx, d)
	}
	return r.action(ctx, d.Action)
}

// module defines and instantiates, where the script is for tools that run things.
func (r *run) module(ctx context.Context, d *wat.Directive) outcome {
	s := r.file.source(d.Source)
	r.leave()
	if o := s.check(); o.end != done {
		return o
	}
	if r.file.header.validates {
		r.current = &lazy{run: r, directive: d, source: s}
		r.name(d.Source.ID, r.current)
		return outcome{end: done}
	}
	return r.instantiate(ctx, d.Source.ID, d, s)
}

func (r *run) define(src *wat.Source) outcome {
	s := r.file.source(src)
	o := s.check()
	if o.end == done {
		r.definitions[src.ID] = s
		r.definitions[""] = s
	}
	return o
}

func (r *run) instantiateDefined(ctx context.Context, d *wat.Directive) outcome {
	r.leave()
	s := r.definitions[d.Of]
	if s == nil {
		return failure("there is no definition $%s", d.Of)
	}
	return r.instantiate(ctx, d.ID, d, s)
}

// instantiate makes the current instance, and names it.
func (r *run) instantiate(ctx context.Context, id string, d *wat.Directive, s *source) outcome {
	in, o := r.make(ctx, d, s)
	if o.end == done {
		r.current = in
		r.name(id, in)
	}
	return o
}

// attempt instantiates what is not expected to come to anything.
func (r *run) attempt(ctx context.Context, d *wat.Directive) outcome {
	s := r.file.source(d.Source)
	if o := s.check(); o.end != done {
		return o
	}
	in, o := r.make(ctx, d, s)
	if c, ok := in.(*componentInstance); ok {
		r.drop(c.Instance)
	}
	return o
}

// make makes an instance of what passed check.
func (r *run) make(ctx context.Context, d *wat.Directive, s *source) (instance, outcome) {
	if !s.Component {
		return r.makeCore(ctx, d)
	}
	if o := s.compile(ctx); o.end != done {
		return nil, o
	}
	in, err := r.linker.Instantiate(ctx, s.comp, gondola.DetectDeadlock(), gondola.Stepwise(), r.order.option())
	if _, ok := errors.AsType[*gondola.LinkError](err); ok {
		return nil, outcome{end: unlinkable, err: err}
	}
	if err != nil {
		return nil, ran(err)
	}
	r.open[in] = true
	return &componentInstance{Instance: in, source: s}, outcome{end: done}
}

// makeCore makes the instance of a core module that a directive asks for.
func (r *run) makeCore(ctx context.Context, d *wat.Directive) (instance, outcome) {
	if o := r.beginCore(ctx); o.end != done {
		return nil, o
	}
	site := r.core.script.of[d]
	if site == nil {
		return nil, failure("this is no instance of a core module")
	}
	if o := r.core.instantiate(ctx, site); o.end != done {
		return nil, o
	}
	return &coreInstance{r.core, site}, outcome{end: done}
}

func (r *run) beginCore(ctx context.Context) outcome {
	if r.core == nil {
		script, err := r.file.core(ctx)
		if err != nil {
			return outcome{end: unsupported, err: err}
		}
		r.core = newCoreRun(script)
	}
	return outcome{end: done}
}

// name makes an instance known under an identifier.
func (r *run) name(id string, in instance) {
	if id == "" {
		return
	}
	if before, ok := r.instances[id].(*componentInstance); ok {
		r.drop(before.Instance)
	}
	r.instances[id] = in
	if c, ok := in.(*componentInstance); ok {
		c.named = true
		c.publish(r.linker, id)
	}
}

func (r *run) find(id string) (instance, error) {
	switch in := r.instances[id]; {
	case id == "" && r.current != nil:
		return r.current, nil
	case id == "":
		return nil, errors.New("there is no current instance")
	case in == nil:
		return nil, fmt.Errorf("there is no instance $%s", id)
	default:
		return in, nil
	}
}

func (r *run) action(ctx context.Context, a *wat.Action) outcome {
	in, err := r.find(a.Instance)
	switch {
	case err != nil:
		return outcome{end: failed, err: err}
	case a.Get:
		return r.get(ctx, a)
	}
	return in.invoke(ctx, a.Name, a.Args)
}

// get reads a global of a core instance.
func (r *run) get(ctx context.Context, a *wat.Action) outcome {
	if o := r.beginCore(ctx); o.end != done {
		return o
	}
	site := r.core.script.getOf[a]
	if site == nil {
		return failure("there is no global %q", a.Name)
	}
	return r.core.get(ctx, site)
}

// thread runs a thread of a script from its beginning to its end. That is one of the
// orders in which threads may go on; a thread that waits for another one hangs.
func (r *run) thread(ctx context.Context, d *wat.Directive) outcome {
	if o := r.beginCore(ctx); o.end != done {
		return o
	}
	child := *r
	child.instances, child.current = map[string]instance{}, nil
	if d.Of != "" {
		child.instances[d.Of] = r.instances[d.Of]
	}
	for _, b := range d.Body {
		if err := expectationOf(b).judge(child.directive(ctx, b)); err != nil {
			at := b.At.Location()
			return failure("%s in line %d: %w", b.Word, at.Line, err)
		}
	}
	r.threads[d.ID] = true
	return outcome{end: done}
}

func (r *run) wait(d *wat.Directive) outcome {
	if !r.threads[d.ID] {
		return failure("there is no thread $%s", d.ID)
	}
	delete(r.threads, d.ID)
	return outcome{end: done}
}

// register is carried out when the script is read: see coreNames.
func (r *run) register(d *wat.Directive) outcome {
	in, err := r.find(d.ID)
	if err != nil {
		return outcome{end: failed, err: err}
	}
	if _, ok := in.(*componentInstance); ok {
		return failure("only instances of core modules can be registered")
	}
	return outcome{end: done}
}

// lazy is an instance of a script that was written for tools which run nothing. It is
// made when something is asked of it.
type lazy struct {
	run       *run
	directive *wat.Directive
	source    *source
	in        instance
}

func (l *lazy) made(ctx context.Context) (instance, outcome) {
	o := outcome{end: done}
	if l.in == nil {
		l.in, o = l.run.make(ctx, l.directive, l.source)
	}
	return l.in, o
}

func (l *lazy) invoke(ctx context.Context, name string, args []*literal) outcome {
	in, o := l.made(ctx)
	if o.end != done {
		return o
	}
	return in.invoke(ctx, name, args)
}
