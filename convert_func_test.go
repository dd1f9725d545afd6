package gondola

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// function makes a function type; a nil result is none.
func funcType(result *types.Type, params ...types.Field) *types.Func {
	return &types.Func{Params: params, Result: result}
}

func paramOf(name string, t *types.Type) types.Field { return types.Field{Name: name, Type: t} }

var (
	fooType  = funcType(types.String, paramOf("s", types.String), paramOf("delay", types.Bool))
	loadType = funcType(types.Result(types.String, colorType), paramOf("id", types.U32))
)

func callGo(fn any, ft *types.Func, args ...val.Value) (val.Value, error) {
	c, err := newFuncCodec(reflect.ValueOf(fn), ft, nil)
	if err != nil {
		return val.Value{}, fmt.Errorf("no match: %w", err)
	}
	return c.call(context.Background(), args)
}

type colorError string

func (e colorError) Error() string { return "the color " + string(e) }

func (c color) String() string { return [...]string{"red", "green", "blue"}[c] }

type hue uint8

func (h hue) Error() string  { return "the hue " + h.String() }
func (h hue) String() string { return color(h).String() }

// offset is an error of another world that could be taken for an enum.
type offset int64

func (o offset) Error() string { return "at byte " + strconv.Itoa(int(o)) }

type shapeError interface {
	error
	Variant[shapeErrorCases]
}

type shapeErrorCases struct {
	TooBig  tooBig
	Unknown unknown
}

type (
	tooBig  struct{ Size uint32 }
	unknown struct{}
)

func (tooBig) WITCases(shapeErrorCases)  {}
func (tooBig) Error() string             { return "too big" }
func (*unknown) Error() string           { return "unknown" }
func (unknown) WITCases(shapeErrorCases) {}

type recordError struct {
	Code uint32
	Text string
}

func (e *recordError) Error() string { return e.Text }

func TestCall(t *testing.T) {
	ctx := context.WithValue(t.Context(), color(0), "carried")
	c := mustMatch(newFuncCodec(reflect.ValueOf(func(ctx context.Context, s string, delay bool) (string, error) {
		return fmt.Sprint("host[", s, " ", delay, " ", ctx.Value(color(0)), "]"), nil
	}), fooType, nil))
	for range 2 { // the second call meets what the first has left
		v, err := c.call(ctx, []val.Value{val.String("hi"), val.Bool(true)})
		if err != nil || v.Str() != "host[hi true carried]" {
			t.Errorf("got %v, %v", v, err)
		}
	}
}

func TestCallForms(t *testing.T) {
	u8 := types.U8
	whole := types.Result(types.Result(u8, nil), types.String)
	for _, c := range []struct {
		fn   any
		ft   *types.Func
		want val.Value
	}{
		{func(context.Context) {}, funcType(nil), val.Value{}},
		{func(context.Context) error { return nil }, funcType(nil), val.Value{}},
		{func(context.Context) uint8 { return 1 }, funcType(u8), val.U8(1)},
		{func(context.Context) (uint8, error) { return 1, nil }, funcType(u8), val.U8(1)},
		{func(context.Context) *uint8 { return nil }, funcType(types.Option(u8)), val.None()},
		{func(context.Context) (uint8, error) { return 1, nil }, funcType(types.Result(u8, types.String)), val.Ok(val.U8(1))},
		{func(context.Context) uint8 { return 1 }, funcType(types.Result(u8, types.String)), val.Ok(val.U8(1))},
		{func(context.Context) (val.Value, error) { return val.U8(1), nil }, funcType(types.Result(u8, types.String)), val.Ok(val.U8(1))},
		{func(context.Context) error { return nil }, funcType(types.Result(nil, types.String)), val.Ok(val.Value{})},
		{func(context.Context) {}, funcType(types.Result(nil, nil)), val.Ok(val.Value{})},
		{func(context.Context) Result[uint8, string] { return Result[uint8, string]{Err: new("e")} }, funcType(types.Result(u8, types.String)), val.Err(val.String("e"))},
		{func(context.Context) (Result[struct{}, string], error) {
			return Result[struct{}, string]{Err: new("e")}, nil
		}, funcType(types.Result(nil, types.String)), val.Err(val.String("e"))},
		{func(context.Context) Result[uint8, struct{}] { return Result[uint8, struct{}]{OK: 1} }, funcType(whole), val.Ok(val.Ok(val.U8(1)))},
		{
			func(context.Context) Result[Result[uint8, struct{}], string] {
				return Result[Result[uint8, struct{}], string]{Err: new("e")}
			},
			funcType(whole), val.Err(val.String("e")),
		},
		{HostFunc(func(context.Context, []val.Value) (val.Value, error) { return val.Err(val.String("e")), nil }), funcType(types.Result(u8, types.String)), val.Err(val.String("e"))},
		{func(context.Context, []val.Value) (val.Value, error) { return val.Value{}, nil }, funcType(nil), val.Value{}},
		{func(_ context.Context, a shape, b []val.Value) int64 { return int64(len(b)) }, funcType(types.S64, paramOf("a", shapeType), paramOf("b", types.List(u8))), val.S64(2)},
	} {
		args := []val.Value{val.Variant("point", val.Value{}), val.Bytes([]byte{1, 2})}[:len(c.ft.Params)]
		v, err := callGo(c.fn, c.ft, args...)
		if err != nil || !sameValue(v, c.want) {
			t.Errorf("%T for %v: got %v, %v, want %v", c.fn, c.ft, v, err, c.want)
		}
	}
}

