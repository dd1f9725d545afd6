package main

import (
	"example.com/everything/gen/rt"
	"example.com/everything/gen/types"
	"example.com/everything/gen/values"
)

// valuesEcho answers with what the import of the same name answers.
type valuesEcho struct{}

func (valuesEcho) EchoBool(v bool) bool {
	return values.EchoBool(v)
}

func (valuesEcho) EchoU8(v uint8) uint8 {
	return values.EchoU8(v)
}

func (valuesEcho) EchoU16(v uint16) uint16 {
	return values.EchoU16(v)
}

func (valuesEcho) EchoU32(v uint32) uint32 {
	return values.EchoU32(v)
}

func (valuesEcho) EchoU64(v uint64) uint64 {
	return values.EchoU64(v)
}

func (valuesEcho) EchoS8(v int8) int8 {
	return values.EchoS8(v)
}

func (valuesEcho) EchoS16(v int16) int16 {
	return values.EchoS16(v)
}

func (valuesEcho) EchoS32(v int32) int32 {
	return values.EchoS32(v)
}

func (valuesEcho) EchoS64(v int64) int64 {
	return values.EchoS64(v)
}

func (valuesEcho) EchoF32(v float32) float32 {
	return values.EchoF32(v)
}

func (valuesEcho) EchoF64(v float64) float64 {
	return values.EchoF64(v)
}

func (valuesEcho) EchoChar(v rune) rune {
	return values.EchoChar(v)
}

func (valuesEcho) EchoString(v string) string {
	return values.EchoString(v)
}

func (valuesEcho) EchoBytes(v []byte) []byte {
	return values.EchoBytes(v)
}

func (valuesEcho) EchoBools(v []bool) []bool {
	return values.EchoBools(v)
}

func (valuesEcho) EchoChars(v []rune) []rune {
	return values.EchoChars(v)
}

func (valuesEcho) EchoU64s(v []uint64) []uint64 {
	return values.EchoU64s(v)
}

func (valuesEcho) EchoF32s(v []float32) []float32 {
	return values.EchoF32s(v)
}

func (valuesEcho) EchoStrings(v []string) []string {
	return values.EchoStrings(v)
}

func (valuesEcho) EchoNested(v [][]uint16) [][]uint16 {
	return values.EchoNested(v)
}

func (valuesEcho) EchoColors(v []types.Color) []types.Color {
	return values.EchoColors(v)
}

func (valuesEcho) EchoPoints(v []types.Point) []types.Point {
	return values.EchoPoints(v)
}

func (valuesEcho) EchoShapes(v []types.Shape) []types.Shape {
	return values.EchoShapes(v)
}

func (valuesEcho) EchoOptions(v []*uint8) []*uint8 {
	return values.EchoOptions(v)
}

func (valuesEcho) EchoTuples(v []rt.Tuple2[uint8, uint64]) []rt.Tuple2[uint8, uint64] {
	return values.EchoTuples(v)
}

func (valuesEcho) EchoMap(v map[string]uint32) map[string]uint32 {
	return values.EchoMap(v)
}

func (valuesEcho) EchoMapOfLists(v map[uint8][]string) map[uint8][]string {
	return values.EchoMapOfLists(v)
}

func (valuesEcho) EchoMapOfChars(v map[rune]bool) map[rune]bool {
	return values.EchoMapOfChars(v)
}

func (valuesEcho) EchoPoint(v types.Point) types.Point {
	return values.EchoPoint(v)
}

func (valuesEcho) EchoPerson(v types.Person) types.Person {
	return values.EchoPerson(v)
}

func (valuesEcho) EchoBig(v types.Big) types.Big {
	return values.EchoBig(v)
}

func (valuesEcho) EchoOne(v types.One) types.One {
	return values.EchoOne(v)
}

func (valuesEcho) EchoTuple1(v rt.Tuple1[uint32]) rt.Tuple1[uint32] {
	return values.EchoTuple1(v)
}

func (valuesEcho) EchoTuple2(v rt.Tuple2[uint8, string]) rt.Tuple2[uint8, string] {
	return values.EchoTuple2(v)
}

