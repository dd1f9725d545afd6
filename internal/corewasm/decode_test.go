package corewasm

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gondola-wasm/gondola/internal/testenv"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const header = "0061736d 01000000 "

var badModules = []struct{ name, hex, err string }{
	{"empty", "", "offset 0x0: magic header not detected"},
	{"version", "0061736d 02000000", "offset 0x4: unknown binary version"},
	{"component", "0061736d 0d000100", "offset 0x4: this is a component, not a core module"},
	{"section id", header + "0e 00", "offset 0x8: malformed section id 14"},
	{"section size", header + "01 05 00", "offset 0x9: unexpected end: a section of 5 bytes"},
	{"size cut", header + "01 80", "offset 0xa: unexpected end in a 32-bit integer"},
	{"left over", header + "01 02 00 00", "offset 0xb: type section: section size mismatch: 1 bytes are left over"},
	{"order", header + "03 01 00 01 01 00", "offset 0xb: type section: unexpected content after last section"},
	{"twice", header + "01 01 00 01 01 00", "offset 0xb: type section: unexpected content"},
	{"count", header + "01 05 ffffffff0f", "offset 0xa: type section: 4294967295 types, at most 1000000"},
	{"count beyond bytes", header + "01 03 c0843d", "offset 0xa: type section: unexpected end: 1000000 types announced, 0 bytes left"},
	{"struct", header + "01 03 01 5f 00", "type section: struct type: garbage-collected types are not supported"},
	{"val type", header + "01 05 01 60 01 40 00", "offset 0xd: type section: malformed value type 0x40"},
	{"anyref", header + "01 05 01 60 01 6e 00", "type section: value type anyref: garbage-collected"},
	{"utf8", header + "02 07 01 02 ffff 00 00 00", "offset 0xb: import section: malformed UTF-8"},
	{"import kind", header + "02 05 01 00 00 05 00", "offset 0xd: import section: malformed import kind 0x5"},
	{"limits", header + "05 04 01 01 02 01", "offset 0xb: memory 0: size minimum must not be greater than maximum"},
	{"memory64", header + "05 03 01 04 00", "memory section: 64-bit memories are not supported"},
	{"pages", header + "05 05 01 00 818004", "offset 0xb: memory 0: memory size must be at most 65536 pages"},
	{"shared", header + "05 03 01 02 00", "offset 0xb: memory 0: shared memory must have maximum"},
	{"table size", header + "04 07 01 70 00 81ade204", "table section: table of 10000001 entries"},
	{"export twice", header + "05 03 01 00 00 07 09 02 01 61 02 00 01 61 02 00", "offset 0x14: export 1: duplicate export name \"a\""},
	{"const", header + "06 06 01 7f 00 10 00 0b", "offset 0xd: global 0: constant expression required: call is not allowed"},
	{"const cut", header + "06 05 01 7f 00 41 00", "offset 0xf: global section: unexpected end of a constant expression"},
	{"functions without code", header + "01 04 01 60 00 00 03 02 01 00", "offset 0x12: function and code section have inconsistent lengths"},
	{"body cut", header + "01 04 01 60 00 00 03 02 01 00 0a 04 01 7f 00 0b", "offset 0x16: code section: unexpected end: 127 bytes expected, 2 left"},
	{"data count", header + "0c 01 01 0b 01 00", "offset 0xe: data count and data section have inconsistent lengths"},
	{"data flags", header + "0b 03 01 03 00", "offset 0xb: data section: malformed data segment flags 3"},
	{"element flags", header + "09 03 01 08 00", "offset 0xb: element section: malformed element segment flags 8"},
}

func TestRefusedModules(t *testing.T) {
	for _, tt := range badModules {
		m, err := Decode(unhex(t, tt.hex))
		if err == nil {
			_, err = Rewrite(m, RewriteOptions{})
		}
		if err == nil || !strings.HasPrefix(err.Error(), "core module: "+tt.err) {
			t.Errorf("%s: error %v, want %s", tt.name, err, tt.err)
		}
		if e := (*Error)(nil); err != nil && !errors.As(err, &e) {
			t.Errorf("%s: %T is no *Error", tt.name, err)
		}
	}
}

// bodyModule is a module with one function of type [i32]->[], a memory, a table,
// a tag, a global and the body that is given in hex.
func bodyModule(t testing.TB, body string) []byte {
	b := NewBuilder()
	typ := b.AddType([]ValType{I32}, nil)
	b.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 1}})
	b.AddMemory(MemoryType{Limits: Limits{Min: 1}})
	b.AddTag(typ)
	b.AddGlobal(GlobalType{Type: I32, Mutable: true}, ConstI32(0))
	f := b.DeclareFunc(typ)
	m := b.Module()
	m.Functions[f].Body = unhex(t, body)
	return m.Encode()
}

