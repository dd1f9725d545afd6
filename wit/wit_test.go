package wit_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/syntax/wittest"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

func mustParse(t *testing.T, src string, options wit.Options) *wit.Resolve {
	t.Helper()
	r, err := wit.ParseString("test.wit", src, options)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSelectWorld(t *testing.T) {
	r := mustParse(t, `package a:b;
interface i {}
world first {}
world second {}
package c:one@1.0.0 { world only {} }
package c:two@1.0.0 { world w {} }
package c:two@2.0.0 { world w {} }
package c:none {}`, wit.Options{})
	one := r.Package(wit.PackageName{Namespace: "c", Name: "one", Version: names.MakeVersion(1, 0, 0)})
	none := r.Package(wit.PackageName{Namespace: "c", Name: "none"})
	for _, c := range []struct {
		pkg        *wit.Package
		name, want string // the world's full name, or the error
	}{
		{nil, "first", "a:b/first"},
		{nil, "a:b/second", "a:b/second"},
		{one, "", "c:one/only@1.0.0"},
		{nil, "c:one/only", "c:one/only@1.0.0"},
		{nil, "c:two/w@2.0.0", "c:two/w@2.0.0"},
		{nil, "", "the package `a:b` has several worlds, name one of them: `first`, `second`"},
		{none, "", "the package `c:none` has no world"},
		{none, "x", "the package `c:none` has no world `x`; its worlds: none"},
		{nil, "frist", "the package `a:b` has no world `frist`; its worlds: `first`, `second`; did you mean `first`?"},
		{nil, "i", "`i` is an interface of the package `a:b`, not a world; its worlds: `first`, `second`"},
		{nil, "c:two/w", "the package `c:two` exists as `c:two@1.0.0` and `c:two@2.0.0`: give the version"},
		{nil, "x:y/z", "the package `x:y` was not found; known packages: `a:b`, `c:none`, `c:one@1.0.0`, `c:two@1.0.0`, `c:two@2.0.0`"},
		{nil, "x:y", "in the name `x:y`: an interface name looks like `namespace:package/interface`"},
	} {
		w, err := r.SelectWorld(c.pkg, c.name)
		got := fmt.Sprint(err)
		if err == nil {
			got = w.IDString()
		}
		if got != c.want {
			t.Errorf("SelectWorld(%q) = %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAdd(t *testing.T) {
	r := mustParse(t, `package a:b; interface i { type t = u32; @unstable(feature = x) type u = u8; } world w { import i; }`,
		wit.Options{Extra: []fs.FS{wasiwit.FS()}})
	before := dump(r, r.Packages...)
	for _, bad := range []string{"package a:b;", "package c:d; interface j { use a:b/i.{v}; }", "package c:d; interface j { use a:b/i.{u}; }", "interface"} {
		if _, err := r.Add("bad.wit", bad); err == nil {
			t.Errorf("Add takes %q", bad)
		} else if got := dump(r, r.Packages...); got != before {
			t.Errorf("a failed Add changes the packages:\n%s", got)
		}
	}
	p, err := r.Add("add.wit", `package c:d; world all { include a:b/w; export wasi:cli/run@0.3.0; }`)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name.String() != "c:d" || r.Root.Name.String() != "a:b" || r.Package(p.Name) != p {
		t.Errorf("Add returns %s, the root is %s", p.Name, r.Root.Name)
	}
	want := "package c:d\n  world all\n    import interface a:b/i\n    export interface wasi:cli/run@0.3.0\n"
	if diff := cmp.Diff(want, dump(r, p)); diff != "" {
		t.Error(diff)
	}
	// What the first text hides must be explained in the second one too.
	_, err = r.Add("more.wit", `package e:f; interface j { use a:b/i.{u}; }`)
	if err == nil || !strings.Contains(err.Error(), "feature `x`") {
		t.Errorf("Add: %v", err)
	}
}

func TestParsePath(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("a.wit", "package a:b;")
	write("deps/bad/b.wit", "package c:d; interface i { f: func(x: y); }")
	_, err := wit.ParsePath(dir, wit.Options{})
	var serr *syntax.Error
	if !errors.As(err, &serr) {
		t.Fatalf("not a syntax error: %v", err)
	}
	if want := filepath.ToSlash(filepath.Join(dir, "deps/bad/b.wit")); serr.At.File != want {
		t.Errorf("the file is %s, want %s", serr.At.File, want)
	}
	if r, err := wit.ParsePath(filepath.Join(dir, "a.wit"), wit.Options{}); err != nil || r.Root.Name.String() != "a:b" {
		t.Errorf("a single file: %v", err)
	}
	if _, err := wit.ParsePath(filepath.Join(dir, "deps"), wit.Options{}); err == nil || !strings.Contains(err.Error(), "holds no *.wit files") {
		t.Errorf("a folder without WIT: %v", err)
	}
	if _, err := wit.ParsePath(filepath.Join(dir, "missing"), wit.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing path: %v", err)
	}
}

func TestDocsAndAnnotations(t *testing.T) {
	src := `/// A package.
package a:b@1.0.0;

/// An interface.
interface i {
  /** A type.
   * More.
   */
  @external-id("x\"y")
  record r {
    /// A field.
    f: u8,
  }

  // No documentation.
  resource s {
    /// A method.
    ///
    ///   indented
    @since(version = 1.0.0)
    @deprecated(version = 1.0.0)
    @external-id("m")
    m: func();
  }
}

/// A world.
world w {
  /// An import.
  @external-id("")
  import x: i;

  /// Inline.
  export y: interface {}
}
`
	r := mustParse(t, src, wit.Options{})
	i := r.Root.Interfaces.Get("i")
	w := r.Root.Worlds.Get("w")
	record := i.Types.Get("r")
	method := i.Functions.Get("[method]s.m")
	x := w.Imports.Get(wit.NameKey("x")).(*wit.InterfaceItem)
	y := w.Exports.Get(wit.NameKey("y")).(*wit.InterfaceItem)
	got := []string{
		r.Root.Docs, i.Docs, record.Docs, *record.ExternalID, record.Kind.(*wit.Record).Fields[0].Docs, i.Types.Get("s").Docs,
		method.Docs, *method.ExternalID, w.Docs, x.Docs, *x.ExternalID, y.Docs, y.Interface.Docs,
	}
	want := []string{"A package.", "An interface.", "A type.\nMore.", `x"y`, "A field.", "", "A method.\n\n  indented", "m", "A world.", "An import.", "", "", "Inline."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if method.Stability.Deprecated.String() != "1.0.0" || method.ItemName() != "m" {
		t.Errorf("method: %+v %s", method.Stability, method.ItemName())
	}
	// Printing loses none of it.
	again := mustParse(t, wit.Print(r.Root), wit.Options{})
	if diff := cmp.Diff(wit.Print(r.Root), wit.Print(again.Root)); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{"/// A package.", "/// An interface.", "/// More.", `@external-id("x\"y")`, "/// A field.", "///   indented", `@external-id("m")`, "/// A world.", "/// An import.", `@external-id("")`, "/// Inline."} {
		if !strings.Contains(wit.Print(again.Root), want) {
			t.Errorf("the print lacks %s:\n%s", want, wit.Print(again.Root))
		}
	}
}

// What a package includes of another one's worlds doesn't keep the other's versions,
// which would be wrong or even illegal in the new package.
func TestIncludeDropsForeignVersions(t *testing.T) {
	r := mustParse(t, `package a:b;
world w { include c:d/v@2.0.0; }
package c:d@2.0.0 {
  interface i {}
  world v {
    @since(version = 1.5.0)
    import i;
    @since(version = 1.5.0)
    import f: func();
    @since(version = 1.5.0)
    export j: interface { @since(version = 1.5.0) g: func(); }
  }
}`, wit.Options{})
	want := "package a:b\n  world w\n    import interface c:d/i@2.0.0\n    import func f()\n    export interface j\n      func g()\n"
	if diff := cmp.Diff(want, dump(r, r.Root)); diff != "" {
		t.Error(diff)
	}
	checkPrint(t, "include", r)
}

func TestLimits(t *testing.T) {
	var chain strings.Builder
	chain.WriteString("package a:b;\ninterface i {\n  type t0 = list<u8>;\n")
	for n := 1; n < 120; n++ {
		fmt.Fprintf(&chain, "  type t%d = list<t%d>;\n", n, n-1)
	}
	chain.WriteString("}\n")

	// Each world doubles the one before it.
	var worlds strings.Builder
	worlds.WriteString("package a:b;\nworld w0 {\n")
	for n := range 4000 {
		fmt.Fprintf(&worlds, "  import f-%d: func();\n", n)
	}
	worlds.WriteString("}\n")
	for n := range 40 {
		fmt.Fprintf(&worlds, "world w%d { include w0; }\n", n+1)
	}

	// Each world repeats what stands in the one before it.
	repeated := func(item string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "package a:b;\ninterface i {}\nworld w0 {\n%s }\n", item)
		for n := range 4000 {
			fmt.Fprintf(&b, "world w%d { include w0; }\n", n+1)
		}
		return b.String()
	}
	many := func(format string) string {
		var b strings.Builder
		for n := range 4000 {
			fmt.Fprintf(&b, format+"\n", n)
		}
		return b.String()
	}
	for name, c := range map[string]struct{ src, want string }{
		"types":     {chain.String(), "types nest too deep"},
		"items":     {worlds.String(), "more than 131072 imports and exports"},
		"functions": {repeated("import x: interface {" + many("f-%d: func();") + "}"), "more than 131072 imports and exports"},
		"params":    {repeated("import x: func(" + many("p-%d: u8,") + ");"), "more than 131072 imports and exports"},
		"fields":    {repeated("record r {" + many("f-%d: u8,") + "}"), "more than 131072 imports and exports"},
		"labels":    {repeated("enum e {" + many("c-%d,") + "}"), "more than 131072 imports and exports"},
		"docs":      {repeated(many("/// Documentation, number %d.") + "import f: func();"), "more than 131072 imports and exports"},
		"item docs": {repeated(many("/// Documentation, number %d.") + "import i;"), "more than 131072 imports and exports"},
		"IDs":       {repeated(`@external-id("` + strings.Repeat("x", 100000) + `") import f: func();`), "more than 131072 imports and exports"},
	} {
		_, err := wit.ParseString(name, c.src, wit.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A chain of interfaces as long as a text allows must not exhaust the stack.
func TestLongInterfaceChain(t *testing.T) {
	var b strings.Builder
	b.WriteString("package a:b;\ninterface i0 { type t = u8; }\n")
	const n = 20000
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "interface i%d { use i%d.{t}; }\n", i, i-1)
	}
	fmt.Fprintf(&b, "world w { import i%d; export j: interface { use i%d.{t}; } }\n", n, n)
	r := mustParse(t, b.String(), wit.Options{})
	w, err := r.SelectWorld(nil, "")
	if err != nil || w.Imports.Len() != n+1 {
		t.Errorf("%v, %d imports", err, w.Imports.Len())
	}
	if text := wit.PrintWorld(w); strings.Count(text, "interface i") != n+1 {
		t.Error("the print is incomplete")
	}
}

// A chain of aliases is not followed again and again.
func TestLongAliasChain(t *testing.T) {
	const n = 100000
	for _, first := range []string{"resource t0;", "type t0 = list<u8>;", "type t0 = string;"} {
		var b strings.Builder
		b.WriteString("package a:b;\ninterface i { " + first + "\n")
		for i := range n {
			fmt.Fprintf(&b, "type t%d = t%d;\n", i+1, i)
		}
		fmt.Fprintf(&b, "f: func(x: t%d); }", n)
		r := mustParse(t, b.String(), wit.Options{})
		if got := r.Root.Interfaces.Get("i").Types.Len(); got != n+1 {
			t.Errorf("%d types", got)
		}
	}
}

func TestOrdered(t *testing.T) {
	var o wit.Ordered[string, int]
	o.Set("b", 1)
	o.Set("a", 2)
	o.Set("b", 3)
	var got []string
	for k, v := range o.All() {
		got = append(got, fmt.Sprint(k, v))
	}
	if diff := cmp.Diff([]string{"b3", "a2"}, got); diff != "" || o.Len() != 2 || o.Has("c") || o.Get("c") != 0 {
		t.Error(diff)
	}
}

// FuzzResolve checks that no text makes the reader crash, and that what it accepts can be
// printed and read again.
func FuzzResolve(f *testing.F) {
	archives, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.HasSuffix(file.Name, ".wit") {
				f.Add(string(file.Data))
			}
		}
	}
	for i := range uint64(10) {
		f.Add(wittest.File(rand.New(rand.NewPCG(0, i))))
	}
	f.Fuzz(func(t *testing.T, src string) {
		r, err := wit.ParseString("fuzz.wit", src, wit.Options{AllFeatures: true, Gates: allGates})
		if err != nil {
			_ = err.Error()
			return
		}
		checkPrint(t, "fuzz.wit", r)
	})
}
