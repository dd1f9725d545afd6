package bindgen

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/gosource"
	"github.com/gondola-wasm/gondola/internal/layout"
)

// writeExported writes the core exports of f.
func (a *abi) writeExported(f *goFunc) {
	if f.wit.Async {
		a.writeAsyncExport(f)
	} else {
		a.writePlainExport(f)
	}
}

func (a *abi) writeAsyncExport(f *goFunc) {
	done := a.unit.private("return" + f.id)
	name := a.unit.private("export" + f.id)
	per, all := a.exportParams(f)
	a.p("//go:wasmexport [async-lift]%s", f.coreName())
	a.p("func %s(%s) uint32 {", name, typedNames(all, f.core().Params))
	t := a.local("t")
	a.task = t
	a.p("return %s.Lift(%q, func(%s *%s.Task) {", a.rt(), f.coreName(), t, a.rt())
	c := a.callExport(f, per, t)
	results := a.lowerResult(f, t, c)
	if f.result != nil && len(results) == 1 && f.result.needsScope() {
		results[0] = a.bind("r", results[0])
	}
	a.p("%s.Return()", t)
	a.p("%s(%s)", done, strings.Join(results, ", "))
	a.p("})")
	a.p("}\n")
	a.p("//go:wasmexport [callback][async-lift]%s", f.coreName())
	a.p("func %s(event, index, payload uint32) uint32 { return %s.Callback(event, index, payload) }\n", a.unit.private("callback"+f.id), a.rt())
	a.writeTaskReturn(f, done)
}

// writeTaskReturn declares the import that f returns its result by.
func (a *abi) writeTaskReturn(f *goFunc, name string) {
	a.scope = gosource.NewScope(a.unit.pkg.Scope)
	var cores []layout.CoreType
	var params []string
	if f.result != nil {
		if cores = f.result.layout().Flat; f.result.layout().FlatLen > layout.MaxFlatParams {
			cores = []layout.CoreType{layout.I32}
		}
		params = a.flatNames("v", len(cores))
	}
	a.p("//go:wasmimport %s [task-return]%s", f.module(), f.wit.Name)
	a.p("func %s(%s)\n", name, typedNames(params, cores))
}

func (a *abi) writePlainExport(f *goFunc) {
	name := a.unit.private("export" + f.id)
	per, all := a.exportParams(f)
	core := f.core()
	a.p("//go:wasmexport %s", f.coreName())
	a.p("func %s(%s)%s {", name, typedNames(all, core.Params), coreResults(core.Results))
	t := a.local("t")
	a.task = t
	a.p("%s := %s.LiftSync(%q)", t, a.rt(), f.coreName())
	c := a.callExport(f, per, t)
	results := a.lowerResult(f, t, c)
	if len(results) == 1 {
		results = []string{a.bind("r", results[0])}
	}
	a.p("%s.ReturnSync()", t)
	if len(results) > 0 {
		a.p("return %s", results[0])
	}
	a.p("}\n")
}

// bind gives an expression that is no name one, so that it is evaluated here.
func (a *abi) bind(name, expr string) string {
	if !strings.ContainsAny(expr, "(.[ ") {
		return expr
	}
	v := a.local(name)
	a.p("%s := %s", v, expr)
	return v
}

// exportParams names the core parameters of an export.
func (a *abi) exportParams(f *goFunc) (per [][]string, all []string) {
	if f.spills() {
		return nil, []string{a.local("args")}
	}
	return a.paramFlats(f)
}

// callExport lifts the arguments and calls what the user wrote, up to and including what becomes of its error. It returns the
// expression of the result, "" if there is none.
func (a *abi) callExport(f *goFunc, per [][]string, t string) string {
	var args []string
	if f.spills() {
		args = a.loadArgs(f)
	} else {
		for i, typ := range f.allParams() {
			args = append(args, a.lift(typ, per[i]))
		}
	}
	callee := "exports." + f.name
	if f.isMethod() {
		callee = args[0] + "." + f.name
		args = args[1:]
	}
	if f.wit.Async {
		args = append([]string{t + ".Context()"}, args...)
	}
	return a.afterCall(f, t, fmt.Sprintf("%s(%s)", callee, strings.Join(args, ", ")))
}