func sameValue(a, b val.Value) bool {
	return a.IsValid() == b.IsValid() && (!a.IsValid() || val.Equal(a, b))
}

func TestCallFailures(t *testing.T) {
	number := funcType(types.Result(types.U8, types.U32))
	enum := funcType(types.Result(nil, colorType))
	none := funcType(types.Result(types.U8, nil))
	record := funcType(types.Result(nil, types.Record(paramOf("code", types.U32), paramOf("text", types.String))))
	variant := funcType(types.Result(nil, types.Variant(types.Case{Name: "too-big", Type: types.U32}, types.Case{Name: "unknown"})))
	set := funcType(types.Result(nil, permsType))
	for _, c := range []struct {
		ft   *types.Func
		err  error
		want val.Value // invalid where the error traps
		text string
	}{
		{ft: number, err: &Err[uint32]{404}, want: val.U32(404)},
		{ft: number, err: fmt.Errorf("wrapped: %w", &Err[uint32]{404}), want: val.U32(404)},
		{ft: number, err: errors.Join(errSome, fmt.Errorf("wrapped: %w", &Err[val.Value]{val.U32(404)})), want: val.U32(404)},
		{ft: number, err: errors.Join(&Err[string]{"no"}, &Err[uint32]{404}), want: val.U32(404)},
		{ft: number, err: errSome, text: "test"},
		{ft: number, err: errors.Join(errSome, errSome), text: "test\ntest"},
		{ft: number, err: (*Err[uint32])(nil), text: "a nil *gondola.Err[uint32], which is an error all the same"},
		{ft: number, err: &Err[int]{404}, text: "failed: 404 (error: u32 can't be returned as Go int; use uint32)"},
		{ft: number, err: &Err[val.Value]{val.U8(4)}, text: "failed: 4 (error: got a u8, want u32)"},
		{ft: enum, err: &Err[color]{blue}, want: val.Enum("blue")},
		{ft: enum, err: &Err[string]{"blue"}, want: val.Enum("blue")},
		{ft: enum, err: colorError("green"), want: val.Enum("green")},
		{ft: enum, err: colorError("pink"), text: "the color pink"},
		{ft: enum, err: hue(2), want: val.Enum("blue")},
		{ft: enum, err: fmt.Errorf("wrapped: %w", hue(1)), want: val.Enum("green")},
		{ft: enum, err: offset(1), text: "at byte 1"},
		{ft: none, err: &Err[struct{}]{}, want: val.Value{}},
		{ft: none, err: &Err[val.Value]{}, want: val.Value{}},
		{ft: none, err: errSome, text: "test"},
		{ft: none, err: &Err[string]{"x"}, text: "failed: x (error: no value can't be returned as Go string; use struct{})"},
		{ft: record, err: &recordError{7, "x"}, want: val.Record(val.Field{Name: "code", Value: val.U32(7)}, val.Field{Name: "text", Value: val.String("x")})},
		{ft: record, err: &Err[recordError]{recordError{7, "x"}}, want: val.Record(val.Field{Name: "code", Value: val.U32(7)}, val.Field{Name: "text", Value: val.String("x")})},
		{ft: record, err: &recordError{7, "\xff"}, text: "\xff (error.text: got a string that is not valid UTF-8, want string)"},
		{ft: record, err: notFound{"x"}, text: "no x"},
		{ft: variant, err: tooBig{9}, want: val.Variant("too-big", val.U32(9))},
		{ft: variant, err: &tooBig{9}, want: val.Variant("too-big", val.U32(9))},
		{ft: variant, err: &unknown{}, want: val.Variant("unknown", val.Value{})},
		{ft: variant, err: &Err[shapeError]{tooBig{9}}, want: val.Variant("too-big", val.U32(9))},
		{ft: variant, err: errSome, text: "test"},
		{ft: set, err: &Err[perms]{1}, want: val.Flags("read")},
		{ft: funcType(nil), err: &Err[uint32]{1}, text: "failed: 1"},
		{ft: funcType(types.U8), err: hue(1), text: "the hue green"},
	} {
		for form, fn := range map[string]any{
			"dynamic": func(context.Context, []val.Value) (val.Value, error) { return val.Value{}, c.err },
			"typed":   func(context.Context) (val.Value, error) { return val.Value{}, c.err },
			"bare":    func(context.Context) error { return c.err },
		} {
			if hasValue := returned(c.ft) != nil; form != "dynamic" && hasValue != (form == "typed") {
				continue
			}
			v, err := callGo(fn, c.ft)
			switch {
			case err != nil && (c.want.IsValid() || c.text != "" && err.Error() != c.text || !errors.Is(err, c.err)):
				t.Errorf("%#v, %s: got %q, want %v or %q", c.err, form, err, c.want, c.text)
			case err == nil && (c.text != "" || !sameValue(v, val.Err(c.want))):
				t.Errorf("%#v, %s: got %v, want %v or %q", c.err, form, v, c.want, c.text)
			}
		}
	}
}

