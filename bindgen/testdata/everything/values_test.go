package main

import (
	"context"

	"example.com/everything/gen/rt"
	"example.com/everything/gen/types"
)

// valuesHost echoes, or fails where it is told to.
type valuesHost struct{}

func (valuesHost) EchoBool(v bool) bool {
	return v
}

func (valuesHost) EchoU8(v uint8) uint8 {
	return v
}

func (valuesHost) EchoU16(v uint16) uint16 {
	return v
}

func (valuesHost) EchoU32(v uint32) uint32 {
	return v
}

func (valuesHost) EchoU64(v uint64) uint64 {
	return v
}

func (valuesHost) EchoS8(v int8) int8 {
	return v
}

func (valuesHost) EchoS16(v int16) int16 {
	return v
}

func (valuesHost) EchoS32(v int32) int32 {
	return v
}

func (valuesHost) EchoS64(v int64) int64 {
	return v
}

func (valuesHost) EchoF32(v float32) float32 {
	return v
}

func (valuesHost) EchoF64(v float64) float64 {
	return v
}

func (valuesHost) EchoChar(v rune) rune {
	return v
}

func (valuesHost) EchoString(v string) string {
	return v
}

func (valuesHost) EchoBytes(v []byte) []byte {
	return v
}

func (valuesHost) EchoBools(v []bool) []bool {
	return v
}

func (valuesHost) EchoChars(v []rune) []rune {
	return v
}

func (valuesHost) EchoU64s(v []uint64) []uint64 {
	return v
}

func (valuesHost) EchoF32s(v []float32) []float32 {
	return v
}

func (valuesHost) EchoStrings(v []string) []string {
	return v
}

func (valuesHost) EchoNested(v [][]uint16) [][]uint16 {
	return v
}

func (valuesHost) EchoColors(v []types.Color) []types.Color {
	return v
}

func (valuesHost) EchoPoints(v []types.Point) []types.Point {
	return v
}

func (valuesHost) EchoShapes(v []types.Shape) []types.Shape {
	return v
}

func (valuesHost) EchoOptions(v []*uint8) []*uint8 {
	return v
}

func (valuesHost) EchoTuples(v []rt.Tuple2[uint8, uint64]) []rt.Tuple2[uint8, uint64] {
	return v
}

func (valuesHost) EchoMap(v map[string]uint32) map[string]uint32 {
	return v
}

func (valuesHost) EchoMapOfLists(v map[uint8][]string) map[uint8][]string {
	return v
}

func (valuesHost) EchoMapOfChars(v map[rune]bool) map[rune]bool {
	return v
}

func (valuesHost) EchoPoint(v types.Point) types.Point {
	return v
}

func (valuesHost) EchoPerson(v types.Person) types.Person {
	return v
}

func (valuesHost) EchoBig(v types.Big) types.Big {
	return v
}

func (valuesHost) EchoOne(v types.One) types.One {
	return v
}

func (valuesHost) EchoTuple1(v rt.Tuple1[uint32]) rt.Tuple1[uint32] {
	return v
}

func (valuesHost) EchoTuple2(v rt.Tuple2[uint8, string]) rt.Tuple2[uint8, string] {
	return v
}

func (valuesHost) EchoTuple17(v struct {
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
}) struct {
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
} {
	return v
}

func (valuesHost) EchoColor(v types.Color) types.Color {
	return v
}

func (valuesHost) EchoWide(v types.Wide) types.Wide {
	return v
}

func (valuesHost) EchoPerms(v types.Perms) types.Perms {
	return v
}

func (valuesHost) EchoFlags9(v types.Flags9) types.Flags9 {
	return v
}

func (valuesHost) EchoFlags32(v types.Flags32) types.Flags32 {
	return v
}

func (valuesHost) EchoShape(v types.Shape) types.Shape {
	return v
}

func (valuesHost) EchoMixed(v types.Mixed) types.Mixed {
	return v
}

func (valuesHost) EchoOnly(v types.Only) types.Only {
	return v
}

func (valuesHost) EchoOptU8(v *uint8) *uint8 {
	return v
}

