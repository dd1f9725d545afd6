package plan

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

const (
	sortFunc   = component.SortFunc
	sortType   = component.SortType
	sortInst   = component.SortInstance
	sortComp   = component.SortComponent
	coreFuncs  = component.SortCoreFunc
	coreMemory = component.SortCoreMemory
)

var options = validate.Options{Features: component.AllFeatures}

func planOf(b []byte) (*Plan, error) {
	c, err := binary.Decode(b)
	if err != nil {
		return nil, err
	}
	typed, err := validate.Validate(c, options)
	if err != nil {
		return nil, err
	}
	return New(typed, DefaultMaxInstances)
}

// goldens are components whose plans stand in testdata.
var goldens = map[string]defs{
	// A module that calls an import, wrapped the way toolchains do it.
	"wrapper": {
		typ(async(fun(&str, &str))),
		typ(component.InstanceType{outer(sortType, 1, 0), decl("foo", fn(0))}),
		imp("local:local/baz", inst(1)),
		alias(sortFunc, 0, "foo"),
		coreModule(nil, nil, []string{"cabi_realloc"}, sigs{"cabi_realloc": sig(4, 1)}),
		link(0),
		coreAlias(coreMemory, 0, "mem"),
		coreAlias(coreFuncs, 0, "cabi_realloc"),
		lower(0, opt(component.OptionAsync, 0), opt(component.OptionMemory, 0), opt(component.OptionRealloc, 0)),
		&component.Canon{Op: component.CanonTaskReturn, Result: &str, Options: []component.CanonOption{opt(component.OptionMemory, 0)}},
		coreModule([]string{"foo", "task.return"}, sigs{"foo": sig(3, 1), "task.return": sig(2, 0)},
			[]string{"run", "callback"}, sigs{"run": sig(2, 1), "callback": sig(3, 1)}),
		bag(core("foo", coreFuncs, 1), core("task.return", coreFuncs, 2)),
		link(1, component.CoreInstantiateArg{Name: "env", Instance: 1}),
		coreAlias(coreFuncs, 2, "run"),
		coreAlias(coreFuncs, 2, "callback"),
		lift(3, 0, opt(component.OptionAsync, 0), opt(component.OptionMemory, 0), opt(component.OptionRealloc, 0), opt(component.OptionCallback, 4)),
		&component.Instance{Expr: component.InlineExports{{Name: component.Named("foo"), Def: component.SortIndex{Sort: sortFunc, Index: 1}}}},
		exp("local:local/baz", sortInst, 1),
	},

	// Two instances of one component have two resource types; a third component
	// gets one of them as an argument.
	"resources": {
		nest(
			coreModule(nil, nil, []string{"dtor"}, sigs{"dtor": sig(1, 0)}),
			link(0),
			coreAlias(coreFuncs, 0, "dtor"),
			typ(&component.ResourceType{Rep: component.I32, Dtor: new(uint32)}),
			exp("r", sortType, 0),
			typ(component.OwnType(1)),
			typ(fun(nil, at(2))),
			&component.Canon{Op: component.CanonResourceNew},
			nest(), // a component in between
			coreModule([]string{"new"}, sigs{"new": sig(1, 1)}, []string{"make"}, sigs{"make": sig(0, 1)}),
			bag(core("new", coreFuncs, 1)),
			link(1, component.CoreInstantiateArg{Name: "env", Instance: 1}),
			coreAlias(coreFuncs, 2, "make"),
			lift(2, 3),
			exp("make", sortFunc, 0),
		),
		instantiate(0),
		instantiate(0),
		alias(sortType, 1, "r"),
		alias(sortFunc, 1, "make"),
		nest(
			imp("t", sub()),
			typ(component.OwnType(0)),
			typ(fun(nil, at(1))),
			imp("f", fn(2)),
			lower(0),
			&component.Canon{Op: component.CanonResourceDrop},
			exp("again", sortFunc, 0),
		),
		instantiate(1, with("t", sortType, 0), with("f", sortFunc, 0)),
		exp("one", sortInst, 0),
		exp("two", sortInst, 1),
		exp("three", sortInst, 2),
	},

	// Aliases of enclosing scopes, and a component that is an argument.
	"closures": {
		coreModule(nil, nil, []string{"f"}, sigs{"f": sig(0, 0)}),
		nest(
			outer(component.SortCoreModule, 1, 0),
			link(0),
			coreAlias(coreFuncs, 0, "f"),
			typ(fun(nil, nil)),
			lift(0, 0),
			exp("f", sortFunc, 0),
		),
		typ(component.ComponentType{typ(fun(nil, nil)), decl("f", fn(0))}),
		nest(
			outer(sortType, 1, 0),
			imp("c", &component.ComponentExtern{Type: 0}),
			instantiate(0),
			instantiate(0),
			alias(sortFunc, 0, "f"),
			exp("g", sortFunc, 0),
		),
		instantiate(1, with("c", sortComp, 0)),
		alias(sortFunc, 0, "g"),
		exp("h", sortFunc, 0),
		exp("c", sortComp, 0),
		exp("m", component.SortCoreModule, 0),
	},

	// The name section says what the source called things.
	"names": {
		&component.Custom{Name: component.NameSection, Data: binary.EncodeNames(&component.Names{Sorts: []component.SortNames{
			{Sort: sortComp, Names: []component.IndexName{{Index: 0, Name: "child"}}},
			{Sort: sortInst, Names: []component.IndexName{{Index: 1, Name: "second"}}},
		}})},
		nest(
			&component.Custom{Name: component.NameSection, Data: binary.EncodeNames(&component.Names{Sorts: []component.SortNames{
				{Sort: component.SortCoreModule, Names: []component.IndexName{{Index: 0, Name: "main"}}},
			}})},
			coreModule(nil, nil, nil, nil),
			link(0),
		),
		instantiate(0),
		instantiate(0),
		&component.Custom{Name: component.NameSection, Data: []byte{0xff}}, // can't be read
	},

	// Imports of all kinds pass through, and an export hides some of an instance.
	"imports": {
		&component.CoreType{Def: component.CoreModuleType{
			&component.CoreType{Def: &component.CoreFuncType{}},
			&component.CoreImport{Module: "env", Name: "f", Type: component.CoreExternType{Sort: coreFuncs}},
			&component.CoreExportDecl{Name: "g", Type: component.CoreExternType{Sort: coreFuncs}},
		}},
		imp("m", &component.CoreModuleExtern{}),
		typ(fun(nil, nil)),
		imp("f", fn(0)),
		typ(component.InstanceType{
			decl("r", sub()), typ(component.BorrowType(0)), typ(fun(at(1), nil)), decl("g", fn(2)),
			typ(component.InstanceType{outer(sortType, 1, 0), decl("s", &component.TypeExtern{Eq: new(uint32)})}), decl("deep", inst(3)),
		}),
		imp("i", inst(1)),
		lower(0),
		bag(core("f", coreFuncs, 0)),
		link(0, component.CoreInstantiateArg{Name: "env", Instance: 0}),
		coreAlias(coreFuncs, 1, "g"),
		lift(1, 0),
		typ(component.RecordType{{Name: "x", Type: u32}}),
		exp("rec", sortType, 2),
		exp("g", sortFunc, 1),
		exp("f", sortFunc, 0),
		exp("whole", sortInst, 0),
		typ(component.InstanceType{typ(fun(nil, nil))}),
		expAs("none", sortInst, 0, inst(4)),
	},

	// Ascribed types hide that two resource types are one.
	"ascribed": {
		typ(&component.ResourceType{Rep: component.I32}),
		exp("one", sortType, 0),
		expAs("two", sortType, 0, sub()),
		typ(component.OwnType(2)),
		typ(&component.StreamType{Elem: at(3)}),
		&component.Canon{Op: component.CanonStreamNew, Type: 4},
		&component.Instance{Expr: component.InlineExports{
			{Name: component.Named("r"), Def: component.SortIndex{Sort: sortType, Index: 0}},
			{Name: component.Named("s"), Def: component.SortIndex{Sort: sortType, Index: 0}},
		}},
		typ(component.InstanceType{decl("r", sub())}),
		expAs("part", sortInst, 0, inst(5)),
	},

	"cancellable": {
		coreModule(nil, nil, nil, nil), link(0), coreAlias(coreMemory, 0, "mem"),
		&component.Canon{Op: component.CanonWaitableSetWait, Cancellable: true},
		&component.Canon{Op: component.CanonThreadYield, Cancellable: true},
	},

	// Built-ins that block, each in a component of its own.
	"blocking": blocking(),
}

