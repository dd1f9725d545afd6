package gondola

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

type (
	celsius float64
	userID  uint64

	person struct {
		Tags     []string
		Name     string
		HomePage *string `wit:"home-page-url"`
		Ignored  int     `wit:"-"`
		private  int
	}

	pair struct {
		F0 string
		F1 uint8
	}

	color uint8
	level int
	perms uint16

	node struct {
		Next  *node
		Value uint32
	}

	notFound struct{ Name string }
)

const (
	red color = iota
	green
	blue
)

type shape interface{ Variant[shapeCases] }

type shapeCases struct {
	Point   point
	Circle  circle
	Outline outline `wit:"poly-line"`
}

type (
	circle  struct{ Radius float64 }
	point   struct{}
	outline struct{ Points []pair }
)

func (e notFound) Error() string { return "no " + e.Name }

func (circle) WITCases(shapeCases)  {}
func (point) WITCases(shapeCases)   {}
func (outline) WITCases(shapeCases) {}

var (
	personType = types.Record(
		types.Field{Name: "name", Type: types.String},
		types.Field{Name: "home-page-url", Type: types.Option(types.String)},
		types.Field{Name: "tags", Type: types.List(types.String)},
	)
	pairType  = types.Tuple(types.String, types.U8)
	colorType = types.Enum("red", "green", "blue")
	permsType = types.Flags("read", "write", "run")
	shapeType = types.Variant(
		types.Case{Name: "circle", Type: types.F64},
		types.Case{Name: "point"},
		types.Case{Name: "poly-line", Type: types.List(pairType)},
	)
)

// converted is one of each mapping: values that convert into each other.
var converted = []struct {
	t  *types.Type
	g  any
	v  val.Value
	as reflect.Type // the Go type, where it is an interface
}{
	{t: types.Bool, g: true, v: val.Bool(true)},
	{t: types.U8, g: uint8(255), v: val.U8(255)},
	{t: types.U16, g: uint16(65535), v: val.U16(65535)},
	{t: types.U32, g: uint32(math.MaxUint32), v: val.U32(math.MaxUint32)},
	{t: types.U64, g: uint64(math.MaxUint64), v: val.U64(math.MaxUint64)},
	{t: types.U64, g: userID(7), v: val.U64(7)},
	{t: types.S8, g: int8(-128), v: val.S8(-128)},
	{t: types.S16, g: int16(-1), v: val.S16(-1)},
	{t: types.S32, g: int32(math.MinInt32), v: val.S32(math.MinInt32)},
	{t: types.S64, g: int64(math.MinInt64), v: val.S64(math.MinInt64)},
	{t: types.F32, g: float32(0.1), v: val.F32(0.1)},
	{t: types.F64, g: math.Inf(-1), v: val.F64(math.Inf(-1))},
	{t: types.F64, g: celsius(21.5), v: val.F64(21.5)},
	{t: types.Char, g: 'é', v: val.Char('é')},
	{t: types.S32, g: 'é', v: val.S32('é')},
	{t: types.String, g: "¡hola!", v: val.String("¡hola!")},
	{t: types.String, g: "", v: val.String("")},
	{t: types.List(types.U8), g: []byte{1, 2}, v: val.Bytes([]byte{1, 2})},
	{t: types.List(types.U8), g: []byte{1, 2}, v: val.List(val.U8(1), val.U8(2))},
	{t: types.List(types.U8), g: []byte(nil), v: val.List()},
	{t: types.List(types.U8), g: []val.Value{val.U8(1)}, v: val.Bytes([]byte{1})},
	{t: types.List(types.String), g: []string{"x", ""}, v: val.List(val.String("x"), val.String(""))},
	{t: types.List(types.String), g: []string(nil), v: val.List()},
	{t: types.List(colorType), g: []color{blue}, v: val.List(val.Enum("blue"))},
	{t: types.FixedList(types.U8, 2), g: [2]byte{1, 2}, v: val.Bytes([]byte{1, 2})},
	{t: types.FixedList(types.U8, 2), g: []byte{1, 2}, v: val.Bytes([]byte{1, 2})},
	{t: types.FixedList(types.U16, 2), g: [2]uint16{1, 2}, v: val.List(val.U16(1), val.U16(2))},
	{t: types.FixedList(types.U16, 2), g: []uint16{1, 2}, v: val.List(val.U16(1), val.U16(2))},
	{
		t: types.Map(types.String, types.List(types.U8)), g: map[string][]byte{"k": {1}},
		v: val.Map(val.Entry{Key: val.String("k"), Value: val.Bytes([]byte{1})}),
	},
	{t: types.Map(types.Char, types.Bool), g: map[rune]bool{}, v: val.Map()},
	{t: types.Option(types.U8), g: new(uint8(0)), v: val.Some(val.U8(0))},
	{t: types.Option(types.U8), g: (*uint8)(nil), v: val.None()},
	{t: types.Option(types.Option(types.U8)), g: (**uint8)(nil), v: val.None()},
	{t: types.Option(types.Option(types.U8)), g: new((*uint8)(nil)), v: val.Some(val.None())},
	{t: types.Option(types.Option(types.U8)), g: new(new(uint8(3))), v: val.Some(val.Some(val.U8(3)))},
	{
		t: personType, g: person{Name: "Ada", Tags: []string{"x"}},
		v: val.Record(
			val.Field{Name: "name", Value: val.String("Ada")},
			val.Field{Name: "home-page-url", Value: val.None()},
			val.Field{Name: "tags", Value: val.List(val.String("x"))},
		),
	},
	{
		t: personType, g: person{HomePage: new("u")},
		v: val.Record(
			val.Field{Name: "tags", Value: val.List()},
			val.Field{Name: "home-page-url", Value: val.Some(val.String("u"))},
			val.Field{Name: "name", Value: val.String("")},
		),
	},
	{t: pairType, g: pair{"a", 1}, v: val.Tuple(val.String("a"), val.U8(1))},
	{t: colorType, g: green, v: val.Enum("green")},
	{t: colorType, g: level(2), v: val.Enum("blue")},
	{t: colorType, g: "red", v: val.Enum("red")},
	{t: permsType, g: perms(5), v: val.Flags("run", "read")},
	{t: permsType, g: uint8(0), v: val.Flags()},
	{t: permsType, g: uint(7), v: val.Flags("read", "write", "run")},
	{t: shapeType, g: circle{2}, v: val.Variant("circle", val.F64(2)), as: reflect.TypeFor[shape]()},
	{t: shapeType, g: point{}, v: val.Variant("point", val.Value{}), as: reflect.TypeFor[shape]()},
	{
		t: shapeType, g: outline{[]pair{{"p", 1}}}, as: reflect.TypeFor[shape](),
		v: val.Variant("poly-line", val.List(val.Tuple(val.String("p"), val.U8(1)))),
	},
	{t: types.Result(types.U8, types.String), g: Result[uint8, string]{OK: 1}, v: val.Ok(val.U8(1))},
	{t: types.Result(types.U8, types.String), g: Result[uint8, string]{Err: new("e")}, v: val.Err(val.String("e"))},
	{t: types.Result(nil, colorType), g: Result[struct{}, color]{Err: new(blue)}, v: val.Err(val.Enum("blue"))},
	{t: types.Result(nil, nil), g: Result[struct{}, struct{}]{}, v: val.Ok(val.Value{})},
	{t: types.Result(nil, nil), g: Result[val.Value, val.Value]{Err: new(val.Value)}, v: val.Err(val.Value{})},
	{t: shapeType, g: val.Variant("point", val.Value{}), v: val.Variant("point", val.Value{})},
}

