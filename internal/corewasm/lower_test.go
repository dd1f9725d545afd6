package corewasm

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// ensemble are the instances of a module's parts, linked as an engine does.
type ensemble struct {
	api.Module // the main part
	*host
	lowered *Lowered
	parts   []api.Module
	waited  []int64
	stats   RewriteStats
}

// memory finds an exported memory.
func (e *ensemble) memory(name string) api.Memory {
	if l, ok := e.lowered.Moved[name]; ok {
		return e.parts[l.Index].ExportedMemory(l.Name)
	}
	return e.ExportedMemory(name)
}

// copy is LinkCopy.
func (e *ensemble) copy(_ context.Context, stack []uint64) {
	to, from := e.byNumber(stack[0]), e.byNumber(stack[1])
	dst, ok1 := within(to, stack[2], stack[4])
	src, ok2 := within(from, stack[3], stack[4])
	if !ok1 || !ok2 {
		panic(errOutOfBounds)
	}
	copy(dst, src)
}

var errOutOfBounds = fmt.Errorf("wasm error: out of bounds memory access")

func within(m api.Memory, at, n uint64) ([]byte, bool) {
	size := uint64(m.Size())
	if n > size || at > size-n {
		return nil, false
	}
	return m.Read(uint32(at), uint32(n))
}

const testFirstMemory = 40

func (e *ensemble) byNumber(n uint64) api.Memory {
	return e.parts[e.lowered.Memories[uint32(n)-testFirstMemory]].Memory()
}

func (e *ensemble) wait(_ context.Context, stack []uint64) {
	e.waited = append(e.waited, int64(stack[0]))
}

// lowerAll decodes and lowers a module.
func lowerAll(t testing.TB, bin []byte) *Lowered {
	t.Helper()
	m, err := Decode(bin)
	if err != nil {
		t.Fatal(err)
	}
	low, err := Lower(m, LowerOptions{FirstMemory: testFirstMemory})
	if err != nil {
		t.Fatal(err)
	}
	return low
}

// assemble lowers, rewrites if o says how, and instantiates a module, whose own imports
// are found in from.
func assemble(t testing.TB, compiler bool, bin []byte, o *RewriteOptions, from func(im *Import) api.Module) (*ensemble, error) {
	t.Helper()
	return assembleIn(t, newRuntime(t, compiler), bin, o, from)
}

func assembleIn(t testing.TB, r wazero.Runtime, bin []byte, o *RewriteOptions, from func(im *Import) api.Module) (*ensemble, error) {
	t.Helper()
	m, err := Decode(bin)
	if err != nil {
		t.Fatal(err)
	}
	e := &ensemble{host: &host{refill: 3}, lowered: lowerAll(t, bin)}
	helpers := e.helpers(t, r)
	for _, p := range e.lowered.Parts {
		mod, err := e.instantiate(t, r, p, o, func(l Link) (api.Module, string) {
			switch l.Kind {
			case LinkImport:
				im := &m.Imports[l.Index]
				return from(im), im.Name
			case LinkPart:
				return e.parts[l.Index], l.Name
			case LinkCopy:
				return helpers, "copy"
			default:
				return helpers, "wait"
			}
		})
		if err != nil {
			return nil, err
		}
		e.parts = append(e.parts, mod)
	}
	e.Module = e.parts[len(e.parts)-1]
	return e, nil
}

func (e *ensemble) close() {
	for _, p := range e.parts {
		p.Close(context.Background())
	}
}

func (e *ensemble) helpers(t testing.TB, r wazero.Runtime) api.Module {
	ctx := context.Background()
	b := r.NewHostModuleBuilder("helpers")
	i32, i64 := api.ValueTypeI32, api.ValueTypeI64
	b.NewFunctionBuilder().WithGoFunction(api.GoFunc(e.copy), []api.ValueType{i32, i32, i64, i64, i64}, nil).Export("copy")
	b.NewFunctionBuilder().WithGoFunction(api.GoFunc(e.wait), []api.ValueType{i64}, nil).Export("wait")
	b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(e.tick), nil, []api.ValueType{i32}).Export("tick")
	code, err := b.Compile(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := r.InstantiateModule(ctx, code, moduleName(""))
	if err != nil {
		t.Fatal(err)
	}
	return mod
}

