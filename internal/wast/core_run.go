package wast

import (
	"context"
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// coreRun is the core part of a script while it runs.
type coreRun struct {
	script *coreScript
	space  engine.Space
	made   []engine.CoreInstance // by the site's index; nil until instantiated
	ctx    context.Context       // of the directive that is carried out
}

func newCoreRun(s *coreScript) *coreRun {
	r := &coreRun{script: s, made: make([]engine.CoreInstance, len(s.sites))}
	r.space = s.code.NewSpace(nil, r.tick)
	return r
}

// tick ends code that runs for too long.
func (r *coreRun) tick() {
	if err := r.ctx.Err(); err != nil {
		trap.Throw(trap.Interrupted, err.Error())
	}
}

// instantiate makes the instance of a site, and of what it imports from where that was
// put off.
func (r *coreRun) instantiate(ctx context.Context, site *coreSite) outcome {
	if site.problem.end != done {
		return site.problem
	}
	for _, from := range site.imports {
		if r.made[from.Instance] == nil {
			if o := r.instantiate(ctx, r.script.sites[from.Instance]); o.end != done {
				return failure("what it imports from could not be instantiated: %w", o.err)
			}
		}
	}
	r.ctx = ctx
	var err error
	trapped := protect(func() { r.made[site.index], err = r.space.Instantiate(ctx, site.index) })
	switch {
	case trapped != nil:
		return r.ran(trapped)
	case err == nil:
		return outcome{end: done}
	case strings.Contains(err.Error(), "import") || strings.Contains(err.Error(), "mismatch"):
		return outcome{end: unlinkable, err: err} // the engine has no type for these errors
	}
	return outcome{end: failed, err: err}
}

// ran is the outcome of core code that ended with err.
func (r *coreRun) ran(err error, results ...result) outcome {
	if t, ok := err.(*trap.Trap); ok && t.Code == trap.Interrupted && r.ctx.Err() != nil {
		err = r.ctx.Err()
	}
	return ran(err, results...)
}

// protect runs f and returns what unwound it.
func protect(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = p
		default:
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	f()
	return nil
}

// coreInstance is an instance of a core module.
type coreInstance struct {
	run  *coreRun
	site *coreSite
}

func (in *coreInstance) invoke(ctx context.Context, name string, args []*literal) outcome {
	t, ok := in.site.exportedFunc(name)
	if !ok {
		return failure("the module exports no function %q", name)
	}
	f, ok := in.run.made[in.site.index].Func(name)
	if !ok {
		return failure("the engine has no access to the function %q", name)
	}
	stack, err := coreArgs(t, args)
	if err != nil {
		return outcome{end: failed, err: err}
	}
	in.run.ctx = ctx
	if err := protect(func() { f.Call(stack) }); err != nil {
		return in.run.ran(err)
	}
	return ran(nil, coreResults(t.Results, stack)...)
}

func (s *coreSite) exportedFunc(name string) (corewasm.FuncType, bool) {
	for _, x := range s.module.Exports {
		if x.Name == name && x.Kind == corewasm.KindFunc {
			return s.module.FuncType(x.Index)
		}
	}
	return corewasm.FuncType{}, false
}

// get reads the global by way of its getter.
func (r *coreRun) get(ctx context.Context, site *coreSite) outcome {
	if r.made[site.index] == nil {
		if o := r.instantiate(ctx, site); o.end != done {
			return o
		}
	}
	return (&coreInstance{r, site}).invoke(ctx, "get", nil)
}
