package gondola

import (
	"context"
	"fmt"
	"reflect"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Instance gives what an instance exports to components: its functions under the
// name of an instance, and those of instances that it exports itself under that name,
// "/" and theirs.
//
//	linker.Instance("local:app/store", store)
//
// A call of such a function is a call of the other instance, which has a store and a
// thread of control of its own. What it returns, cancels or traps for goes back
// to the caller. Functions of plain WIT types make their caller's instance stand still
// meanwhile, as [Blocking] ones do. The instance must stay open for as long.
//
// Resources and error contexts can't leave their instance, so that functions which
// take or return any are not given. Streams and futures can.
func (l *Linker) Instance(name string, in *Instance) {
	for _, e := range in.component.exports {
		if !leaves(e.Type) {
			continue
		}
		f := in.Func(e.Instance, e.Name)
		forward := HostFunc(func(ctx context.Context, args []val.Value) (val.Value, error) { return f.Call(ctx, args...) })
		within := name
		if e.Instance != "" {
			within = joinPath(name, e.Instance)
		}
		l.funcs[linkKey(within, e.Name)] = &hostFunc{
			fn:       reflect.ValueOf(forward),
			blocking: true,
			typ:      e.Type,
		}
	}
	l.changed()
}

// leaves reports whether values of a function's types can go to another store.
func leaves(t *types.Func) bool {
	for _, p := range t.Params {
		if p.Type.ContainsResource() || p.Type.ContainsErrorContext() {
			return false
		}
	}
	return !t.Result.ContainsResource() && !t.Result.ContainsErrorContext()
}

// fitsExactly says how a function of one type can't be imported as one of another.
func fitsExactly(got, want *types.Func) error {
	same := got.Async == want.Async && got.Result == want.Result && len(got.Params) == len(want.Params)
	for i := range want.Params {
		same = same && got.Params[i] == want.Params[i]
	}
	if !same {
		return fmt.Errorf("expected %s, found %s", want, got)
	}
	return nil
}
