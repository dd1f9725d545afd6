package gondola

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/wit"
)

// Guests of the tests are written by hand: the world as WIT and the core module as
// text, a definition a line, with the instructions of a function below it:
//
//	import $root [async-lower]later i32 i32 -> i32 = later
//	memory 1
//	global heap i32 1024
//	data 16 "hello"
//	table f g
//	export add i32 i32 -> i32
//	  local.get 0 local.get 1 i32.add
//	func g i32 -> / i64
//	  …
//
// What is behind a slash are the types of locals. Functions are called by what
// stands behind "=", by their export name, or by the name of a func.

// buildGuest makes a component of a world's items and a core module.
func buildGuest(items, core string) ([]byte, error) {
	src := items
	if !strings.HasPrefix(strings.TrimSpace(items), "package") {
		src = "package test:guest;\nworld guest {\n" + items + "\n}"
	}
	r, err := wit.ParseString("guest.wit", src, wit.Options{})
	if err != nil {
		return nil, err
	}
	world, err := r.SelectWorld(nil, "guest")
	if err != nil {
		return nil, err
	}
	module, err := assemble(core)
	if err != nil {
		return nil, err
	}
	return componentize.Encode(module, world, componentize.Options{})
}

// testRuntime is a runtime for one test.
func testRuntime(t testing.TB, opts ...Option) *Runtime {
	ctx := context.Background()
	rt := NewRuntime(ctx, opts...)
	t.Cleanup(func() {
		if err := rt.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return rt
}

// compileGuest compiles a guest.
func compileGuest(t testing.TB, rt *Runtime, items, core string) *Component {
	t.Helper()
	wasm, err := buildGuest(items, core)
	if err != nil {
		t.Fatal(err)
	}
	c, err := rt.Compile(context.Background(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// instantiateGuest makes an instance of a guest, which give furnishes with
// imports.
func instantiateGuest(t testing.TB, items, core string, give func(*Linker), opts ...Option) *Instance {
	t.Helper()
	rt := testRuntime(t, opts...)
	c := compileGuest(t, rt, items, core)
	l := rt.NewLinker()
	if give != nil {
		give(l)
	}
	return instantiate(t, l, c)
}

func instantiate(t testing.TB, l *Linker, c *Component) *Instance {
	t.Helper()
	ctx := context.Background()
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return in
}

// reallocSource is a bump allocator, for guests that get strings and lists.
const reallocSource = `
global heap i32 4096
export cabi_realloc i32 i32 i32 i32 -> i32 / i32
  global.get heap local.get 2 i32.add i32.const 1 i32.sub
  i32.const 0 local.get 2 i32.sub i32.and local.tee 4
  local.get 3 i32.add global.set heap
  local.get 4
`

// assembler turns the text of a core module into a module.
type assembler struct {
	b       *corewasm.Builder
	funcs   map[string]uint32
	globals map[string]uint32
	names   []string
	bodies  []body
	table   []string
}

type body struct {
	index  uint32
	locals []corewasm.ValType
	text   []string
}

func assemble(text string) (module []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("assemble: %v", p)
		}
	}()
	a := &assembler{b: corewasm.NewBuilder(), funcs: map[string]uint32{}, globals: map[string]uint32{}}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), ";;")
		switch {
		case strings.TrimSpace(line) == "":
		case line[0] == ' ' || line[0] == '\t':
			last := &a.bodies[len(a.bodies)-1]
			last.text = append(last.text, strings.Fields(line)...)
		default:
			a.define(line)
		}
	}
	a.fillTable()
	for _, f := range a.bodies {
		a.b.SetBody(f.index, f.locals, a.code(f.text))
	}
	a.b.AddCustom("name", a.nameSection())
	return a.b.Encode(), nil
}

