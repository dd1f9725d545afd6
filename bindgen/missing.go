package bindgen

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gondola-wasm/gondola/wit"
)

// Export is a Go function that a guest writes to implement an export.
type Export struct {
	// Interface is the exported interface's name in WIT, "" for a function of the world itself.
	Interface string
	// Function is the function's name in WIT, such as "foo" or "[method]blob.read".
	Function string
	// Type is the generated interface that has it as a method, such as "baz.Exports", or the world's Exports, of which it is a
	// field.
	Type string
	// Name and Signature are the method or field, as in "Foo" and "(ctx context.Context, s string) (string, error)".
	Name, Signature string
}

// String is the function to write.
func (e Export) String() string {
	if e.Interface == "" {
		return fmt.Sprintf("func %s%s", unexported(e.Name), e.Signature)
	}
	return fmt.Sprintf("func (…) %s%s", e.Name, e.Signature)
}

// GuestExports lists what a guest implements of w, in the world's order.
func GuestExports(w *wit.World, opt Options) ([]Export, error) {
	p, err := newPlan(w, opt.ImportPath)
	if err != nil {
		return nil, err
	}
	var out []Export
	for _, f := range p.self.fields {
		if f.fn != nil {
			out = append(out, Export{"", f.fn.wit.Name, p.self.pkg.Name + ".Exports", f.name, p.describe(f.fn)})
			continue
		}
		for _, fn := range f.unit.funcs {
			typ := "Exports"
			if fn.isMethod() {
				typ = fn.res.name
			}
			out = append(out, Export{f.unit.witName, fn.wit.Name, f.unit.pkg.Name + "." + typ, fn.name, p.describe(fn)})
		}
	}
	return out, nil
}

// missingMethod is how the Go compiler says that a type doesn't implement an interface.
var missingMethod = regexp.MustCompile(`does not implement (\w+)\.(\w+) \(missing method (\w+)\)`)

// Missing finds in the output of a failed go build the methods that the guest's types lack, and returns what to write. The
// compiler names one method at a time; Missing adds no others.
func Missing(w *wit.World, opt Options, output string) ([]Export, error) {
	matches := missingMethod.FindAllStringSubmatch(output, -1)
	if len(matches) == 0 {
		return nil, nil
	}
	all, err := GuestExports(w, opt)
	if err != nil {
		return nil, err
	}
	var out []Export
	for _, m := range matches {
		pkg, typ, method := m[1], m[2], m[3]
		for _, e := range all {
			if e.Name == method && (e.Type == pkg+"."+typ || e.Type+"Borrow" == pkg+"."+typ) {
				out = append(out, e)
			}
		}
	}
	return out, nil
}

// ExportHelp is the code by which a guest hands its implementation over, for the error that says that it didn't.
func ExportHelp(w *wit.World, opt Options) (string, error) {
	p, err := newPlan(w, opt.ImportPath)
	if err != nil {
		return "", err
	}
	name := p.self.pkg.Name
	var b strings.Builder
	fmt.Fprintf(&b, "import %q\n\nfunc init() {\n\t%s.Export(%s.Exports{\n", p.path(p.self), name, name)
	for _, f := range p.self.fields {
		if f.fn != nil {
			fmt.Fprintf(&b, "\t\t%s: …, // func%s\n", f.name, p.describe(f.fn))
			continue
		}
		fmt.Fprintf(&b, "\t\t%s: …, // a %s.Exports: %s\n", f.name, f.unit.pkg.Name, f.unit.witName)
	}
	b.WriteString("\t})\n}\n")
	return b.String(), nil
}
