package gondola

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

const needyWIT = `
package test:needy;
interface files {
  resource file;
  open: func(name: string) -> file;
}
interface clock { now: func() -> u64; }
world guest {
  import files;
  import clock;
  import log: async func(text: string, level: u8);
  export f: func();
}
`

const needyCore = `
import test:needy/files open i32 i32 -> i32 = open
import test:needy/files [resource-drop]file i32 -> = drop
import test:needy/clock now -> i64 = now
import $root [async-lower]log i32 i32 i32 -> i32 = log
memory 1
` + reallocSource + `
export f ->
  nop
`

func TestAllMissingImportsAreListed(t *testing.T) {
	rt := testRuntime(t)
	c := compileGuest(t, rt, needyWIT, needyCore)
	_, err := rt.NewLinker().Instantiate(t.Context(), c)
	if err == nil {
		t.Fatal("instantiated without imports")
	}
	for _, want := range []string{
		"the component imports what the host does not give:",
		"test:needy/files file: resource",
		"test:needy/files open: func(name: string) -> own<file>",
		"test:needy/clock now: func() -> u64",
		"log: async func(text: string, level: u8)",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got\n%v\nwithout %q", err, want)
		}
	}
}

func TestAllFunctionsThatDoNotFitAreListed(t *testing.T) {
	rt := testRuntime(t)
	c := compileGuest(t, rt, needyWIT, needyCore)
	l := rt.NewLinker()
	type file struct{}
	l.Resource("test:needy/files", "file", func(*file) {})
	l.Func("test:needy/files", "open", func(context.Context, string) (string, error) { return "", nil })
	l.Func("test:needy/clock", "now", func() uint64 { return 0 })
	l.Func("", "log", func(context.Context, string, int) {})
	_, err := l.Instantiate(t.Context(), c)
	if err == nil {
		t.Fatal("instantiated")
	}
	for _, want := range []string{
		"open of test:needy/files: result: own<file> can't be returned as Go string: the linker was given *gondola.file for this resource",
		"now of test:needy/clock: ",
		"its first parameter is no context.Context",
		"log: parameter level: u8 can't be passed as Go int",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got\n%v\nwithout %q", err, want)
		}
	}
	// What is given later counts.
	l.Func("test:needy/files", "open", func(context.Context, string) (*file, error) { return new(file), nil })
	l.Func("test:needy/clock", "now", func(context.Context) uint64 { return 0 })
	l.Func("", "log", func(context.Context, string, uint8) {})
	instantiate(t, l, c)
}

func TestWrongDefinitionsPanic(t *testing.T) {
	l := testRuntime(t).NewLinker()
	for name, define := range map[string]func(){
		"no function":       func() { l.Func("", "f", 3) },
		"nil function":      func() { l.Func("", "f", (func())(nil)) },
		"no drop function":  func() { l.Resource("", "r", nil) },
		"nil drop function": func() { l.Resource("", "r", (func(*int))(nil)) },
		"wrong drop":        func() { l.Resource("", "r", func(*int) int { return 0 }) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			define()
		}()
	}
}

// A version stands in for those of the same track.
func TestVersionsOfATrack(t *testing.T) {
	source := func(version string) (string, string) {
		return strings.ReplaceAll(`
			package test:v@VERSION;
			interface i { f: func() -> u32; }
			world guest { import i; export g: func() -> u32; export i; }`, "VERSION", version),
			strings.ReplaceAll(`
import test:v/i@VERSION f -> i32 = f
export g -> i32
  call f
export test:v/i@VERSION#f -> i32
  i32.const 9
`, "VERSION", version)
	}
	for _, c := range []struct {
		given, wanted string
		fits          bool
	}{
		{"0.3.0", "0.3.0", true},
		{"0.3.0", "0.3.1", true},
		{"0.3.5", "0.3.1", true},
		{"1.2.0", "1.9.3", true},
		{"0.2.0", "0.3.0", false},
		{"1.0.0", "2.0.0", false},
	} {
		rt := testRuntime(t)
		world, core := source(c.wanted)
		comp := compileGuest(t, rt, world, core)
		l := rt.NewLinker()
		l.Func("test:v/i@"+c.given, "f", func(context.Context) uint32 { return 5 })
		in, err := l.Instantiate(t.Context(), comp)
		if (err == nil) != c.fits {
			t.Errorf("%s for %s: %v", c.given, c.wanted, err)
			continue
		}
		if !c.fits {
			if !strings.Contains(err.Error(), "test:v/i@"+c.wanted+" f: func() -> u32") {
				t.Errorf("%s for %s: %v", c.given, c.wanted, err)
			}
			continue
		}
		for _, f := range []*Func{in.Func("", "g"), in.Func("test:v/i@"+c.wanted, "f"), in.Func("test:v/i", "f")} {
			if _, err := f.Call(t.Context()); err != nil {
				t.Errorf("%s for %s: %v", c.given, c.wanted, err)
			}
		}
	}
}

