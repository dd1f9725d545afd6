package binary

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/types"
)

// withoutOffsets leaves offsets out of comparisons, and tells nil slices from
// empty ones no more than the format does.
var withoutOffsets = cmp.Options{
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[component.Offset]() }, cmp.Ignore()),
	cmp.FilterValues(func(a, b []component.Definition) bool { return len(a) == 0 && len(b) == 0 }, cmp.Ignore()),
}

func TestEverythingComesBack(t *testing.T) {
	want := everything()
	b := Encode(want)
	got, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, withoutOffsets); diff != "" {
		t.Errorf("decoding what was encoded (-want +got):\n%s", diff)
	}
	if !bytes.Equal(Encode(got), b) {
		t.Error("encoding again gives other bytes")
	}
}

// The bytes are written by hand after Binary.md.
func TestEncoding(t *testing.T) {
	const preamble = "0061736d 0d000100 "
	u32 := component.Prim(types.KindU32)
	for name, c := range map[string]struct {
		def  component.Definition
		want string
	}{
		"custom":        {&component.Custom{Name: "hi", Data: []byte{9}}, "00 04 02 6869 09"},
		"core module":   {&component.CoreModule{Bytes: module}, "01 08 0061736d 01000000"},
		"component":     {&component.Component{}, "04 08 0061736d 0d000100"},
		"instantiate":   {&component.CoreInstance{Expr: &component.CoreInstantiate{Module: 2, Args: []component.CoreInstantiateArg{{Name: "a", Instance: 1}}}}, "02 08 01 00 02 01 01 61 12 01"},
		"func type":     {&component.Type{Def: &component.FuncType{Params: []component.LabelValType{{Name: "x", Type: u32}}, Result: &u32}}, "07 08 01 40 01 01 78 79 00 79"},
		"async no res":  {&component.Type{Def: &component.FuncType{Async: true}}, "07 05 01 43 00 01 00"},
		"type index 64": {&component.Type{Def: &component.OptionType{Elem: component.TypeIndex(64)}}, "07 04 01 6b c0 00"},
		"case":          {&component.Type{Def: component.VariantType{{Name: "c", Type: &u32}}}, "07 08 01 71 01 01 63 01 79 00"},
		"lift": {&component.Canon{Op: component.CanonLift, Func: 3, Type: 5, Options: []component.CanonOption{{Kind: component.OptionMemory, Index: 1}, {Kind: component.OptionAsync}}},
			"08 09 01 00 00 03 02 03 01 06 05"},
		"task.return":  {&component.Canon{Op: component.CanonTaskReturn, Result: &u32}, "08 05 01 09 00 79 00"},
		"cancel-read":  {&component.Canon{Op: component.CanonStreamCancelRead, Type: 2, Async: true}, "08 04 01 11 02 01"},
		"wait":         {&component.Canon{Op: component.CanonWaitableSetWait, Memory: 4}, "08 04 01 20 00 04"},
		"context.get":  {&component.Canon{Op: component.CanonContextGet, Context: component.I32, Slot: 1}, "08 04 01 0a 7f 01"},
		"sub resource": {&component.Import{Name: component.Named("r"), Type: &component.TypeExtern{}}, "0a 06 01 00 01 72 03 01"},
		"export":       {&component.Export{Name: component.Named("f"), Def: component.SortIndex{Sort: component.SortFunc, Index: 2}}, "0b 07 01 00 01 66 01 02 00"},
		"alias outer":  {&component.Alias{Sort: component.SortCoreType, Target: &component.AliasOuter{Count: 1, Index: 2}}, "06 06 01 00 10 02 01 02"},
	} {
		var m component.Component
		m.Append(c.def)
		want, err := hex.DecodeString(strings.ReplaceAll(preamble+c.want, " ", ""))
		if err != nil {
			t.Fatal(name, err)
		}
		if got := Encode(&m); !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %x\nwant %x", name, got, want)
		}
	}
}

