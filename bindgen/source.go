package bindgen

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/gosource"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit"
)

// source is one file of a unit while it is written.
type source struct {
	plan *plan
	unit *unit
	file *gosource.File
}

func (p *plan) newSource(u *unit) *source { return &source{p, u, u.pkg.NewFile()} }

func (s *source) p(text string, args ...any) { s.file.P(text, args...) }

// rt is the name of the support package.
func (s *source) rt() string { return s.file.Import(s.plan.rtPath()) }

// qualified is a name that d's package declares, as the file of s writes it.
func (s *source) qualified(d *typeDecl, name string) string {
	if d.unit == s.unit {
		return name
	}
	if local := s.unit.local[d]; local != "" && name == d.name {
		return local
	}
	if local := s.unit.localBorrow[d]; local != "" && name == d.borrow {
		return local
	}
	return s.file.Import(s.plan.path(d.unit)) + "." + name
}

// docs is a doc comment: what WIT says, or otherwise, and whether the item is deprecated.
func docs(text, otherwise string, st wit.Stability) string {
	if strings.TrimSpace(text) == "" {
		text = otherwise
	}
	if !st.Deprecated.IsZero() {
		text += fmt.Sprintf("\n\nDeprecated: since version %s.", st.Deprecated)
	}
	return text
}

// writeDecls writes the types that u declares, with what a file for all platforms holds of resources.
func (s *source) writeDecls() {
	for _, a := range s.unit.alias {
		s.writeAlias(a)
	}
	for _, d := range s.unit.decls {
		switch k := d.def.Kind.(type) {
		case *wit.Record:
			s.writeRecord(d, k)
		case *wit.Enum:
			s.writeEnum(d, k)
		case *wit.Flags:
			s.writeFlags(d, k)
		case *wit.Variant:
			s.writeVariant(d, k)
		case *wit.Resource:
			s.writeResource(d)
		}
	}
}

func (s *source) writeAlias(a alias) {
	d := a.res
	if a.target != nil {
		d = a.target.decl
	}
	if d != nil && d.unit == s.unit && d.name == a.name {
		return
	}
	s.file.Comment(docs(a.def.Docs, a.otherDoc(), a.def.Stability))
	if a.res == nil {
		s.p("type %s = %s\n", a.name, s.aliased(a.target))
		return
	}
	s.p("type %s = %s\n", a.name, s.foreign(a.res, a.res.name))
	s.file.Comment(fmt.Sprintf("%s is a %s that is borrowed.", a.borrow, a.name))
	s.p("type %s = %s\n", a.borrow, s.foreign(a.res, a.res.borrow))
}

func (a alias) otherDoc() string {
	if from := a.def.Used(); from != nil {
		return fmt.Sprintf("%s is %s of %s.", a.name, from.Name, from.Owner.(*wit.Interface).IDString())
	}
	return fmt.Sprintf("%s is the type %s.", a.name, a.def.Name)
}

// aliased is the right side of an alias of t, which must not use the alias itself.
func (s *source) aliased(t *goType) string {
	if t.decl != nil && !t.isHandle() {
		return s.foreign(t.decl, t.decl.name)
	}
	return s.text(t)
}

// foreign is qualified without local aliases.
func (s *source) foreign(d *typeDecl, name string) string {
	if d.unit == s.unit {
		return name
	}
	return s.file.Import(s.plan.path(d.unit)) + "." + name
}

func (s *source) declDocs(d *typeDecl, kind string) {
	s.file.Comment(docs(d.def.Docs, fmt.Sprintf("%s is the %s %s.", d.name, kind, d.def.Name), d.def.Stability))
}

func (s *source) writeRecord(d *typeDecl, k *wit.Record) {
	s.declDocs(d, "record")
	s.p("type %s struct {", d.name)
	for i, f := range k.Fields {
		s.file.Comment(f.Docs)
		s.p("%s %s", d.members[i], s.text(s.plan.typ(s.unit, f.Type)))
	}
	s.p("}\n")
	if d.isError {
		s.p("// Error makes %s an error.", d.name)
		s.p("func (e %s) Error() string {", d.name)
		s.p("	type plain %s", d.name)
		s.p("	return %q + %s.Describe(plain(e))", d.def.Name+": ", s.file.Import(s.plan.rtPath()))
		s.p("}\n")
	}
}