func TestCallErrors(t *testing.T) {
	strs := types.List(types.String)
	for _, c := range []struct {
		fn   any
		ft   *types.Func
		want string
	}{
		{func(context.Context) string { return "\xff" }, funcType(types.String), "result: got a string that is not valid UTF-8, want string"},
		{func(context.Context) ([]string, error) { return []string{"", "\xff"}, nil }, funcType(types.Result(strs, nil)), "result[1]: got a string that is not valid UTF-8, want string"},
		{func(context.Context, []val.Value) (val.Value, error) { return val.U8(1), nil }, funcType(nil), "result: got a value where the type has none"},
		{func(context.Context, []val.Value) (val.Value, error) { return val.Value{}, nil }, funcType(types.U8), "result: got no value, want u8"},
		{func(context.Context, []val.Value) (val.Value, error) { return val.U16(1), nil }, funcType(types.U8), "result: got a u16, want u8"},
		{func(context.Context) val.Value { return val.U16(1) }, funcType(types.U8), "result: got a u16, want u8"},
	} {
		if v, err := callGo(c.fn, c.ft); errText(err) != c.want {
			t.Errorf("%T: got %v, %v, want %s", c.fn, v, err, c.want)
		}
	}
}

func TestFuncErrors(t *testing.T) {
	structType := funcType(personType, paramOf("p", types.Record(paramOf("name", types.String))), paramOf("xs", types.List(types.Char)))
	for _, c := range []struct {
		fn   any
		ft   *types.Func
		want string
	}{
		{nil, fooType, "func(s: string, delay: bool) -> string can't be called from Go <nil>: it is no function; use func(ctx context.Context, s string, delay bool) (string, error)"},
		{7, fooType, "func(s: string, delay: bool) -> string can't be called from Go int: it is no function; use func(ctx context.Context, s string, delay bool) (string, error)"},
		{(func())(nil), funcType(nil), "func() can't be called from Go func(): it is nil; use func(ctx context.Context) error"},
		{HostFunc(nil), funcType(nil), "func() can't be called from Go func(context.Context, []val.Value) (val.Value, error): it is nil; use func(ctx context.Context) error"},
		{func() {}, funcType(nil), "func() can't be called from Go func(): its first parameter is no context.Context; use func(ctx context.Context) error"},
		{func(string) {}, funcType(nil, paramOf("s", types.String)), "func(s: string) can't be called from Go func(string): its first parameter is no context.Context; use func(ctx context.Context, s string) error"},
		{func(context.Context, ...string) {}, funcType(nil, paramOf("type", types.String)), "func(type: string) can't be called from Go func(context.Context, ...string): it is variadic; use func(ctx context.Context, type_ string) error"},
		{func(context.Context, string) string { return "" }, fooType, "func(s: string, delay: bool) -> string can't be called from Go func(context.Context, string) string: after the context it has 1 parameter, the component's function has 2; use func(ctx context.Context, s string, delay bool) (string, error)"},
		{func(context.Context, string, bool) {}, fooType, "func(s: string, delay: bool) -> string can't be called from Go func(context.Context, string, bool): besides an error it returns 0 values instead of 1; use func(ctx context.Context, s string, delay bool) (string, error)"},
		{func(context.Context, uint32) (string, color, error) { return "", 0, nil }, loadType, "func(id: u32) -> result<string, enum { red, green, blue }> can't be called from Go func(context.Context, uint32) (string, gondola.color, error): besides an error it returns 2 values instead of 1; use func(ctx context.Context, id uint32) (string, error)"},
		{func(context.Context) (struct{}, error) { return struct{}{}, nil }, funcType(types.Result(nil, nil)), "func() -> result can't be called from Go func(context.Context) (struct {}, error): besides an error it returns 1 value instead of 0; use func(ctx context.Context) error"},
		{func(context.Context) error { return nil }, funcType(types.Result(types.U8, nil)), "func() -> result<u8> can't be called from Go func(context.Context) error: besides an error it returns 0 values instead of 1; use func(ctx context.Context) (uint8, error)"},
		{func(context.Context, int, bool) (string, error) { return "", nil }, fooType, "parameter s: string can't be passed as Go int; use string"},
		{func(context.Context, string, bool) (int, error) { return 0, nil }, fooType, "result: string can't be returned as Go int; use string"},
		{func(context.Context, uint32) (int, error) { return 0, nil }, loadType, "result.ok: string can't be returned as Go int; use string"},
		{func(context.Context, uint32) Result[string, int] { return Result[string, int]{} }, loadType, "result.error: enum { red, green, blue } can't be returned as Go int; use string"},
		{
			func(context.Context, struct{ Name int }, []uint32) (person, error) { return person{}, nil }, structType,
			"parameter p.name: string can't be passed as Go int; use string\n" +
				"parameter xs[]: char can't be passed as Go uint32; use rune",
		},
		{
			func(context.Context, struct{ Name string }, []rune) (person, string) { return person{}, "" }, structType,
			"func(p: record { name: string }, xs: list<char>) -> record { name: string, home-page-url: option<string>, tags: list<str… " +
				"can't be called from Go func(context.Context, struct { Name string }, []int32) (gondola.person, string): besides an error it returns 2 values instead of 1; " +
				"use func(ctx context.Context, p struct{ Name string }, xs []rune) (struct{ Name string; HomePageURL *string; Tags []string }, error)",
		},
	} {
		if _, err := newFuncCodec(reflect.ValueOf(c.fn), c.ft, nil); errText(err) != c.want {
			t.Errorf("%T:\n got %s\nwant %s", c.fn, errText(err), c.want)
		}
	}
}

