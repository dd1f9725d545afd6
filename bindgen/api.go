package bindgen

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/wit"
)

// writeImportAPI writes what users see of an imported interface, the same natively and in a component.
func (s *source) writeImportAPI() {
	u := s.unit
	s.file.Doc = docs(interfaceDocs(u), "", u.item.Stability)
	s.file.Doc = packageDoc(fmt.Sprintf("Package %s is the interface %s, which the component imports.", u.pkg.Name, u.witName), s.file.Doc)
	s.writeDecls()
	s.writeImportedFunctions()
	s.writeHost()
	s.writeStreamConstructors()
}

func packageDoc(first, rest string) string {
	if rest == "" {
		return first
	}
	return first + "\n\n" + rest
}

func interfaceDocs(u *unit) string {
	if u.item.Docs != "" {
		return u.item.Docs
	}
	return u.iface.Docs
}

func (s *source) writeImportedFunctions() {
	for _, f := range s.unit.funcs {
		if !f.exported && !f.isMethod() {
			s.writeImportedFunction(f)
		}
	}
}

func (s *source) writeImportedFunction(f *goFunc) {
	s.file.Comment(docs(f.wit.Docs, f.otherDoc("calls"), f.wit.Stability))
	s.p("func %s%s {", f.name, s.signature(f))
	s.p("%s%s(%s)", f.returns(), f.callName(), f.arguments())
	s.p("}\n")
}

// otherDoc is the comment of a function that WIT says nothing about.
func (f *goFunc) otherDoc(verb string) string {
	switch f.wit.Kind {
	case wit.Constructor:
		return fmt.Sprintf("%s makes a %s.", f.name, f.res.def.Name)
	case wit.Static, wit.Method:
		return fmt.Sprintf("%s %s %s.%s of %s.", f.name, verb, f.res.def.Name, f.wit.ItemName(), f.unit.witName)
	}
	return fmt.Sprintf("%s %s %s of %s.", f.name, verb, f.wit.Name, f.unit.witName)
}

// callName is the function that differs between a component and other platforms.
func (f *goFunc) callName() string {
	if f.call == "" {
		f.call = f.unit.private("call" + f.id)
	}
	return f.call
}

// writeResource writes a resource's type: for an imported one a struct, for an exported one the interface that the component
// implements.
func (s *source) writeResource(d *typeDecl) {
	if s.unit.exported {
		s.writeExportedResource(d)
		return
	}
	ref := d.ref()
	s.file.Comment(docs(d.def.Docs, fmt.Sprintf("%s is the resource %s.", d.name, d.def.Name), d.def.Stability) +
		fmt.Sprintf("\n\nA *%s owns the resource: Close gives it up, and so does passing it on where a *%s is taken.", d.name, d.name))
	s.p("type %s struct{ %s }\n", d.name, ref)
	for _, f := range s.methods(d) {
		s.file.Comment(docs(f.wit.Docs, f.otherDoc("calls"), f.wit.Stability))
		s.p("func (self *%s) %s%s {", ref, f.name, s.signature(f))
		s.p("%s%s(%s)", f.returns(), f.callName(), f.arguments("self"))
		s.p("}\n")
	}
	s.file.Comment(fmt.Sprintf("%s is a %s that is borrowed for a call: a *%s, or what a caller lent. It is invalid once the call that it was lent to returns.", d.borrow, d.name, d.name))
	s.p("type %s interface {", d.borrow)
	s.p("%s", d.methods)
	s.p("%s", d.handle())
	s.p("}\n")
	s.file.Comment(fmt.Sprintf("%s is what can be done with a %s, whoever owns it.", d.methods, d.name))
	s.p("type %s interface {", d.methods)
	for _, f := range s.methods(d) {
		s.p("%s%s", f.name, s.signature(f))
	}
	s.p("}\n")
	s.file.Comment(fmt.Sprintf("%s returns a %s whose methods are those of impl, and whose Close calls impl's where it has one. It works outside of components only, as under go test.", d.fake, d.name))
	s.p("func %s(impl %s) *%s { return %s(impl) }\n", d.fake, d.methods, d.name, d.makeFake())
}

// makeFake is the function behind d.fake that differs between a component and other platforms.
func (d *typeDecl) makeFake() string {
	if d.fakeName == "" {
		d.fakeName = d.unit.private(unexported(d.fake))
	}
	return d.fakeName
}

// methods are the methods of d, in WIT's order.
func (s *source) methods(d *typeDecl) []*goFunc {
	var out []*goFunc
	for _, f := range s.unit.funcs {
		if f.isMethod() && f.res == d {
			out = append(out, f)
		}
	}
	return out
}

// ref is the struct inside an imported resource's type that holds the handle.
func (d *typeDecl) ref() string {
	if d.refName == "" {
		d.refName = d.unit.private(unexported(d.name) + "Ref")
	}
	return d.refName
}

// handle is the interface that holds what generated code needs of a borrowed resource.
func (d *typeDecl) handle() string {
	if d.handleName == "" {
		d.handleName = d.unit.private(unexported(d.name) + "Handle")
	}
	return d.handleName
}