func (s *source) writeEnum(d *typeDecl, k *wit.Enum) {
	s.declDocs(d, "enum")
	table := s.writeLabels(d, k.Cases, "iota")
	s.p("// String returns the case's name in WIT.")
	s.p("func (e %s) String() string {", d.name)
	s.p("	if int(e) < len(%s) {", table)
	s.p("		return %s[e]", table)
	s.p("	}")
	s.p("	return \"%s(\" + %s.Itoa(int(e)) + \")\"", d.name, s.file.Import("strconv"))
	s.p("}\n")
	if d.isError {
		s.p("// Error makes %s an error.", d.name)
		s.p("func (e %s) Error() string { return %q + e.String() }\n", d.name, d.def.Name+": ")
	}
}

// writeLabels writes an integer type with a constant for each label, of which value is the first one's, and the table of the
// labels, whose name it returns.
func (s *source) writeLabels(d *typeDecl, labels []wit.Label, value string) (table string) {
	s.p("type %s %s\n", d.name, intType(s.plan.typ(s.unit, d.def).layout().Size))
	s.p("const (")
	for i, l := range labels {
		s.file.Comment(l.Docs)
		if i == 0 {
			s.p("%s %s = %s", d.members[i], d.name, value)
		} else {
			s.p("%s", d.members[i])
		}
	}
	s.p(")\n")
	table = s.unit.private(unexported(d.name) + "Names")
	s.p("var %s = [...]string{%s}\n", table, quoted(labelNames(labels)))
	return table
}

func quoted(ls []string) string {
	out := make([]string, len(ls))
	for i, l := range ls {
		out[i] = fmt.Sprintf("%q", l)
	}
	return strings.Join(out, ", ")
}

func (s *source) writeFlags(d *typeDecl, k *wit.Flags) {
	s.declDocs(d, "set of flags")
	table := s.writeLabels(d, k.Flags, "1 << iota")
	s.p("// Has reports whether all flags of g are set in f.")
	s.p("func (f %s) Has(g %s) bool { return f&g == g }\n", d.name, d.name)
	s.p("// String returns the names in WIT of the flags that are set, with a | between them.")
	s.p("func (f %s) String() string {", d.name)
	s.p("	var set []string")
	s.p("	for i, name := range %s {", table)
	s.p("		if f&(1<<i) != 0 {")
	s.p("			set = append(set, name)")
	s.p("		}")
	s.p("	}")
	s.p("	return %s.Join(set, \"|\")", s.file.Import("strings"))
	s.p("}\n")
	if d.isError {
		s.p("// Error makes %s an error.", d.name)
		s.p("func (f %s) Error() string { return %q + f.String() }\n", d.name, d.def.Name+": ")
	}
}

// writeVariant writes the interface that seals the cases, a struct for each of them, and the list of cases that code which
// works by reflection needs.
func (s *source) writeVariant(d *typeDecl, k *wit.Variant) {
	cases := s.unit.private(unexported(d.name) + "Cases")
	s.file.Comment(docs(d.def.Docs, fmt.Sprintf("%s is the variant %s.", d.name, d.def.Name), d.def.Stability) +
		fmt.Sprintf("\n\nIt is one of %s.", list(d.members)))
	s.p("type %s interface {", d.name)
	if d.isError {
		s.p("error")
	}
	s.p("WITCases(%s)", cases)
	s.p("}\n")
	s.p("type %s struct {", cases)
	for i, name := range names.GoAll(caseLabels(k)) {
		s.p("%s %s", name, d.members[i])
	}
	s.p("}\n")
	for i, c := range k.Cases {
		s.writeCase(d, cases, d.members[i], c)
	}
}

func list(names []string) string {
	if len(names) == 1 {
		return "[" + names[0] + "]"
	}
	return "[" + strings.Join(names[:len(names)-1], "], [") + "] and [" + names[len(names)-1] + "]"
}

func (s *source) writeCase(d *typeDecl, cases, name string, c wit.Case) {
	s.file.Comment(docs(c.Docs, fmt.Sprintf("%s is the case %s of [%s].", name, c.Name, d.name), wit.Stability{}))
	if c.Type == nil {
		s.p("type %s struct{}\n", name)
	} else {
		s.p("type %s struct{ Value %s }\n", name, s.text(s.plan.typ(s.unit, c.Type)))
	}
	s.p("// WITCases makes %s a case of [%s].", name, d.name)
	s.p("func (%s) WITCases(%s) {}\n", name, cases)
	if d.isError {
		s.writeCaseError(d, name, c)
	}
}

func (s *source) writeCaseError(d *typeDecl, name string, c wit.Case) {
	s.p("// Error makes %s an error.", name)
	if c.Type == nil {
		s.p("func (%s) Error() string { return %q }\n", name, d.def.Name+": "+c.Name)
		return
	}
	s.p("func (e %s) Error() string { return %q + %s.Describe(e.Value) }\n", name, d.def.Name+": "+c.Name+": ", s.file.Import(s.plan.rtPath()))
}