// Frames are shared by calls, one after the other and never at once.
func TestConcurrentCalls(t *testing.T) {
	var c *funcCodec
	c = mustMatch(newFuncCodec(reflect.ValueOf(func(ctx context.Context, n uint32, s []string) (string, error) {
		if n > 0 {
			v, err := c.call(ctx, []val.Value{val.U32(n - 1), val.List(val.String(s[0]))})
			return s[0] + v.Str(), err
		}
		return s[0], nil
	}), funcType(types.String, paramOf("n", types.U32), paramOf("s", types.List(types.String))), nil))
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			s := strconv.Itoa(i) + ","
			v, err := c.call(t.Context(), []val.Value{val.U32(2), val.List(val.String(s))})
			if err != nil || v.Str() != s+s+s {
				t.Errorf("got %v, %v", v, err)
			}
		})
	}
	wg.Wait()
}

func TestFramesKeepNothing(t *testing.T) {
	c := mustMatch(newFuncCodec(reflect.ValueOf(func(context.Context, []byte) {}), funcType(nil, paramOf("b", types.List(types.U8))), nil))
	f := c.newFrame()
	c.frames.Put(f)
	if _, err := c.call(t.Context(), []val.Value{val.Bytes([]byte("x"))}); err != nil {
		t.Fatal(err)
	}
	for i, v := range f.in {
		if !v.IsZero() {
			t.Errorf("argument %d was kept", i)
		}
	}
}