func TestConvert(t *testing.T) {
	for _, c := range converted {
		gt := reflect.TypeOf(c.g)
		if c.as != nil {
			gt = c.as
		}
		codec, err := newCodec(gt, c.t, nil)
		if err != nil {
			t.Errorf("%v and %v: %v", gt, c.t, err)
			continue
		}
		src := reflect.New(gt).Elem()
		src.Set(reflect.ValueOf(c.g))
		v, err := codec.toVal(src)
		if err != nil || !val.Equal(v, c.v) {
			t.Errorf("%v to %v: got %v, %v, want %v", gt, c.t, v, err, c.v)
		}
		if err := val.Check(v, c.t, "v"); err != nil {
			t.Error(err)
		}
		dst := reflect.New(gt).Elem()
		if err := codec.set(dst, c.v); err != nil || !sameGo(dst.Interface(), c.g) {
			t.Errorf("%v to %v: got %#v, %v, want %#v", c.v, gt, dst, err, c.g)
		}
	}
}

// sameGo is DeepEqual but for dynamic values, of which it compares what they
// mean.
func sameGo(a, b any) bool {
	switch a := a.(type) {
	case val.Value:
		return val.Equal(a, b.(val.Value))
	case []val.Value:
		return val.Equal(val.List(a...), val.List(b.([]val.Value)...))
	}
	return reflect.DeepEqual(a, b)
}

// What is not a Go value of its own: the same Go value for several values.
func TestConvertToGo(t *testing.T) {
	m := setTo[map[string]uint8](t, types.Map(types.String, types.U8), val.Map(
		val.Entry{Key: val.String("a"), Value: val.U8(1)},
		val.Entry{Key: val.String("b"), Value: val.U8(2)},
		val.Entry{Key: val.String("a"), Value: val.U8(3)},
	))
	if len(m) != 2 || m["a"] != 3 || m["b"] != 2 {
		t.Errorf("got %v: of two entries with one key the last wins", m)
	}
	if b := setTo[[]byte](t, types.List(types.U8), val.Bytes([]byte{})); b != nil {
		t.Errorf("got %#v, want nil", b)
	}
	if l := setTo[[]bool](t, types.List(types.Bool), val.List([]val.Value{}...)); l != nil {
		t.Errorf("got %#v, want nil", l)
	}
}

