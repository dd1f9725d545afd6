package main

import (
	"context"

	"example.com/everything/gen/asyncvalues"
	"example.com/everything/gen/rt"
	"example.com/everything/gen/types"
)

// asyncEcho answers with what the import of the same name answers.
type asyncEcho struct{}

func (asyncEcho) EchoBool(ctx context.Context, v bool) (bool, error) {
	return asyncvalues.EchoBool(ctx, v)
}

func (asyncEcho) EchoU8(ctx context.Context, v uint8) (uint8, error) {
	return asyncvalues.EchoU8(ctx, v)
}

func (asyncEcho) EchoU16(ctx context.Context, v uint16) (uint16, error) {
	return asyncvalues.EchoU16(ctx, v)
}

func (asyncEcho) EchoU32(ctx context.Context, v uint32) (uint32, error) {
	return asyncvalues.EchoU32(ctx, v)
}

func (asyncEcho) EchoU64(ctx context.Context, v uint64) (uint64, error) {
	return asyncvalues.EchoU64(ctx, v)
}

func (asyncEcho) EchoS8(ctx context.Context, v int8) (int8, error) {
	return asyncvalues.EchoS8(ctx, v)
}

func (asyncEcho) EchoS16(ctx context.Context, v int16) (int16, error) {
	return asyncvalues.EchoS16(ctx, v)
}

func (asyncEcho) EchoS32(ctx context.Context, v int32) (int32, error) {
	return asyncvalues.EchoS32(ctx, v)
}

func (asyncEcho) EchoS64(ctx context.Context, v int64) (int64, error) {
	return asyncvalues.EchoS64(ctx, v)
}

func (asyncEcho) EchoF32(ctx context.Context, v float32) (float32, error) {
	return asyncvalues.EchoF32(ctx, v)
}

func (asyncEcho) EchoF64(ctx context.Context, v float64) (float64, error) {
	return asyncvalues.EchoF64(ctx, v)
}

func (asyncEcho) EchoChar(ctx context.Context, v rune) (rune, error) {
	return asyncvalues.EchoChar(ctx, v)
}

func (asyncEcho) EchoString(ctx context.Context, v string) (string, error) {
	return asyncvalues.EchoString(ctx, v)
}

func (asyncEcho) EchoBytes(ctx context.Context, v []byte) ([]byte, error) {
	return asyncvalues.EchoBytes(ctx, v)
}

func (asyncEcho) EchoBools(ctx context.Context, v []bool) ([]bool, error) {
	return asyncvalues.EchoBools(ctx, v)
}

func (asyncEcho) EchoChars(ctx context.Context, v []rune) ([]rune, error) {
	return asyncvalues.EchoChars(ctx, v)
}

func (asyncEcho) EchoU64s(ctx context.Context, v []uint64) ([]uint64, error) {
	return asyncvalues.EchoU64s(ctx, v)
}

func (asyncEcho) EchoF32s(ctx context.Context, v []float32) ([]float32, error) {
	return asyncvalues.EchoF32s(ctx, v)
}

func (asyncEcho) EchoStrings(ctx context.Context, v []string) ([]string, error) {
	return asyncvalues.EchoStrings(ctx, v)
}

func (asyncEcho) EchoNested(ctx context.Context, v [][]uint16) ([][]uint16, error) {
	return asyncvalues.EchoNested(ctx, v)
}

func (asyncEcho) EchoColors(ctx context.Context, v []types.Color) ([]types.Color, error) {
	return asyncvalues.EchoColors(ctx, v)
}

func (asyncEcho) EchoPoints(ctx context.Context, v []types.Point) ([]types.Point, error) {
	return asyncvalues.EchoPoints(ctx, v)
}

func (asyncEcho) EchoShapes(ctx context.Context, v []types.Shape) ([]types.Shape, error) {
	return asyncvalues.EchoShapes(ctx, v)
}

func (asyncEcho) EchoOptions(ctx context.Context, v []*uint8) ([]*uint8, error) {
	return asyncvalues.EchoOptions(ctx, v)
}