func (valuesHost) EchoOptString(v *string) *string {
	return v
}

func (valuesHost) EchoOptOpt(v **uint8) **uint8 {
	return v
}

func (valuesHost) EchoOptPoint(v *types.Point) *types.Point {
	return v
}

func (valuesHost) EchoOptMixed(v *types.Mixed) *types.Mixed {
	return v
}

func (valuesHost) EchoResults(v []rt.Result[uint8, string]) []rt.Result[uint8, string] {
	return v
}

func (valuesHost) EchoUnitResults(v rt.Tuple3[rt.Result[rt.Unit, rt.Unit], rt.Result[uint16, rt.Unit], rt.Result[rt.Unit, float64]]) rt.Tuple3[rt.Result[rt.Unit, rt.Unit], rt.Result[uint16, rt.Unit], rt.Result[rt.Unit, float64]] {
	return v
}

func (valuesHost) EchoAlias(v []string) []string {
	return v
}

func (valuesHost) EchoAlias2(v types.Point) types.Point {
	return v
}

func (valuesHost) Result(v bool, fail *string) error {
	if fail != nil {
		return rt.NewErr(rt.Unit{})
	}
	return nil
}

func (valuesHost) ResultU8(v uint8, fail *string) (uint8, error) {
	if fail != nil {
		return v, rt.NewErr(rt.Unit{})
	}
	return v, nil
}

func (valuesHost) ResultString(v bool, fail *string) error {
	if fail != nil {
		return rt.NewErr(*fail)
	}
	return nil
}

func (valuesHost) ResultFailure(v string, fail *string) (string, error) {
	if fail != nil {
		return v, types.FailureOther{Value: *fail}
	}
	return v, nil
}

func (valuesHost) ResultErrno(v bool, fail *string) error {
	if fail != nil {
		return types.ErrnoIo
	}
	return nil
}

func (valuesHost) ResultProblem(v types.Point, fail *string) (types.Point, error) {
	if fail != nil {
		return v, types.Problem{Code: 7, Text: *fail}
	}
	return v, nil
}

func (valuesHost) ResultWithError(v types.Big, fail *string) (types.Big, error) {
	if fail != nil {
		return v, rt.NewErr(types.WithError{Error: *fail})
	}
	return v, nil
}

func (valuesHost) Many(a uint8, b string, c float32, d []byte, e types.Shape) rt.Tuple5[uint8, string, float32, []byte, types.Shape] {
	return rt.Tuple5[uint8, string, float32, []byte, types.Shape]{F0: a, F1: b, F2: c, F3: d, F4: e}
}

func (valuesHost) Spill(a string, b string, c string, d string, e string, f string, g string, h string, i uint8) []string {
	return []string{a, b, c, d, e, f, g, h, string('0' + rune(i))}
}

func (valuesHost) Ping() {

}

func (valuesHost) Notify(ctx string, err uint8, c bool, t float32, ret float64, args string, exports_ string, self_ uint8) {

}

func (valuesHost) Produce() uint64 {
	return 1 << 63
}

// asyncHost is valuesHost for async functions.
type asyncHost struct{}

func (asyncHost) EchoBool(ctx context.Context, v bool) (bool, error) {
	return v, nil
}

func (asyncHost) EchoU8(ctx context.Context, v uint8) (uint8, error) {
	return v, nil
}

func (asyncHost) EchoU16(ctx context.Context, v uint16) (uint16, error) {
	return v, nil
}

func (asyncHost) EchoU32(ctx context.Context, v uint32) (uint32, error) {
	return v, nil
}

func (asyncHost) EchoU64(ctx context.Context, v uint64) (uint64, error) {
	return v, nil
}

func (asyncHost) EchoS8(ctx context.Context, v int8) (int8, error) {
	return v, nil
}

func (asyncHost) EchoS16(ctx context.Context, v int16) (int16, error) {
	return v, nil
}

func (asyncHost) EchoS32(ctx context.Context, v int32) (int32, error) {
	return v, nil
}

func (asyncHost) EchoS64(ctx context.Context, v int64) (int64, error) {
	return v, nil
}