func (s *source) writeExportedResource(d *typeDecl) {
	s.file.Comment(docs(d.def.Docs, fmt.Sprintf("%s is the resource %s, for the component to implement.", d.name, d.def.Name), d.def.Stability) +
		"\n\nClose is called, by a task of the component, when the last handle of the value is dropped.")
	s.p("type %s interface {", d.name)
	s.p("%s", d.borrow)
	s.p("Close() error")
	s.p("}\n")
	s.file.Comment(fmt.Sprintf("%s is a %s that is lent for a call.", d.borrow, d.name))
	s.p("type %s interface {", d.borrow)
	for _, f := range s.methods(d) {
		s.file.Comment(docs(f.wit.Docs, f.otherDoc("implements"), f.wit.Stability))
		s.p("%s%s", f.name, s.signature(f))
	}
	s.p("}\n")
}

// writeExportAPI writes what a component implements of an exported interface.
func (s *source) writeExportAPI() {
	u := s.unit
	s.file.Doc = packageDoc(fmt.Sprintf("Package %s is the interface %s, which the component exports.", u.pkg.Name, u.witName), interfaceDocs(u))
	s.writeDecls()
	s.p("// Exports is what the component implements of %s.", u.witName)
	s.p("type Exports interface {")
	for _, f := range u.methods() {
		s.file.Comment(docs(f.wit.Docs, f.otherDoc("implements"), f.wit.Stability))
		s.p("%s%s", f.name, s.signature(f))
	}
	s.p("}\n")
	s.p("// Export makes e the implementation. Package %s calls it.", s.plan.self.pkg.Name)
	s.p("func Export(e Exports) { exports = e }\n")
	s.p("var exports Exports\n")
	s.writeStreamConstructors()
}

// writeWorldAPI writes the world's own package.
func (s *source) writeWorldAPI() {
	w, u := s.plan.world, s.unit
	s.file.Doc = packageDoc(fmt.Sprintf("Package %s is the world %s.\n\nA package that implements it calls [Export] in an init function, and is built with \"gondola build\".",
		u.pkg.Name, w.IDString()), docs(w.Docs, "", w.Stability))
	s.writeDecls()
	s.writeImportedFunctions()
	s.p("// Exports is what the component exports. No field may be nil.")
	s.p("type Exports struct {")
	for _, f := range u.fields {
		if f.unit != nil {
			s.p("%s %s.Exports // %s", f.name, s.file.Import(s.plan.path(f.unit)), f.unit.witName)
			continue
		}
		s.file.Comment(docs(f.fn.wit.Docs, f.fn.otherDoc("implements"), f.fn.wit.Stability))
		s.p("%s func%s", f.name, s.signature(f.fn))
	}
	s.p("}\n")
	s.writeExport()
	s.writeHost()
	s.writeStreamConstructors()
}

func (s *source) writeExport() {
	s.p("// Export makes e the component's exports. It panics where a field is nil.")
	s.p("func Export(e Exports) {")
	for _, f := range s.unit.fields {
		s.p("if e.%s == nil {", f.name)
		s.p("panic(%q)", s.missing(f))
		s.p("}")
	}
	keep := false
	for _, f := range s.unit.fields {
		if f.unit != nil {
			s.p("%s.Export(e.%s)", s.file.Import(s.plan.path(f.unit)), f.name)
		}
		keep = keep || f.fn != nil
	}
	if !keep {
		s.p("}\n")
		return
	}
	s.p("exports = e")
	s.p("}\n")
	s.p("var exports Exports\n")
}

// missing is what the program says where an export is not there.
func (s *source) missing(f *field) string {
	head := fmt.Sprintf("%s.Export: the field %s of Exports is nil: ", s.unit.pkg.Name, f.name)
	if f.fn != nil {
		return head + "it implements " + f.fn.wit.Name + " with a\n\tfunc" + s.plan.describe(f.fn)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%sit implements %s with a value that has the methods", head, f.unit.witName)
	methods := f.unit.methods()
	for i, fn := range methods {
		if i == maxMissing {
			fmt.Fprintf(&b, "\n\t… and %d more: see %s.Exports", len(methods)-i, f.unit.pkg.Name)
			break
		}
		b.WriteString("\n\t" + fn.name + s.plan.describe(fn))
	}
	return b.String()
}

// maxMissing is how many methods a message lists.
const maxMissing = 5

// methods are the functions that are methods of an exported interface's Exports.
func (u *unit) methods() []*goFunc {
	var out []*goFunc
	for _, f := range u.funcs {
		if !f.isMethod() {
			out = append(out, f)
		}
	}
	return out
}

// describe is f's signature as it is written in the package that implements it.
func (p *plan) describe(f *goFunc) string { return p.newSource(p.outside(f.unit)).signature(f) }

// outside is a package that imports u and what u imports. It calls types by u's names for them where u has some.
func (p *plan) outside(u *unit) *unit {
	o := p.newUnit("", "main", "")
	o.pkg.Declare("context", "context")
	o.pkg.Declare(p.rtPath(), "rt")
	for _, d := range append([]*unit{u}, u.deps...) {
		o.pkg.Declare(p.path(d), d.pkg.Name)
	}
	for d, name := range u.local {
		o.local[d] = u.pkg.Name + "." + name
	}
	for d, name := range u.localBorrow {
		o.localBorrow[d] = u.pkg.Name + "." + name
	}
	return o
}
