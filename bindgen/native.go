package bindgen

import "github.com/gondola-wasm/gondola/wit"

// writeNative writes what stands in for the host where there is no component: an interface value that a test sets.
func (s *source) writeNative() {
	s.file.Build = "!wasip1"
	u := s.unit
	for _, d := range u.decls {
		if _, ok := d.def.Kind.(*wit.Resource); ok && !u.exported {
			s.writeNativeResource(d)
		}
	}
	if s.hasHost() {
		s.writeNativeHost()
	}
	for _, st := range u.streams {
		if st.typ.elem != nil {
			s.p("var %s %s\n", st.name, s.streamType(st.typ))
		}
	}
}

// hasHost reports whether u imports functions that belong to no value.
func (s *source) hasHost() bool {
	for _, f := range s.unit.funcs {
		if !f.exported && !f.isMethod() {
			return true
		}
	}
	return false
}

// writeHost writes, for all platforms, what a test gives the functions of u.
func (s *source) writeHost() {
	if !s.hasHost() {
		return
	}
	u := s.unit
	s.p("// Host stands in for whoever implements %s where there is no component, as under go test.", u.witName)
	s.p("type Host interface {")
	for _, f := range u.funcs {
		if !f.exported && !f.isMethod() {
			s.p("%s%s", f.name, s.signature(f))
		}
	}
	s.p("}\n")
	s.p("// SetHost makes the functions of this package call h. It works outside of components only, and must not be called while they run.")
	s.p("func SetHost(h Host) { setHost(h) }\n")
}

func (s *source) writeNativeHost() {
	u := s.unit
	s.p("var host Host\n")
	s.p("func setHost(h Host) { host = h }\n")
	for _, f := range u.funcs {
		if !f.exported && !f.isMethod() {
			s.p("func %s%s {", f.callName(), s.signature(f))
			s.p("%shostFor(%q).%s(%s)", f.returns(), f.name, f.name, f.arguments())
			s.p("}\n")
		}
	}
	s.p("func hostFor(function string) Host {")
	s.p("if host == nil {")
	s.p("panic(%q + function + %q)", u.pkg.Name+".", " was called outside of a component: a test must call "+u.pkg.Name+".SetHost first")
	s.p("}")
	s.p("return host")
	s.p("}\n")
}

// writeNativeResource writes an imported resource whose methods a test gives.
func (s *source) writeNativeResource(d *typeDecl) {
	ref := d.ref()
	s.p("type %s struct{ impl %s }\n", ref, d.methods)
	s.p("type %s interface{}\n", d.handle())
	s.p("func %s(impl %s) *%s { return &%s{%s{impl}} }\n", d.makeFake(), d.methods, d.name, d.name, ref)
	s.p("// Close gives the %s up.", d.name)
	s.p("func (self *%s) Close() error {", d.name)
	s.p("if c, ok := self.impl.(interface{ Close() error }); ok {")
	s.p("return c.Close()")
	s.p("}")
	s.p("return nil")
	s.p("}\n")
	for _, f := range s.methods(d) {
		call := "self *" + ref
		s.p("func %s%s {", f.callName(), s.withFirst(call, f))
		s.p("%sself.impl.%s(%s)", f.returns(), f.name, f.arguments())
		s.p("}\n")
	}
}

// withFirst is the function's signature with one more parameter in front.
func (s *source) withFirst(param string, f *goFunc) string {
	sig := s.signature(f)
	if sig[1] == ')' {
		return "(" + param + sig[1:]
	}
	return "(" + param + ", " + sig[1:]
}
