package componentize

import (
	"fmt"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit"
)

// coreExport is an exported function of the world and the core exports that make
// it. The names are empty where the module has no such export.
type coreExport struct {
	at                         container
	fn                         *wit.Function
	kind                       liftKind
	needs                      needs
	core, postReturn, callback string
}

// exportReader finds the core exports that mean something and checks their
// signatures.
type exportReader struct {
	module  *corewasm.Module
	sigs    *signatures
	exports map[string]corewasm.Export
	err     *Error
}

func newExportReader(m *corewasm.Module, sigs *signatures, err *Error) *exportReader {
	r := &exportReader{m, sigs, map[string]corewasm.Export{}, err}
	for _, e := range m.Exports {
		r.exports[e.Name] = e
	}
	return r
}

// has reports whether there is an export of a kind.
func (r *exportReader) has(name string, kind corewasm.ExternKind) bool {
	e, ok := r.exports[name]
	return ok && e.Kind == kind
}

// function returns name if it is an exported function, else "". A wrong signature
// is reported.
func (r *exportReader) function(name string, want corewasm.FuncType) string {
	e, ok := r.exports[name]
	if !ok || name == "" || e.Kind != corewasm.KindFunc {
		return ""
	}
	if found, ok := r.module.FuncType(e.Index); !ok || !found.Equal(want) {
		r.err.Mistyped = append(r.err.Mistyped, MistypedItem{fmt.Sprintf("export `%s`", name), coreText(want), coreText(found)})
	}
	return name
}

// worldFunctions finds the core exports of all exported functions of w.
func (r *exportReader) worldFunctions(w *wit.World) []*coreExport {
	var all []*coreExport
	for key, item := range w.Exports.All() {
		at := container{world: w, exported: true, key: key, sigs: r.sigs}
		switch item := item.(type) {
		case *wit.Function:
			all = append(all, r.worldFunction(at, item))
		case *wit.InterfaceItem:
			at.iface = item.Interface
			for f := range item.Interface.Functions.Values() {
				all = append(all, r.worldFunction(at, f))
			}
		}
	}
	return all
}

func (r *exportReader) worldFunction(at container, f *wit.Function) *coreExport {
	e := &coreExport{at: at, fn: f}
	name := at.coreExportName(f)
	found := 0
	for _, form := range []struct {
		kind   liftKind
		prefix string
	}{{liftSync, ""}, {liftCallback, asyncLiftPrefix}, {liftStackful, stackfulLiftPrefix}} {
		want, n := r.sigs.lifted(f, form.kind)
		if core := r.function(form.prefix+name, want); core != "" {
			e.kind, e.core, e.needs = form.kind, core, n
			if form.kind != liftSync && !f.Async {
				r.err.otherf("export `%s`: only `async` functions can be lifted asynchronously, and this one is `%s`", core, functionText(f))
			}
			found++
		}
	}
	switch {
	case found == 0:
		r.missing(at, f, name)
	case found > 1:
		r.err.otherf("function `%s` is exported in several ways: it can be lifted in only one", name)
	}
	r.companions(e, name)
	return e
}

// companions finds what belongs to a lifted function.
func (r *exportReader) companions(e *coreExport, name string) {
	switch e.kind {
	case liftSync:
		e.postReturn = r.function(postReturnPrefix+name, r.sigs.postReturn(e.fn))
	case liftCallback:
		e.callback = r.function(callbackPrefix+name, coreFunc("i32 i32 i32 -> i32"))
		if e.callback == "" {
			r.err.otherf("export `%s` has no callback: it is to be exported as `%s`, (func (param i32 i32 i32) (result i32))", e.core, callbackPrefix+name)
		}
	}
}

func (r *exportReader) missing(at container, f *wit.Function, name string) {
	m := MissingExport{Function: functionText(f), CoreName: name}
	kind := liftSync
	if f.Async {
		m.CoreName, kind = asyncLiftPrefix+name, liftCallback
	}
	if at.iface != nil {
		m.Interface = at.key.String()
	}
	want, _ := r.sigs.lifted(f, kind)
	m.CoreType = coreText(want)
	r.err.Missing = append(r.err.Missing, m)
}

// destructor finds the destructor of a resource that at defines.
func (r *exportReader) destructor(at container, resource *wit.TypeDef) string {
	name := at.key.String() + "#" + dtorPrefix + resource.Name
	for _, n := range []string{name, asyncLiftPrefix + name} {
		if core := r.function(n, coreFunc("i32 ->")); core != "" {
			return core
		}
	}
	return ""
}

// first returns the first of the names that is an export of that kind.
func (r *exportReader) first(kind corewasm.ExternKind, names ...string) string {
	for _, n := range names {
		if r.has(n, kind) {
			return n
		}
	}
	return ""
}
