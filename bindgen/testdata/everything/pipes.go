package main

import (
	"context"
	"errors"
	"io"

	exported "example.com/everything/gen/export/pipes"
	"example.com/everything/gen/pipes"
	"example.com/everything/gen/rt"
	"example.com/everything/gen/types"
)

// pipesEcho answers with what the imports of the same names answer: the ends pass through the guest, but those whose type is
// another one on the other side. They are pumped.
type pipesEcho struct{}

func (pipesEcho) EchoU8(ctx context.Context, v *rt.ByteReader) (*rt.ByteReader, error) {
	return pipes.EchoU8(ctx, v)
}

func (pipesEcho) EchoU32(ctx context.Context, v *rt.StreamReader[uint32]) (*rt.StreamReader[uint32], error) {
	return pipes.EchoU32(ctx, v)
}

func (pipesEcho) EchoF64(ctx context.Context, v *rt.StreamReader[float64]) (*rt.StreamReader[float64], error) {
	return pipes.EchoF64(ctx, v)
}

func (pipesEcho) EchoBool(ctx context.Context, v *rt.StreamReader[bool]) (*rt.StreamReader[bool], error) {
	return pipes.EchoBool(ctx, v)
}

func (pipesEcho) EchoColor(ctx context.Context, v *rt.StreamReader[types.Color]) (*rt.StreamReader[types.Color], error) {
	return pipes.EchoColor(ctx, v)
}

func (pipesEcho) EchoString(ctx context.Context, v *rt.StreamReader[string]) (*rt.StreamReader[string], error) {
	return pipes.EchoString(ctx, v)
}

func (pipesEcho) EchoPoint(ctx context.Context, v *rt.StreamReader[types.Point]) (*rt.StreamReader[types.Point], error) {
	return pipes.EchoPoint(ctx, v)
}

func (pipesEcho) EchoShape(ctx context.Context, v *rt.StreamReader[types.Shape]) (*rt.StreamReader[types.Shape], error) {
	return pipes.EchoShape(ctx, v)
}

func (pipesEcho) EchoLists(ctx context.Context, v *rt.StreamReader[[]string]) (*rt.StreamReader[[]string], error) {
	return pipes.EchoLists(ctx, v)
}

func (pipesEcho) EchoOptions(ctx context.Context, v *rt.StreamReader[*string]) (*rt.StreamReader[*string], error) {
	return pipes.EchoOptions(ctx, v)
}

func (pipesEcho) EchoUnit(ctx context.Context, v *rt.StreamReader[rt.Unit]) (*rt.StreamReader[rt.Unit], error) {
	return pipes.EchoUnit(ctx, v)
}

func (pipesEcho) EchoFutures(ctx context.Context, v *rt.StreamReader[*rt.FutureReader[string]]) (*rt.StreamReader[*rt.FutureReader[string]], error) {
	return pipes.EchoFutures(ctx, v)
}

func (pipesEcho) EchoFutureU8(ctx context.Context, v *rt.FutureReader[uint8]) (*rt.FutureReader[uint8], error) {
	return pipes.EchoFutureU8(ctx, v)
}

func (pipesEcho) EchoFutureU64(ctx context.Context, v *rt.FutureReader[uint64]) (*rt.FutureReader[uint64], error) {
	return pipes.EchoFutureU64(ctx, v)
}

func (pipesEcho) EchoFutureString(ctx context.Context, v *rt.FutureReader[string]) (*rt.FutureReader[string], error) {
	return pipes.EchoFutureString(ctx, v)
}

func (pipesEcho) EchoFutureUnit(ctx context.Context, v *rt.FutureReader[rt.Unit]) (*rt.FutureReader[rt.Unit], error) {
	return pipes.EchoFutureUnit(ctx, v)
}

func (pipesEcho) EchoFutureResult(ctx context.Context, v *rt.FutureReader[rt.Result[uint8, types.Failure]]) (*rt.FutureReader[rt.Result[uint8, types.Failure]], error) {
	return pipes.EchoFutureResult(ctx, v)
}

func (pipesEcho) EchoFutureStream(ctx context.Context, v *rt.FutureReader[*rt.ByteReader]) (*rt.FutureReader[*rt.ByteReader], error) {
	return pipes.EchoFutureStream(ctx, v)
}

func (pipesEcho) EchoList(ctx context.Context, v []*rt.ByteReader) ([]*rt.ByteReader, error) {
	return pipes.EchoList(ctx, v)
}

func (pipesEcho) EchoOption(ctx context.Context, v *rt.FutureReader[string]) (*rt.FutureReader[string], error) {
	return pipes.EchoOption(ctx, v)
}

func (pipesEcho) EchoPair(ctx context.Context, v rt.Tuple2[*rt.ByteReader, *rt.FutureReader[rt.Result[rt.Unit, types.Failure]]]) (rt.Tuple2[*rt.ByteReader, *rt.FutureReader[rt.Result[rt.Unit, types.Failure]]], error) {
	return pipes.EchoPair(ctx, v)
}

func (pipesEcho) EchoAliased(ctx context.Context, v *rt.ByteReader) (*rt.ByteReader, error) {
	return pipes.EchoAliased(ctx, v)
}

func (pipesEcho) EchoRecord(ctx context.Context, v exported.Channel) (exported.Channel, error) {
	r, err := pipes.EchoRecord(ctx, pipes.Channel(v))
	return exported.Channel(r), err
}

func (pipesEcho) Plain(v *rt.ByteReader) *rt.FutureReader[uint32] { return pipes.Plain(v) }

func (pipesEcho) Paired(ctx context.Context, x *rt.StreamReader[uint16], y *rt.FutureReader[*rt.StreamReader[uint16]]) (*rt.StreamReader[uint16], error) {
	return pipes.Paired(ctx, x, y)
}

func (pipesEcho) EchoThings(ctx context.Context, v *rt.StreamReader[exported.Thing]) (*rt.StreamReader[exported.Thing], error) {
	w, r := pipes.NewStreamThing()
	go pump(ctx, w, v, theirs)
	back, err := pipes.EchoThings(ctx, r)
	if err != nil {
		return nil, err
	}
	out, result := exported.NewStreamThing()
	go pump(ctx, out, back, ours)
	return result, nil
}

// pump writes what f makes of the things that src yields, until src ends or nobody reads any more.
func pump[T, U any](ctx context.Context, dst *rt.StreamWriter[U], src *rt.StreamReader[T], f func(T) U) {
	ctx = context.WithoutCancel(ctx) // the call that started the pump returns long before its end
	defer dst.Close()
	defer src.Close()
	for v, err := range src.All(ctx) {
		if err != nil {
			return
		}
		if _, err := dst.Write(ctx, []U{f(v)}); errors.Is(err, io.ErrClosedPipe) {
			return
		}
	}
}

func (pipesEcho) EchoFutureThing(ctx context.Context, v *rt.FutureReader[exported.Thing]) (*rt.FutureReader[exported.Thing], error) {
	t, err := v.Await(ctx)
	if err != nil {
		return nil, err
	}
	w, r := pipes.NewFutureThing()
	w.CloseWith(theirs(t))
	back, err := pipes.EchoFutureThing(ctx, r)
	if err != nil {
		return nil, err
	}
	b, err := back.Await(ctx)
	if err != nil {
		return nil, err
	}
	out, result := exported.NewFutureThing()
	out.CloseWith(ours(b))
	return result, nil
}
