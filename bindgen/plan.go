package bindgen

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/internal/gosource"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/internal/wittypes"
	"github.com/gondola-wasm/gondola/wit"
)

// plan is what is decided before anything is written: the packages and all names that users see.
type plan struct {
	world *wit.World
	root  string // import path of the folder gen

	units   []*unit // imports, exports, the world itself
	imports map[*wit.Interface]*unit
	exports map[*wit.Interface]*unit
	self    *unit // the world's own package

	wt    *wittypes.Types
	types map[string]*goType
	decls map[declKey]*typeDecl
	errs  []error
	at    string // what is being planned, for errors
}

type declKey struct {
	unit *unit
	def  *wit.TypeDef
}

// unit is one generated package: an imported interface, an exported one, or the world.
type unit struct {
	dir      string // below gen
	witName  string // "local:local/baz", or the world's name
	core     string // the core module of its imports: its name, or "$root"
	iface    *wit.Interface
	item     *wit.InterfaceItem
	exported bool // an exported interface

	pkg         *gosource.Package
	decls       []*typeDecl // in the order of declaration
	alias       []alias
	local       map[*typeDecl]string // aliases by what they stand for
	localBorrow map[*typeDecl]string // the same for borrowed resources
	funcs       []*goFunc
	fields      []*field        // of the world's Exports
	locals      map[string]bool // names of parameters and variables, which unexported functions must not have

	streams  []*streamUse
	streamOf map[string]*streamUse
	deps     []*unit
}

// alias is a type of WIT that is another name for one in Go too.
type alias struct {
	name   string
	def    *wit.TypeDef
	target *goType   // nil for a resource
	res    *typeDecl // the resource
	borrow string    // the alias of its borrowed type
}

// field is a field of the world's Exports.
type field struct {
	name string
	unit *unit   // of an exported interface
	fn   *goFunc // or an exported function
}

func newPlan(w *wit.World, root string) (*plan, error) {
	p := &plan{
		world: w, root: root,
		imports: make(map[*wit.Interface]*unit), exports: make(map[*wit.Interface]*unit),
		wt: wittypes.New(), types: make(map[string]*goType), decls: make(map[declKey]*typeDecl),
	}
	p.layOut()
	for _, u := range p.units {
		p.declare(u)
	}
	for _, u := range p.units {
		p.collect(u)
	}
	p.findErrors()
	for _, u := range p.units {
		p.derive(u)
	}
	return p, errors.Join(p.errs...)
}

// unsupported notes that the world needs something that can't be generated.
func (p *plan) unsupported(text string) {
	err := fmt.Errorf("%s: %s", p.at, text)
	if !slices.ContainsFunc(p.errs, func(e error) bool { return e.Error() == err.Error() }) {
		p.errs = append(p.errs, err)
	}
}

// layOut makes a unit for each interface and for the world, and chooses their folders.
func (p *plan) layOut() {
	dirs := &folders{world: p.world, taken: map[string]bool{"rt": true, "export": true}}
	dirs.meet()
	name := packageName(p.world.Name)
	p.self = p.newUnit(dirs.take("", name), name, p.world.Name)
	p.self.core = "$root"
	for key, item := range p.world.Imports.All() {
		if item, ok := item.(*wit.InterfaceItem); ok {
			u := p.interfaceUnit(dirs, "", key, item)
			if key.Interface != nil || p.imports[item.Interface] == nil {
				p.imports[item.Interface] = u
			}
		}
	}
	for key, item := range p.world.Exports.All() {
		if item, ok := item.(*wit.InterfaceItem); ok && !isMain(key) {
			u := p.interfaceUnit(dirs, "export/", key, item)
			u.exported = true
			if key.Interface != nil || p.exports[item.Interface] == nil {
				p.exports[item.Interface] = u
			}
		}
	}
	p.units = append(p.units, p.self)
}

// isMain reports whether an export is implemented by the program's main: wasi:cli/run of any version 0.3, which the Go runtime
// exports by itself.
func isMain(key wit.WorldKey) bool { return strings.HasPrefix(key.String(), "wasi:cli/run@0.3.") }

