package gondola

import (
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

func TestToArgs(t *testing.T) {
	ft := funcType(nil, paramOf("s", types.String), paramOf("o", types.Option(types.U8)), paramOf("v", shapeType), paramOf("d", types.List(types.U8)))
	c := newCallCodec(ft, nil)
	circ := val.Variant("circle", val.F64(1))
	for _, args := range [][]any{
		{"x", nil, circle{1}, []byte{1}},
		{"x", (*uint8)(nil), shape(circle{1}), val.Bytes([]byte{1})},
		{val.String("x"), val.None(), &circle{1}, []uint8{1}},
		{"x", nil, circ, []val.Value{val.U8(1)}},
	} {
		vs, err := c.toArgs(nil, args)
		want := []val.Value{val.String("x"), val.None(), circ, val.Bytes([]byte{1})}
		if err != nil || !val.Equal(val.List(vs...), val.List(want...)) {
			t.Errorf("%v: got %v, %v, want %v", args, vs, err, want)
		}
	}
	for want, args := range map[string][]any{
		"got 1 argument, want 4: (s: string, o: option<u8>, v: " + shapeType.String() + ", d: list<u8>)":                              {"x"},
		"args[0]: string can't be passed as Go int; use string":                                                                       {1, nil, circle{}, nil},
		"args[0]: string can't be passed as Go nil; use string":                                                                       {nil, nil, circle{}, nil},
		"args[0]: got a string that is not valid UTF-8, want string":                                                                  {"\xff", nil, circle{}, nil},
		"args[0]: got a u8, want string":                                                                                              {val.U8(1), nil, circle{}, nil},
		"args[1]: option<u8> can't be passed as Go int; use *uint8":                                                                   {"", 1, circle{}, nil},
		"args[1].some: u8 can't be passed as Go string; use uint8":                                                                    {"", new(""), circle{}, nil},
		"args[2]: got nil, want " + shapeType.String():                                                                                {"", nil, (*circle)(nil), nil},
		"args[2]: " + shapeType.String() + " can't be passed as Go float64: it lists no cases as gondola.Variant says; use val.Value": {"", nil, 1.5, nil},
		"args[3][1]: got a u16, want u8":                                                                                              {"", nil, circle{}, []val.Value{val.U8(1), val.U16(1)}},
	} {
		if vs, err := c.toArgs(nil, args); errText(err) != want {
			t.Errorf("got %v, %v, want %s", vs, err, want)
		}
	}
}

// store is what a call does with its result.
func storeResult(ft *types.Func, v val.Value, dst any) error {
	tgt, err := newCallCodec(ft, nil).target(dst)
	if err != nil {
		return err
	}
	return tgt.store(v)
}

func TestStore(t *testing.T) {
	list, res := funcType(types.List(types.String)), funcType(types.Result(types.String, colorType))
	nested := funcType(types.Result(types.Result(types.U8, nil), nil))
	unit := funcType(types.Result(nil, types.String))
	for _, c := range []struct {
		ft  *types.Func
		v   val.Value
		dst any
		got any
	}{
		{list, val.List(val.String("x")), new([]string), []string{"x"}},
		{list, val.List(val.String("x")), new(val.Value), val.List(val.String("x"))},
		{res, val.Ok(val.String("x")), new(string), "x"},
		{res, val.Ok(val.String("x")), new(val.Value), val.String("x")},
		{res, val.Ok(val.String("x")), new(Result[string, color]), Result[string, color]{OK: "x"}},
		{res, val.Err(val.Enum("blue")), new(Result[string, color]), Result[string, color]{Err: new(blue)}},
		{nested, val.Ok(val.Ok(val.U8(1))), new(Result[uint8, struct{}]), Result[uint8, struct{}]{OK: 1}},
		{nested, val.Ok(val.Ok(val.U8(1))), new(Result[Result[uint8, struct{}], struct{}]), Result[Result[uint8, struct{}], struct{}]{OK: Result[uint8, struct{}]{OK: 1}}},
		{unit, val.Ok(val.Value{}), new(struct{}), struct{}{}},
		{unit, val.Ok(val.Value{}), new(Result[struct{}, string]), Result[struct{}, string]{}},
	} {
		err := storeResult(c.ft, c.v, c.dst)
		if got := reflect.ValueOf(c.dst).Elem().Interface(); err != nil || !sameGo(got, c.got) {
			t.Errorf("%v to %T: got %#v, %v", c.v, c.dst, got, err)
		}
	}
	for _, v := range []val.Value{val.List(), val.Ok(val.String("x"))} {
		ft := map[bool]*types.Func{true: list, false: res}[v.Kind() == types.KindList]
		if err := storeResult(ft, v, nil); err != nil {
			t.Error(err)
		}
	}
	if err := storeResult(funcType(nil), val.Value{}, nil); err != nil {
		t.Error(err)
	}
}

func TestStoreFailure(t *testing.T) {
	ft := funcType(types.Result(types.String, colorType))
	for _, dst := range []any{nil, new(string), new(val.Value)} {
		err := storeResult(ft, val.Err(val.Enum("blue")), dst)
		if e, ok := errors.AsType[*Err[val.Value]](err); !ok || !val.Equal(e.Value, val.Enum("blue")) || err.Error() != "failed: blue" {
			t.Errorf("%T: got %v", dst, err)
		}
		// A host function that is called by a guest passes it on as it is.
		if v, err := (failureCodec{newMatcher(nil), colorType}).toVal(err); err != nil || !val.Equal(v, val.Err(val.Enum("blue"))) {
			t.Errorf("got %v, %v", v, err)
		}
	}
}

func TestTargetErrors(t *testing.T) {
	res := funcType(types.Result(types.String, colorType))
	for _, c := range []struct {
		ft   *types.Func
		dst  any
		want string
	}{
		{funcType(types.U8), 1, "the place for the result must be a pointer that is not nil, got a int"},
		{funcType(types.U8), (*uint8)(nil), "the place for the result must be a pointer that is not nil, got a *uint8"},
		{funcType(nil), new(uint8), "the function returns nothing; the place for the result must be nil, got a *uint8"},
		{funcType(types.U8), new(string), "result: u8 can't be stored as Go string; use uint8"},
		{res, new(int), "result.ok: string can't be stored as Go int; use string"},
		{res, new(Result[string, int]), "result.error: enum { red, green, blue } can't be stored as Go int; use string"},
		{funcType(types.Result(nil, types.String)), new(string), "result.ok: no value can't be stored as Go string; use struct{}"},
		{funcType(shapeType), new(circle), "result: " + shapeType.String() + " can't be stored as Go gondola.circle: it is one case; the interface of all cases is needed; use val.Value"},
	} {
		if _, err := newCallCodec(c.ft, nil).target(c.dst); errText(err) != c.want {
			t.Errorf("%v to %T:\n got %v\nwant %s", c.ft, c.dst, err, c.want)
		}
	}
}

// One callCodec serves goroutines that use different Go types.
func TestConcurrentArgs(t *testing.T) {
	c := newCallCodec(funcType(colorType, paramOf("c", colorType)), nil)
	var wg sync.WaitGroup
	for _, arg := range []any{red, "red", level(0), val.Enum("red")} {
		wg.Go(func() {
			for range 200 {
				vs, err := c.toArgs(nil, []any{arg})
				dst := reflect.New(reflect.TypeOf(arg))
				tgt, terr := c.target(dst.Interface())
				if err := errors.Join(err, terr); err != nil {
					t.Error(err)
					return
				}
				if err := tgt.store(vs[0]); err != nil || !sameGo(dst.Elem().Interface(), arg) {
					t.Errorf("%#v comes back as %#v, %v", arg, dst.Elem(), err)
				}
			}
		})
	}
	wg.Wait()
}

func TestArgsAllocateOnlyTheirSlice(t *testing.T) {
	c := newCallCodec(funcType(types.U32, paramOf("a", types.U32), paramOf("b", types.String)), nil)
	args := []any{uint32(7), "text"}
	var sum uint32
	dst := any(&sum)
	if n := testing.AllocsPerRun(200, func() {
		vs, err := c.toArgs(nil, args)
		tgt, terr := c.target(dst)
		if err != nil || terr != nil || tgt.store(vs[0]) != nil {
			t.Error("can't convert")
		}
	}); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