func (asyncHost) EchoF32(ctx context.Context, v float32) (float32, error) {
	return v, nil
}

func (asyncHost) EchoF64(ctx context.Context, v float64) (float64, error) {
	return v, nil
}

func (asyncHost) EchoChar(ctx context.Context, v rune) (rune, error) {
	return v, nil
}

func (asyncHost) EchoString(ctx context.Context, v string) (string, error) {
	return v, nil
}

func (asyncHost) EchoBytes(ctx context.Context, v []byte) ([]byte, error) {
	return v, nil
}

func (asyncHost) EchoBools(ctx context.Context, v []bool) ([]bool, error) {
	return v, nil
}

func (asyncHost) EchoChars(ctx context.Context, v []rune) ([]rune, error) {
	return v, nil
}

func (asyncHost) EchoU64s(ctx context.Context, v []uint64) ([]uint64, error) {
	return v, nil
}

func (asyncHost) EchoF32s(ctx context.Context, v []float32) ([]float32, error) {
	return v, nil
}

func (asyncHost) EchoStrings(ctx context.Context, v []string) ([]string, error) {
	return v, nil
}

func (asyncHost) EchoNested(ctx context.Context, v [][]uint16) ([][]uint16, error) {
	return v, nil
}

func (asyncHost) EchoColors(ctx context.Context, v []types.Color) ([]types.Color, error) {
	return v, nil
}

func (asyncHost) EchoPoints(ctx context.Context, v []types.Point) ([]types.Point, error) {
	return v, nil
}

func (asyncHost) EchoShapes(ctx context.Context, v []types.Shape) ([]types.Shape, error) {
	return v, nil
}

func (asyncHost) EchoOptions(ctx context.Context, v []*uint8) ([]*uint8, error) {
	return v, nil
}

func (asyncHost) EchoTuples(ctx context.Context, v []rt.Tuple2[uint8, uint64]) ([]rt.Tuple2[uint8, uint64], error) {
	return v, nil
}

func (asyncHost) EchoMap(ctx context.Context, v map[string]uint32) (map[string]uint32, error) {
	return v, nil
}

func (asyncHost) EchoMapOfLists(ctx context.Context, v map[uint8][]string) (map[uint8][]string, error) {
	return v, nil
}

func (asyncHost) EchoMapOfChars(ctx context.Context, v map[rune]bool) (map[rune]bool, error) {
	return v, nil
}

func (asyncHost) EchoPoint(ctx context.Context, v types.Point) (types.Point, error) {
	return v, nil
}

func (asyncHost) EchoPerson(ctx context.Context, v types.Person) (types.Person, error) {
	return v, nil
}

func (asyncHost) EchoBig(ctx context.Context, v types.Big) (types.Big, error) {
	return v, nil
}

func (asyncHost) EchoOne(ctx context.Context, v types.One) (types.One, error) {
	return v, nil
}

func (asyncHost) EchoTuple1(ctx context.Context, v rt.Tuple1[uint32]) (rt.Tuple1[uint32], error) {
	return v, nil
}

func (asyncHost) EchoTuple2(ctx context.Context, v rt.Tuple2[uint8, string]) (rt.Tuple2[uint8, string], error) {
	return v, nil
}