func blocking() (out defs) {
	u32Stream := typ(&component.StreamType{Elem: &u32})
	lib := defs{coreModule(nil, nil, nil, nil), link(0), coreAlias(coreMemory, 0, "mem"), u32Stream}
	mem, async := opt(component.OptionMemory, 0), opt(component.OptionAsync, 0)
	for _, c := range []*component.Canon{
		{Op: component.CanonWaitableSetWait},
		{Op: component.CanonWaitableSetPoll},
		{Op: component.CanonStreamRead, Options: []component.CanonOption{mem}},
		{Op: component.CanonStreamRead, Options: []component.CanonOption{mem, async}},
		{Op: component.CanonStreamCancelWrite},
		{Op: component.CanonStreamCancelWrite, Async: true},
		{Op: component.CanonSubtaskCancel},
		{Op: component.CanonSubtaskCancel, Async: true},
		{Op: component.CanonThreadYield},
		{Op: component.CanonThreadIndex},
		{Op: component.CanonTaskCancel},
		{Op: component.CanonContextGet, Context: component.I32, Slot: 1},
	} {
		out = append(out, nest(append(lib[:len(lib):len(lib)], c)...))
	}
	callee := func(f *component.FuncType, opts ...component.CanonOption) *component.Component {
		return nest(append(lib[:len(lib):len(lib)], typ(f), imp("f", fn(1)), lower(0, opts...))...)
	}
	out = append(out, typ(fun(nil, nil)), imp("f", fn(0)), typ(async2()), imp("g", fn(1)),
		callee(fun(nil, nil)), callee(async2()), callee(async2(), async))
	for i := range uint32(12) {
		out = append(out, instantiate(i))
	}
	return append(out, instantiate(12, with("f", sortFunc, 0)), instantiate(13, with("f", sortFunc, 1)), instantiate(14, with("f", sortFunc, 1)))
}