var badBodies = []struct{ name, body, err string }{
	{"no end", "00", "unexpected end: 1 blocks are open"},
	{"open block", "00 02 40 0b", "unexpected end: 1 blocks are open"},
	{"after end", "00 0b 0b", "operators remaining after the end of the function"},
	{"else", "00 05 0b", "else without an if"},
	{"else twice", "00 41 00 04 40 05 05 0b 0b", "else without an if"},
	{"illegal", "00 27 0b", "illegal opcode 0x27"},
	{"illegal prefixed", "00 fc 20 0b", "illegal opcode 0xfc 0x20"},
	{"prefix too long", "00 fd ffffffffff 0b", "integer representation too long"},
	{"local", "00 20 01 0b", "unknown local 1 in local.get: there are 1"},
	{"label", "00 0c 01 0b", "unknown label 1 in br: there are 1"},
	{"br_table", "00 41 00 0e 01 00 05 0b", "unknown label 5 in br_table: there are 1"},
	{"br_table count", "00 0e ffffffff0f 0b", "4294967295 br_table labels"},
	{"func", "00 10 01 0b", "unknown function 1 in call: there are 1"},
	{"global", "00 23 01 0b", "unknown global 1 in global.get: there are 1"},
	{"table", "00 25 01 0b", "unknown table 1 in table.get: there are 1"},
	{"type", "00 14 03 0b", "unknown type 3 in call_ref: there are 1"},
	{"memory", "00 28 42 01 00 0b", "unknown memory 1 in i32.load: there are 1"},
	{"memarg", "00 28 20 00 0b", "malformed memop flags 0x20"},
	{"data count", "00 fc 09 00 0b", "data count section required by data.drop"},
	{"block type", "00 02 05 0b 0b", "unknown type 5 in block: there are 1"},
	{"tag", "00 08 01 0b", "unknown tag 1 in throw: there are 1"},
	{"catch", "00 1f 40 01 04 00 0b 0b", "malformed catch clause 0x4"},
	{"catch label", "00 1f 40 01 02 01 0b 0b", "unknown label 1 in try_table: there are 1"},
	{"locals", "01 d18603 7f 0b", "too many locals: at most 50000"},
	{"local type", "01 01 63 05 0b", "unknown type 5"},
	{"locals overflow", "02 ffffffff0f 7f ffffffff0f 7f 0b", "too many locals"},
	{"select", "00 1c 00 0b", "invalid result arity"},
}

func TestValidateRefusesBodies(t *testing.T) {
	for _, tt := range badBodies {
		bin := bodyModule(t, tt.body)
		m, err := Decode(bin)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		err = m.Validate()
		if err == nil || !strings.Contains(err.Error(), "function 0: "+tt.err) {
			t.Errorf("%s: error %v, want %s", tt.name, err, tt.err)
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Offset < m.Functions[0].Offset || e.Offset > len(bin) {
			t.Errorf("%s: the offset is not in the body, which is at %#x: %v", tt.name, m.Functions[0].Offset, err)
		}
	}
}

// TestUnsupportedBodies: what the engine can't run is refused by name when it is
// to be rewritten.
func TestUnsupportedBodies(t *testing.T) {
	for _, tt := range []struct{ body, feature, err string }{
		{"00 d0 71 1a 0b", "garbage collection", "value type nullref: garbage-collected types are not supported"},
		{"00 41 00 fb 1c 1a 0b", "garbage collection", "ref.i31: garbage-collection instructions are not supported"},
		{"00 06 40 0b 0b", "legacy exception handling", "try: legacy exception handling is not supported; compile for try_table"},
		{"00 42 00 42 00 fc 15 1a 1a 0b", "wide arithmetic", "i64.mul_wide_s: wide arithmetic is not supported"},
		{"01 01 6c 0b", "garbage collection", "value type i31ref: garbage-collected types are not supported"},
	} {
		m, err := Decode(bodyModule(t, tt.body))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Validate(); err != nil && tt.feature != featureLegacyEH {
			t.Errorf("%s: %v", tt.body, err)
		}
		var u *UnsupportedError
		if _, err = Rewrite(m, RewriteOptions{}); !errors.As(err, &u) || u.Feature != tt.feature || !strings.Contains(u.Error(), tt.err) {
			t.Errorf("%s: got %v", tt.body, err)
		}
	}
}

var sameModule = cmp.Options{
	cmpopts.IgnoreFields(Function{}, "Offset"),
	cmpopts.IgnoreUnexported(Module{}),
	cmpopts.EquateEmpty(),
}

func TestDecodeEncodeIsStable(t *testing.T) {
	want := kitchenSink()
	bin := want.Encode()
	got, err := Decode(bin)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameModule); diff != "" {
		t.Errorf("decoding what was encoded (-want +got):\n%s", diff)
	}
	if again := got.Encode(); string(again) != string(bin) {
		t.Error("encoding again gives other bytes")
	}
}

