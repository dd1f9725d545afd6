package bindgen

import (
	"fmt"
	"iter"
	"strings"

	"github.com/gondola-wasm/gondola/internal/gosource"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

// goFunc is a function as generated code sees it.
type goFunc struct {
	unit     *unit
	wit      *wit.Function
	exported bool
	name     string    // the Go name; for a method, of the method
	id       string    // unique in the package: a method's has its resource in front
	res      *typeDecl // the resource that it belongs to
	self     *goType   // of a method: the type of self
	params   []goParam // without self
	result   *goType
	ft       *types.Func
	call     string // see callName
}

type goParam struct {
	name string
	typ  *goType
}

// functions are the functions of u that stand in its package: an interface's, or those that the world imports.
func (p *plan) functions(u *unit) iter.Seq[*wit.Function] {
	if u.iface != nil {
		return u.iface.Functions.Values()
	}
	return func(yield func(*wit.Function) bool) {
		for item := range p.world.Imports.Values() {
			if f, ok := item.(*wit.Function); ok && !yield(f) {
				return
			}
		}
	}
}

// exportedFunctions adds what the world itself exports.
func (p *plan) exportedFunctions(u *unit) {
	if u != p.self {
		return
	}
	scope := gosource.NewScope(nil)
	for key, item := range p.world.Exports.All() {
		switch item := item.(type) {
		case *wit.InterfaceItem:
			if isMain(key) {
				continue
			}
			e := p.exportUnit(key)
			label := key.Name
			if label == "" {
				label = item.Interface.Name
			}
			u.fields = append(u.fields, &field{name: scope.Name(names.Go(label)), unit: e})
		case *wit.Function:
			p.at = u.witName + "#" + item.Name
			f := p.function(u, item)
			f.exported = true
			f.name = scope.Name(names.Go(item.Name))
			u.funcs = append(u.funcs, f)
			u.fields = append(u.fields, &field{name: f.name, fn: f})
		}
	}
}

func (p *plan) exportUnit(key wit.WorldKey) *unit {
	for _, u := range p.units {
		if u.exported && u.witName == key.String() {
			return u
		}
	}
	panic("bindgen: no package for the export " + key.String())
}

func (p *plan) function(u *unit, w *wit.Function) *goFunc {
	f := &goFunc{unit: u, wit: w, exported: u.exported, ft: p.wt.Func(w), result: p.typ(u, w.Result)}
	if w.Resource != nil {
		f.res = p.resource(u, w.Resource)
	}
	params := w.Params
	if f.isMethod() {
		f.self = p.typ(u, params[0].Type)
		params = params[1:]
	}
	for _, param := range params {
		f.params = append(f.params, goParam{param.Name, p.typ(u, param.Type)})
	}
	return f
}

func (f *goFunc) isMethod() bool { return f.wit.Kind == wit.Method }

// fails reports whether the function's result is a WIT result, which Go returns as an error.
func (f *goFunc) fails() bool { return f.result != nil && f.result.kind == types.KindResult }

// value is what the Go function returns besides an error, nil if nothing.
func (f *goFunc) value() *goType {
	if f.fails() {
		return f.result.elem
	}
	return f.result
}

// returnsError reports whether the Go function has an error.
func (f *goFunc) returnsError() bool { return f.wit.Async || f.fails() }

// derive chooses the function's Go name. Freestanding functions come with WIT's names, others with derived ones.
func (f *goFunc) derive() {
	scope := f.unit.pkg.Scope
	switch {
	case f.exported && f.unit.iface == nil:
		f.id = f.name
	case f.wit.Kind == wit.Freestanding:
		f.name = scope.Name(names.Go(f.wit.Name))
		f.id = f.name
	case f.wit.Kind == wit.Constructor:
		f.name = scope.Name("New" + f.res.name)
		f.id = f.name
	case f.wit.Kind == wit.Static:
		f.name = scope.Name(f.res.name + names.Go(f.wit.ItemName()))
		f.id = f.name
	default:
		f.name = f.methodName()
		f.id = f.res.name + f.name
	}
}

// methodName is the name of a method: `close` gives Close_, since each resource has a Close of ours.
func (f *goFunc) methodName() string {
	var labels []string
	for _, g := range f.unit.funcs {
		if g.isMethod() && g.res == f.res {
			labels = append(labels, g.wit.ItemName())
		}
		if g == f {
			break
		}
	}
	name := names.GoAll(labels)[len(labels)-1]
	if name == "Close" || name == "WITHandle" || name == "Error" {
		name += "_"
	}
	return name
}

// nameParams names the parameters so that they hide nothing that generated code needs.
func (f *goFunc) nameParams() {
	scope := gosource.NewScope(f.unit.pkg.Scope)
	scope.Reserve("self")
	if f.wit.Async {
		scope.Reserve("ctx")
	}
	for i := range f.params {
		f.params[i].name = scope.Name(names.GoLocal(f.params[i].name))
		f.unit.locals[f.params[i].name] = true
	}
}

// signature is the parameters and results of the Go function.
func (s *source) signature(f *goFunc) string {
	var ps []string
	if f.wit.Async {
		ps = append(ps, "ctx "+s.file.Import("context")+".Context")
	}
	for _, p := range f.params {
		ps = append(ps, p.name+" "+s.text(p.typ))
	}
	return "(" + strings.Join(ps, ", ") + ")" + s.results(f)
}

func (s *source) results(f *goFunc) string {
	v := f.value()
	switch {
	case v != nil && f.returnsError():
		return fmt.Sprintf(" (%s, error)", s.text(v))
	case v != nil:
		return " " + s.text(v)
	case f.returnsError():
		return " error"
	}
	return ""
}

// arguments are the names of the parameters as a call passes them on.
func (f *goFunc) arguments(first ...string) string {
	args := first
	if f.wit.Async {
		args = append(args, "ctx")
	}
	for _, p := range f.params {
		args = append(args, p.name)
	}
	return strings.Join(args, ", ")
}

// returns is "return " where a call's value is passed on.
func (f *goFunc) returns() string {
	if f.value() != nil || f.returnsError() {
		return "return "
	}
	return ""
}

// coreName is the function's name among the core exports.
func (f *goFunc) coreName() string {
	if f.unit.iface == nil {
		return f.wit.Name
	}
	return f.unit.witName + "#" + f.wit.Name
}

// module is the core module that the function's own built-ins are imported from.
func (f *goFunc) module() string {
	if f.exported {
		return "[export]" + f.unit.core
	}
	return f.unit.core
}

// abi is how the function is lifted or lowered: async functions asynchronously, plain ones synchronously.
func (f *goFunc) abi() layout.ABI {
	if f.exported {
		return layout.ABI{Direction: layout.Lift, Async: f.wit.Async, Callback: f.wit.Async}
	}
	return layout.ABI{Direction: layout.Lower, Async: f.wit.Async}
}

func (f *goFunc) core() layout.CoreFuncType { return layout.FlattenFunc(f.ft, f.abi()) }

// paramLayout is how the parameters, self included, lie side by side.
func (f *goFunc) paramLayout() *layout.Layout { return layout.Types(f.ft.ParamTypes(), layout.Ptr32) }

// spills reports whether the parameters are passed in memory.
func (f *goFunc) spills() bool {
	limit := layout.MaxFlatParams
	if !f.exported && f.wit.Async {
		limit = layout.MaxFlatAsyncParams
	}
	return f.paramLayout().FlatLen > limit
}
