package corewasm

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
)

// relaxedModule has a function for every relaxed instruction, which takes vectors from
// addresses 0, 16 and 32 and leaves its result at 48.
func relaxedModule() []byte {
	b := NewBuilder()
	b.AddMemory(memory(1, 1, false))
	b.AddExport("memory", KindMemory, 0)
	typ := b.AddType([]ValType{I32}, []ValType{I32})
	for op := opRelaxedSwizzle; op <= opRelaxedDotAdd; op++ {
		c := NewCode().I32(48)
		for i := range op.info().sig.in {
			c.I32(int32(16*i)).memarg("v128.load", 0, 0)
		}
		c.Op(op).memarg("v128.store", 0, 0).Get(0) // a local that must keep its value
		b.AddExport(op.String(), KindFunc, b.AddFunc(typ, []ValType{I64}, c))
	}
	return b.Encode()
}

// relaxedModel computes what relaxed.go promises. a, b and c are the operands.
func relaxedModel(op string, a, b, c []byte) []byte {
	out := make([]byte, 16)
	le := binary.LittleEndian
	f32 := func(v []byte, i int) float32 { return math.Float32frombits(le.Uint32(v[4*i:])) }
	f64 := func(v []byte, i int) float64 { return math.Float64frombits(le.Uint64(v[8*i:])) }
	for i := range 4 {
		var r float32
		switch op {
		case "f32x4.relaxed_madd":
			r = float32(f32(a, i)*f32(b, i)) + f32(c, i)
		case "f32x4.relaxed_nmadd":
			r = f32(c, i) - float32(f32(a, i)*f32(b, i))
		case "i32x4.relaxed_trunc_f32x4_s":
			le.PutUint32(out[4*i:], uint32(saturate(float64(f32(a, i)), math.MinInt32, math.MaxInt32)))
			continue
		case "i32x4.relaxed_trunc_f32x4_u":
			le.PutUint32(out[4*i:], uint32(saturate(float64(f32(a, i)), 0, math.MaxUint32)))
			continue
		default:
			continue
		}
		le.PutUint32(out[4*i:], math.Float32bits(r))
	}
	for i := range 2 {
		switch op {
		case "f64x2.relaxed_madd":
			le.PutUint64(out[8*i:], math.Float64bits(float64(f64(a, i)*f64(b, i))+f64(c, i)))
		case "f64x2.relaxed_nmadd":
			le.PutUint64(out[8*i:], math.Float64bits(f64(c, i)-float64(f64(a, i)*f64(b, i))))
		}
	}
	for i := range 8 {
		dot := int16(int8(a[2*i]))*int16(int8(b[2*i])) + int16(int8(a[2*i+1]))*int16(int8(b[2*i+1]))
		switch op {
		case "i16x8.relaxed_dot_i8x16_i7x16_s":
			le.PutUint16(out[2*i:], uint16(dot))
		case "i32x4.relaxed_dot_i8x16_i7x16_add_s":
			sum := le.Uint32(out[4*(i/2):]) + uint32(int32(dot))
			if i%2 == 0 {
				sum += le.Uint32(c[4*(i/2):])
			}
			le.PutUint32(out[4*(i/2):], sum)
		case "i16x8.relaxed_q15mulr_s":
			p := (int32(int16(le.Uint16(a[2*i:])))*int32(int16(le.Uint16(b[2*i:]))) + 1<<14) >> 15
			le.PutUint16(out[2*i:], uint16(min(p, math.MaxInt16)))
		}
	}
	for i := range 16 {
		switch op {
		case "i8x16.relaxed_swizzle":
			if b[i] < 16 {
				out[i] = a[b[i]]
			}
		case "i8x16.relaxed_laneselect", "i16x8.relaxed_laneselect", "i32x4.relaxed_laneselect", "i64x2.relaxed_laneselect":
			out[i] = a[i]&c[i] | b[i]&^c[i]
		}
	}
	return out
}

func saturate(f, low, high float64) int64 {
	if f != f {
		return 0
	}
	return int64(math.Trunc(max(low, min(high, f))))
}

// modelled are the instructions whose results don't depend on the kind of NaN.
func modelled(op string) bool {
	switch op {
	case "f32x4.relaxed_min", "f32x4.relaxed_max", "f64x2.relaxed_min", "f64x2.relaxed_max",
		"i32x4.relaxed_trunc_f64x2_s_zero", "i32x4.relaxed_trunc_f64x2_u_zero":
		return false
	}
	return true
}

func TestRelaxedInstructions(t *testing.T) {
	eachEngine(t, func(t *testing.T, compiler bool) {
		o := fuelled(100)
		in := mustInstantiate(t, compiler, relaxedModule(), &o)
		mem, _ := in.Memory().Read(0, 64)
		r := rand.New(rand.NewPCG(1, 2))
		for op := opRelaxedSwizzle; op <= opRelaxedDotAdd; op++ {
			for range 200 {
				for i := 0; i < 48; i += 4 {
					v := math.Float32bits(float32(r.NormFloat64() * 1e3)) // as a number it is one, too
					if op.String()[0] == 'i' && r.IntN(4) > 0 || op.String()[:3] == "f64" && i%8 == 0 {
						v = r.Uint32()
					}
					if op == opRelaxedSwizzle && r.IntN(2) == 0 {
						v &= 0x0f0f0f0f
					}
					binary.LittleEndian.PutUint32(mem[i:], v)
				}
				if got := outcome(in.Module, op.String(), 7); got != "[7]" {
					t.Fatalf("%s: %s", op, got)
				}
				want := relaxedModel(op.String(), mem[:16], mem[16:32], mem[32:48])
				if modelled(op.String()) && string(mem[48:]) != string(want) {
					t.Fatalf("%s of %x = %x, want %x", op, mem[:48], mem[48:], want)
				}
			}
		}
	})
}