func (a *assembler) define(line string) {
	f := strings.Fields(line)
	switch f[0] {
	case "import":
		f, name, _ := cut(f[1:], "=")
		a.name(name[0], a.b.ImportFunc(strings.ReplaceAll(f[0], "%", " "), f[1], a.sig(f[2:])))
	case "memory":
		n, _ := strconv.ParseUint(f[1], 10, 32)
		a.b.AddExport("memory", corewasm.KindMemory, a.b.AddMemory(corewasm.MemoryType{Limits: corewasm.Limits{Min: uint64(n)}}))
	case "global":
		a.globals[f[1]] = a.b.AddGlobal(corewasm.GlobalType{Type: corewasm.I32, Mutable: true}, corewasm.ConstI32(int32(parseNumber(f[3]))))
	case "data":
		_, quoted, _ := strings.Cut(line, `"`)
		data, err := strconv.Unquote(`"` + quoted)
		if err != nil {
			panic(err)
		}
		a.b.AddData(corewasm.Data{Offset: corewasm.ConstI32(int32(parseNumber(f[1]))), Init: []byte(data)})
	case "table":
		a.table = f[1:]
	case "start": // a function that was defined above
		a.b.SetStart(a.funcs[f[1]])
	case "export", "func":
		sig, locals, _ := cut(f[2:], "/")
		i := a.b.DeclareFunc(a.sig(sig))
		a.name(f[1], i)
		a.bodies = append(a.bodies, body{index: i, locals: valTypes(locals)})
		if f[0] == "export" {
			a.b.AddExport(f[1], corewasm.KindFunc, i)
		}
	default:
		panic("what is " + line)
	}
}

func (a *assembler) name(name string, i uint32) {
	a.funcs[name] = i
	a.names = append(a.names, name)
}

func (a *assembler) fillTable() {
	if a.table == nil {
		return
	}
	e := corewasm.Element{Offset: corewasm.ConstI32(0), Type: corewasm.FuncRef}
	for _, f := range a.table {
		e.Funcs = append(e.Funcs, a.funcs[f])
	}
	t := a.b.AddTable(corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: uint64(len(a.table))}})
	a.b.AddExport("__indirect_function_table", corewasm.KindTable, t)
	a.b.AddElement(e)
}

func cut(s []string, sep string) (before, after []string, found bool) {
	for i, x := range s {
		if x == sep {
			return s[:i], s[i+1:], true
		}
	}
	return s, nil, false
}

func (a *assembler) sig(f []string) uint32 {
	params, results, _ := cut(f, "->")
	return a.b.AddType(valTypes(params), valTypes(results))
}

func valTypes(f []string) []corewasm.ValType {
	var ts []corewasm.ValType
	for _, s := range f {
		ts = append(ts, map[string]corewasm.ValType{"i32": corewasm.I32, "i64": corewasm.I64, "f32": corewasm.F32, "f64": corewasm.F64}[s])
	}
	return ts
}

func parseNumber(s string) int64 {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// code assembles the instructions of one function. Blocks are void, but for
// "if:i32" and the like.
func (a *assembler) code(text []string) *corewasm.Code {
	c := corewasm.NewCode()
	for i := 0; i < len(text); i++ {
		op, t, typed := strings.Cut(text[i], ":")
		next := func() string { i++; return text[i] }
		code, ok := corewasm.LookupOpcode(op)
		if !ok {
			panic("no instruction " + op)
		}
		switch {
		case op == "block" || op == "loop" || op == "if":
			bt := corewasm.BlockVoid
			if typed {
				bt = corewasm.BlockOf(valTypes([]string{t})[0])
			}
			c.Block(code, bt)
		case op == "call":
			name := next()
			f, ok := a.funcs[name]
			if !ok {
				panic("no function " + name)
			}
			c.Call(f)
		case strings.HasPrefix(op, "global."):
			name := next()
			g, ok := a.globals[name]
			if !ok {
				panic("no global " + name)
			}
			c.Idx(code, g)
		case op == "i32.const":
			c.I32(int32(parseNumber(next())))
		case op == "i64.const":
			c.I64(parseNumber(next()))
		case strings.Contains(op, ".load") || strings.Contains(op, ".store"):
			c.Mem(code, 0, uint32(parseNumber(next())))
		case strings.HasPrefix(op, "local.") || op == "br" || op == "br_if":
			c.Idx(code, uint32(parseNumber(next())))
		case op == "memory.grow" || op == "memory.size":
			c.Idx(code, 0)
		case op == "table.grow":
			c.Idx(code, 0)
		case op == "ref.null":
			c.Op(code).Raw(0x70)
		default:
			c.Op(code)
		}
	}
	return c
}

// nameSection names the functions, for backtraces.
func (a *assembler) nameSection() []byte {
	names := leb128.AppendU32(nil, uint32(len(a.names)))
	for i, n := range a.names {
		names = leb128.AppendU32(names, uint32(i))
		names = append(leb128.AppendU32(names, uint32(len(n))), n...)
	}
	return append(leb128.AppendU32([]byte{1}, uint32(len(names))), names...)
}