// allParams are the types of the parameters, self included.
func (f *goFunc) allParams() []*goType {
	var ts []*goType
	if f.isMethod() {
		ts = append(ts, f.self)
	}
	for _, p := range f.params {
		ts = append(ts, p.typ)
	}
	return ts
}

// loadArgs lifts parameters that were passed in memory, and frees that.
func (a *abi) loadArgs(f *goFunc) []string {
	var vars []string
	offsets := f.paramLayout().Offsets
	for i, typ := range f.allParams() {
		name := "self"
		if !f.isMethod() {
			name = f.params[i].name
		} else if i > 0 {
			name = f.params[i-1].name
		}
		v := a.local(name)
		a.p("%s := %s", v, a.load(typ, addr{"args", offsets[i]}))
		vars = append(vars, v)
	}
	a.p("%s.Free(args)", a.rt())
	return vars
}

// afterCall writes the call and turns the error into what WIT has for it.
func (a *abi) afterCall(f *goFunc, t, call string) string {
	switch {
	case f.fails():
		return a.afterFailing(f, t, call)
	case f.wit.Async && f.result == nil:
		a.p("if err := %s; err != nil {", call)
		a.p("%s.Fail(err)", t)
		a.p("return")
		a.p("}")
		return ""
	case f.wit.Async:
		v, err := a.local("v"), a.local("err")
		a.p("%s, %s := %s", v, err, call)
		a.p("if %s != nil {", err)
		a.p("%s.Fail(%s)", t, err)
		a.p("return")
		a.p("}")
		return v
	case f.result == nil:
		a.p("%s", call)
		return ""
	}
	v := a.local("v")
	a.p("%s := %s", v, call)
	return v
}

// afterFailing makes a rt.Result of a call that returns an error.
func (a *abi) afterFailing(f *goFunc, t, call string) string {
	err, r := a.local("err"), a.local("r")
	ok, other := f.result.elem, f.result.other
	v := a.rt() + ".Unit{}"
	if ok == nil {
		a.p("%s := %s", err, call)
	} else {
		v = a.local("v")
		a.p("%s, %s := %s", v, err, call)
	}
	if f.wit.Async {
		a.p("if %s != nil && %s.Cancel(%s) {", err, t, err)
		a.p("return")
		a.p("}")
	}
	a.p("%s := %s.Ok[%s, %s](%s)", r, a.rt(), a.text(ok), a.text(other), v)
	a.p("if %s != nil {", err)
	failure := a.rt() + ".Unit{}"
	if other != nil {
		failure = fmt.Sprintf("%s.AsErr[%s](%s, %s)", a.rt(), a.text(other), t, err)
	}
	a.p("%s = %s.Fail[%s, %s](%s)", r, a.rt(), a.text(ok), a.text(other), failure)
	a.p("}")
	return r
}

// lowerResult lowers the result of an export and returns the core values that stand for it.
func (a *abi) lowerResult(f *goFunc, t, v string) []string {
	if f.result == nil {
		return nil
	}
	limit := layout.MaxFlatResults
	if f.wit.Async {
		limit = layout.MaxFlatParams
	}
	c := ""
	l := f.result.layout()
	if f.result.needsScope() || l.FlatLen > limit {
		c = a.local("c")
		a.p("%s := %s.Scope()", c, t)
	}
	if l.FlatLen <= limit {
		return a.lowerFlat(c, f.result, v, "v")
	}
	ret := a.local("ret")
	a.p("%s := %s.Block(%d, %d)", ret, c, l.Size, l.Align)
	a.store(c, f.result, addr{ret, 0}, v)
	return []string{ret}
}