func (asyncHost) EchoTuple17(ctx context.Context, v struct {
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
	return v, nil
}

func (asyncHost) EchoColor(ctx context.Context, v types.Color) (types.Color, error) {
	return v, nil
}

func (asyncHost) EchoWide(ctx context.Context, v types.Wide) (types.Wide, error) {
	return v, nil
}

func (asyncHost) EchoPerms(ctx context.Context, v types.Perms) (types.Perms, error) {
	return v, nil
}

func (asyncHost) EchoFlags9(ctx context.Context, v types.Flags9) (types.Flags9, error) {
	return v, nil
}

func (asyncHost) EchoFlags32(ctx context.Context, v types.Flags32) (types.Flags32, error) {
	return v, nil
}

func (asyncHost) EchoShape(ctx context.Context, v types.Shape) (types.Shape, error) {
	return v, nil
}

func (asyncHost) EchoMixed(ctx context.Context, v types.Mixed) (types.Mixed, error) {
	return v, nil
}

func (asyncHost) EchoOnly(ctx context.Context, v types.Only) (types.Only, error) {
	return v, nil
}

func (asyncHost) EchoOptU8(ctx context.Context, v *uint8) (*uint8, error) {
	return v, nil
}

func (asyncHost) EchoOptString(ctx context.Context, v *string) (*string, error) {
	return v, nil
}

func (asyncHost) EchoOptOpt(ctx context.Context, v **uint8) (**uint8, error) {
	return v, nil
}

func (asyncHost) EchoOptPoint(ctx context.Context, v *types.Point) (*types.Point, error) {
	return v, nil
}

func (asyncHost) EchoOptMixed(ctx context.Context, v *types.Mixed) (*types.Mixed, error) {
	return v, nil
}

func (asyncHost) EchoResults(ctx context.Context, v []rt.Result[uint8, string]) ([]rt.Result[uint8, string], error) {
	return v, nil
}

func (asyncHost) EchoUnitResults(ctx context.Context, v rt.Tuple3[rt.Result[rt.Unit, rt.Unit], rt.Result[uint16, rt.Unit], rt.Result[rt.Unit, float64]]) (rt.Tuple3[rt.Result[rt.Unit, rt.Unit], rt.Result[uint16, rt.Unit], rt.Result[rt.Unit, float64]], error) {
	return v, nil
}

func (asyncHost) EchoAlias(ctx context.Context, v []string) ([]string, error) {
	return v, nil
}

func (asyncHost) EchoAlias2(ctx context.Context, v types.Point) (types.Point, error) {
	return v, nil
}

func (asyncHost) Result(ctx context.Context, v bool, fail *string) error {
	if fail != nil {
		return rt.NewErr(rt.Unit{})
	}
	return nil
}

func (asyncHost) ResultU8(ctx context.Context, v uint8, fail *string) (uint8, error) {
	if fail != nil {
		return v, rt.NewErr(rt.Unit{})
	}
	return v, nil
}

func (asyncHost) ResultString(ctx context.Context, v bool, fail *string) error {
	if fail != nil {
		return rt.NewErr(*fail)
	}
	return nil
}

func (asyncHost) ResultFailure(ctx context.Context, v string, fail *string) (string, error) {
	if fail != nil {
		return v, types.FailureOther{Value: *fail}
	}
	return v, nil
}

func (asyncHost) ResultErrno(ctx context.Context, v bool, fail *string) error {
	if fail != nil {
		return types.ErrnoIo
	}
	return nil
}

func (asyncHost) ResultProblem(ctx context.Context, v types.Point, fail *string) (types.Point, error) {
	if fail != nil {
		return v, types.Problem{Code: 7, Text: *fail}
	}
	return v, nil
}

func (asyncHost) ResultWithError(ctx context.Context, v types.Big, fail *string) (types.Big, error) {
	if fail != nil {
		return v, rt.NewErr(types.WithError{Error: *fail})
	}
	return v, nil
}

func (asyncHost) Many(ctx context.Context, a uint8, b string, c float32, d []byte, e types.Shape) (rt.Tuple5[uint8, string, float32, []byte, types.Shape], error) {
	return rt.Tuple5[uint8, string, float32, []byte, types.Shape]{F0: a, F1: b, F2: c, F3: d, F4: e}, nil
}

func (asyncHost) Spill(ctx context.Context, a string, b string, c string, d string, e string, f string, g string, h string, i uint8) ([]string, error) {
	return []string{a, b, c, d, e, f, g, h, string('0' + rune(i))}, nil
}

func (asyncHost) Ping(ctx context.Context) error {
	return nil
}

func (asyncHost) Notify(ctx context.Context, ctx_ string, err uint8, c bool, t float32, ret float64, args string, exports_ string, self_ uint8) error {
	return nil
}

func (asyncHost) Produce(ctx context.Context) (uint64, error) {
	return 1 << 63, nil
}

type ctx = context.Context