func TestOffsets(t *testing.T) {
	var b component.Builder
	b.Add(&component.Custom{Name: "x"})
	b.Add(&component.Type{Def: component.PrimType(types.KindU8)})
	b.Add(&component.Type{Def: component.RecordType{{Name: "a", Type: component.TypeIndex(0)}}})
	c, err := Decode(Encode(b.Component()))
	if err != nil {
		t.Fatal(err)
	}
	rec := c.Sections[1].Definitions[1].(*component.Type)
	if c.Sections[1].At != 12 || rec.At != 16 || rec.Def.(component.RecordType)[0].At != 18 {
		t.Errorf("offsets %d, %d, %d; want 12, 16, 18", c.Sections[1].At, rec.At, rec.Def.(component.RecordType)[0].At)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "offset 0x0: this is no WebAssembly",
		"7f454c46":                        "offset 0x0: this is no WebAssembly",
		"0061736d":                        "offset 0x0: unexpected end in the first 8 bytes",
		"0061736d01000000":                "offset 0x0: this is a core module, not a component",
		"0061736d0e000100":                "offset 0x4: unknown binary version and layer [0e 00 01 00]",
		"0061736d0d000100 0d00":           "offset 0x8: there is no section with id 13",
		"0061736d0d000100 0705":           "offset 0xa: the type section is 5 bytes long, but 0 are left",
		"0061736d0d000100 0701ff":         "offset 0xb: unexpected end where the number of type definitions was expected",
		"0061736d0d000100 07017f":         "offset 0xa: there cannot be 127 type definitions in the 0 bytes that are left",
		"0061736d0d000100 07020162":       "type[0] at offset 0xb: there is no type 0x62",
		"0061736d0d000100 0703017d00":     "offset 0xc: the type section ends here, but its size says that 1 more bytes belong to it",
		"0061736d0d000100 0a0401000161":   `import["a"] at offset 0xe: unexpected end where the type of an import or export was expected`,
		"0061736d0d000100 0b050100017800": `export["x"] at offset 0xf: unexpected end where a core sort was expected`,
		"0061736d0d000100 0a05010001ff00": "import[0] at offset 0xd: a name is not valid UTF-8",
		"0061736d0d000100 0408 0061736d0d000100 040d 0061736d0d000100 0703017d72": `component[1] at offset 0x20: the type section ends here`,
		"0061736d0d000100 040e 0061736d0d000100 0704027d7241":                     `component[0].type[1] at offset 0x17: there cannot be 65 fields in the 0 bytes that are left`,
		"0061736d0d000100 0707 01 41 02 01 7d 01 62":                              "type[0].type[1] at offset 0x10: there is no type 0x62",
		"0061736d0d000100 080301050f":                                             "offset 0xc: the canon section ends here",
		"0061736d0d000100 06050105020000":                                         "alias[0] at offset 0xb: there is no outer alias of an instance",
		"0061736d0d000100 08020107":                                               "canon[0] at offset 0xb: there is no canonical definition 0x07",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(in, " ", ""))
		if err != nil {
			t.Fatal(in, err)
		}
		_, err = Decode(b)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", in, err, want)
		}
	}
}

func nested(n int) *component.Component {
	c := &component.Component{}
	for range n - 1 {
		outer := &component.Component{}
		outer.Append(c)
		c = outer
	}
	return c
}

func nestedTypes(n int) *component.Component {
	t := component.DefType(component.InstanceType{})
	for range n - 2 {
		t = component.ComponentType{&component.Type{Def: t}}
	}
	c := &component.Component{}
	c.Append(&component.Type{Def: t})
	return c
}

func TestNestingIsBounded(t *testing.T) {
	for _, make := range []func(int) *component.Component{nested, nestedTypes} {
		if _, err := Decode(Encode(make(MaxNesting))); err != nil {
			t.Error(err)
		}
		if _, err := Decode(Encode(make(MaxNesting + 1))); err == nil || !strings.Contains(err.Error(), "nest deeper than 100 levels") {
			t.Error("too deep, but:", err)
		}
	}
}

