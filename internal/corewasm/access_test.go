package corewasm

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// memoryOps are all instructions with a memory argument that don't wait.
func memoryOps() (names []string) {
	for name, op := range opcodesByName() {
		if imm := op.Imm(); (imm == ImmMemArg || imm == ImmMemArgLane) && !isWait(op) {
			names = append(names, name)
		}
	}
	return names
}

// accessOffsets are built into the instructions; the last ones need 64 bits.
var accessOffsets = []uint64{0, 8, pageSize - 16, 1<<32 - 8, 1 << 32, 1<<64 - 16}

var accessAddresses = []uint64{0, 16, pageSize - 24, pageSize - 17, pageSize - 16, pageSize - 15, pageSize - 8, pageSize - 7, pageSize - 4, pageSize - 2,
	pageSize - 1, pageSize, 1<<31 - 8, 1<<32 - 8, 1<<32 - 1, 1 << 32, 1<<32 + 16, 1 << 40, 1<<63 + 16, 1<<64 - 8}

// accessModule has a function of type [i64] -> [i64] for every access with every
// offset that fits, to the last one of some memories.
func accessModule(memories []MemoryType) []byte {
	b := NewBuilder()
	last := uint32(len(memories) - 1)
	for i, m := range memories {
		b.AddMemory(m)
		b.AddExport(fmt.Sprint("m", i), KindMemory, uint32(i))
	}
	wide := memories[last].Limits.Is64
	typ := b.AddType([]ValType{I64}, []ValType{I64})
	for _, op := range memoryOps() {
		for _, offset := range accessOffsets {
			if offset < 1<<32 || wide {
				b.AddExport(accessName(op, offset), KindFunc, b.AddFunc(typ, nil, accessFunction(op, last, offset, wide)))
			}
		}
	}
	if last > 0 { // memory 0 is used most, so that it stays
		c := NewCode().Block(OpLoop, BlockVoid).Block(OpLoop, BlockVoid)
		for range 1000 {
			if memories[0].Limits.Is64 {
				c.I64(0)
			} else {
				c.I32(0)
			}
			c.memarg("i32.load", 0, 0).Op(OpDrop)
		}
		b.AddFunc(b.AddType(nil, nil), nil, c.End().End())
	}
	return b.Encode()
}

func accessName(op string, offset uint64) string { return fmt.Sprint(op, " ", offset) }

func accessFunction(op string, m uint32, offset uint64, wide bool) *Code {
	c := NewCode().Get(0)
	if !wide {
		c.Op(OpI32WrapI64)
	}
	code, _ := LookupOpcode(op)
	sig := code.info().sig
	for i, t := range sig.in {
		v := 0x1122334455667788 + int64(i)
		switch t {
		case I32:
			c.I32(int32(v))
		case I64:
			c.I64(v)
		case F32:
			c.I32(int32(v)).Named("f32.reinterpret_i32")
		case F64:
			c.I64(v).Named("f64.reinterpret_i64")
		case V128:
			c.I64(v).Named("i64x2.splat")
		}
	}
	c.memarg(op, m, offset, 1)
	switch resultOf(sig) {
	case 0:
		c.I64(0)
	case I32:
		c.Op(OpI64ExtendI32U)
	case F32:
		c.Named("i32.reinterpret_f32").Op(OpI64ExtendI32U)
	case F64:
		c.Named("i64.reinterpret_f64")
	case V128:
		c.Named("i32x4.bitmask").Op(OpI64ExtendI32U)
	}
	return c
}

// TestEveryAccess compares every access to a memory of a side part, and to one with
// 64-bit addresses, around every boundary, with the same on a plain memory.
func TestEveryAccess(t *testing.T) {
	small, big := memory(1, 1, false), memory(1, 1, true)
	plain := mustInstantiate(t, true, accessModule([]MemoryType{small}), nil)
	for _, c := range []struct {
		name     string
		memories []MemoryType
		parts    int
	}{
		{"beside another", []MemoryType{small, small}, 2},
		{"64 bits", []MemoryType{big}, 1},
		{"64 bits beside another", []MemoryType{small, big}, 2},
		{"beside one of 64 bits", []MemoryType{big, small}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := assemble(t, true, accessModule(c.memories), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(e.parts) != c.parts {
				t.Fatalf("%d parts", len(e.parts))
			}
			m := e.memory(fmt.Sprint("m", len(c.memories)-1))
			compareAccesses(t, plain, e, m, c.memories[len(c.memories)-1].Limits.Is64)
		})
	}
}

func compareAccesses(t *testing.T, plain *instance, e *ensemble, m api.Memory, wide bool) {
	const oob = "error: wasm error: out of bounds memory access"
	traps, passes := 0, 0
	for _, op := range memoryOps() {
		for _, offset := range accessOffsets {
			if offset >= 1<<32 && !wide {
				continue
			}
			for _, a := range accessAddresses {
				if a >= 1<<32 && !wide {
					continue
				}
				scribble(plain.Memory())
				scribble(m)
				want := oob
				if a < 1<<32 && offset < 1<<32 {
					want = trapOnly(outcome(plain.Module, accessName(op, offset), a))
				}
				got := e.call(accessName(op, offset), a)
				if got != want || !bytes.Equal(bytesOf(m), bytesOf(plain.Memory())) {
					t.Fatalf("%s offset=%#x at %#x: %s, want %s", op, offset, a, got, want)
				}
				if strings.HasPrefix(got, "error") {
					traps++
				} else {
					passes++
				}
			}
		}
	}
	if traps == 0 || passes == 0 {
		t.Errorf("%d traps, %d passes", traps, passes)
	}
}

func bytesOf(m api.Memory) []byte {
	b, _ := m.Read(0, m.Size())
	return b
}

func scribble(m api.Memory) { copy(bytesOf(m), scribbled) }

var scribbled = func() []byte {
	b := make([]byte, pageSize)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}()

func resultOf(s *signature) ValType {
	if len(s.out) == 0 {
		return 0
	}
	return s.out[0]
}
