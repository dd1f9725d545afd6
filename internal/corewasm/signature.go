package corewasm

// signature is the type of an instruction whose operands and result have the same
// types wherever it stands, bar its address.
type signature struct {
	address bool // the operand in front of all others: an address of the memory
	in, out []ValType
}

// sigRun gives consecutive opcodes one signature. In sig the letters stand for the
// value types, an "a" in front for an address; width is the exponent of the number of
// bytes that are accessed.
type sigRun struct {
	first, last Opcode
	sig         string
	width       uint8
}

var sigLetters = map[rune]ValType{'i': I32, 'I': I64, 'f': F32, 'F': F64, 'v': V128}

func parseSignature(s string) *signature {
	sig := &signature{}
	list := &sig.in
	for _, c := range s {
		switch c {
		case 'a':
			sig.address = true
		case '>':
			list = &sig.out
		default:
			*list = append(*list, sigLetters[c])
		}
	}
	return sig
}

func (r sigRun) fill() {
	sig := parseSignature(r.sig)
	for op := r.first; op <= r.last; op++ {
		if info := op.info(); info.imm != ImmInvalid {
			info.sig, info.width = sig, r.width
		}
	}
}

var sigRuns = []sigRun{
	{0x01, 0x01, ">", 0},
	{0x28, 0x28, "a>i", 2}, {0x29, 0x29, "a>I", 3}, {0x2a, 0x2a, "a>f", 2}, {0x2b, 0x2b, "a>F", 3},
	{0x2c, 0x2d, "a>i", 0}, {0x2e, 0x2f, "a>i", 1},
	{0x30, 0x31, "a>I", 0}, {0x32, 0x33, "a>I", 1}, {0x34, 0x35, "a>I", 2},
	{0x36, 0x36, "ai>", 2}, {0x37, 0x37, "aI>", 3}, {0x38, 0x38, "af>", 2}, {0x39, 0x39, "aF>", 3},
	{0x3a, 0x3a, "ai>", 0}, {0x3b, 0x3b, "ai>", 1}, {0x3c, 0x3c, "aI>", 0}, {0x3d, 0x3d, "aI>", 1}, {0x3e, 0x3e, "aI>", 2},

	{0x41, 0x41, ">i", 0}, {0x42, 0x42, ">I", 0}, {0x43, 0x43, ">f", 0}, {0x44, 0x44, ">F", 0},
	{0x45, 0x45, "i>i", 0}, {0x46, 0x4f, "ii>i", 0}, {0x50, 0x50, "I>i", 0}, {0x51, 0x5a, "II>i", 0},
	{0x5b, 0x60, "ff>i", 0}, {0x61, 0x66, "FF>i", 0},
	{0x67, 0x69, "i>i", 0}, {0x6a, 0x78, "ii>i", 0}, {0x79, 0x7b, "I>I", 0}, {0x7c, 0x8a, "II>I", 0},
	{0x8b, 0x91, "f>f", 0}, {0x92, 0x98, "ff>f", 0}, {0x99, 0x9f, "F>F", 0}, {0xa0, 0xa6, "FF>F", 0},
	{0xa7, 0xa7, "I>i", 0}, {0xa8, 0xa9, "f>i", 0}, {0xaa, 0xab, "F>i", 0},
	{0xac, 0xad, "i>I", 0}, {0xae, 0xaf, "f>I", 0}, {0xb0, 0xb1, "F>I", 0},
	{0xb2, 0xb3, "i>f", 0}, {0xb4, 0xb5, "I>f", 0}, {0xb6, 0xb6, "F>f", 0},
	{0xb7, 0xb8, "i>F", 0}, {0xb9, 0xba, "I>F", 0}, {0xbb, 0xbb, "f>F", 0},
	{0xbc, 0xbc, "f>i", 0}, {0xbd, 0xbd, "F>I", 0}, {0xbe, 0xbe, "i>f", 0}, {0xbf, 0xbf, "I>F", 0},
	{0xc0, 0xc1, "i>i", 0}, {0xc2, 0xc4, "I>I", 0},

	{0xfc0000, 0xfc0001, "f>i", 0}, {0xfc0002, 0xfc0003, "F>i", 0}, {0xfc0004, 0xfc0005, "f>I", 0}, {0xfc0006, 0xfc0007, "F>I", 0},
	{0xfc0013, 0xfc0014, "IIII>II", 0}, {0xfc0015, 0xfc0016, "II>II", 0},

	{0xfd0000, 0xfd0000, "a>v", 4}, {0xfd0001, 0xfd0006, "a>v", 3},
	{0xfd0007, 0xfd0007, "a>v", 0}, {0xfd0008, 0xfd0008, "a>v", 1}, {0xfd0009, 0xfd0009, "a>v", 2}, {0xfd000a, 0xfd000a, "a>v", 3},
	{0xfd000b, 0xfd000b, "av>", 4}, {0xfd000c, 0xfd000c, ">v", 0}, {0xfd000d, 0xfd000e, "vv>v", 0},
	{0xfd000f, 0xfd0011, "i>v", 0}, {0xfd0012, 0xfd0012, "I>v", 0}, {0xfd0013, 0xfd0013, "f>v", 0}, {0xfd0014, 0xfd0014, "F>v", 0},
	{0xfd0015, 0xfd0016, "v>i", 0}, {0xfd0017, 0xfd0017, "vi>v", 0}, {0xfd0018, 0xfd0019, "v>i", 0}, {0xfd001a, 0xfd001a, "vi>v", 0},
	{0xfd001b, 0xfd001b, "v>i", 0}, {0xfd001c, 0xfd001c, "vi>v", 0}, {0xfd001d, 0xfd001d, "v>I", 0}, {0xfd001e, 0xfd001e, "vI>v", 0},
	{0xfd001f, 0xfd001f, "v>f", 0}, {0xfd0020, 0xfd0020, "vf>v", 0}, {0xfd0021, 0xfd0021, "v>F", 0}, {0xfd0022, 0xfd0022, "vF>v", 0},
	{0xfd0023, 0xfd004c, "vv>v", 0}, {0xfd004d, 0xfd004d, "v>v", 0}, {0xfd004e, 0xfd0051, "vv>v", 0},
	{0xfd0052, 0xfd0052, "vvv>v", 0}, {0xfd0053, 0xfd0053, "v>i", 0},
	{0xfd0054, 0xfd0054, "av>v", 0}, {0xfd0055, 0xfd0055, "av>v", 1}, {0xfd0056, 0xfd0056, "av>v", 2}, {0xfd0057, 0xfd0057, "av>v", 3},
	{0xfd0058, 0xfd0058, "av>", 0}, {0xfd0059, 0xfd0059, "av>", 1}, {0xfd005a, 0xfd005a, "av>", 2}, {0xfd005b, 0xfd005b, "av>", 3},
	{0xfd005c, 0xfd005c, "a>v", 2}, {0xfd005d, 0xfd005d, "a>v", 3},
	{0xfd005e, 0xfd0062, "v>v", 0}, {0xfd0063, 0xfd0064, "v>i", 0}, {0xfd0065, 0xfd0066, "vv>v", 0}, {0xfd0067, 0xfd006a, "v>v", 0},
	{0xfd006b, 0xfd006d, "vi>v", 0}, {0xfd006e, 0xfd0073, "vv>v", 0}, {0xfd0074, 0xfd0075, "v>v", 0}, {0xfd0076, 0xfd0079, "vv>v", 0},
	{0xfd007a, 0xfd007a, "v>v", 0}, {0xfd007b, 0xfd007b, "vv>v", 0}, {0xfd007c, 0xfd0081, "v>v", 0}, {0xfd0082, 0xfd0082, "vv>v", 0},
	{0xfd0083, 0xfd0084, "v>i", 0}, {0xfd0085, 0xfd0086, "vv>v", 0}, {0xfd0087, 0xfd008a, "v>v", 0}, {0xfd008b, 0xfd008d, "vi>v", 0},
	{0xfd008e, 0xfd0093, "vv>v", 0}, {0xfd0094, 0xfd0094, "v>v", 0}, {0xfd0095, 0xfd009f, "vv>v", 0},
	{0xfd00a0, 0xfd00a1, "v>v", 0}, {0xfd00a3, 0xfd00a4, "v>i", 0}, {0xfd00a7, 0xfd00aa, "v>v", 0}, {0xfd00ab, 0xfd00ad, "vi>v", 0},
	{0xfd00ae, 0xfd00bf, "vv>v", 0},
	{0xfd00c0, 0xfd00c1, "v>v", 0}, {0xfd00c3, 0xfd00c4, "v>i", 0}, {0xfd00c7, 0xfd00ca, "v>v", 0}, {0xfd00cb, 0xfd00cd, "vi>v", 0},
	{0xfd00ce, 0xfd00df, "vv>v", 0},
	{0xfd00e0, 0xfd00e3, "v>v", 0}, {0xfd00e4, 0xfd00eb, "vv>v", 0}, {0xfd00ec, 0xfd00ef, "v>v", 0}, {0xfd00f0, 0xfd00f7, "vv>v", 0},
	{0xfd00f8, 0xfd00ff, "v>v", 0}, {0xfd0100, 0xfd0100, "vv>v", 0}, {0xfd0101, 0xfd0104, "v>v", 0}, {0xfd0105, 0xfd010c, "vvv>v", 0},
	{0xfd010d, 0xfd0112, "vv>v", 0}, {0xfd0113, 0xfd0113, "vvv>v", 0},

	{0xfe0000, 0xfe0000, "ai>i", 2}, {0xfe0001, 0xfe0001, "aiI>i", 2}, {0xfe0002, 0xfe0002, "aII>i", 3}, {0xfe0003, 0xfe0003, ">", 0},
}

// atomicRuns are the signatures of atomic accesses, in which T is the type of the
// value; every operation has the seven forms of atomicForms in a row.
var atomicRuns = []struct {
	first Opcode
	sig   [2]string // of i32 and of i64
	count Opcode    // of operations
}{
	{0xfe0010, [2]string{"a>i", "a>I"}, 1},
	{0xfe0017, [2]string{"ai>", "aI>"}, 1},
	{0xfe001e, [2]string{"ai>i", "aI>I"}, 6},
	{0xfe0048, [2]string{"aii>i", "aII>I"}, 1},
}

var atomicForms = [...]struct{ type64, width uint8 }{{0, 2}, {1, 3}, {0, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 2}}

func fillSignatures() {
	for _, r := range sigRuns {
		r.fill()
	}
	for _, r := range atomicRuns {
		for i := range r.count * Opcode(len(atomicForms)) {
			f := atomicForms[i%Opcode(len(atomicForms))]
			sigRun{r.first + i, r.first + i, r.sig[f.type64], f.width}.fill()
		}
	}
}