func (asyncEcho) EchoTuples(ctx context.Context, v []rt.Tuple2[uint8, uint64]) ([]rt.Tuple2[uint8, uint64], error) {
	return asyncvalues.EchoTuples(ctx, v)
}

func (asyncEcho) EchoMap(ctx context.Context, v map[string]uint32) (map[string]uint32, error) {
	return asyncvalues.EchoMap(ctx, v)
}

func (asyncEcho) EchoMapOfLists(ctx context.Context, v map[uint8][]string) (map[uint8][]string, error) {
	return asyncvalues.EchoMapOfLists(ctx, v)
}

func (asyncEcho) EchoMapOfChars(ctx context.Context, v map[rune]bool) (map[rune]bool, error) {
	return asyncvalues.EchoMapOfChars(ctx, v)
}

func (asyncEcho) EchoPoint(ctx context.Context, v types.Point) (types.Point, error) {
	return asyncvalues.EchoPoint(ctx, v)
}

func (asyncEcho) EchoPerson(ctx context.Context, v types.Person) (types.Person, error) {
	return asyncvalues.EchoPerson(ctx, v)
}

func (asyncEcho) EchoBig(ctx context.Context, v types.Big) (types.Big, error) {
	return asyncvalues.EchoBig(ctx, v)
}

func (asyncEcho) EchoOne(ctx context.Context, v types.One) (types.One, error) {
	return asyncvalues.EchoOne(ctx, v)
}

func (asyncEcho) EchoTuple1(ctx context.Context, v rt.Tuple1[uint32]) (rt.Tuple1[uint32], error) {
	return asyncvalues.EchoTuple1(ctx, v)
}

func (asyncEcho) EchoTuple2(ctx context.Context, v rt.Tuple2[uint8, string]) (rt.Tuple2[uint8, string], error) {
	return asyncvalues.EchoTuple2(ctx, v)
}

func (asyncEcho) EchoTuple17(ctx context.Context, v struct {
	F0  uint8
	F1  uint8
	F2  uint8
	F3  uint8
	F4  uint8
	F5  uint8
	F6  uint8
	F7  uint8
	F8  uint8
	F9  uint8
	F10 uint8
	F11 uint8
	F12 uint8
	F13 uint8
	F14 uint8
	F15 uint8
	F16 string
}) (struct {
	F0  uint8
	F1  uint8
	F2  uint8
	F3  uint8
	F4  uint8
	F5  uint8
	F6  uint8
	F7  uint8
	F8  uint8
	F9  uint8
	F10 uint8
	F11 uint8
	F12 uint8
	F13 uint8
	F14 uint8
	F15 uint8
	F16 string
}, error) {
	return asyncvalues.EchoTuple17(ctx, v)
}

func (asyncEcho) EchoColor(ctx context.Context, v types.Color) (types.Color, error) {
	return asyncvalues.EchoColor(ctx, v)
}

func (asyncEcho) EchoWide(ctx context.Context, v types.Wide) (types.Wide, error) {
	return asyncvalues.EchoWide(ctx, v)
}

func (asyncEcho) EchoPerms(ctx context.Context, v types.Perms) (types.Perms, error) {
	return asyncvalues.EchoPerms(ctx, v)
}

func (asyncEcho) EchoFlags9(ctx context.Context, v types.Flags9) (types.Flags9, error) {
	return asyncvalues.EchoFlags9(ctx, v)
}

func (asyncEcho) EchoFlags32(ctx context.Context, v types.Flags32) (types.Flags32, error) {
	return asyncvalues.EchoFlags32(ctx, v)
}

func (asyncEcho) EchoShape(ctx context.Context, v types.Shape) (types.Shape, error) {
	return asyncvalues.EchoShape(ctx, v)
}

func (asyncEcho) EchoMixed(ctx context.Context, v types.Mixed) (types.Mixed, error) {
	return asyncvalues.EchoMixed(ctx, v)
}

func (asyncEcho) EchoOnly(ctx context.Context, v types.Only) (types.Only, error) {
	return asyncvalues.EchoOnly(ctx, v)
}

