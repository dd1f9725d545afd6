package everything_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

// things is the host's side of the interface things.
type things struct{ made, dropped atomic.Int64 }

type thing struct {
	host *things
	name string
}

type picky struct{ name string }

type token struct{ host *things }

func (h *things) thing(name string) *thing {
	h.made.Add(1)
	return &thing{h, name}
}

// point and pair have the shapes of the WIT records.
type point struct{ X, Y int32 }

type pair struct {
	Left  *thing
	Right **thing
}

type either interface{ WITCases(eitherCases) }

type eitherCases struct {
	Thing   eitherThing
	Token   eitherToken
	Neither eitherNeither
}

type (
	eitherThing   struct{ Value *thing }
	eitherToken   struct{ Value *token }
	eitherNeither struct{}
)

func (eitherThing) WITCases(eitherCases)   {}
func (eitherToken) WITCases(eitherCases)   {}
func (eitherNeither) WITCases(eitherCases) {}

type failure interface{ WITCases(failureCases) }

type failureCases struct {
	Full  failureFull
	Gone  failureGone
	Other failureOther
}

type (
	failureFull  struct{ Value uint64 }
	failureGone  struct{}
	failureOther struct{ Value string }
)

func (failureFull) WITCases(failureCases)  {}
func (failureGone) WITCases(failureCases)  {}
func (failureOther) WITCases(failureCases) {}

type tupleOf[T any] struct{ F0 T }

func linkThings(l *gondola.Linker) *things {
	h := &things{}
	in := iface("things")
	l.Resource(in, "thing", func(*thing) { h.dropped.Add(1) })
	l.Resource(in, "picky", func(*picky) {})
	l.Resource(in, "token", func(*token) { h.dropped.Add(1) })
	type ctx = context.Context
	for name, fn := range map[string]any{
		"[constructor]thing":  func(_ ctx, name string) (*thing, error) { return h.thing(name), nil },
		"[method]thing.name":  func(_ ctx, t *thing) (string, error) { return t.name, nil },
		"[method]thing.close": func(_ ctx, t *thing) (bool, error) { return t.name == "close", nil },
		"[method]thing.rename": func(_ ctx, t *thing, name string) (string, error) {
			if name == "" {
				return "", &gondola.Err[failure]{Value: failureOther{"no name"}}
			}
			old := t.name
			t.name = name
			return old, nil
		},
		"[method]thing.at": func(_ ctx, t *thing, p point, deltas []int8) (*point, error) {
			if len(deltas) == 0 {
				return nil, nil
			}
			for _, d := range deltas {
				p.X += int32(d)
			}
			return &p, nil
		},
		"[method]thing.long": func(_ ctx, t *thing, a, b, c string) (string, error) { return t.name + a + b + c, nil },
		"[method]thing.wide": func(_ ctx, t *thing, a, b, c, d, e, f, g string, h []*thing) (string, error) {
			return t.name + a + b + c + d + e + f + g + h[1].name, nil
		},
		"[static]thing.merge": func(_ ctx, a, b *thing) (*thing, error) {
			h.dropped.Add(1) // b is the host's now
			return h.thing(a.name + b.name), nil
		},
		"[static]thing.later": func(_ ctx, name string) (*thing, error) { return h.thing(name + " later"), nil },
		"[constructor]picky": func(_ ctx, name string) (*picky, error) {
			if name == "" {
				return nil, &gondola.Err[failure]{Value: failureGone{}}
			}
			return &picky{name}, nil
		},
		"[method]picky.both": func(_ ctx, p, other *picky, own *thing) (string, error) {
			h.dropped.Add(1)
			return p.name + other.name + own.name, nil
		},
		"mint": func(ctx) (*token, error) { h.made.Add(1); return &token{h}, nil },
		"names": func(_ ctx, ts []*thing) ([]string, error) {
			names := []string{}
			for _, t := range ts {
				names = append(names, t.name)
			}
			return names, nil
		},
		"name-of": func(_ ctx, t **thing) (*string, error) {
			if t == nil {
				return nil, nil
			}
			return &(*t).name, nil
		},
		"pass":        func(_ ctx, t *thing) (*thing, error) { return t, nil },
		"pass-async":  func(_ ctx, t *thing) (*thing, error) { return t, nil },
		"pass-all":    func(_ ctx, ts []*thing) ([]*thing, error) { return ts, nil },
		"pass-pair":   func(_ ctx, p pair) (pair, error) { return p, nil },
		"pass-either": func(_ ctx, e either) (either, error) { return e, nil },
		"pass-result": func(_ ctx, r tupleOf[gondola.Result[*thing, string]]) (gondola.Result[*thing, string], error) {
			return r.F0, nil
		},
		"maybe": func(_ ctx, t **thing) (**thing, error) { return t, nil },
	} {
		l.Func(in, name, fn)
	}
	l.Func(iface("users"), "describe", func(_ ctx, t *thing) (string, error) { return "a thing called " + t.name, nil })
	l.Func(iface("users"), "give", func(_ ctx, t *thing, c *token) (pair, error) {
		h.dropped.Add(1)
		second := h.thing("second")
		return pair{t, &second}, nil
	})
	return h
}

// driver calls the guest's exports of one interface and fails the test where that fails.
type driver struct {
	*testing.T
	inst *gondola.Instance
	in   string
}