func (p *plan) newUnit(dir, pkg, witName string) *unit {
	return &unit{
		dir: dir, witName: witName, core: witName, pkg: gosource.NewPackage(pkg),
		local: make(map[*typeDecl]string), localBorrow: make(map[*typeDecl]string), locals: make(map[string]bool), streamOf: make(map[string]*streamUse),
	}
}

func (p *plan) interfaceUnit(dirs *folders, side string, key wit.WorldKey, item *wit.InterfaceItem) *unit {
	label := key.Name
	if label == "" {
		label = key.Interface.Name
	}
	name := packageName(label)
	u := p.newUnit(dirs.take(side+dirs.of(key), name), name, key.String())
	u.iface, u.item = item.Interface, item
	p.units = append(p.units, u)
	return u
}

// packageName is the name of a Go package for a label: its words without hyphens. Names that mean something to the Go tool get
// a `_`.
func packageName(label string) string {
	name := strings.ToLower(strings.ReplaceAll(label, "-", ""))
	switch name {
	case "internal", "vendor", "testdata":
		return name + "_"
	}
	return gosource.NewScope(nil).Name(name)
}

// folders chooses where packages lie: an interface of the world's own package directly below gen, one of another in a folder
// with that package's name. Where two packages of one name meet, the namespace or the version is added.
type folders struct {
	world      *wit.World
	taken      map[string]bool
	namespaces map[string]map[string]bool // by package name
	versions   map[string]map[string]bool // by namespace and package name
}

// meet counts what the world's interfaces come from.
func (f *folders) meet() {
	f.namespaces, f.versions = make(map[string]map[string]bool), make(map[string]map[string]bool)
	note := func(key wit.WorldKey) {
		if key.Interface == nil {
			return
		}
		n := key.Interface.Package.Name
		add(f.namespaces, n.Name, n.Namespace)
		add(f.versions, n.Namespace+":"+n.Name, n.Version.String())
	}
	for key := range f.world.Imports.Keys() {
		note(key)
	}
	for key := range f.world.Exports.Keys() {
		note(key)
	}
}

func add(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = make(map[string]bool)
	}
	m[key][value] = true
}

// of is the folder that the package of key stands in, with a slash at its end where there is one.
func (f *folders) of(key wit.WorldKey) string {
	if key.Interface == nil || key.Interface.Package == f.world.Package {
		return ""
	}
	n := key.Interface.Package.Name
	dir := folder(n.Name)
	if len(f.namespaces[n.Name]) > 1 {
		dir = folder(n.Namespace) + dir
	}
	if len(f.versions[n.Namespace+":"+n.Name]) > 1 && !n.Version.IsZero() {
		dir += "v" + strings.ReplaceAll(n.Version.String(), "+", "_") + "/"
	}
	return dir
}

// folder is the folder of a namespace or package, a nested one in several steps.
func folder(name string) string {
	var dir string
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == ':' || r == '/' }) {
		dir += packageName(part) + "/"
	}
	return dir
}

func (f *folders) take(dir, name string) string {
	path := dir + name
	for f.taken[path] {
		path += "_"
	}
	f.taken[path] = true
	return path
}

// path is the import path of u.
func (p *plan) path(u *unit) string { return p.root + "/" + u.dir }

// rtPath is the import path of the support package.
func (p *plan) rtPath() string { return p.root + "/rt" }

// owner is the unit whose Go package declares what d is, seen from u: an exported interface means the exported interfaces of
// the world where there are such, and the imported ones otherwise.
func (p *plan) owner(u *unit, d *wit.TypeDef) *unit {
	switch owner := d.Owner.(type) {
	case *wit.World:
		return p.self
	case *wit.Interface:
		if owner == u.iface {
			return u
		}
		if e := p.exports[owner]; e != nil && u.exported {
			return e
		}
		return p.imports[owner]
	}
	return u
}

