// Command gated is a guest that hands every value it is given to the import of the same name, and returns what comes back.
package main

import (
	"context"

	"example.com/gated/gen/arrays"
	"example.com/gated/gen/errors"
	arrayexports "example.com/gated/gen/export/arrays"
	errorexports "example.com/gated/gen/export/errors"
	"example.com/gated/gen/gated"
	"example.com/gated/gen/rt"
)

func init() {
	gated.Export(gated.Exports{
		Arrays:  arraysEcho{},
		Errors:  errorsEcho{},
		Swap:    swap,
		Make:    rt.NewErrorContext,
		Read:    read,
		Fail:    fail,
		FailAll: failAll,
	})
}

func main() {}

func swap(_ context.Context, in *rt.StreamReader[[2]uint16]) (*rt.StreamReader[[2]uint16], error) {
	w, out := gated.NewStreamList2U16()
	go func() {
		defer w.Close()
		ctx := context.Background() // the call has returned by then
		for v, err := range in.All(ctx) {
			if err != nil {
				panic(err)
			}
			w.Write(ctx, [][2]uint16{{v[1], v[0]}})
		}
	}()
	return out, nil
}

func read(e *rt.ErrorContext) string {
	defer e.Close()
	return e.DebugMessage() + " " + e.String()
}

func fail(_ context.Context, message string) (uint8, error) {
	e := rt.NewErrorContext(message)
	return 0, rt.NewErr(e)
}

func failAll(_ context.Context, messages []string) (*rt.StreamReader[*rt.ErrorContext], error) {
	w, r := gated.NewStreamErrorContext()
	go func() {
		defer w.Close()
		ctx := context.Background()
		for _, m := range messages {
			e := rt.NewErrorContext(m)
			w.Write(ctx, []*rt.ErrorContext{e})
			e.Close()
		}
	}()
	return r, nil
}

type arraysEcho struct{}

func (arraysEcho) EchoBytes(v [4]byte) [4]byte                 { return arrays.EchoBytes(v) }
func (arraysEcho) EchoOne(v [1]uint16) [1]uint16               { return arrays.EchoOne(v) }
func (arraysEcho) EchoBools(v [3]bool) [3]bool                 { return arrays.EchoBools(v) }
func (arraysEcho) EchoMixed(v [2]uint64, w [3]float32) [5]int8 { return arrays.EchoMixed(v, w) }
func (arraysEcho) EchoStrings(v [2]string) [2]string           { return arrays.EchoStrings(v) }
func (arraysEcho) EchoBig(v [17]byte) [300]uint32              { return arrays.EchoBig(v) }
func (arraysEcho) EchoNested(v [3][2]rune) [3][2]rune          { return arrays.EchoNested(v) }
func (arraysEcho) EchoPerms(v [9]arrayexports.Perms) [9]arrayexports.Perms {
	var in [9]arrays.Perms
	for i := range v {
		in[i] = arrays.Perms(v[i])
	}
	for i, p := range arrays.EchoPerms(in) {
		v[i] = arrayexports.Perms(p)
	}
	return v
}
func (arraysEcho) EchoOptions(v *[4]byte) *[4]byte       { return arrays.EchoOptions(v) }
func (arraysEcho) EchoInside(v [][3]int16) [][3]int16    { return arrays.EchoInside(v) }
func (arraysEcho) EchoAround(v [3][]int16) [3][]int16    { return arrays.EchoAround(v) }
func (arraysEcho) EchoResult(v [2]byte) ([2]byte, error) { return arrays.EchoResult(v) }
func (arraysEcho) EchoTuples(v [2]rt.Tuple2[uint8, uint64]) [2]rt.Tuple2[uint8, uint64] {
	return arrays.EchoTuples(v)
}

func (arraysEcho) EchoLater(ctx context.Context, v [3]*string) ([3]*string, error) {
	return arrays.EchoLater(ctx, v)
}

func (arraysEcho) EchoLaterBig(ctx context.Context, v [20]uint64) ([20]uint64, error) {
	return arrays.EchoLaterBig(ctx, v)
}

func (arraysEcho) EchoCorners(v [2]arrayexports.Corner) [2]arrayexports.Corner {
	out := arrays.EchoCorners([2]arrays.Corner{arrays.Corner(v[0]), arrays.Corner(v[1])})
	return [2]arrayexports.Corner{arrayexports.Corner(out[0]), arrayexports.Corner(out[1])}
}

func (arraysEcho) EchoShapes(v [3]arrayexports.Shape) [3]arrayexports.Shape {
	var in [3]arrays.Shape
	for i, s := range v {
		switch s := s.(type) {
		case arrayexports.ShapeDot:
			in[i] = arrays.ShapeDot(s)
		case arrayexports.ShapeNamed:
			in[i] = arrays.ShapeNamed(s)
		default:
			in[i] = arrays.ShapeNone{}
		}
	}
	for i, s := range arrays.EchoShapes(in) {
		switch s := s.(type) {
		case arrays.ShapeDot:
			v[i] = arrayexports.ShapeDot(s)
		case arrays.ShapeNamed:
			v[i] = arrayexports.ShapeNamed(s)
		default:
			v[i] = arrayexports.ShapeNone{}
		}
	}
	return v
}

type errorsEcho struct{}

var _ errorexports.Exports = errorsEcho{}

func (errorsEcho) Echo(e *rt.ErrorContext) *rt.ErrorContext {
	defer e.Close()
	return errors.Echo(e)
}

func (errorsEcho) EchoLater(ctx context.Context, e *rt.ErrorContext) (*rt.ErrorContext, error) {
	return errors.EchoLater(ctx, e)
}

func (errorsEcho) EchoAll(l []*rt.ErrorContext, a [2]*rt.ErrorContext) rt.Tuple2[[]*rt.ErrorContext, [2]*rt.ErrorContext] {
	return errors.EchoAll(l, a)
}
