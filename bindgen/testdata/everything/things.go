package main

import (
	"context"

	exported "example.com/everything/gen/export/things"
	"example.com/everything/gen/export/users"
	"example.com/everything/gen/rt"
	"example.com/everything/gen/things"
	"example.com/everything/gen/types"
	imported "example.com/everything/gen/users"
)

// thing is a thing of ours that stands for one of the host's.
type thing struct{ host *things.Thing }

func (t thing) Name() string { return t.host.Name() }
func (t thing) Rename(ctx context.Context, name string) (string, error) {
	return t.host.Rename(ctx, name)
}
func (t thing) At(p types.Point, deltas []int8) *types.Point { return t.host.At(p, deltas) }
func (t thing) Close_() bool                                 { return t.host.Close_() }
func (t thing) Close() error                                 { return t.host.Close() }
func (t thing) Long(ctx context.Context, a, b, c string) (string, error) {
	return t.host.Long(ctx, a, b, c)
}
func (t thing) Wide(a, b, c, d, e, f, g string, h []exported.ThingBorrow) string {
	return t.host.Wide(a, b, c, d, e, f, g, each(lent, h))
}

// picky is the same for a picky.
type picky struct{ host *things.Picky }

func (p picky) Both(other exported.PickyBorrow, own exported.Thing) string {
	return p.host.Both(other.(picky).host, theirs(own))
}
func (p picky) Close() error { return p.host.Close() }

// token is the same for a token.
type token struct{ host *things.Token }

func (t token) Close() error { return t.host.Close() }

// ours and theirs turn owned things into each other; none stays none.
func ours(t *things.Thing) exported.Thing {
	if t == nil {
		return nil
	}
	return thing{t}
}

func theirs(t exported.Thing) *things.Thing {
	if t == nil {
		return nil
	}
	return t.(thing).host
}

// lent is the host's thing that a borrowed one of ours stands for.
func lent(t exported.ThingBorrow) things.ThingBorrow {
	if t == nil {
		return nil
	}
	return t.(thing).host
}

// each applies f to all elements.
func each[T, U any](f func(T) U, ts []T) []U {
	us := make([]U, len(ts))
	for i, t := range ts {
		us[i] = f(t)
	}
	return us
}

// thingsEcho answers with what the imports of the same names answer.
type thingsEcho struct{}

func (thingsEcho) NewThing(name string) exported.Thing { return thing{things.NewThing(name)} }

func (thingsEcho) ThingMerge(a exported.ThingBorrow, b exported.Thing) exported.Thing {
	return ours(things.ThingMerge(lent(a), theirs(b)))
}

func (thingsEcho) ThingLater(ctx context.Context, name string) (exported.Thing, error) {
	t, err := things.ThingLater(ctx, name)
	return ours(t), err
}

func (thingsEcho) NewPicky(name string) (exported.Picky, error) {
	p, err := things.NewPicky(name)
	if err != nil {
		return nil, err
	}
	return picky{p}, nil
}

func (thingsEcho) Mint() exported.Token { return token{things.Mint()} }

func (thingsEcho) Names(ts []exported.ThingBorrow) []string { return things.Names(each(lent, ts)) }

func (thingsEcho) NameOf(t exported.ThingBorrow) *string { return things.NameOf(lent(t)) }

func (thingsEcho) Pass(t exported.Thing) exported.Thing { return ours(things.Pass(theirs(t))) }

func (thingsEcho) PassAsync(ctx context.Context, t exported.Thing) (exported.Thing, error) {
	r, err := things.PassAsync(ctx, theirs(t))
	return ours(r), err
}

func (thingsEcho) PassAll(ctx context.Context, ts []exported.Thing) ([]exported.Thing, error) {
	r, err := things.PassAll(ctx, each(theirs, ts))
	return each(ours, r), err
}

func (thingsEcho) PassPair(ctx context.Context, p exported.Pair) (exported.Pair, error) {
	r, err := things.PassPair(ctx, things.Pair{Left: theirs(p.Left), Right: theirs(p.Right)})
	return exported.Pair{Left: ours(r.Left), Right: ours(r.Right)}, err
}

func (thingsEcho) PassEither(e exported.Either) exported.Either {
	var arg things.Either = things.EitherNeither{}
	switch e := e.(type) {
	case exported.EitherThing:
		arg = things.EitherThing{Value: theirs(e.Value)}
	case exported.EitherToken:
		arg = things.EitherToken{Value: e.Value.(token).host}
	}
	switch r := things.PassEither(arg).(type) {
	case things.EitherThing:
		return exported.EitherThing{Value: ours(r.Value)}
	case things.EitherToken:
		return exported.EitherToken{Value: token{r.Value}}
	}
	return exported.EitherNeither{}
}

func (thingsEcho) PassResult(ctx context.Context, r rt.Tuple1[rt.Result[exported.Thing, string]]) (exported.Thing, error) {
	arg := rt.Ok[*things.Thing, string](theirs(r.F0.Ok))
	if r.F0.IsErr {
		arg = rt.Fail[*things.Thing](r.F0.Err)
	}
	t, err := things.PassResult(ctx, rt.Tuple1[rt.Result[*things.Thing, string]]{F0: arg})
	return ours(t), err
}

func (thingsEcho) Maybe(t exported.Thing) exported.Thing { return ours(things.Maybe(theirs(t))) }

// usersEcho does the same for the interface that uses things.
type usersEcho struct{}

func (usersEcho) Describe(t users.ThingBorrow) string { return imported.Describe(lent(t)) }

func (usersEcho) Give(ctx context.Context, t users.Thing, c users.Coin) (users.Pair, error) {
	r, err := imported.Give(ctx, theirs(t), c.(token).host)
	return users.Pair{Left: ours(r.Left), Right: ours(r.Right)}, err
}
