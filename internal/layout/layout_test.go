package layout

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/types"
)

func labels(n int) []string {
	ls := make([]string, n)
	for i := range ls {
		ls[i] = "l" + strconv.Itoa(i)
	}
	return ls
}

func cases(ts ...*types.Type) *types.Type {
	cs := make([]types.Case, len(ts))
	for i, t := range ts {
		cs[i] = types.Case{Name: "c" + strconv.Itoa(i), Type: t}
	}
	return types.Variant(cs...)
}

func TestSizeAndAlignment(t *testing.T) {
	r := types.NewResource("r", 0)
	for _, c := range []struct {
		typ                          *types.Type
		size, align, size64, align64 int
		flat                         string
	}{
		{types.Bool, 1, 1, 1, 1, "[i32]"},
		{types.U16, 2, 2, 2, 2, "[i32]"},
		{types.Char, 4, 4, 4, 4, "[i32]"},
		{types.S64, 8, 8, 8, 8, "[i64]"},
		{types.F32, 4, 4, 4, 4, "[f32]"},
		{types.F64, 8, 8, 8, 8, "[f64]"},
		{types.String, 8, 4, 16, 8, "[i32 i32]"},
		{types.ErrorContext, 4, 4, 4, 4, "[i32]"},
		{types.List(types.U64), 8, 4, 16, 8, "[i32 i32]"},
		{types.Map(types.U8, types.U64), 8, 4, 16, 8, "[i32 i32]"},
		{types.FixedList(types.U16, 3), 6, 2, 6, 2, "[i32 i32 i32]"},
		{types.Tuple(types.U8, types.U32, types.U8), 12, 4, 12, 4, "[i32 i32 i32]"},
		{types.Tuple(types.U8, types.String), 12, 4, 24, 8, "[i32 i32 i32]"},
		{types.Option(types.U8), 2, 1, 2, 1, "[i32 i32]"},
		{types.Option(types.U64), 16, 8, 16, 8, "[i32 i64]"},
		{types.Result(nil, nil), 1, 1, 1, 1, "[i32]"},
		{types.Result(types.F32, types.U32), 8, 4, 8, 4, "[i32 i32]"},
		{cases(types.F32, types.U64), 16, 8, 16, 8, "[i32 i64]"},
		{cases(types.F32, types.F64), 16, 8, 16, 8, "[i32 i64]"},
		{cases(types.F32, types.F32), 8, 4, 8, 4, "[i32 f32]"},
		{cases(types.Tuple(types.U8, types.F32), types.String, nil), 12, 4, 24, 8, "[i32 i32 i32]"},
		{types.Enum(labels(256)...), 1, 1, 1, 1, "[i32]"},
		{types.Enum(labels(257)...), 2, 2, 2, 2, "[i32]"},
		{types.Enum(labels(1<<16 + 1)...), 4, 4, 4, 4, "[i32]"},
		{types.Flags(labels(8)...), 1, 1, 1, 1, "[i32]"},
		{types.Flags(labels(9)...), 2, 2, 2, 2, "[i32]"},
		{types.Flags(labels(17)...), 4, 4, 4, 4, "[i32]"},
		{types.Own(r), 4, 4, 4, 4, "[i32]"},
		{types.Borrow(r), 4, 4, 4, 4, "[i32]"},
		{types.Stream(types.U8), 4, 4, 4, 4, "[i32]"},
		{types.Future(nil), 4, 4, 4, 4, "[i32]"},
	} {
		l, l64 := Of(c.typ, Ptr32), Of(c.typ, Ptr64)
		if l.Size != c.size || l.Align != c.align || fmt.Sprint(l.Flat) != c.flat || l.FlatLen != len(l.Flat) {
			t.Errorf("%.60v: size %d, alignment %d, flat %v", c.typ, l.Size, l.Align, l.Flat)
		}
		if l64.Size != c.size64 || l64.Align != c.align64 {
			t.Errorf("%.60v in 64 bits: size %d, alignment %d", c.typ, l64.Size, l64.Align)
		}
		if Of(c.typ, Ptr32) != l {
			t.Errorf("%.60v: computed again", c.typ)
		}
	}
	if l := Of(types.Option(types.String), Ptr64); fmt.Sprint(l.Flat) != "[i32 i64 i64]" || l.PayloadOffset != 8 || l.DiscSize != 1 {
		t.Errorf("option<string> in 64 bits: %+v", l)
	}
	if l := Of(types.Tuple(types.U8, types.U16, types.U8, types.U32), Ptr32); !slices.Equal(l.Offsets, []int{0, 2, 4, 8}) {
		t.Errorf("offsets %d", l.Offsets)
	}
	if l := Of(types.Map(types.U8, types.U16), Ptr32); !slices.Equal(l.Offsets, []int{0, 2}) || Entry(types.Map(types.U8, types.U16), Ptr32).Size != 4 {
		t.Errorf("a map's entry: %+v", l)
	}
}