func TestIndexSpaces(t *testing.T) {
	m, err := Decode(runnableSink().Encode())
	if err != nil {
		t.Fatal(err)
	}
	f0, _ := m.FuncType(0)
	f2, _ := m.FuncType(2)
	t1, _ := m.TableType(1)
	m1, _ := m.MemoryType(1)
	g2, _ := m.GlobalType(2)
	got := []string{f0.String(), f2.String(), t1.Elem.String(), g2.Type.String()}
	want := []string{
		"(param i32 i64) (result f32 f64)",
		"(param (ref null 0) (ref 0) externref (ref func) v128 exnref)", "funcref", "(ref func)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if m1.Shared || m.Count(KindTag) != 2 || m.NumImported(KindFunc) != 1 {
		t.Error("counts are wrong")
	}
	if _, ok := m.FuncType(3); ok {
		t.Error("there is no function 3")
	}
	if n := m.Names(); n.Module != "m" || n.FuncName(2) != "g" || n.FuncName(7) != "func[7]" {
		t.Errorf("names: %+v", n)
	}
}

// TestHostileBytes cuts and damages a module everywhere: errors are fine, panics
// and offsets outside the module are not.
func TestHostileBytes(t *testing.T) {
	bin := kitchenSink().Encode()
	rnd := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	for i := range bin {
		tryHostile(t, bin[:i])
	}
	for range 20_000 {
		b := append([]byte(nil), bin...)
		for range 1 + rnd.IntN(3) {
			b[rnd.IntN(len(b))] = byte(rnd.Uint32())
		}
		tryHostile(t, b)
	}
}

func tryHostile(t *testing.T, b []byte) {
	m, err := Decode(b)
	if err == nil {
		err = m.Validate()
	}
	var e *Error
	if errors.As(err, &e) && e.Offset > len(b) {
		t.Errorf("offset %#x is beyond the module's %#x bytes: %v", e.Offset, len(b), err)
	}
}

// FuzzDecodeValidate: nothing crashes; what is encoded decodes to the same; and what is
// valid stays so with its bodies encoded anew, instruction by instruction.
func FuzzDecodeValidate(f *testing.F) {
	f.Add(kitchenSink().Encode())
	for _, tt := range badModules {
		f.Add(unhex(f, tt.hex))
	}
	for _, tt := range badBodies {
		f.Add(bodyModule(f, tt.body))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			return
		}
		m.Names()
		if !tooManyLocals(m) && m.Validate() == nil {
			shortened := *m
			shortened.Functions = slices.Clone(m.Functions)
			canonicalBodies(&shortened)
			if err := shortened.Validate(); err != nil {
				t.Errorf("encoded anew: %v", err)
			}
		}
		again, err := Decode(m.Encode())
		if err != nil {
			t.Fatalf("what was encoded does not decode: %v", err)
		}
		if diff := cmp.Diff(m, again, sameModule); diff != "" {
			t.Errorf("decode, encode, decode (-first +second):\n%s", diff)
		}
	})
}

func TestGroups(t *testing.T) {
	for _, b := range []string{"\x60\x01\x7f\x00", "\x5f\x02\x78\x01\x7f\x00", "\x50\x01\x03\x5e\x6e\x01", "\x4e\x02\x50\x00\x60\x00\x00\x4f\x01\x00\x60\x00\x00"} {
		types, err := DecodeGroup([]byte(b))
		if err != nil {
			t.Errorf("% x: %v", b, err)
			continue
		}
		if got := AppendGroup(nil, types); string(got) != b {
			t.Errorf("% x comes back as % x", b, got)
		}
	}
	for _, b := range []string{"", "\x60\x01", "\x60\x00\x00\x00", "\x00"} {
		if _, err := DecodeGroup([]byte(b)); err == nil {
			t.Errorf("% x: no error", b)
		}
	}
}
