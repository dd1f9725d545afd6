package corewasm

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write goldens anew")

// goldenModules are small, so that their code can be read before and after.
func goldenModules() []struct {
	name string
	bin  []byte
} {
	type mod = struct {
		name string
		bin  []byte
	}
	param := NewBuilder()
	step := param.AddType([]ValType{I32}, []ValType{I32})
	param.AddFunc(step, nil, NewCode().Get(0).Block(OpLoop, BlockType(step)).I32(1).Op(OpI32Sub).Tee(0).Get(0).Idx(OpBrIf, 0).End())

	nested := NewBuilder()
	v := nested.AddType(nil, nil)
	nested.AddFunc(v, nil, NewCode().Block(OpBlock, BlockVoid).Block(OpLoop, BlockVoid).Block(OpLoop, BlockVoid).
		I32(1).BrTable(0, 1, 2).End().End().End())

	eh := newEH()
	eh.AddFunc(eh.ii, []ValType{I32, I32, ExnRef}, ehCases()[2].make(eh))

	bulk := NewBuilder()
	bulk.AddMemory(MemoryType{Limits: Limits{Min: 1}})
	bulk.AddFunc(bulk.AddType([]ValType{I32}, nil), nil, NewCode().I32(0).I32(1).Get(0).Idx(OpMemoryCopy, 0, 0))

	sel := NewBuilder()
	sel.AddFunc(sel.AddType([]ValType{F64, F64, I32}, []ValType{F64}), nil, NewCode().Get(0).Get(1).Get(2).Op(OpSelect))

	return []mod{
		{"a small loop and a recursion", sumModule()},
		{"a loop with a parameter", param.Encode()},
		{"nested loops", nested.Encode()},
		{"a local assigned in a try_table", eh.Encode()},
		{"a fused comparison", fusedCases()[0].module()},
		{"a bulk copy", bulk.Encode()},
		{"a select of floats", sel.Encode()},
		{"a global read too late", lateCases()[0].module()},
	}
}

// TestRewriteGoldens shows what the rewriter makes of small functions.
func TestRewriteGoldens(t *testing.T) {
	const file = "testdata/rewrite.txtar"
	a := &txtar.Archive{Comment: []byte("Function bodies before and after rewriting. Regenerate with: go test -run Goldens -update\n\n")}
	for _, m := range goldenModules() {
		a.Files = append(a.Files,
			txtar.File{Name: m.name + ", before", Data: []byte(disassemble(t, m.bin))},
			txtar.File{Name: m.name + ", after", Data: []byte(disassemble(t, rewrite(t, m.bin, fuelled(100)).Wasm))})
	}
	compareGolden(t, file, a)
}

func compareGolden(t *testing.T, file string, a *txtar.Archive) {
	t.Helper()
	got := txtar.Format(a)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// loweredModules are small, too.
func loweredModules() map[string][]byte {
	two := NewBuilder()
	two.AddMemory(memory(1, 2, false))
	two.AddExport("second", KindMemory, two.AddMemory(memory(1, 2, false)))
	two.AddData(Data{Mode: Passive, Init: []byte("data")})
	two.SetDataCount()
	two.AddFunc(two.AddType([]ValType{I32}, []ValType{I64}), nil, NewCode().
		Get(0).Get(0).memarg("i64.load", 0, 8).memarg("i64.store", 1, 16).
		Get(0).I32(0).I32(4).Idx(OpMemoryInit, 0, 1).
		Get(0).Get(0).I32(100).Idx(OpMemoryCopy, 1, 0).
		Get(0).Idx(OpMemoryGrow, 1).Op(OpDrop).
		Get(0).memarg("i64.load", 1, 0))

	wide := NewBuilder()
	wide.AddMemory(memory(1, 2, true))
	wide.AddFunc(wide.AddType([]ValType{I64, I64}, []ValType{I64}), nil, NewCode().
		Get(0).Get(1).memarg("i64.store", 0, 8).
		Get(0).I32(0).Get(1).Idx(OpMemoryFill, 0).
		Idx(OpMemorySize, 0))

	late := NewBuilder()
	base := late.ImportGlobal("env", "base", GlobalType{Type: I32})
	late.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 8}})
	f := late.AddFunc(late.AddType(nil, nil), nil, NewCode())
	late.AddElement(Element{Offset: ConstGlobal(base), Type: FuncRef, Funcs: []uint32{f}})
	late.SetStart(f)

	return map[string][]byte{"two memories": two.Encode(), "64-bit addresses": wide.Encode(), "elements at a variable offset": late.Encode()}
}

// TestLowerGoldens shows what becomes of modules that the engine can't run as they are.
func TestLowerGoldens(t *testing.T) {
	a := &txtar.Archive{Comment: []byte("Modules before and after lowering. Regenerate with: go test -run Goldens -update\n\n")}
	modules := loweredModules()
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		a.Files = append(a.Files, txtar.File{Name: name + ", before", Data: []byte(disassemble(t, modules[name]))})
		for i, p := range lowerAll(t, modules[name]).Parts {
			text := ""
			for k, im := range p.Module.Imports {
				text += fmt.Sprintf("import %s: %+v\n", im.Kind, p.Links[k])
			}
			for _, e := range p.Module.Exports {
				text += fmt.Sprintf("export %s %d as %q\n", e.Kind, e.Index, e.Name)
			}
			a.Files = append(a.Files, txtar.File{Name: fmt.Sprint(name, ", part ", i), Data: []byte(text + disassemble(t, p.Module.Encode()))})
		}
	}
	compareGolden(t, "testdata/lower.txtar", a)
}

// disassemble writes one instruction a line, indented.
func disassemble(t *testing.T, bin []byte) string {
	m, err := Decode(bin)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for i := range m.Functions {
		b, err := m.Body(i)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := m.FuncType(uint32(m.NumImported(KindFunc) + i))
		fmt.Fprintf(&out, "func %d %s\n", m.NumImported(KindFunc)+i, f)
		depth := 1
		for in := b.Next(); in != nil; in = b.Next() {
			if in.Op == OpEnd || in.Op == OpElse {
				depth--
			}
			fmt.Fprintf(&out, "%s%s%s\n", strings.Repeat("  ", depth), in.Op, operands(in))
			if imm := in.Op.Imm(); imm == ImmBlock || imm == ImmTryTable || in.Op == OpElse {
				depth++
			}
		}
		if b.Err() != nil {
			t.Fatal(b.Err())
		}
	}
	return out.String()
}

func operands(in *Instr) string {
	switch in.Op.Imm() {
	case ImmNone:
		return ""
	case ImmI32, ImmI64:
		return fmt.Sprint(" ", int64(in.Imm))
	case ImmBrTable:
		return strings.Trim(fmt.Sprint(" ", in.Labels), "[]")
	case ImmBlock, ImmTryTable:
		s := ""
		if r, ok := in.Block.Result(); ok {
			s = " (result " + r.String() + ")"
		} else if i, ok := in.Block.Index(); ok {
			s = fmt.Sprintf(" (type %d)", i)
		}
		if in.Op == OpTryTable {
			s += fmt.Sprintf(" %+v", in.Catches)
		}
		return s
	case ImmCallIndirect, ImmMemoryCopy, ImmMemoryInit, ImmTableInit:
		return fmt.Sprint(" ", in.Index, " ", in.Index2)
	case ImmMemArg:
		return fmt.Sprint(" ", in.Index, " offset=", in.Imm)
	case ImmSelect:
		return fmt.Sprint(" ", in.Types[0])
	}
	return fmt.Sprint(" ", in.Index)
}
