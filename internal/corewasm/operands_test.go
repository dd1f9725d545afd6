package corewasm

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// track follows the operands of every function of a valid module.
func track(t *testing.T, name string, m *Module) (functions int) {
	m = m.withSpaces()
	var types operandTypes
	for i := range m.Functions {
		b, err := m.Body(i)
		if err != nil {
			t.Fatal(err)
		}
		types.reset(m, i, b)
		for in := b.Next(); in != nil && !types.lost; in = b.Next() {
			if types.step(in); types.lost {
				t.Errorf("%s, function %d: lost count at %s", name, i, in.Op)
			}
		}
	}
	return len(m.Functions)
}

// TestOperandTypes: in valid code every operand comes from somewhere, and every
// block ends as high as it says.
func TestOperandTypes(t *testing.T) {
	functions := 0
	for seed := range uint64(50) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
		m, err := Decode(g.module())
		if err != nil {
			t.Fatal(err)
		}
		functions += track(t, "random", m)
	}
	files, _ := filepath.Glob(filepath.Join(corpusDir(t), "*", "testdata", "*.json"))
	for _, file := range files {
		functions += trackScript(t, file)
	}
	t.Logf("%d functions", functions)
	if functions < 10_000 {
		t.Errorf("only %d functions: the corpus is not what it was", functions)
	}
}

func trackScript(t *testing.T, file string) (functions int) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s script
	if err := json.Unmarshal(src, &s); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Commands {
		if c.Type != "module" {
			continue
		}
		bin, err := os.ReadFile(filepath.Join(filepath.Dir(file), c.Filename))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Decode(bin)
		if err != nil || m.Validate() != nil {
			continue // what is not supported
		}
		functions += track(t, filepath.Base(file)+" "+c.Filename, m)
	}
	return functions
}

// TestOperandTypesGiveUp: what isn't valid, or absurd, neither panics nor heaps up
// operands.
func TestOperandTypesGiveUp(t *testing.T) {
	many := make([]ValType, 1000)
	for i := range many {
		many[i] = F64
	}
	b := NewBuilder()
	give := b.AddType(nil, many)
	b.AddFunc(give, nil, NewCode().Op(OpUnreachable))
	code := NewCode()
	for range 10_000 {
		code.Call(0)
	}
	b.AddFunc(b.AddType(nil, nil), nil, code.Op(OpUnreachable, OpSelect, OpDrop))
	b.AddFunc(b.AddType(nil, nil), nil, NewCode().Op(OpSelect).Block(OpIf, BlockType(b.AddType(many, many))).Op(OpElse, OpDrop).End())
	m := b.Module()
	for i, lost := range []bool{false, true, true} {
		var s wideSelects
		s.find(m.withSpaces(), i, &funcInfo{selects: true})
		if s.types.lost != lost {
			t.Errorf("function %d: lost %v, want %v", i, s.types.lost, lost)
		}
		if n := cap(s.types.stack); n > 4*maxOperands {
			t.Errorf("function %d: room for %d operands", i, n)
		}
	}
	if _, err := Rewrite(m, RewriteOptions{}); err != nil {
		t.Error(err)
	}
}