// A component may export what it imports.
func TestImportThatIsExportedAgain(t *testing.T) {
	u32 := component.Prim(types.KindU32)
	f := &component.FuncType{Params: []component.LabelValType{{Name: "x", Type: u32}}, Result: &u32}
	wasm := binary.Encode(&component.Component{Sections: []component.Section{
		{ID: component.SectionType, Definitions: []component.Definition{&component.Type{Def: f}}},
		{ID: component.SectionImport, Definitions: []component.Definition{
			&component.Import{Name: component.Named("in"), Type: &component.FuncExtern{Type: 0}},
		}},
		{ID: component.SectionExport, Definitions: []component.Definition{
			&component.Export{Name: component.Named("out"), Def: component.SortIndex{Sort: component.SortFunc}},
		}},
	}})
	rt := testRuntime(t)
	c, err := rt.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	l := rt.NewLinker()
	l.Func("", "in", func(_ context.Context, x uint32) (uint32, error) { return x * 2, nil })
	in := instantiate(t, l, c)
	if got, err := in.Func("", "out").Call(t.Context(), val.U32(21)); err != nil || got.Uint() != 42 {
		t.Errorf("got %v, %v", got, err)
	}
	if got := c.Imports(); len(got) != 1 || got[0].String() != "in" || got[0].Type.String() != "func(x: u32) -> u32" {
		t.Errorf("imports %v", got)
	}
	if got := c.Exports(); len(got) != 1 || got[0].String() != "out" {
		t.Errorf("exports %v", got)
	}
}

func TestInstantiateFromManyGoroutines(t *testing.T) {
	rt := testRuntime(t)
	c := compileGuest(t, rt, tourWIT, leaveAtOnce)
	l := rt.NewLinker()
	tourHost(l)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			in, err := l.Instantiate(t.Context(), c)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := in.Func("", "call-later").Call(t.Context(), val.U32(1)); err != nil || got.Uint() != 2 {
				t.Errorf("got %v, %v", got, err)
			}
			if err := in.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestHostileBytes(t *testing.T) {
	rt := testRuntime(t)
	wasm, err := buildGuest(tourWIT, leaveAtOnce)
	if err != nil {
		t.Fatal(err)
	}
	for name, bytes := range map[string][]byte{
		"nothing":       nil,
		"half a text":   []byte("(component"),
		"a module":      []byte("(module)"),
		"a core module": []byte("\x00asm\x01\x00\x00\x00"),
		"half":          wasm[:len(wasm)/2],
		"a tail":        append(append([]byte{}, wasm...), "more"...),
	} {
		if _, err := rt.Compile(t.Context(), bytes); err == nil || len(err.Error()) < 10 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Most of what is damaged is found by validation; what is not must run or
	// fail without harm.
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	n := 100
	if os.Getenv("GONDOLA_LONG") != "" {
		n = 20_000
	}
	for range n {
		b := append([]byte{}, wasm...)
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
		c, err := rt.Compile(t.Context(), b)
		if err != nil {
			continue
		}
		useDamaged(t, rt, c)
		c.Close(t.Context())
	}
}

func useDamaged(t *testing.T, rt *Runtime, c *Component) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	l := rt.NewLinker()
	tourHost(l)
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		return
	}
	in.Func("", "call-later").Call(ctx, val.U32(1))
	in.Func("", "greet").Call(ctx, val.String("x"))
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