func setTo[T any](t *testing.T, typ *types.Type, v val.Value) (dst T) {
	t.Helper()
	c, err := newCodec(reflect.TypeFor[T](), typ, nil)
	if err == nil {
		err = c.set(reflect.ValueOf(&dst).Elem(), v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dst
}

func TestSetLeavesNothingBehind(t *testing.T) {
	dst := person{Name: "old", HomePage: new("old"), Tags: []string{"old"}, Ignored: 7, private: 8}
	old := dst
	c, err := newCodec(reflect.TypeOf(dst), personType, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := val.Record(
		val.Field{Name: "name", Value: val.String("new")},
		val.Field{Name: "home-page-url", Value: val.Some(val.String("new"))},
		val.Field{Name: "tags", Value: val.List(val.String("new"))},
	)
	if err := c.set(reflect.ValueOf(&dst).Elem(), v); err != nil {
		t.Fatal(err)
	}
	if *dst.HomePage != "new" || *old.HomePage != "old" || old.Tags[0] != "old" {
		t.Errorf("what the old value pointed to was changed: %#v", old)
	}
	if dst.Ignored != 7 || dst.private != 8 {
		t.Errorf("fields that stand for nothing were changed: %#v", dst)
	}
	r := Result[uint8, string]{OK: 1, Err: new("old")}
	rc, err := newCodec(reflect.TypeOf(r), types.Result(types.U8, types.String), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := rc.set(reflect.ValueOf(&r).Elem(), val.Err(val.String("e"))); err != nil || r.OK != 0 || *r.Err != "e" {
		t.Errorf("got %#v, %v", r, err)
	}
	if err := rc.set(reflect.ValueOf(&r).Elem(), val.Ok(val.U8(2))); err != nil || r.OK != 2 || r.Err != nil {
		t.Errorf("got %#v, %v", r, err)
	}
}

func TestBytesAreShared(t *testing.T) {
	b := []byte("some bytes")
	c, err := newCodec(reflect.TypeOf(b), types.List(types.U8), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.toVal(reflect.ValueOf(b))
	if err != nil || &v.Bytes()[0] != &b[0] {
		t.Errorf("a slice was copied on its way from Go: %v", err)
	}
	var dst []byte
	if err := c.set(reflect.ValueOf(&dst).Elem(), v); err != nil || &dst[0] != &b[0] {
		t.Errorf("a slice was copied on its way to Go: %v", err)
	}
}

func TestScalarsDoNotAllocate(t *testing.T) {
	for _, c := range converted {
		if _, scalar := scalarKinds[c.t.Kind()]; !scalar && c.t != types.List(types.U8) || c.t == types.List(types.U8) && c.v.Len() != 2 {
			continue
		}
		codec, err := newCodec(reflect.TypeOf(c.g), c.t, nil)
		if err != nil {
			t.Fatal(err)
		}
		dst := reflect.New(reflect.TypeOf(c.g)).Elem()
		dst.Set(reflect.ValueOf(c.g))
		if n := testing.AllocsPerRun(100, func() {
			v, err := codec.toVal(dst)
			if err == nil {
				err = codec.set(dst, v)
			}
			if err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%v: %v allocations", c.t, n)
		}
	}
}

// A type in which one part occurs many times is matched once for each of
// its different parts.
func TestMatchingIsLinear(t *testing.T) {
	typ, gt := types.U8, reflect.TypeFor[uint8]()
	for range 8 {
		typ = types.Option(types.Tuple(typ, typ))
		gt = reflect.PointerTo(reflect.StructOf([]reflect.StructField{{Name: "F0", Type: gt}, {Name: "F1", Type: gt}}))
	}
	m := newMatcher(nil)
	if _, err := m.codec(gt, typ); err != nil || len(m.cache) != 17 {
		t.Errorf("%d codecs, %v", len(m.cache), err)
	}
}

func TestResultGet(t *testing.T) {
	if s, err := (Result[string, uint8]{OK: "x"}).Get(); s != "x" || err != nil {
		t.Errorf("got %q, %v", s, err)
	}
	_, err := Result[string, uint8]{Err: new(uint8(4))}.Get()
	if e, ok := errors.AsType[*Err[uint8]](err); !ok || e.Value != 4 || err.Error() != "failed: 4" {
		t.Errorf("got %v", err)
	}
	_, err = Result[string, notFound]{Err: &notFound{"x"}}.Get()
	if e, ok := errors.AsType[notFound](err); !ok || e.Name != "x" {
		t.Errorf("got %v", err)
	}
}

func TestErrText(t *testing.T) {
	for want, err := range map[string]error{
		"failed":          &Err[struct{}]{},
		"failed: 7":       &Err[uint8]{7},
		"failed: red":     &Err[string]{"red"},
		"failed: (1)":     &Err[val.Value]{val.Tuple(val.U8(1))},
		"failed: no x":    &Err[notFound]{notFound{"x"}},
		"failed: \"txt\"": &Err[val.Value]{val.String("txt")},
	} {
		if got := strings.TrimSpace(err.Error()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if (&Err[val.Value]{}).Error() != "failed" {
		t.Error("an Err without a value has another text")
	}
	if !errors.Is(&Err[error]{errSome}, errSome) {
		t.Error("the value of an Err that is an error is not found in it")
	}
}

var errSome = errors.New("test")