// decl returns the declaration of d, which u owns.
func (p *plan) decl(u *unit, d *wit.TypeDef) *typeDecl {
	key := declKey{u, d}
	if p.decls[key] == nil {
		p.decls[key] = &typeDecl{unit: u, def: d}
	}
	return p.decls[key]
}

// resource follows aliases to the resource that d, seen from u, stands for.
func (p *plan) resource(u *unit, d *wit.TypeDef) *typeDecl {
	u = p.owner(u, d)
	if a, ok := d.Kind.(*wit.Alias); ok {
		return p.resource(u, a.Target.(*wit.TypeDef))
	}
	return p.decl(u, d)
}

// typeDefs are the types that u declares.
func (p *plan) typeDefs(u *unit) []*wit.TypeDef {
	if u.iface != nil {
		return slices.Collect(u.iface.Types.Values())
	}
	var defs []*wit.TypeDef
	for item := range p.world.Imports.Values() {
		if d, ok := item.(*wit.TypeDef); ok {
			defs = append(defs, d)
		}
	}
	return defs
}

// declare names u's types: WIT's names come first, so that what is derived from them renames none of them.
func (p *plan) declare(u *unit) {
	u.pkg.Scope.Reserve("Host", "SetHost", "Exports", "Export", "host", "setHost", "hostFor", "exports")
	for _, d := range p.typeDefs(u) {
		name := u.pkg.Scope.Name(names.Go(d.Name))
		if _, ok := d.Kind.(*wit.Alias); ok || isComposed(d) {
			u.alias = append(u.alias, alias{name: name, def: d})
			continue
		}
		decl := p.decl(u, d)
		decl.name = name
		u.decls = append(u.decls, decl)
	}
}

// isComposed reports whether the type that d names has no declaration of its own in Go, such as `type t = list<u8>`.
func isComposed(d *wit.TypeDef) bool {
	switch d.Kind.(type) {
	case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags, *wit.Resource:
		return false
	}
	return true
}

// collect resolves the types that u's functions and types mention, and names its functions.
func (p *plan) collect(u *unit) {
	p.at = u.witName
	for i := range u.alias {
		p.resolveAlias(u, &u.alias[i])
	}
	for _, d := range u.decls {
		if _, ok := d.def.Kind.(*wit.Resource); !ok {
			p.typ(u, d.def)
		}
	}
	for f := range p.functions(u) {
		p.at = u.witName + "#" + f.Name
		u.funcs = append(u.funcs, p.function(u, f))
	}
	p.exportedFunctions(u)
}

func (p *plan) resolveAlias(u *unit, a *alias) {
	if d, ok := wit.Dealias(a.def).(*wit.TypeDef); ok {
		if _, ok := d.Kind.(*wit.Resource); ok {
			a.res = p.resource(u, a.def)
			u.local[a.res] = cmp.Or(u.local[a.res], a.name)
			return
		}
	}
	a.target = p.typ(u, a.def)
	if a.target.decl != nil && !a.target.isHandle() {
		u.local[a.target.decl] = cmp.Or(u.local[a.target.decl], a.name)
	}
}

// findErrors marks the types that implement error: those named ones that are the error of some function's result.
func (p *plan) findErrors() {
	for _, u := range p.units {
		for _, f := range u.funcs {
			if f.result == nil || !f.fails() || f.result.other == nil {
				continue
			}
			if d := f.result.other.decl; d != nil && !f.result.other.isHandle() {
				d.isError = !hasErrorField(d)
			}
		}
	}
}

// hasErrorField reports whether a method Error would collide with a field.
func hasErrorField(d *typeDecl) bool {
	r, ok := d.def.Kind.(*wit.Record)
	return ok && slices.Contains(names.GoAll(fieldLabels(r)), "Error")
}

