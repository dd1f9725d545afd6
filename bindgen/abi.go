package bindgen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/internal/gosource"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/wit"
)

// abi is the file of a unit that exists only in a component: core imports and exports, lifting and lowering.
type abi struct {
	*source
	scope   *gosource.Scope // of the function that is being written
	task    string          // the variable that holds its task
	helpers map[string]string
	queue   []helper
}

// helper is a function that lifts, lowers or drops values of one type, written because something needs it.
type helper struct {
	verb string
	name string
	typ  *goType
}

func (p *plan) newABI(u *unit) *abi {
	return &abi{source: p.newSource(u), helpers: make(map[string]string)}
}

// write writes the whole file.
func (a *abi) write() {
	u := a.unit
	if a.hasHost() {
		a.p("func setHost(Host) { panic(%q) }\n", u.pkg.Name+".SetHost works outside of components only")
	}
	for _, d := range u.decls {
		if _, ok := d.def.Kind.(*wit.Resource); ok {
			a.writeResourceABI(d)
		}
	}
	for _, f := range u.funcs {
		a.scope = gosource.NewScope(u.pkg.Scope)
		switch {
		case f.exported:
			a.writeExported(f)
		case f.wit.Async:
			a.writeAsyncImport(f)
		default:
			a.writePlainImport(f)
		}
	}
	for _, st := range u.streams {
		a.writeStreamType(st)
	}
	for len(a.queue) > 0 {
		h := a.queue[0]
		a.queue = a.queue[1:]
		a.writeHelper(h)
	}
}

// helper returns the name of the function that does verb to values of t.
func (a *abi) helper(verb string, t *goType) string {
	key := verb + " " + t.key
	name, ok := a.helpers[key]
	if !ok {
		name = a.unit.private(verb + t.mangle())
		a.helpers[key] = name
		a.queue = append(a.queue, helper{verb, name, t})
	}
	return name
}

// local names a variable of the function that is being written.
func (a *abi) local(want string) string {
	name := a.scope.Name(want)
	a.unit.locals[name] = true
	return name
}

// flatNames names the flat values of a value called name.
func (a *abi) flatNames(name string, n int) []string {
	if n == 1 {
		return []string{a.local(name)}
	}
	out := make([]string, n)
	for i := range out {
		out[i] = a.local(name + strconv.Itoa(i))
	}
	return out
}

// addr is an address as an expression.
type addr struct {
	base   string
	offset int
}

func (p addr) plus(n int) addr { return addr{p.base, p.offset + n} }

func (p addr) String() string {
	if p.offset == 0 {
		return p.base
	}
	return fmt.Sprintf("%s+%d", p.base, p.offset)
}

// goCore is the Go type of a core value.
func goCore(c layout.CoreType) string {
	switch c {
	case layout.I64:
		return "uint64"
	case layout.F32:
		return "float32"
	case layout.F64:
		return "float64"
	}
	return "uint32"
}

// typedNames is a parameter list, neighbours of one type together.
func typedNames(names []string, cores []layout.CoreType) string {
	var parts []string
	for i, n := range names {
		if i+1 < len(names) && cores[i] == cores[i+1] {
			parts = append(parts, n)
		} else {
			parts = append(parts, n+" "+goCore(cores[i]))
		}
	}
	return strings.Join(parts, ", ")
}

// coreResults is a result list.
func coreResults(cores []layout.CoreType) string {
	switch len(cores) {
	case 0:
		return ""
	case 1:
		return " " + goCore(cores[0])
	}
	out := make([]string, len(cores))
	for i, c := range cores {
		out[i] = goCore(c)
	}
	return " (" + strings.Join(out, ", ") + ")"
}

// paramFlats names the core parameters of f, per parameter of the WIT function, self included, and all in a row.
func (a *abi) paramFlats(f *goFunc) (per [][]string, all []string) {
	for i, p := range f.ft.Params {
		name := "self"
		if !f.isMethod() {
			name = f.params[i].name
		} else if i > 0 {
			name = f.params[i-1].name
		}
		flats := a.flatNames(name, layout.Of(p.Type, layout.Ptr32).FlatLen)
		per = append(per, flats)
		all = append(all, flats...)
	}
	return per, all
}

// writeCoreImport declares the import of f and returns its name. The parameters bear f's parameters' names, for readers.
func (a *abi) writeCoreImport(f *goFunc) string {
	name := a.unit.private("import" + f.id)
	outer := a.scope
	a.scope = gosource.NewScope(a.unit.pkg.Scope)
	defer func() { a.scope = outer }()
	core := f.core()
	var params []string
	if f.spills() {
		params = []string{a.local("args")}
	} else {
		_, params = a.paramFlats(f)
	}
	if len(core.Params) > len(params) {
		params = append(params, a.local("ret"))
	}
	prefix := ""
	if f.wit.Async {
		prefix = "[async-lower]"
	}
	a.p("//go:wasmimport %s %s%s", f.module(), prefix, f.wit.Name)
	a.p("func %s(%s)%s\n", name, typedNames(params, core.Params), coreResults(core.Results))
	return name
}

