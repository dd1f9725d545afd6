package gondola

import (
	"context"
	"reflect"
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

func BenchmarkHostCall(b *testing.B) {
	for _, c := range []struct {
		name string
		fn   any
		t    *types.Func
		args []val.Value
	}{
		{
			"add", func(_ context.Context, a, b uint32) (uint32, error) { return a + b, nil },
			funcType(types.U32, paramOf("a", types.U32), paramOf("b", types.U32)), []val.Value{val.U32(1), val.U32(2)},
		},
		{
			"dynamic add", func(_ context.Context, args []val.Value) (val.Value, error) {
				return val.U32(uint32(args[0].Uint() + args[1].Uint())), nil
			},
			funcType(types.U32, paramOf("a", types.U32), paramOf("b", types.U32)), []val.Value{val.U32(1), val.U32(2)},
		},
		{
			"echo", func(_ context.Context, s string, delay bool) (string, error) { return s, nil },
			fooType, []val.Value{val.String("hello, world!"), val.Bool(true)},
		},
		{
			"bytes", func(_ context.Context, b []byte) []byte { return b },
			funcType(types.List(types.U8), paramOf("b", types.List(types.U8))), []val.Value{val.Bytes(make([]byte, 1<<16))},
		},
		{
			"record", func(_ context.Context, p person) (person, error) { return p, nil },
			funcType(personType, paramOf("p", personType)), []val.Value{converted[0].v},
		},
	} {
		if c.name == "record" {
			c.args[0] = val.Record(
				val.Field{Name: "name", Value: val.String("Ada")},
				val.Field{Name: "home-page-url", Value: val.None()},
				val.Field{Name: "tags", Value: val.List(val.String("x"))},
			)
		}
		codec := mustMatch(newFuncCodec(reflect.ValueOf(c.fn), c.t, nil))
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := codec.call(b.Context(), c.args); err != nil {
					b.Fatal(err)
				}
			}
		})
		if c.name == "add" {
			in := []reflect.Value{reflect.ValueOf(b.Context()), reflect.ValueOf(uint32(1)), reflect.ValueOf(uint32(2))}
			b.Run("add, reflect alone", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					codec.fn.Call(in)
				}
			})
		}
		b.Run("match "+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustMatch(newFuncCodec(reflect.ValueOf(c.fn), c.t, nil))
			}
		})
	}
}