// derive chooses the names that follow from others, and what u imports.
func (p *plan) derive(u *unit) {
	for _, f := range u.funcs {
		if f.wit.Kind == wit.Freestanding {
			f.derive()
		}
	}
	for _, d := range u.decls {
		d.derive()
	}
	for i := range u.alias {
		if a := &u.alias[i]; a.res != nil {
			a.borrow = u.pkg.Scope.Name(a.name + "Borrow")
			u.localBorrow[a.res] = cmp.Or(u.localBorrow[a.res], a.borrow)
		}
	}
	for _, f := range u.funcs {
		if f.wit.Kind != wit.Freestanding {
			f.derive()
		}
	}
	for _, path := range []string{"context", "fmt", "math", "strconv", "strings"} {
		u.pkg.Declare(path, path)
	}
	u.pkg.Declare(p.rtPath(), "rt")
	p.findDeps(u)
	for _, f := range u.funcs {
		f.nameParams()
	}
	for _, f := range u.funcs {
		p.at = u.witName + "#" + f.wit.Name
		p.findStreams(u, f)
	}
}

// findDeps finds the generated packages whose types u mentions.
func (p *plan) findDeps(u *unit) {
	seen := make(map[*goType]bool)
	note := func(d *unit) {
		if d != u && !slices.Contains(u.deps, d) {
			u.deps = append(u.deps, d)
			u.pkg.Declare(p.path(d), d.pkg.Name)
		}
	}
	var visit func(*goType)
	visit = func(t *goType) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		if t.decl != nil {
			note(t.decl.unit)
		}
		t.each(visit)
	}
	for _, f := range u.fields {
		if f.unit != nil {
			note(f.unit)
		}
	}
	for _, a := range u.alias {
		if a.res != nil {
			note(a.res.unit)
		}
		visit(a.target)
	}
	for _, d := range u.decls {
		if _, ok := d.def.Kind.(*wit.Resource); !ok {
			visit(p.typ(u, d.def))
		}
	}
	for _, f := range u.funcs {
		for _, param := range f.params {
			visit(param.typ)
		}
		visit(f.result)
	}
}

// derive names what d's declaration brings with it.
func (d *typeDecl) derive() {
	scope := d.unit.pkg.Scope
	switch k := d.def.Kind.(type) {
	case *wit.Record:
		d.members = names.GoAll(fieldLabels(k))
	case *wit.Enum:
		d.prefixed(scope, labelNames(k.Cases))
	case *wit.Flags:
		d.prefixed(scope, labelNames(k.Flags))
	case *wit.Variant:
		d.prefixed(scope, caseLabels(k))
	case *wit.Resource:
		d.borrow = scope.Name(d.name + "Borrow")
		d.lift = scope.Name("Lift" + d.name)
		d.lend = scope.Name("Lift" + d.borrow)
		if d.unit.exported {
			d.lower = scope.Name("Lower" + d.name)
		} else {
			d.methods = scope.Name(d.name + "Methods")
			d.fake = scope.Name("Fake" + d.name)
		}
	}
}

func (d *typeDecl) prefixed(scope *gosource.Scope, labels []string) {
	for _, l := range labels {
		d.members = append(d.members, scope.Name(d.name+names.Go(l)))
	}
}

func fieldLabels(r *wit.Record) []string {
	out := make([]string, len(r.Fields))
	for i, f := range r.Fields {
		out[i] = f.Name
	}
	return out
}

func labelNames(ls []wit.Label) []string {
	out := make([]string, len(ls))
	for i, l := range ls {
		out[i] = l.Name
	}
	return out
}

func caseLabels(v *wit.Variant) []string {
	out := make([]string, len(v.Cases))
	for i, c := range v.Cases {
		out[i] = c.Name
	}
	return out
}

// private names an unexported function, type or variable of u. It hides no parameter's name, and none hides it.
func (u *unit) private(want string) string {
	for u.locals[want] || u.pkg.Scope.Taken(want) {
		want += "_"
	}
	return u.pkg.Scope.Name(want)
}

// unexported turns an exported Go identifier into one that isn't: FooBar gives fooBar, HTTPServer httpServer.
func unexported(name string) string {
	upper := 0
	for upper < len(name) && 'A' <= name[upper] && name[upper] <= 'Z' {
		upper++
	}
	if upper > 1 && upper < len(name) {
		upper--
	}
	return strings.ToLower(name[:upper]) + name[upper:]
}
