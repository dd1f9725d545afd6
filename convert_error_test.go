package gondola

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

type (
	lacking struct {
		Name  string
		Tags  []string
		Extra int
		More  bool
	}
	twice struct {
		Name  string
		Other string `wit:"name"`
	}
	hidden struct {
		name string `wit:"name"`
	}

	oneCase    interface{ WITCases(struct{ Circle circle }) }
	filled     interface{ WITCases(filledCases) }
	payloads   interface{ WITCases(payloadCases) }
	foreign    interface{ WITCases(foreignCases) }
	sameCases  interface{ WITCases(sameCasesOf) }
	noStruct   interface{ WITCases(numberCases) }
	notCases   interface{ WITCases(int) }
	badPayload interface{ WITCases(badPayloadCases) }

	payloadCases struct{ A, B fieldless }
	filledCases  struct {
		A filler
		B full
	}
	foreignCases struct {
		A circle
		B fieldless
	}
	sameCasesOf     struct{ A, B same }
	numberCases     struct{ A, B number }
	badPayloadCases struct{ A, B wrong }

	tiny      int8
	fieldless struct{}
	same      struct{ V uint8 }
	full      struct{ V uint8 }
	filler    struct{ V uint8 }
	number    int
	wrong     struct{ V []string }
)

func (fieldless) WITCases(payloadCases) {}
func (full) WITCases(filledCases)       {}
func (filler) WITCases(filledCases)     {}
func (same) WITCases(sameCasesOf)       {}
func (number) WITCases(numberCases)     {}
func (wrong) WITCases(badPayloadCases)  {}
func (wrong) Error() string             { return "wrong" }
func (hidden) String() string           { return hidden{}.name }