// importSignature is the signature of the function that calls f's import.
func (a *abi) importSignature(f *goFunc) string {
	if f.isMethod() {
		return a.withFirst("self *"+f.res.ref(), f)
	}
	return a.signature(f)
}

// enterImport takes the parameters' names in the scope of the function that is being written.
func (a *abi) enterImport(f *goFunc) {
	a.scope.Reserve("self", "ctx")
	for _, p := range f.params {
		a.scope.Reserve(p.name)
	}
}

// lowerParams lowers f's parameters and returns the arguments of its import.
func (a *abi) lowerParams(f *goFunc, c string) []string {
	if f.spills() {
		return []string{a.spillParams(f, c)}
	}
	var args []string
	if f.isMethod() {
		args = append(args, fmt.Sprintf("self.handle.Lend(%s)", c))
	}
	for _, p := range f.params {
		args = append(args, a.lowerFlat(c, p.typ, p.name, p.name)...)
	}
	return args
}

// spillParams stores f's parameters side by side and returns their address.
func (a *abi) spillParams(f *goFunc, c string) string {
	l := f.paramLayout()
	args := a.local("args")
	a.p("%s := %s.Block(%d, %d)", args, c, l.Size, l.Align)
	offsets := l.Offsets
	if f.isMethod() {
		a.p("%s.Store(%s, self.handle.Lend(%s))", a.rt(), addr{args, offsets[0]}, c)
		offsets = offsets[1:]
	}
	for i, p := range f.params {
		a.store(c, p.typ, addr{args, offsets[i]}, p.name)
	}
	return args
}

// writeAsyncImport writes the call of an async import.
func (a *abi) writeAsyncImport(f *goFunc) {
	imp := a.writeCoreImport(f)
	a.p("func %s%s {", f.callName(), a.importSignature(f))
	a.enterImport(f)
	c := a.local("c")
	a.p("%s := %s.NewScope()", c, a.rt())
	a.p("defer %s.Free()", c)
	args := a.lowerParams(f, c)
	if f.result == nil {
		a.p("return %s.Await(ctx, %s(%s), nil)", c, imp, strings.Join(args, ", "))
		a.p("}\n")
		return
	}
	l := f.result.layout()
	ret := a.local("ret")
	a.p("%s := %s.Block(%d, %d)", ret, c, l.Size, l.Align)
	value, late := a.load(f.result, addr{ret, 0}), "nil"
	if f.result.wt.ContainsPointer() || f.result.wt.ContainsHandle() {
		lift := a.local("lift")
		a.p("%s := func() %s { return %s }", lift, a.text(f.result), value)
		value = lift + "()"
		late = "func() { " + value + " }"
		if f.result.wt.ContainsHandle() {
			late = "func() { " + a.drop(f.result, value) + " }"
		}
	}
	a.p("if err := %s.Await(ctx, %s(%s), %s); err != nil {", c, imp, strings.Join(append(args, ret), ", "), late)
	if v := f.value(); v != nil {
		a.p("return %s, err", a.zero(v))
	} else {
		a.p("return err")
	}
	a.p("}")
	a.returnLifted(f, value)
	a.p("}\n")
}

// returnLifted returns the lifted result as the Go function does.
func (a *abi) returnLifted(f *goFunc, value string) {
	switch {
	case f.fails() && f.value() == nil:
		err := a.local("err")
		a.p("_, %s := %s.Get()", err, value)
		a.p("return %s", err)
	case f.fails():
		a.p("return %s.Get()", value)
	case f.wit.Async:
		a.p("return %s, nil", value)
	default:
		a.p("return %s", value)
	}
}

// writePlainImport writes the call of an import that is no async function.
func (a *abi) writePlainImport(f *goFunc) {
	imp := a.writeCoreImport(f)
	a.p("func %s%s {", f.callName(), a.importSignature(f))
	a.enterImport(f)
	c := ""
	if a.plainNeedsScope(f) {
		c = a.local("c")
		a.p("%s := %s.NewScope()", c, a.rt())
		a.p("defer %s.Free()", c)
	}
	args := a.lowerParams(f, c)
	call := func(extra ...string) string {
		return fmt.Sprintf("%s(%s)", imp, strings.Join(append(args, extra...), ", "))
	}
	switch {
	case f.result == nil:
		a.p("%s", call())
	case len(f.core().Results) == 1:
		a.returnLifted(f, a.lift(f.result, []string{call()}))
	default:
		l := f.result.layout()
		ret := a.local("ret")
		a.p("%s := %s.Block(%d, %d)", ret, c, l.Size, l.Align)
		a.p("%s", call(ret))
		a.returnLifted(f, a.load(f.result, addr{ret, 0}))
	}
	a.p("}\n")
}

// plainNeedsScope reports whether a call of f lends memory or handles.
func (a *abi) plainNeedsScope(f *goFunc) bool {
	if f.spills() || f.isMethod() || f.result != nil && len(f.core().Results) == 0 {
		return true
	}
	for _, p := range f.params {
		if p.typ.needsScope() {
			return true
		}
	}
	return false
}
