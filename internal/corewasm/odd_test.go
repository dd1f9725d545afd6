package corewasm

import (
	"context"
	"testing"
)

// TestOddForms has instructions that are written longer than need be, which is no
// mistake, and which the engine doesn't read.
func TestOddForms(t *testing.T) {
	r := newRuntime(t, false)
	for what, code := range map[string]string{
		"load that names memory 0":         "\x41\x00\x28\x42\x00\x00\x1a",
		"store that names memory 0":        "\x41\x00\x41\x00\x36\x42\x00\x00",
		"load with an offset of ten bytes": "\x41\x00\x28\x02\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x1a",
		"memory.size":                      "\x3f\x80\x00\x1a",
		"memory.grow":                      "\x41\x00\x40\x80\x80\x00\x1a",
		"memory.fill":                      "\x41\x00\x41\x00\x41\x00\xfc\x0b\x80\x00",
		"memory.copy":                      "\x41\x00\x41\x00\x41\x00\xfc\x0a\x00\x80\x00",
		"memory.init":                      "\x41\x00\x41\x00\x41\x00\xfc\x08\x00\x80\x00",
		"a vector's opcode":                "\x41\x00\xfd\x8f\x00\x1a",
		"a vector's load":                  "\x41\x00\xfd\x80\x00\x44\x00\x00\x1a",
		"an atomic's opcode":               "\xfe\x83\x00\x00",
		"an atomic load":                   "\x41\x00\xfe\x10\x42\x00\x00\x1a",
	} {
		t.Run(what, func(t *testing.T) {
			b := NewBuilder()
			b.AddMemory(memory(1, 1, false))
			b.AddData(Data{Mode: Passive})
			b.SetDataCount()
			b.AddFunc(b.AddType(nil, nil), nil, NewCode().Raw([]byte(code)...))
			m, err := Decode(b.Encode())
			if err != nil {
				t.Fatal(err)
			}
			rw, err := Rewrite(m, RewriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.CompileModule(context.Background(), rw.Wasm); err != nil {
				t.Error(err)
			}
		})
	}
}