func (e *ensemble) instantiate(t testing.TB, r wazero.Runtime, p Part, o *RewriteOptions, find func(Link) (api.Module, string)) (api.Module, error) {
	t.Helper()
	sources := map[string]api.Module{}
	name := func(i int) (string, string) {
		mod, field := find(p.Links[i])
		key := fmt.Sprint("import", i)
		sources[key] = mod
		return key, field
	}
	var bin []byte
	if o != nil {
		opts := *o
		opts.RenameImport = func(i int, _ *Import) (string, string) { return name(i) }
		opts.ExtractData = false
		opts.Fuel = &FuelOptions{TickModule: "tick", TickName: "tick", Initial: o.Fuel.Initial,
			HostImport: func(i int, _ *Import) bool { return p.Links[i].Kind != LinkImport }}
		rw, err := Rewrite(p.Module, opts)
		if err != nil {
			t.Fatal(err)
		}
		e.stats.add(rw.Stats)
		bin = rw.Wasm
	} else {
		m := *p.Module
		m.Imports = append([]Import(nil), m.Imports...)
		for i := range m.Imports {
			m.Imports[i].Module, m.Imports[i].Name = name(i)
		}
		bin = m.Encode()
	}
	ticks, _ := find(Link{Kind: LinkWait})
	ctx := experimental.WithImportResolver(context.Background(), func(module string) api.Module {
		if module == "tick" {
			return ticks
		}
		return sources[module]
	})
	code, err := r.CompileModule(ctx, bin)
	if err != nil {
		t.Fatalf("part %d: %v", len(e.parts), err)
	}
	return r.InstantiateModule(ctx, code, moduleName("").WithStartFunctions())
}

func (s *RewriteStats) add(o RewriteStats) {
	s.Unrolled += o.Unrolled
	s.Fences += o.Fences
	s.PushedDown += o.PushedDown
	s.Selects += o.Selects
	s.Late += o.Late
	s.Bulk += o.Bulk
}

// call is the outcome of a call without positions.
func (e *ensemble) call(fn string, args ...uint64) string {
	return trapOnly(outcome(e.Module, fn, args...))
}

// trapOnly makes an out of bounds copy by the host look like one by the engine, and
// does not tell which of two reasons to trap an access names.
func trapOnly(s string) string {
	if strings.Contains(s, errOutOfBounds.Error()) || strings.Contains(s, "unaligned atomic") {
		return "error: " + errOutOfBounds.Error()
	}
	return s
}

func mustAssemble(t testing.TB, compiler bool, bin []byte) *ensemble {
	t.Helper()
	o := fuelled(3)
	e, err := assemble(t, compiler, bin, &o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// memarg appends a load or store of any memory.
func (c *Code) memarg(op string, memory uint32, offset uint64, lane ...byte) *Code {
	code, _ := LookupOpcode(op)
	align := uint32(0)
	if code>>16 == 0xfe {
		align = uint32(code.info().width)
	}
	in := Instr{Op: code, Index: memory, Imm: offset, Align: align}
	if len(lane) > 0 {
		in.Lane = lane[0]
	}
	c.b = in.Append(c.b)
	return c
}

func memory(min, max uint64, is64 bool) MemoryType {
	return MemoryType{Limits: Limits{Min: min, Max: max, HasMax: true, Is64: is64}}
}

func TestOneMemoryStaysWhole(t *testing.T) {
	low := lowerAll(t, sumModule())
	if len(low.Parts) != 1 || low.Parts[0].Module.Types == nil || len(low.Moved) != 0 {
		t.Errorf("%+v", low)
	}
}

func TestTwoMemories(t *testing.T) {
	b := NewBuilder()
	for range 2 {
		b.AddMemory(memory(1, 3, false))
	}
	b.AddExport("m0", KindMemory, 0)
	b.AddExport("m1", KindMemory, 1)
	ii := b.AddType([]ValType{I32}, []ValType{I32})
	b.AddData(Data{Memory: 1, Offset: ConstI32(8), Init: []byte{1, 2, 3, 4}})
	b.AddData(Data{Memory: 0, Offset: ConstI32(8), Init: []byte{5, 6, 7, 8}})
	b.AddExport("load0", KindFunc, b.AddFunc(ii, nil, NewCode().Get(0).memarg("i32.load", 0, 4)))
	b.AddExport("load1", KindFunc, b.AddFunc(ii, nil, NewCode().Get(0).memarg("i32.load", 1, 4)))
	b.AddExport("grow1", KindFunc, b.AddFunc(ii, nil, NewCode().Get(0).Idx(OpMemoryGrow, 1).Op(OpDrop).Idx(OpMemorySize, 1)))
	b.AddExport("copy", KindFunc, b.AddFunc(ii, nil, NewCode().I32(4).I32(8).Get(0).Idx(OpMemoryCopy, 0, 1).I32(4).memarg("i32.load", 0, 0)))
	eachEngine(t, func(t *testing.T, compiler bool) {
		e := mustAssemble(t, compiler, b.Encode())
		for _, c := range []struct {
			fn   string
			arg  uint64
			want string
		}{
			{"load0", 4, "[134678021]"},
			{"load1", 4, "[67305985]"},
			{"load1", 65532, "error: wasm error: out of bounds memory access"},
			{"grow1", 1, "[2]"},
			{"load1", 65532, "[0]"},
			{"grow1", 2, "[2]"},
			{"copy", 4, "[67305985]"},
			{"copy", 1 << 20, "error: wasm error: out of bounds memory access"},
		} {
			if got := e.call(c.fn, c.arg); got != c.want {
				t.Errorf("%s(%d) = %s, want %s", c.fn, c.arg, got, c.want)
			}
		}
		if b, _ := e.memory("m1").Read(8, 4); string(b) != "\x01\x02\x03\x04" {
			t.Errorf("memory 1: %x", b)
		}
	})
}
