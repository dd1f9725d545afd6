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
	order   order
	linker  *gondola.Linker
	host    *host

	definitions map[string]*source // by identifier; "" is the last one
	instances   map[string]instance
	current     instance // nil before the first, and where the last one failed
	open        []*gondola.Instance
}

// instance is what actions speak of.
type instance interface {
	// invoke calls an exported function.
	invoke(ctx context.Context, name string, args []*literal) outcome
	// get reads an exported global.
	get(ctx context.Context, name string) outcome
}

func newRun(f *File, opts Options) *run {
	r := &run{
		file:        f,
		timeout:     opts.Timeout,
		order:       order{seed: opts.Seed, choose: opts.order},
		linker:      f.runtime.NewLinker(),
		definitions: map[string]*source{},
		instances:   map[string]instance{},
	}
	if r.timeout == 0 {
		r.timeout = DefaultTimeout
	}
	r.host = addHost(r.linker)
	return r
}

// close ends what the script has left running.
func (r *run) close() {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	for _, in := range r.open {
		_ = in.Close(ctx) // whatever it still did, the script has its results
	}
}

// directive carries a directive out.
func (r *run) directive(ctx context.Context, d *wat.Directive) outcome {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	o := r.carryOut(ctx, d)
	if ctx.Err() != nil && o.end == failed && errors.Is(o.err, ctx.Err()) {
		return failure("this did not end within %v", r.timeout)
	}
	return o
}

func (r *run) carryOut(ctx context.Context, d *wat.Directive) outcome {
	switch d.Kind {
	case wat.DirectiveModule:
		return r.module(ctx, d.Source)
	case wat.DirectiveDefinition:
		return r.define(d.Source)
	case wat.DirectiveInstance:
		return r.instantiateDefined(ctx, d)
	case wat.DirectiveAssertMalformed, wat.DirectiveAssertInvalid, wat.DirectiveAssertMalformedCustom, wat.DirectiveAssertInvalidCustom:
		return r.file.source(d.Source).check()
	case wat.DirectiveAssertUnlinkable:
		return r.attempt(ctx, d.Source)
	case wat.DirectiveRegister:
		return r.register(d)
	case wat.DirectiveThread, wat.DirectiveWait:
		return outcome{end: unsupported, err: errors.New("threads of scripts")}
	}
	if d.Source != nil {
		return r.attempt(ctx, d.Source)
	}
	return r.action(ctx, d.Action)
}

// module defines and instantiates, where the script is for tools that run things.
func (r *run) module(ctx context.Context, src *wat.Source) outcome {
	s := r.file.source(src)
	r.current = nil
	if o := s.check(); o.end != done {
		return o
	}
	if r.file.header.validates {
		r.current = &lazy{run: r, source: s}
		r.name(src.ID, r.current)
		return outcome{end: done}
	}
	return r.instantiate(ctx, src.ID, s)
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
	r.current = nil
	s := r.definitions[d.Of]
	if s == nil {
		return failure("there is no definition $%s", d.Of)
	}
	return r.instantiate(ctx, d.ID, s)
}

// instantiate makes the current instance, and names it.
func (r *run) instantiate(ctx context.Context, id string, s *source) outcome {
	in, o := r.make(ctx, s)
	if o.end == done {
		r.current = in
		r.name(id, in)
	}
	return o
}

// attempt instantiates what is not expected to come to anything.
func (r *run) attempt(ctx context.Context, src *wat.Source) outcome {
	s := r.file.source(src)
	if o := s.check(); o.end != done {
		return o
	}
	_, o := r.make(ctx, s)
	return o
}

// make makes an instance of what passed check.
func (r *run) make(ctx context.Context, s *source) (instance, outcome) {
	if !s.Component {
		return nil, outcome{end: unsupported, err: errors.New("core modules in scripts")}
	}
	if o := s.compile(ctx); o.end != done {
		return nil, o
	}
	in, err := r.linker.Instantiate(ctx, s.comp, gondola.DetectDeadlock(), r.order.option())
	if _, ok := errors.AsType[*gondola.LinkError](err); ok {
		return nil, outcome{end: unlinkable, err: err}
	}
	if err != nil {
		return nil, ran(err)
	}
	r.open = append(r.open, in)
	settle(ctx, in)
	return &componentInstance{in, s}, outcome{end: done}
}

// name makes an instance known under an identifier.
func (r *run) name(id string, in instance) {
	if id == "" {
		return
	}
	r.instances[id] = in
	if c, ok := in.(*componentInstance); ok {
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
		return in.get(ctx, a.Name)
	}
	return in.invoke(ctx, a.Name, a.Args)
}

func (r *run) register(d *wat.Directive) outcome {
	return outcome{end: unsupported, err: errors.New("core modules in scripts")}
}

// lazy is an instance of a script that was written for tools which run nothing. It is
// made when something is asked of it.
type lazy struct {
	run    *run
	source *source
	in     instance
}

func (l *lazy) made(ctx context.Context) (instance, outcome) {
	o := outcome{end: done}
	if l.in == nil {
		l.in, o = l.run.make(ctx, l.source)
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

func (l *lazy) get(ctx context.Context, name string) outcome {
	in, o := l.made(ctx)
	if o.end != done {
		return o
	}
	return in.get(ctx, name)
}