func async2() *component.FuncType { return async(fun(nil, nil)) }

func TestGolden(t *testing.T) {
	for name, ds := range goldens {
		p, err := planOf(binary.Encode(nest(ds...)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		file := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(p.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.String(); got != string(want) {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
		}
		checkPlan(t, p)
	}
}

// disagreements are goldens that today's wasm-tools refuses, and why we do not.
var disagreements = map[string]string{
	"cancellable": "a later version of the specification dropped the immediate",
	"ascribed":    "wasm-tools does not let an ascribed instance type hide which resource type it is about, as Explainer.md#type-checking does",
}

func TestGoldensAreValid(t *testing.T) {
	tool := testenv.Tool(t, testenv.WasmTools, "wasm-tools")
	for name, ds := range goldens {
		if disagreements[name] != "" {
			continue
		}
		cmd := exec.Command(tool, "validate", "--features", "all", "-")
		cmd.Stdin = bytes.NewReader(binary.Encode(nest(ds...)))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// checkPlan checks what every plan promises: numbers count up, and steps refer to
// what earlier steps made.
func checkPlan(t *testing.T, p *Plan) {
	t.Helper()
	var n Counts
	made := func(count *int, number int) {
		if number != *count {
			t.Fatalf("number %d, want %d, in\n%s", number, *count, p)
		}
		*count++
	}
	known := func(i, n int) {
		if i < -1 || i >= n {
			t.Fatalf("reference to %d of %d in\n%s", i, n, p)
		}
	}
	coreDef := func(d CoreDef) {
		if d.IsTrampoline() {
			known(d.Trampoline, n.Trampolines)
		} else {
			known(d.Instance, n.CoreInstances)
		}
	}
	options := func(o Options) {
		known(o.Instance, len(p.Instances))
		known(o.Memory, n.Memories)
		for _, f := range []int{o.Realloc, o.Callback, o.PostReturn} {
			known(f, n.Funcs)
		}
	}
	for _, s := range p.Steps {
		switch s := s.(type) {
		case *InstantiateModule:
			for _, d := range s.Args {
				coreDef(d)
			}
			made(&n.CoreInstances, s.Number)
		case *ExtractFunc:
			coreDef(s.From)
			made(&n.Funcs, s.Number)
		case *ExtractMemory:
			coreDef(s.From)
			made(&n.Memories, s.Number)
		case *ExtractTable:
			coreDef(s.From)
			made(&n.Tables, s.Number)
		case *Resource:
			known(s.Dtor, n.Funcs)
			if p.Resources[s.Resource.Index()] != s.Resource {
				t.Fatalf("resource %d is another", s.Resource.Index())
			}
		case *Lift:
			known(s.Callee, n.Funcs)
			options(s.Options)
			made(&n.Lifts, s.Number)
		case *Lower:
			if !s.Func.Imported {
				known(s.Func.Index, n.Lifts)
			}
			options(s.Options)
			made(&n.Trampolines, s.Number)
		case *Builtin:
			options(s.Options)
			known(s.Table, n.Tables)
			made(&n.Trampolines, s.Number)
		}
	}
	if n != p.Counts {
		t.Fatalf("counts %+v, made %+v", p.Counts, n)
	}
	for i, inst := range p.Instances {
		if inst.Parent >= i {
			t.Fatalf("instance %d comes before its parent %d", i, inst.Parent)
		}
	}
}

func TestUnfoldingIsBounded(t *testing.T) {
	ds := defs{nest()}
	for i := range uint32(40) {
		ds = append(ds, nest(outer(sortComp, 1, i), instantiate(0), instantiate(0)))
	}
	ds = append(ds, instantiate(40))
	wide := defs{nest(slices.Repeat(defs{typ(component.PrimType(1))}, 50_000)...)}
	wide = append(wide, slices.Repeat(defs{instantiate(0)}, 100)...)
	for want, ds := range map[string]defs{
		"more than 10000 component instances":     ds,
		"unfold to more than 2000000 definitions": wide,
	} {
		_, err := planOf(binary.Encode(nest(ds...)))
		var e *component.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || len(e.Path) == 0 {
			t.Errorf("want %s, got %v", want, err)
		}
	}
}

func TestImportedComponentIsRefused(t *testing.T) {
	_, err := planOf(binary.Encode(nest(typ(component.ComponentType{}), imp("c", &component.ComponentExtern{}))))
	if err == nil || !strings.Contains(err.Error(), "no component is given for the import `c`") {
		t.Error(err)
	}
}

// TestLink plans a component that imports a component.
func TestLink(t *testing.T) {
	valid := func(c *component.Component) *validate.Component {
		t.Helper()
		decoded, err := binary.Decode(binary.Encode(c))
		if err != nil {
			t.Fatal(err)
		}
		typed, err := validate.Validate(decoded, options)
		if err != nil {
			t.Fatal(err)
		}
		return typed
	}
	guest := valid(nest(
		typ(fun(nil, nil)),
		coreModule(nil, nil, []string{"f"}, sigs{"f": sig(0, 0)}),
		link(0),
		coreAlias(coreFuncs, 0, "f"),
		lift(0, 0),
		exp("f", sortFunc, 0),
	))
	root := valid(nest(
		typ(component.ComponentType{&component.Type{Def: fun(nil, nil)}, decl("f", fn(0))}),
		imp("c", &component.ComponentExtern{}),
		instantiate(0),
		alias(sortFunc, 0, "f"),
		exp("g", sortFunc, 0),
	))
	if !IsOpen(root) || IsOpen(guest) {
		t.Error("what imports a component is open, what does not is not")
	}
	given := map[string]Definition{"c": &GivenComponent{guest}}
	p, err := Link(root, DefaultMaxInstances, func(path []string) Definition { return given[strings.Join(path, "/")] })
	if err != nil {
		t.Fatal(err)
	}
	checkPlan(t, p)
	if len(p.Imports) != 0 || len(p.Modules) != 1 || len(p.Exports) != 1 {
		t.Errorf("got\n%s", p)
	}
}

// checkBytes takes hostile bytes all the way. The only panic allowed is none.
func checkBytes(t *testing.T, b []byte) (planned bool) {
	p, err := planOf(b)
	if err != nil {
		var e *component.Error
		if !errors.As(err, &e) {
			t.Fatalf("the error is a %T: %v", err, err)
		}
		return false
	}
	checkPlan(t, p)
	return true
}

func TestMutations(t *testing.T) {
	r := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	planned, mutants := 0, testenv.Number(t, testenv.Mutants, 1000)
	for _, name := range slices.Sorted(maps.Keys(goldens)) {
		src := binary.Encode(nest(goldens[name]...))
		for range mutants {
			b := bytes.Clone(src)
			for range 1 + r.IntN(3) {
				b[r.IntN(len(b))] = byte(r.IntN(256))
			}
			if checkBytes(t, b) {
				planned++
			}
		}
	}
	t.Logf("%d of %d mutants are valid", planned, mutants*len(goldens))
}

func FuzzPlan(f *testing.F) {
	for _, ds := range goldens {
		f.Add(binary.Encode(nest(ds...)))
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkBytes(t, b) })
}