// writeResourceABI writes what handles of d are made into, and back.
func (a *abi) writeResourceABI(d *typeDecl) {
	if d.unit.exported {
		a.writeExportedResourceABI(d)
	} else {
		a.writeImportedResourceABI(d)
	}
}

func (a *abi) writeImportedResourceABI(d *typeDecl) {
	ref, rt := d.ref(), a.rt()
	drop := a.unit.private("drop" + d.name)
	borrowed := a.unit.private("borrowed" + d.name)
	a.p("//go:wasmimport %s [resource-drop]%s", a.unit.core, d.def.Name)
	a.p("func %s(handle uint32)\n", drop)
	a.p("type %s struct{ handle %s.Handle }\n", ref, rt)
	a.p("type %s interface{ WITHandle() *%s.Handle }\n", d.handle(), rt)
	a.p("func %s(%s) *%s { panic(%q) }\n", d.makeFake(), d.methods, d.name, a.unit.pkg.Name+"."+d.fake+" works outside of components only")
	a.p("// WITHandle is for generated code.")
	a.p("func (self *%s) WITHandle() *%s.Handle { return &self.handle }\n", ref, rt)
	a.p("// Close gives the %s up.", d.def.Name)
	a.p("func (self *%s) Close() error { return self.handle.Close() }\n", d.name)
	a.p("// %s is for generated code.", d.lift)
	a.p("func %s(handle uint32) *%s {", d.lift, d.name)
	a.p("v := new(%s)", d.name)
	a.p("v.handle.Own(handle, %s)", drop)
	a.p("return v")
	a.p("}\n")
	a.p("// %s is what a caller lent.", borrowed)
	a.p("type %s struct{ %s }\n", borrowed, ref)
	a.p("// %s is for generated code.", d.lend)
	a.p("func %s(t *%s.Task, handle uint32) %s {", d.lend, rt, d.borrow)
	a.p("v := new(%s)", borrowed)
	a.p("v.handle.Borrow(t, handle, %s)", drop)
	a.p("return v")
	a.p("}\n")
}

func (a *abi) writeExportedResourceABI(d *typeDecl) {
	rt := a.rt()
	table := a.unit.private(unexported(d.name) + "Table")
	module := "[export]" + a.unit.core
	newName, rep, drop := a.unit.private("new"+d.name+"Handle"), a.unit.private("rep"+d.name), a.unit.private("drop"+d.name)
	for _, imp := range [][3]string{
		{"resource-new", newName, "(rep uint32) uint32"}, {"resource-rep", rep, "(handle uint32) uint32"}, {"resource-drop", drop, "(handle uint32)"},
	} {
		a.p("//go:wasmimport %s [%s]%s", module, imp[0], d.def.Name)
		a.p("func %s%s\n", imp[1], imp[2])
	}
	a.p("// %s holds the values that handles stand for.", table)
	a.p("var %s %s.Table[%s]\n", table, rt, d.name)
	a.p("//go:wasmexport %s#[dtor]%s", a.unit.witName, d.def.Name)
	a.p("func %s(rep uint32) { %s.Destroy(&%s, rep) }\n", a.unit.private("destroy"+d.name), rt, table)
	a.p("// %s is for generated code.", d.lift)
	a.p("func %s(handle uint32) %s { return %s.TakeOwn(&%s, handle, %s, %s) }\n", d.lift, d.name, rt, table, rep, drop)
	a.p("// %s is for generated code.", d.lend)
	a.p("func %s(rep uint32) %s { return %s.Get(rep) }\n", d.lend, d.borrow, table)
	a.p("// %s is for generated code.", d.lower)
	a.p("func %s(c *%s.Scope, v %s) uint32 { return %s.GiveNew(c, &%s, v, %s, %s) }\n", d.lower, rt, d.name, rt, table, newName, drop)
}