// What a call allocates beyond what reflect's own Call does.
func TestCallAllocations(t *testing.T) {
	fn := reflect.ValueOf(func(_ context.Context, a, b uint32) (uint32, error) { return a + b, nil })
	c := mustMatch(newFuncCodec(fn, funcType(types.U32, paramOf("a", types.U32), paramOf("b", types.U32)), nil))
	ctx := t.Context()
	in := []reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(uint32(1)), reflect.ValueOf(uint32(2))}
	args := []val.Value{val.U32(1), val.U32(2)}
	floor := testing.AllocsPerRun(200, func() { fn.Call(in) })
	got := testing.AllocsPerRun(200, func() {
		if _, err := c.call(ctx, args); err != nil {
			t.Error(err)
		}
	})
	if got > floor && !raceEnabled {
		t.Errorf("%v allocations, reflect alone has %v", got, floor)
	}
}

// testHandles is a handleMatcher that knows resources of the type *testToken.
type testHandles struct{}

type testToken struct{ name string }

func (*testToken) ValResource() {}

var errHandle = errors.New("use *token")

func (testHandles) own(gt reflect.Type, t *types.Type) (*codec, error) {
	if gt != reflect.TypeFor[*testToken]() {
		return nil, errHandle
	}
	return &codec{
		func(src reflect.Value) (val.Value, error) { return val.Own(src.Interface().(*testToken)), nil },
		func(dst reflect.Value, v val.Value) error { dst.Set(reflect.ValueOf(v.Resource())); return nil },
	}, nil
}

func (testHandles) borrow(reflect.Type, *types.Type) (*codec, error) {
	return nil, errors.New("borrow")
}
func (testHandles) stream(reflect.Type, *types.Type) (*codec, error) {
	return nil, errors.New("stream")
}
func (testHandles) future(reflect.Type, *types.Type) (*codec, error) {
	return nil, errors.New("future")
}
func (testHandles) errorContext(reflect.Type, *types.Type) (*codec, error) {
	return nil, errors.New("error-context")
}

func (t *testToken) Error() string { return "the token " + t.name }

func TestHandles(t *testing.T) {
	r := types.NewResource("token", -1)
	own := types.Own(r)
	want := &testToken{"x"}
	ft := funcType(types.List(own), paramOf("t", types.Option(own)))
	c := mustMatch(newFuncCodec(reflect.ValueOf(func(_ context.Context, p **testToken) []*testToken { return []*testToken{*p} }), ft, testHandles{}))
	v, err := c.call(t.Context(), []val.Value{val.Some(val.Own(want))})
	if err != nil || v.Elems()[0].Resource() != want {
		t.Errorf("got %v, %v", v, err)
	}
	_, err = newFuncCodec(reflect.ValueOf(func(context.Context, **string) []*testToken { return nil }), ft, testHandles{})
	if got := errText(err); got != "parameter t.some: use *token" || !errors.Is(err, errHandle) {
		t.Errorf("got %s", got)
	}
	fail := mustMatch(newFuncCodec(reflect.ValueOf(func(context.Context) error { return want }), funcType(types.Result(nil, own)), testHandles{}))
	if v, err := fail.call(t.Context(), nil); err != nil || !val.Equal(v, val.Err(val.Own(want))) {
		t.Errorf("got %v, %v", v, err)
	}
	for want, typ := range map[string]*types.Type{
		"borrow": types.Borrow(r), "stream": types.Stream(types.U8), "future": types.Future(nil), "error-context": types.ErrorContext,
	} {
		if _, err := newCodec(reflect.TypeFor[int](), typ, testHandles{}); errText(err) != want {
			t.Errorf("%v: got %v", typ, err)
		}
	}
}

