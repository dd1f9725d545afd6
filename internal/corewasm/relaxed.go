package corewasm

// Relaxed vector instructions.
//
// The engine doesn't know them. Each may give one of a few results, so it is written
// as plain instructions that give one of them, the same on every machine:
// multiplication and addition round apart, what is out of range saturates or is zero, the
// products of a dot product are those of signed numbers and wrap around.

const (
	opRelaxedSwizzle Opcode = 0xfd0100
	opRelaxedDotAdd  Opcode = 0xfd0113
	opShuffle        Opcode = 0xfd000d
)

// relaxedScratch is how many locals of type v128 a function with some of them gets.
const relaxedScratch = 3

func isRelaxed(op Opcode) bool { return op >= opRelaxedSwizzle && op <= opRelaxedDotAdd }

// plainForms are the instructions that do what most relaxed ones may do.
var plainForms = map[string]string{
	"i8x16.relaxed_swizzle":            "i8x16.swizzle",
	"i32x4.relaxed_trunc_f32x4_s":      "i32x4.trunc_sat_f32x4_s",
	"i32x4.relaxed_trunc_f32x4_u":      "i32x4.trunc_sat_f32x4_u",
	"i32x4.relaxed_trunc_f64x2_s_zero": "i32x4.trunc_sat_f64x2_s_zero",
	"i32x4.relaxed_trunc_f64x2_u_zero": "i32x4.trunc_sat_f64x2_u_zero",
	"i8x16.relaxed_laneselect":         "v128.bitselect",
	"i16x8.relaxed_laneselect":         "v128.bitselect",
	"i32x4.relaxed_laneselect":         "v128.bitselect",
	"i64x2.relaxed_laneselect":         "v128.bitselect",
	"f32x4.relaxed_min":                "f32x4.min",
	"f32x4.relaxed_max":                "f32x4.max",
	"f64x2.relaxed_min":                "f64x2.min",
	"f64x2.relaxed_max":                "f64x2.max",
	"i16x8.relaxed_q15mulr_s":          "i16x8.q15mulr_sat_s",
}

// relaxed writes the instruction in r in plain ones.
func (e *emitter) relaxed(r *instrReader) {
	c := &Code{}
	first := uint32(e.fn.locals)
	switch name := r.Op.String(); name {
	case "f32x4.relaxed_madd", "f64x2.relaxed_madd":
		shape := name[:5]
		c.Set(first).Named(shape + ".mul").Get(first).Named(shape + ".add")
	case "f32x4.relaxed_nmadd", "f64x2.relaxed_nmadd":
		shape := name[:5]
		c.Set(first).Named(shape + ".mul").Set(first + 1)
		c.Get(first).Get(first + 1).Named(shape + ".sub")
	case "i16x8.relaxed_dot_i8x16_i7x16_s":
		dot(c, first, first+1)
	case "i32x4.relaxed_dot_i8x16_i7x16_add_s":
		sum := first + 2
		dot(c.Set(sum), first, first+1)
		c.Named("i32x4.extadd_pairwise_i16x8_s").Get(sum).Named("i32x4.add")
	default:
		c.Named(plainForms[name])
	}
	e.flush(r.Pos)
	e.dst = append(e.dst, c.b...)
	e.skip(r)
}

// dot multiplies bytes and adds products of neighbours.
func dot(c *Code, a, b uint32) {
	c.Set(b).Set(a)
	c.Get(a).Get(b).Named("i16x8.extmul_low_i8x16_s")
	c.Get(a).Get(b).Named("i16x8.extmul_high_i8x16_s").Set(b).Set(a)
	c.Get(a).Get(b).Op(opShuffle).Raw(0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29)
	c.Get(a).Get(b).Op(opShuffle).Raw(2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31)
	c.Named("i16x8.add")
}