func TestDefinitionsAreBounded(t *testing.T) {
	var c component.Component
	d := &component.Canon{Op: component.CanonTaskCancel}
	for range MaxDefinitions + 1 {
		c.Append(d)
	}
	if _, err := Decode(Encode(&c)); err == nil || !strings.Contains(err.Error(), "more than 500000 definitions") {
		t.Error(err)
	}
}

// A count that promises more than the bytes hold must not cost memory.
func TestCountsCostNothing(t *testing.T) {
	const size = 4 << 20
	var w writer
	w.byte(preamble...)
	w.byte(byte(component.SectionImport))
	w.u32(size)
	w.u32(size - 16) // imports, the first of which is none
	b := append(w.b, make([]byte, size-4)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Decode(b)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "import[0]") {
		t.Error(err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("rejecting %d bytes took %d bytes of memory", len(b), used)
	}
}

func TestEncodePanicsOnModelsThatCannotBeWritten(t *testing.T) {
	for name, s := range map[string]component.Section{
		"two modules in a section": {ID: component.SectionCoreModule, Definitions: []component.Definition{&component.CoreModule{}, &component.CoreModule{}}},
		"a type among imports":     {ID: component.SectionImport, Definitions: []component.Definition{&component.Type{}}},
		"no type":                  {ID: component.SectionType, Definitions: []component.Definition{&component.Type{}}},
		"no target":                {ID: component.SectionAlias, Definitions: []component.Definition{&component.Alias{}}},
		"no such canon":            {ID: component.SectionCanon, Definitions: []component.Definition{&component.Canon{Op: 7}}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			Encode(&component.Component{Sections: []component.Section{s}})
		}()
	}
}

// Whatever decodes must encode to something that decodes to the same.
func checkBytes(t *testing.T, b []byte) {
	c, err := Decode(b)
	if err != nil {
		if _, ok := err.(*component.Error); !ok {
			t.Fatalf("the error is a %T: %v", err, err)
		}
		return
	}
	again := Encode(c)
	c2, err := Decode(again)
	if err != nil {
		t.Fatalf("encoding what was decoded from %x does not decode: %v", b, err)
	}
	if diff := cmp.Diff(c, c2, withoutOffsets); diff != "" {
		t.Fatalf("%x comes back changed:\n%s", b, diff)
	}
}

func TestMutations(t *testing.T) {
	r := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	src := Encode(everything())
	for range testenv.Number(t, testenv.Mutants, 1000) {
		b := bytes.Clone(src)
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] = byte(r.IntN(256))
		}
		checkBytes(t, b)
	}
	for n := range src {
		if _, err := Decode(src[:n]); err != nil && err.Error() == "" {
			t.Errorf("cut off after %d bytes: an empty message", n)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(Encode(everything()))
	f.Add(Encode(nested(3)))
	f.Add(Encode(nestedTypes(5)))
	f.Fuzz(func(t *testing.T, b []byte) { checkBytes(t, b) })
}

func TestNames(t *testing.T) {
	want := &component.Names{Component: "c", Sorts: []component.SortNames{
		{Sort: component.SortCoreModule, Names: []component.IndexName{{Index: 0, Name: "main"}, {Index: 200, Name: ""}}},
		{Sort: component.SortInstance, Names: []component.IndexName{{Index: 1, Name: "i"}}},
	}}
	b := EncodeNames(want)
	if got := hex.EncodeToString(b); got != "000201630"+"10c0011020004"+"6d61696ec80100"+"01050501010169" {
		t.Errorf("encoded as %s", got)
	}
	got, err := DecodeNames(append(b, 0x07, 0x01, 0xff)) // and a subsection of the future
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if m := got.Map(component.SortCoreModule); m[0] != "main" || len(m) != 2 {
		t.Error(m)
	}
	if _, err := DecodeNames(b[:5]); err == nil {
		t.Error("cut off names decode")
	}
}