func (d driver) call(name string, args ...val.Value) val.Value {
	d.Helper()
	v, err := d.inst.Func(d.in, name).Call(d.Context(), args...)
	if err != nil {
		d.Fatalf("%s: %v", name, err)
	}
	return v
}

func (d driver) name(thing val.Value) string {
	d.Helper()
	return d.call("[method]thing.name", val.Borrow(thing.Resource())).Str()
}

func (d driver) close(v val.Value) {
	d.Helper()
	if err := v.Resource().(*gondola.Resource).Close(); err != nil {
		d.Error(err)
	}
}

// The guest's things stand for the host's: whatever is done to them is done to these, and all are given up in the end.
func TestThings(t *testing.T) {
	inst, host := linkAll(t, everything(t), func(gondola.Item) any {
		return gondola.HostFunc(func(context.Context, []val.Value) (val.Value, error) {
			return val.Value{}, errors.New("not called here")
		})
	})
	d := driver{t, inst, iface("things")}
	newThing := func(name string) val.Value { return d.call("[constructor]thing", val.String(name)) }
	a, b := newThing("a"), newThing("b")
	expect := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	expect(d.name(a), "a")
	borrow := func(v val.Value) val.Value { return val.Borrow(v.Resource()) }
	expect(d.call("[method]thing.rename", borrow(a), val.String("A")).String(), `ok("a")`)
	expect(d.call("[method]thing.rename", borrow(a), val.String("")).String(), `err(other("no name"))`)
	expect(d.call("[method]thing.at", borrow(a), val.Record(val.Field{Name: "x", Value: val.S32(1)}, val.Field{Name: "y", Value: val.S32(2)}), val.List(val.S8(-3), val.S8(5))).String(), "some({x: 3, y: 2})")
	expect(d.call("[method]thing.close", borrow(a)).String(), "false")
	expect(d.call("[method]thing.long", borrow(a), val.String("1"), val.String("2"), val.String("3")).Str(), "A123")
	wide := []val.Value{borrow(a)}
	for _, s := range "abcdefg" {
		wide = append(wide, val.String(string(s)))
	}
	expect(d.call("[method]thing.wide", append(wide, val.List(borrow(a), borrow(b)))...).Str(), "Aabcdefgb")
	ab := d.call("[static]thing.merge", borrow(a), b)
	expect(d.name(ab), "Ab")
	later := d.call("[static]thing.later", val.String("x"))
	expect(d.name(later), "x later")
	expect(d.call("names", val.List(borrow(a), borrow(ab), borrow(a))).String(), `["A", "Ab", "A"]`)
	expect(d.call("names", val.List()).String(), `[]`)
	expect(d.call("name-of", val.Some(borrow(a))).String(), `some("A")`)
	expect(d.call("name-of", val.None()).String(), "none")

	a = d.call("pass", a)
	a = d.call("pass-async", a)
	expect(d.name(a), "A")
	all := d.call("pass-all", val.List(a, later)).Elems()
	a, later = all[0], all[1]
	expect(d.name(later), "x later")
	p := d.call("pass-pair", val.Record(val.Field{Name: "left", Value: a}, val.Field{Name: "right", Value: val.Some(later)}))
	a, _ = p.Field("left")
	right, _ := p.Field("right")
	later, _ = right.Option()
	expect(d.name(a)+d.name(later), "Ax later")
	_, a = d.call("pass-either", val.Variant("thing", a)).Case()
	expect(d.name(a), "A")
	tok := d.call("mint")
	_, tok = d.call("pass-either", val.Variant("token", tok)).Case()
	neither, _ := d.call("pass-either", val.Variant("neither", val.Value{})).Case()
	expect(neither, "neither")
	a, ok := d.call("pass-result", val.Tuple(val.Ok(a))).Result()
	if expect(d.name(a), "A"); !ok {
		t.Error("an error came")
	}
	expect(d.call("pass-result", val.Tuple(val.Err(val.String("bad")))).String(), `err("bad")`)
	a, _ = d.call("maybe", val.Some(a)).Option()
	expect(d.name(a), "A")
	expect(d.call("maybe", val.None()).String(), "none")

	expect(d.call("[constructor]picky", val.String("")).String(), "err(gone)")
	p1, _ := d.call("[constructor]picky", val.String("p")).Result()
	p2, _ := d.call("[constructor]picky", val.String("q")).Result()
	expect(d.call("[method]picky.both", borrow(p1), borrow(p2), ab).Str(), "pqAb")

	u := driver{t, inst, iface("users")}
	expect(u.call("describe", borrow(a)).Str(), "a thing called A")
	given := u.call("give", a, tok)
	a, _ = given.Field("left")
	second, _ := given.Field("right")
	second, _ = second.Option()
	expect(d.name(a)+d.name(second), "Asecond")

	for _, v := range []val.Value{a, later, second, p1, p2} {
		d.close(v)
	}
	// Destructors hand the guest's Close to a task: these calls are tasks, and each runs what is queued.
	for range 3 {
		d.close(d.call("pass-async", newThing("last")))
	}
	newThing("left over")
	d.call("pass-async", newThing("left over"))
	const kept = 2 // those left over
	if made, dropped := host.made.Load(), host.dropped.Load(); dropped != made-kept {
		t.Errorf("the host made %d resources and got back %d", made, dropped)
	}
}