func (asyncEcho) EchoOptU8(ctx context.Context, v *uint8) (*uint8, error) {
	return asyncvalues.EchoOptU8(ctx, v)
}

func (asyncEcho) EchoOptString(ctx context.Context, v *string) (*string, error) {
	return asyncvalues.EchoOptString(ctx, v)
}

func (asyncEcho) EchoOptOpt(ctx context.Context, v **uint8) (**uint8, error) {
	return asyncvalues.EchoOptOpt(ctx, v)
}

func (asyncEcho) EchoOptPoint(ctx context.Context, v *types.Point) (*types.Point, error) {
	return asyncvalues.EchoOptPoint(ctx, v)
}

func (asyncEcho) EchoOptMixed(ctx context.Context, v *types.Mixed) (*types.Mixed, error) {
	return asyncvalues.EchoOptMixed(ctx, v)
}

func (asyncEcho) EchoResults(ctx context.Context, v []rt.Result[uint8, string]) ([]rt.Result[uint8, string], error) {
	return asyncvalues.EchoResults(ctx, v)
}

func (asyncEcho) EchoUnitResults(ctx context.Context, v rt.Tuple3[rt.Result[rt.Unit, rt.Unit], rt.Result[uint16, rt.Unit], rt.Result[rt.Unit, float64]]) (rt.Tuple3[rt.Result[rt.Unit, rt.Unit], rt.Result[uint16, rt.Unit], rt.Result[rt.Unit, float64]], error) {
	return asyncvalues.EchoUnitResults(ctx, v)
}

func (asyncEcho) EchoAlias(ctx context.Context, v []string) ([]string, error) {
	return asyncvalues.EchoAlias(ctx, v)
}

func (asyncEcho) EchoAlias2(ctx context.Context, v types.Point) (types.Point, error) {
	return asyncvalues.EchoAlias2(ctx, v)
}

func (asyncEcho) Result(ctx context.Context, v bool, fail *string) error {
	return asyncvalues.Result(ctx, v, fail)
}

func (asyncEcho) ResultU8(ctx context.Context, v uint8, fail *string) (uint8, error) {
	return asyncvalues.ResultU8(ctx, v, fail)
}

func (asyncEcho) ResultString(ctx context.Context, v bool, fail *string) error {
	return asyncvalues.ResultString(ctx, v, fail)
}

func (asyncEcho) ResultFailure(ctx context.Context, v string, fail *string) (string, error) {
	return asyncvalues.ResultFailure(ctx, v, fail)
}

func (asyncEcho) ResultErrno(ctx context.Context, v bool, fail *string) error {
	return asyncvalues.ResultErrno(ctx, v, fail)
}

func (asyncEcho) ResultProblem(ctx context.Context, v types.Point, fail *string) (types.Point, error) {
	return asyncvalues.ResultProblem(ctx, v, fail)
}

func (asyncEcho) ResultWithError(ctx context.Context, v types.Big, fail *string) (types.Big, error) {
	return asyncvalues.ResultWithError(ctx, v, fail)
}

func (asyncEcho) Many(ctx context.Context, a uint8, b string, c float32, d []byte, e types.Shape) (rt.Tuple5[uint8, string, float32, []byte, types.Shape], error) {
	return asyncvalues.Many(ctx, a, b, c, d, e)
}

func (asyncEcho) Spill(ctx context.Context, a string, b string, c string, d string, e string, f string, g string, h string, i uint8) ([]string, error) {
	return asyncvalues.Spill(ctx, a, b, c, d, e, f, g, h, i)
}

func (asyncEcho) Ping(ctx context.Context) error {
	return asyncvalues.Ping(ctx)
}

func (asyncEcho) Notify(ctx context.Context, ctx_ string, err uint8, c bool, t float32, ret float64, args string, exports_ string, self_ uint8) error {
	return asyncvalues.Notify(ctx, ctx_, err, c, t, ret, args, exports_, self_)
}

func (asyncEcho) Produce(ctx context.Context) (uint64, error) {
	return asyncvalues.Produce(ctx)
}