func (valuesEcho) EchoTuple17(v struct {
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
	return values.EchoTuple17(v)
}

func (valuesEcho) EchoColor(v types.Color) types.Color {
	return values.EchoColor(v)
}

func (valuesEcho) EchoWide(v types.Wide) types.Wide {
	return values.EchoWide(v)
}

func (valuesEcho) EchoPerms(v types.Perms) types.Perms {
	return values.EchoPerms(v)
}

func (valuesEcho) EchoFlags9(v types.Flags9) types.Flags9 {
	return values.EchoFlags9(v)
}

func (valuesEcho) EchoFlags32(v types.Flags32) types.Flags32 {
	return values.EchoFlags32(v)
}

func (valuesEcho) EchoShape(v types.Shape) types.Shape {
	return values.EchoShape(v)
}

func (valuesEcho) EchoMixed(v types.Mixed) types.Mixed {
	return values.EchoMixed(v)
}

func (valuesEcho) EchoOnly(v types.Only) types.Only {
	return values.EchoOnly(v)
}

func (valuesEcho) EchoOptU8(v *uint8) *uint8 {
	return values.EchoOptU8(v)
}

func (valuesEcho) EchoOptString(v *string) *string {
	return values.EchoOptString(v)
}

func (valuesEcho) EchoOptOpt(v **uint8) **uint8 {
	return values.EchoOptOpt(v)
}

func (valuesEcho) EchoOptPoint(v *types.Point) *types.Point {
	return values.EchoOptPoint(v)
}

func (valuesEcho) EchoOptMixed(v *types.Mixed) *types.Mixed {
	return values.EchoOptMixed(v)
}

func (valuesEcho) EchoResults(v []rt.Result[uint8, string]) []rt.Result[uint8, string] {
	return values.EchoResults(v)
}

func (valuesEcho) EchoUnitResults(v rt.Tuple3[rt.Result[rt.Unit, rt.Unit], rt.Result[uint16, rt.Unit], rt.Result[rt.Unit, float64]]) rt.Tuple3[rt.Result[rt.Unit, rt.Unit], rt.Result[uint16, rt.Unit], rt.Result[rt.Unit, float64]] {
	return values.EchoUnitResults(v)
}

func (valuesEcho) EchoAlias(v []string) []string {
	return values.EchoAlias(v)
}

func (valuesEcho) EchoAlias2(v types.Point) types.Point {
	return values.EchoAlias2(v)
}

func (valuesEcho) Result(v bool, fail *string) error {
	return values.Result(v, fail)
}

func (valuesEcho) ResultU8(v uint8, fail *string) (uint8, error) {
	return values.ResultU8(v, fail)
}

func (valuesEcho) ResultString(v bool, fail *string) error {
	return values.ResultString(v, fail)
}

func (valuesEcho) ResultFailure(v string, fail *string) (string, error) {
	return values.ResultFailure(v, fail)
}

func (valuesEcho) ResultErrno(v bool, fail *string) error {
	return values.ResultErrno(v, fail)
}

func (valuesEcho) ResultProblem(v types.Point, fail *string) (types.Point, error) {
	return values.ResultProblem(v, fail)
}

func (valuesEcho) ResultWithError(v types.Big, fail *string) (types.Big, error) {
	return values.ResultWithError(v, fail)
}

func (valuesEcho) Many(a uint8, b string, c float32, d []byte, e types.Shape) rt.Tuple5[uint8, string, float32, []byte, types.Shape] {
	return values.Many(a, b, c, d, e)
}

func (valuesEcho) Spill(a string, b string, c string, d string, e string, f string, g string, h string, i uint8) []string {
	return values.Spill(a, b, c, d, e, f, g, h, i)
}

func (valuesEcho) Ping() {
	values.Ping()
}

func (valuesEcho) Notify(ctx string, err uint8, c bool, t float32, ret float64, args string, exports_ string, self_ uint8) {
	values.Notify(ctx, err, c, t, ret, args, exports_, self_)
}

func (valuesEcho) Produce() uint64 {
	return values.Produce()
}