// closedHandles is a handleMatcher whose handles can't be converted any more.
type closedHandles struct{ testHandles }

var errClosed = errors.New("the stream is closed")

func (closedHandles) stream(reflect.Type, *types.Type) (*codec, error) {
	return &codec{
		func(reflect.Value) (val.Value, error) { return val.Value{}, errClosed },
		func(reflect.Value, val.Value) error { return errClosed },
	}, nil
}

type openStream struct{}

func (openStream) ValStream() {}

// An error of a handle's codec names the place, both ways, and stays what it is.
func TestHandleErrors(t *testing.T) {
	s, v := types.Stream(types.U8), val.OfStream(openStream{})
	for _, c := range []struct {
		g    any
		t    *types.Type
		v    val.Value
		path string
	}{
		{g: 1, t: s, v: v, path: ""},
		{g: []int{1}, t: types.List(s), v: val.List(v), path: "[0]"},
		{g: [1]int{1}, t: types.FixedList(s, 1), v: val.List(v), path: "[0]"},
		{g: new(1), t: types.Option(s), v: val.Some(v), path: ".some"},
		{g: map[string]int{"k": 1}, t: types.Map(types.String, s), v: val.Map(val.Entry{Key: val.String("k"), Value: v}), path: `["k"].value`},
		{g: struct{ A int }{}, t: types.Record(paramOf("a", s)), v: val.Record(val.Field{Name: "a", Value: v}), path: ".a"},
		{g: struct{ F0 int }{}, t: types.Tuple(s), v: val.Tuple(v), path: ".0"},
		{g: Result[int, struct{}]{}, t: types.Result(s, nil), v: val.Ok(v), path: ".ok"},
		{g: Result[struct{}, int]{Err: new(1)}, t: types.Result(nil, s), v: val.Err(v), path: ".error"},
		{g: streamCase{}, t: types.Variant(types.Case{Name: "stream-case", Type: s}), v: val.Variant("stream-case", v), path: ".stream-case"},
	} {
		gt := reflect.TypeOf(c.g)
		if c.t.Kind() == types.KindVariant {
			gt = reflect.TypeFor[streamVariant]()
		}
		codec := mustMatch(newCodec(gt, c.t, closedHandles{}))
		want := "v" + c.path + ": the stream is closed"
		_, err := codec.toVal(reflect.ValueOf(c.g))
		if err = within("v", err); errText(err) != want || !errors.Is(err, errClosed) {
			t.Errorf("%v from Go: got %v, want %s", c.t, err, want)
		}
		err = within("v", codec.set(reflect.New(gt).Elem(), c.v))
		if errText(err) != want || !errors.Is(err, errClosed) {
			t.Errorf("%v to Go: got %v, want %s", c.t, err, want)
		}
	}
	called := false
	c := mustMatch(newFuncCodec(reflect.ValueOf(func(context.Context, string, []int) { called = true }), funcType(nil, paramOf("a", types.String), paramOf("b", types.List(s))), closedHandles{}))
	if _, err := c.call(t.Context(), []val.Value{val.String(""), val.List(v)}); errText(err) != "parameter b[0]: the stream is closed" || called {
		t.Errorf("got %v, called: %v", err, called)
	}
}

type streamVariant interface {
	WITCases(struct{ StreamCase streamCase })
}

type streamCase struct{ V int }

func (streamCase) WITCases(struct{ StreamCase streamCase }) {}
