package componentize

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

// packages are WIT packages in testdata and their encodings, which wasm-tools made.
// With -update it makes them again.
var packages = []string{"world-types", "world-uses", "world-exports", "docs"}

func packageSource(t *testing.T, name string) (src string, encoded string) {
	t.Helper()
	a := readArchive(t, filepath.Join("testdata", name+".txtar"))
	return string(a.Files[0].Data), filepath.Join("testdata", name+".package.wasm")
}

func TestDecodePackage(t *testing.T) {
	for _, name := range packages {
		t.Run(name, func(t *testing.T) {
			src, path := packageSource(t, name)
			if *update {
				in := filepath.Join(t.TempDir(), "in.wit")
				if err := os.WriteFile(in, []byte(src), 0o644); err != nil {
					t.Fatal(err)
				}
				wasmTools(t, "component", "wit", "--wasm", in, "-o", path)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := DecodePackage(data, component.AllFeatures)
			if err != nil {
				t.Fatal(err)
			}
			want, err := wit.ParseString("in.wit", src, wit.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := wit.Print(got.Root), wit.Print(want.Root); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestEmbeddedWorld encodes modules that carry their worlds in custom sections.
func TestEmbeddedWorld(t *testing.T) {
	var worlds []*wit.World
	b := corewasmBuilder()
	for _, name := range []string{"world-types", "world-uses"} {
		src, path := packageSource(t, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		worlds = append(worlds, parseWorld(t, src, ""))
		b.AddCustom("component-type:"+name, data)
	}
	_, both, err := MergeWorlds(worlds[0], worlds[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	core := dummyModule(both)
	for _, c := range b.Module().Customs {
		section := appendBytes([]byte{0}, append(appendString(nil, c.Name), c.Data...))
		core = append(core, section...)
	}
	c := encode(t, core, nil)
	if got, want := wit.PrintWorld(decode(t, c)), asRoot(t, both); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMergeWorlds(t *testing.T) {
	a := parseWorld(t, `package a:b; interface i { type t = u8; f: func(x: t); } interface late { use i.{t}; l: func() -> t; }
		world w { import i; export late; }`, "")
	b := parseWorld(t, `package c:d;
		world v { import a:b/i; import x: func(); export a:b/j; }
		package a:b { interface k { type n = u32; } interface i { use k.{n}; f: func(x: t); type t = u8; g: func(x: n); } interface j { h: func(); } }`, "")
	r, w, err := MergeWorlds(a, b)
	if err != nil {
		t.Fatal(err)
	}
	const want = `package a:b;

interface k {
  type n = u32;
}

interface i {
  use k.{n};

  type t = u8;

  f: func(x: t);
  g: func(x: n);
}

interface late {
  use i.{t};

  l: func() -> t;
}

interface j {
  h: func();
}

world w {
  import k;
  import i;
  import x: func();
  export late;
  export j;
}
`
	if got := wit.PrintWorld(w); strings.Join(sortedLines(got), "\n") != strings.Join(sortedLines(want), "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if r.Root != w.Package || len(r.Packages) != 1 {
		t.Error(r.Packages)
	}
	c := parseWorld(t, `package c:d; world v { import a:b/i; } package a:b { interface i { type t = u16; f: func(x: t); } }`, "")
	if _, _, err := MergeWorlds(a, c); err == nil || !strings.Contains(err.Error(), "type `t` is `u8` in one and `u16` in the other") {
		t.Error(err)
	}
	d := parseWorld(t, `package c:d; world v { import x: func(y: u8); }`, "")
	if _, _, err := MergeWorlds(b, d); err == nil || !strings.Contains(err.Error(), "`x` stands for different things") {
		t.Error(err)
	}
}

// TestDecodeRefuses names what WIT has no words for.
func TestDecodeRefuses(t *testing.T) {
	for want, build := range map[string]func(b *component.Builder){
		"neither an interface nor a function": func(b *component.Builder) {
			b.Add(&component.CoreType{Def: component.CoreModuleType{}})
			b.Add(&component.Import{Name: component.Named("m"), Type: &component.CoreModuleExtern{}})
		},
		"exports the type `t` on its own": func(b *component.Builder) {
			b.Add(&component.Type{Def: component.EnumType{{Name: "a"}}})
			b.Add(&component.Export{Name: component.Named("t"), Def: component.SortIndex{Sort: component.SortType}})
		},
		"too large to be written down": func(b *component.Builder) {
			b.Add(&component.Type{Def: component.TupleType{component.Prim(types.KindU8)}})
			for range 18 {
				last := component.TypeIndex(b.Len(component.SortType) - 1)
				b.Add(&component.Type{Def: component.TupleType{last, last}})
			}
			last := component.TypeIndex(b.Len(component.SortType) - 1)
			f := b.Add(&component.Type{Def: &component.FuncType{Params: []component.LabelValType{{Name: "x", Type: last}}}})
			b.Add(&component.Import{Name: component.Named("f"), Type: &component.FuncExtern{Type: f}})
		},
		"instantiates too much": func(b *component.Builder) {
			b.Add(bomb(30))
			b.Add(&component.Instance{Expr: &component.Instantiate{}})
		},
	} {
		b := &component.Builder{}
		build(b)
		start := time.Now()
		_, _, err := Decode(binary.Encode(b.Component()), component.AllFeatures)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s took %v", want, d)
		}
	}
}

// bomb is a component of n components, each of which instantiates the one before twice.
func bomb(n int) *component.Component {
	b := &component.Builder{}
	b.Add(&component.Component{})
	for i := range n {
		inner := &component.Builder{}
		alias := &component.Alias{Sort: component.SortComponent, Target: &component.AliasOuter{Count: 1, Index: uint32(i)}}
		inner.Add(alias)
		inner.Add(&component.Instance{Expr: &component.Instantiate{}})
		inner.Add(&component.Instance{Expr: &component.Instantiate{}})
		b.Add(inner.Component())
	}
	b.Add(&component.Instance{Expr: &component.Instantiate{Component: uint32(n)}})
	return b.Component()
}

// TestDecodeMutants changes bytes of valid components at random: whatever comes out,
// Decode must return.
func TestDecodeMutants(t *testing.T) {
	rnd := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	src, path := packageSource(t, "world-uses")
	w := parseWorld(t, src, "")
	pkg, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, good := range [][]byte{encode(t, dummyModule(w), w), pkg} {
		for range testenv.Number(t, testenv.Mutants, 300) {
			b := append([]byte(nil), good...)
			for range 1 + rnd.IntN(3) {
				b[8+rnd.IntN(len(b)-8)] = byte(rnd.Uint32())
			}
			if _, _, err := Decode(b, component.AllFeatures); err == nil {
				IsPackage(b)
			}
			_, _ = DecodePackage(b, component.AllFeatures)
		}
	}
}

// TestDecodeNamedKey decodes a map whose key has a name, which WIT has to spell out.
func TestDecodeNamedKey(t *testing.T) {
	b := &component.Builder{}
	var d component.Decls
	text := d.Add(&component.Type{Def: component.PrimType(types.KindString)})
	key := d.Add(&component.ExportDecl{Name: component.Named("k"), Type: &component.TypeExtern{Eq: &text}})
	m := d.Add(&component.Type{Def: &component.MapType{Key: component.TypeIndex(key), Value: component.TypeIndex(key)}})
	f := d.Add(&component.Type{Def: &component.FuncType{Params: []component.LabelValType{{Name: "x", Type: component.TypeIndex(m)}}}})
	d.Add(&component.ExportDecl{Name: component.Named("f"), Type: &component.FuncExtern{Type: f}})
	i := b.Add(&component.Type{Def: d.InstanceType()})
	b.Add(&component.Import{Name: component.Named("a:b/i"), Type: &component.InstanceExtern{Type: i}})
	printed := wit.PrintWorld(decode(t, binary.Encode(b.Component())))
	if !strings.Contains(printed, "f: func(x: map<string, k>);") {
		t.Error(printed)
	}
	if _, err := wit.ParseString("again.wit", printed, wit.Options{}); err != nil {
		t.Error(err)
	}
}
