package corewasm

import (
	"flag"
	"fmt"
	"os"
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
	case ImmCallIndirect, ImmMemoryCopy:
		return fmt.Sprint(" ", in.Index, " ", in.Index2)
	}
	return fmt.Sprint(" ", in.Index)
}