func TestMatchErrors(t *testing.T) {
	name := types.Record(types.Field{Name: "name", Type: types.String})
	two := types.Variant(types.Case{Name: "a", Type: types.U8}, types.Case{Name: "b"})
	twoSame := types.Variant(types.Case{Name: "a", Type: types.U8}, types.Case{Name: "b", Type: types.U8})
	many := make([]string, 20)
	for i := range many {
		many[i] = "case-" + string(rune('a'+i))
	}
	crowd := make([]string, 129)
	for i := range crowd {
		crowd[i] = "c" + strconv.Itoa(i)
	}
	deep := types.U8
	for range 40 {
		deep = types.Tuple(deep, deep)
	}
	for _, c := range []struct {
		t    *types.Type
		gt   reflect.Type
		want string
	}{
		{types.String, reflect.TypeFor[int](), "string can't be used as Go int; use string"},
		{types.U32, reflect.TypeFor[int](), "u32 can't be used as Go int; use uint32"},
		{types.S64, reflect.TypeFor[int](), "s64 can't be used as Go int; use int64"},
		{types.Char, reflect.TypeFor[uint32](), "char can't be used as Go uint32; use rune"},
		{types.F32, reflect.TypeFor[float64](), "f32 can't be used as Go float64; use float32"},
		{types.Bool, reflect.TypeFor[any](), "bool can't be used as Go interface {}; use bool"},
		{types.List(types.U8), reflect.TypeFor[string](), "list<u8> can't be used as Go string; use []byte"},
		{types.List(types.String), reflect.TypeFor[[]int](), "[]: string can't be used as Go int; use string"},
		{types.List(types.String), reflect.TypeFor[[2]string](), "list<string> can't be used as Go [2]string; use []string"},
		{types.FixedList(types.U8, 2), reflect.TypeFor[[3]byte](), "list<u8, 2> can't be used as Go [3]uint8; use [2]byte"},
		{types.Map(types.String, types.U8), reflect.TypeFor[[]string](), "map<string, u8> can't be used as Go []string; use map[string]uint8"},
		{types.Map(types.String, types.U8), reflect.TypeFor[map[int]uint8](), "[key]: string can't be used as Go int; use string"},
		{types.Map(types.String, types.U8), reflect.TypeFor[map[string]int](), "[value]: u8 can't be used as Go int; use uint8"},
		{
			types.Map(types.String, types.U8), reflect.TypeFor[map[val.Value]uint8](),
			"map<string, u8> can't be used as Go map[val.Value]uint8: values of the key's type can't be compared with ==; use map[string]uint8",
		},
		{types.Option(types.String), reflect.TypeFor[string](), "option<string> can't be used as Go string; use *string"},
		{types.Option(types.Option(types.String)), reflect.TypeFor[*string](), ".some: option<string> can't be used as Go string; use *string"},
		{name, reflect.TypeFor[string](), "record { name: string } can't be used as Go string; use struct{ Name string }"},
		{
			personType, reflect.TypeFor[lacking](),
			"record { name: string, home-page-url: option<string>, tags: list<string> } can't be used as Go gondola.lacking: " +
				"it lacks HomePageURL for home-page-url; it has Extra, More, which nothing stands for; use struct{ Name string; HomePageURL *string; Tags []string }",
		},
		{
			name, reflect.TypeFor[twice](),
			"record { name: string } can't be used as Go gondola.twice: the fields Name and Other are both name; use struct{ Name string }",
		},
		{
			name, reflect.TypeFor[hidden](),
			"record { name: string } can't be used as Go gondola.hidden: the field name has a tag but is not exported; use struct{ Name string }",
		},
		{
			types.Record(types.Field{Name: "list", Type: types.List(types.Tuple(types.String, types.U8))}), reflect.TypeFor[struct{ List []struct{ F0, F1 string } }](),
			".list[].1: u8 can't be used as Go string; use uint8",
		},
		{
			pairType, reflect.TypeFor[struct{ A, B string }](),
			"tuple<string, u8> can't be used as Go struct { A string; B string }: it lacks F0 for 0, F1 for 1; it has A, B, which nothing stands for; use struct{ F0 string; F1 uint8 }",
		},
		{
			// A recursive Go type has no end, a component type has.
			types.Record(types.Field{Name: "value", Type: types.U32}, types.Field{Name: "next", Type: types.Option(types.Record(types.Field{Name: "value", Type: types.U32}))}),
			reflect.TypeFor[node](),
			".next.some: record { value: u32 } can't be used as Go gondola.node: it has Next, which nothing stands for; use struct{ Value uint32 }",
		},
		{colorType, reflect.TypeFor[uint8](), "enum { red, green, blue } can't be used as Go uint8; use string"},
		{types.Enum(many...), reflect.TypeFor[perms](), ""},
		{
			types.Enum(crowd...), reflect.TypeFor[tiny](),
			"enum { c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23, c24… can't be used as Go gondola.tiny: it has no room for 129 cases; use string",
		},
		{
			permsType, reflect.TypeFor[level](),
			"flags { read, write, run } can't be used as Go gondola.level; use uint8",
		},
		{
			types.Flags(many...), reflect.TypeFor[uint8](),
			"flags { " + strings.Join(many[:14], ", ") + ", … can't be used as Go uint8: it has no room for 20 flags; use uint32",
		},
		{shapeType, reflect.TypeFor[any](), "variant { circle(f64), point, poly-line(list<tuple<string, u8>>) } can't be used as Go interface {}: it lists no cases as gondola.Variant says; use val.Value"},
		{two, reflect.TypeFor[notCases](), "variant { a(u8), b } can't be used as Go gondola.notCases: it lists no cases as gondola.Variant says; use val.Value"},
		{
			types.Variant(types.Case{Name: "circle", Type: types.F64}, types.Case{Name: "point"}), reflect.TypeFor[oneCase](),
			"variant { circle(f64), point } can't be used as Go gondola.oneCase: of struct { Circle gondola.circle }: it lacks Point for point; use val.Value",
		},
		{
			shapeType, reflect.TypeFor[circle](),
			"variant { circle(f64), point, poly-line(list<tuple<string, u8>>) } can't be used as Go gondola.circle: it is one case; the interface of all cases is needed; use val.Value",
		},
		{
			two, reflect.TypeFor[payloads](),
			"variant { a(u8), b } can't be used as Go gondola.payloads: gondola.fieldless, its type for a, has 0 exported fields and should have one, for the payload, which is uint8 in Go; use val.Value",
		},
		{
			two, reflect.TypeFor[filled](),
			"variant { a(u8), b } can't be used as Go gondola.filled: gondola.full, its type for b, has a field, but the case has no payload; use val.Value",
		},
		{two, reflect.TypeFor[foreign](), "variant { a(u8), b } can't be used as Go gondola.foreign: gondola.circle, its type for a, does not implement it; use val.Value"},
		{twoSame, reflect.TypeFor[sameCases](), "variant { a(u8), b(u8) } can't be used as Go gondola.sameCases: gondola.same, its type for b, is the type of a too; use val.Value"},
		{two, reflect.TypeFor[sameCases](), "variant { a(u8), b } can't be used as Go gondola.sameCases: gondola.same, its type for b, is the type of a too; use val.Value"},
		{two, reflect.TypeFor[noStruct](), "variant { a(u8), b } can't be used as Go gondola.noStruct: gondola.number, its type for a, is no struct; use val.Value"},
		{two, reflect.TypeFor[badPayload](), ".a: u8 can't be used as Go []string; use uint8"},
		{types.Result(types.U8, nil), reflect.TypeFor[uint8](), "result<u8> can't be used as Go uint8; use gondola.Result[uint8, struct{}]"},
		{types.Result(types.U8, nil), reflect.TypeFor[Result[uint8, string]](), ".error: no value can't be used as Go string; use struct{}"},
		{types.Result(types.U8, nil), reflect.TypeFor[Result[string, struct{}]](), ".ok: u8 can't be used as Go string; use uint8"},
		{types.Result(types.U8, nil), reflect.TypeFor[struct{ *Result[uint8, struct{}] }](), "result<u8> can't be used as Go struct { *gondola.Result[uint8,struct {}] }; use gondola.Result[uint8, struct{}]"},
		{types.Own(types.NewResource("r", -1)), reflect.TypeFor[int](), "own<r> can't be used as Go int: a handle needs a runtime; use val.Value"},
	} {
		_, err := newCodec(c.gt, c.t, nil)
		if got := errText(err); got != c.want {
			t.Errorf("%v as %v:\n got %s\nwant %s", c.t, c.gt, got, c.want)
		}
	}
	if _, err := newCodec(reflect.TypeFor[int](), deep, nil); err == nil || len(err.Error()) > 1000 {
		t.Errorf("an error with a huge type has %d bytes", len(errText(err)))
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestValueErrors(t *testing.T) {
	type record struct {
		Name string
		List []rune
	}
	recordType := types.Record(types.Field{Name: "name", Type: types.String}, types.Field{Name: "list", Type: types.List(types.Char)})
	for _, c := range []struct {
		t    *types.Type
		g    any
		want string
	}{
		{types.String, "\xff", "v: got a string that is not valid UTF-8, want string"},
		{types.Char, rune(0xD800), "v: got U+D800, which is no Unicode scalar value, want char"},
		{types.Char, rune(-1), "v: got U+FFFFFFFF, which is no Unicode scalar value, want char"},
		{recordType, record{"x", []rune{'a', 0x110000}}, "v.list[1]: got U+110000, which is no Unicode scalar value, want char"},
		{types.FixedList(types.U8, 2), []byte{1}, "v: got a list of 1, want list<u8, 2>"},
		{types.FixedList(types.U16, 2), []uint16{1, 2, 3}, "v: got a list of 3, want list<u16, 2>"},
		{types.Map(types.String, types.String), map[string]string{"k": "\xff"}, `v["k"].value: got a string that is not valid UTF-8, want string`},
		{types.Map(types.String, types.U8), map[string]uint8{"\xff": 1}, `v["\xff"].key: got a string that is not valid UTF-8, want string`},
		{types.Map(types.U8, types.String), map[uint8]string{7: "\xff"}, "v[7].value: got a string that is not valid UTF-8, want string"},
		{types.Option(types.String), new("\xff"), "v.some: got a string that is not valid UTF-8, want string"},
		{pairType, pair{F0: "\xff"}, "v.0: got a string that is not valid UTF-8, want string"},
		{colorType, color(3), "v: got gondola.color(3), want enum { red, green, blue }"},
		{colorType, level(-1), "v: got gondola.level(-1), want enum { red, green, blue }"},
		{colorType, "pink", `v: got the case "pink", want enum { red, green, blue }`},
		{permsType, perms(9), "v: got the flags 0b1001, want flags { read, write, run }"},
		{shapeType, outline{[]pair{{F0: "\xff"}}}, "v.poly-line[0].0: got a string that is not valid UTF-8, want string"},
		{shapeType, (*circle)(nil), "v: got nil, want " + shapeType.String()},
		{shapeType, alien{}, "v: got a gondola.alien, which is none of the cases, want " + shapeType.String()},
		{types.Result(types.String, types.String), Result[string, string]{OK: "\xff"}, "v.ok: got a string that is not valid UTF-8, want string"},
		{types.Result(types.String, types.String), Result[string, string]{Err: new("\xff")}, "v.error: got a string that is not valid UTF-8, want string"},
		{types.Result(nil, nil), Result[val.Value, val.Value]{OK: val.U8(1)}, "v.ok: got a value where the type has none"},
		{types.List(types.U8), []val.Value{val.U16(1)}, "v[0]: got a u16, want u8"},
		{types.U8, val.Value{}, "v: got no value, want u8"},
	} {
		gt := reflect.TypeOf(c.g)
		if c.t == shapeType {
			gt = reflect.TypeFor[shape]()
		}
		codec, err := newCodec(gt, c.t, nil)
		if err != nil {
			t.Fatal(err)
		}
		v, err := codec.toVal(reflect.ValueOf(c.g))
		if got := errText(within("v", err)); got != c.want {
			t.Errorf("%#v as %v:\n got %v %s\nwant %s", c.g, c.t, v, got, c.want)
		}
	}
	if _, err := mustMatch(newCodec(reflect.TypeFor[shape](), shapeType, nil)).toVal(reflect.Zero(reflect.TypeFor[shape]())); err == nil {
		t.Error("a nil interface is a variant")
	}
}

// alien implements shape and is none of its cases.
type alien struct{ circle }

func mustMatch[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}