// Spec: run_tests.py test_flatten.
func TestSpecFlatten(t *testing.T) {
	ft := func(result *types.Type, params ...*types.Type) *types.Func {
		f := &types.Func{Result: result}
		for i, p := range params {
			f.Params = append(f.Params, types.Field{Name: strconv.Itoa(i), Type: p})
		}
		return f
	}
	three := []*types.Type{types.U8, types.F32, types.F64}
	many := slices.Repeat([]*types.Type{types.U8}, 17)
	four, five := slices.Repeat([]*types.Type{types.U8}, 4), slices.Repeat([]*types.Type{types.U8}, 5)
	pair := types.Tuple(types.F32, types.F32)
	sync := func(d Direction) ABI { return ABI{Direction: d} }
	async := func(d Direction) ABI { return ABI{Direction: d, Async: true} }
	for _, c := range []struct {
		ft   *types.Func
		abi  ABI
		want string
	}{
		{ft(nil, three...), sync(Lift), "{[i32 f32 f64] []}"},
		{ft(nil, three...), sync(Lower), "{[i32 f32 f64] []}"},
		{ft(types.F32, three...), sync(Lift), "{[i32 f32 f64] [f32]}"},
		{ft(types.U8, three...), sync(Lower), "{[i32 f32 f64] [i32]}"},
		{ft(types.Tuple(types.F32), three...), sync(Lift), "{[i32 f32 f64] [f32]}"},
		{ft(pair, three...), sync(Lift), "{[i32 f32 f64] [i32]}"},
		{ft(pair, three...), sync(Lower), "{[i32 f32 f64 i32] []}"},
		{ft(nil, many...), sync(Lift), "{[i32] []}"},
		{ft(nil, many...), ABI{Ptr: Ptr64}, "{[i64] []}"},
		{ft(pair, many...), sync(Lower), "{[i32 i32] []}"},
		{ft(pair, many...), ABI{Direction: Lower, Ptr: Ptr64}, "{[i64 i64] []}"},
		{ft(types.U8, three...), async(Lift), "{[i32 f32 f64] []}"},
		{ft(types.U8, three...), ABI{Async: true, Callback: true}, "{[i32 f32 f64] [i32]}"},
		{ft(types.U8, many...), async(Lift), "{[i32] []}"},
		{ft(nil, four...), async(Lower), "{[i32 i32 i32 i32] [i32]}"},
		{ft(types.U8, four...), async(Lower), "{[i32 i32 i32 i32 i32] [i32]}"},
		{ft(types.U8, five...), async(Lower), "{[i32 i32] [i32]}"},
	} {
		if got := fmt.Sprint(FlattenFunc(c.ft, c.abi)); got != c.want {
			t.Errorf("%v under %+v: got %s, want %s", c.ft, c.abi, got, c.want)
		}
	}
}

// A small graph of types that spells out to an exponential amount of them costs
// what the graph does, and its size saturates.
func TestBombs(t *testing.T) {
	start := time.Now()
	record, variant, list := types.U8, types.U64, types.U8
	for range 300 {
		record = types.Tuple(record, record)
		variant = cases(variant, types.Tuple(variant, variant))
		list = types.FixedList(list, 1<<31-1)
	}
	for _, bomb := range []*types.Type{record, variant, list} {
		l := Of(bomb, Ptr32)
		if l.Size < MaxSize || l.FlatLen < MaxFlat || l.Flat != nil || l.Align > 8 {
			t.Errorf("size %d, %d flat values, %v", l.Size, l.FlatLen, l.Flat)
		}
		if got := FlattenFunc(&types.Func{Params: []types.Field{{Name: "x", Type: bomb}}}, ABI{}); len(got.Params) != 1 {
			t.Errorf("flattened to %v", got)
		}
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("it took %v", d)
	}
}

func TestJoin(t *testing.T) {
	for _, c := range []struct{ a, b, want CoreType }{
		{I32, I32, I32}, {F32, F32, F32}, {I32, F32, I32}, {F32, I32, I32},
		{I32, I64, I64}, {F32, F64, I64}, {F64, I64, I64}, {F64, F64, F64}, {I32, F64, I64},
	} {
		if got := Join(c.a, c.b); got != c.want {
			t.Errorf("%v and %v join to %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
