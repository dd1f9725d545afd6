package everything_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// cargo makes values that may hold streams, futures and things of the guest, and says how to check what comes back.
type cargo struct {
	random
	things driver
	ctx    context.Context
}

// check says what is wrong with a value that came back.
type check func(got val.Value) error

// load makes a value of t.
func (c cargo) load(t *types.Type) (val.Value, check) {
	if !t.ContainsHandle() {
		want := c.value(t, 1)
		return want, func(got val.Value) error {
			if !val.Equal(got, want) {
				return fmt.Errorf("got %v, want %v", got, want)
			}
			return nil
		}
	}
	switch t.Kind() {
	case types.KindStream:
		return c.stream(t.Elem())
	case types.KindFuture:
		return c.future(t.Elem())
	case types.KindOwn:
		name := c.text(1)
		return c.things.call("[constructor]thing", val.String(name)), func(got val.Value) error {
			if n := c.things.name(got); n != name {
				return fmt.Errorf("got the thing %q, want %q", n, name)
			}
			return nil
		}
	case types.KindList:
		vs, checks := c.all([]*types.Type{t.Elem(), t.Elem(), t.Elem()})
		return val.List(vs...), func(got val.Value) error { return checkAll(got.Elems(), checks) }
	case types.KindTuple:
		vs, checks := c.all(fieldTypes(t))
		return val.Tuple(vs...), func(got val.Value) error { return checkAll(got.Elems(), checks) }
	case types.KindRecord:
		return c.record(t)
	case types.KindOption:
		if c.IntN(2) == 0 {
			return val.None(), func(got val.Value) error {
				if _, some := got.Option(); some {
					return errors.New("none became some")
				}
				return nil
			}
		}
		v, check := c.load(t.Elem())
		return val.Some(v), func(got val.Value) error {
			payload, some := got.Option()
			if !some {
				return errors.New("some became none")
			}
			return check(payload)
		}
	}
	panic("no cargo of type " + t.String())
}

func fieldTypes(t *types.Type) []*types.Type {
	var ts []*types.Type
	for _, f := range t.Fields() {
		ts = append(ts, f.Type)
	}
	return ts
}

func (c cargo) all(ts []*types.Type) (vs []val.Value, checks []check) {
	for _, t := range ts {
		v, ch := c.load(t)
		vs, checks = append(vs, v), append(checks, ch)
	}
	return vs, checks
}

func checkAll(got []val.Value, checks []check) error {
	if len(got) != len(checks) {
		return fmt.Errorf("%d parts, want %d", len(got), len(checks))
	}
	for i, v := range got {
		if err := checks[i](v); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return nil
}

func (c cargo) record(t *types.Type) (val.Value, check) {
	vs, checks := c.all(fieldTypes(t))
	var fields []val.Field
	for i, f := range t.Fields() {
		fields = append(fields, val.Field{Name: f.Name, Value: vs[i]})
	}
	return val.Record(fields...), func(got val.Value) error {
		var parts []val.Value
		for _, f := range got.Fields() {
			parts = append(parts, f.Value)
		}
		return checkAll(parts, checks)
	}
}

// stream makes a stream, writes some elements to it while it is elsewhere, and ends it.
func (c cargo) stream(elem *types.Type) (val.Value, check) {
	if elem == types.U8 {
		return c.bytes()
	}
	if elem == nil {
		return c.units()
	}
	var ts []*types.Type
	for range c.IntN(6) {
		ts = append(ts, elem)
	}
	elems, checks := c.all(ts)
	w, r := gondola.NewStream[val.Value]()
	go func() {
		defer w.Close()
		for _, v := range elems { // in pieces of their own
			w.WriteContext(c.ctx, []val.Value{v})
		}
	}()
	return r.Value(), func(got val.Value) error {
		back, err := gondola.StreamOf[val.Value](got)
		if err != nil {
			return err
		}
		var vs []val.Value
		for v, err := range back.All(c.ctx) {
			if err != nil {
				return err
			}
			vs = append(vs, v)
		}
		return checkAll(vs, checks)
	}
}

func (c cargo) bytes() (val.Value, check) {
	want := strings.Repeat(c.text(1), c.IntN(5000))
	w, r := gondola.NewStream[byte]()
	go func() {
		defer w.Close()
		for rest := want; rest != ""; {
			n := min(len(rest), 1+c.IntN(3000))
			w.WriteContext(c.ctx, []byte(rest[:n]))
			rest = rest[n:]
		}
	}()
	return r.Value(), func(got val.Value) error {
		back, err := gondola.StreamOf[byte](got)
		if err != nil {
			return err
		}
		if data, err := io.ReadAll(back); string(data) != want || err != nil {
			return fmt.Errorf("got %d bytes, %v, want %d", len(data), err, len(want))
		}
		return nil
	}
}

func (c cargo) units() (val.Value, check) {
	want := c.IntN(100)
	w, r := gondola.NewStream[struct{}]()
	go func() {
		defer w.Close()
		w.WriteContext(c.ctx, make([]struct{}, want))
	}()
	return r.Value(), func(got val.Value) error {
		back, err := gondola.StreamOf[struct{}](got)
		if err != nil {
			return err
		}
		n := 0
		for _, err := range back.All(c.ctx) {
			if err != nil {
				return err
			}
			n++
		}
		if n != want {
			return fmt.Errorf("%d elements, want %d", n, want)
		}
		return nil
	}
}

func (c cargo) future(elem *types.Type) (val.Value, check) {
	var want val.Value
	checkValue := func(val.Value) error { return nil }
	if elem != nil {
		want, checkValue = c.load(elem)
		w, r := gondola.NewFuture[val.Value]()
		go w.Set(want)
		return r.Value(), func(got val.Value) error {
			back, err := gondola.FutureOf[val.Value](got)
			if err != nil {
				return err
			}
			v, err := back.Await(c.ctx)
			if err != nil {
				return err
			}
			return checkValue(v)
		}
	}
	w, r := gondola.NewFuture[struct{}]()
	go w.Set(struct{}{})
	return r.Value(), func(got val.Value) error {
		back, err := gondola.FutureOf[struct{}](got)
		if err == nil {
			_, err = back.Await(c.ctx)
		}
		return err
	}
}

// pipeImport is the host's side of what takes or returns streams and futures.
func pipeImport(im gondola.Item) any {
	switch im.Name {
	case "plain":
		return gondola.HostFunc(func(ctx context.Context, args []val.Value) (val.Value, error) { return sumLater(args[0]) })
	case "echo-things":
		return gondola.HostFunc(func(_ context.Context, args []val.Value) (val.Value, error) { return relayThings(args[0]) })
	case "echo-future-thing":
		return gondola.HostFunc(func(ctx context.Context, args []val.Value) (val.Value, error) { return relayThing(ctx, args[0]) })
	case "host-stream":
		return gondola.HostFunc(firstOf)
	case "paired":
		return gondola.HostFunc(func(ctx context.Context, args []val.Value) (val.Value, error) {
			y, err := gondola.FutureOf[val.Value](args[1])
			if err != nil {
				return val.Value{}, err
			}
			return args[0], y.Close()
		})
	}
	return gondola.HostFunc(func(_ context.Context, args []val.Value) (val.Value, error) { return args[0], nil })
}

// sumLater returns a future of the sum of a stream of bytes.
func sumLater(stream val.Value) (val.Value, error) {
	s, err := gondola.StreamOf[byte](stream)
	if err != nil {
		return val.Value{}, err
	}
	w, r := gondola.NewFuture[uint32]()
	go func() {
		data, _ := io.ReadAll(s)
		sum := uint32(0)
		for _, b := range data {
			sum += uint32(b)
		}
		w.Set(sum)
	}()
	return r.Value(), nil
}

// relayThings returns a stream of what another one yields. It is another stream, because the guest makes one of its own for its
// things and may not hold both ends of it: only numbers can be copied inside one instance.
func relayThings(stream val.Value) (val.Value, error) {
	s, err := gondola.StreamOf[*thing](stream)
	if err != nil {
		return val.Value{}, err
	}
	w, r := gondola.NewStream[*thing]()
	go func() {
		defer w.Close()
		for v, err := range s.All(context.Background()) {
			if err != nil {
				return
			}
			w.Write([]*thing{v})
		}
	}()
	return r.Value(), nil
}

// relayThing is relayThings for a future.
func relayThing(ctx context.Context, future val.Value) (val.Value, error) {
	f, err := gondola.FutureOf[*thing](future)
	if err != nil {
		return val.Value{}, err
	}
	v, err := f.Await(ctx)
	if err != nil {
		return val.Value{}, err
	}
	w, r := gondola.NewFuture[*thing]()
	go w.Set(v)
	return r.Value(), nil
}

// firstOf returns a future of the first element of a stream.
func firstOf(ctx context.Context, args []val.Value) (val.Value, error) {
	s, err := gondola.StreamOf[val.Value](args[0])
	if err != nil {
		return val.Value{}, err
	}
	defer s.Close()
	var first [1]val.Value
	if _, err := s.ReadContext(ctx, first[:]); err != nil {
		return val.Value{}, err
	}
	w, r := gondola.NewFuture[val.Value]()
	go w.Set(first[0])
	return r.Value(), nil
}

// Streams and futures of every payload pass through the guest and the host, and what they carry arrives.
func TestPipes(t *testing.T) {
	comp := everything(t)
	seed := testenv.Seed(t)
	tested := 0
	for _, export := range comp.Exports() {
		if export.Instance == iface("pipes") && strings.HasPrefix(export.Name, "echo-") {
			tested++
			t.Run(export.Name, func(t *testing.T) { testPipe(t, export, rand.NewPCG(seed, uint64(tested))) })
		}
	}
	if tested < 20 {
		t.Errorf("only %d functions were tested", tested)
	}
}

func testPipe(t *testing.T, export gondola.Item, src rand.Source) {
	inst, _ := linkAll(t, everything(t), pipeImport)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := cargo{random{rand.New(&locked{src: src})}, driver{t, inst, iface("things")}, ctx}
	for i := range 10 {
		v, check := c.load(export.Type.Params[0].Type)
		got, err := inst.Func(export.Instance, export.Name).Call(ctx, v)
		if err == nil {
			err = check(got)
		}
		if err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
}

// The functions of pipes that are no echoes.
func TestPipesApart(t *testing.T) {
	inst, _ := linkAll(t, everything(t), pipeImport)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	w, r := gondola.NewStream[byte]()
	go func() { w.Write([]byte{1, 2, 3, 250}); w.Close() }()
	v, err := inst.Func(iface("pipes"), "plain").Call(ctx, r.Value())
	if err != nil {
		t.Fatal("plain:", err)
	}
	sum, err := gondola.FutureOf[uint32](v)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := sum.Await(ctx); got != 256 || err != nil {
		t.Errorf("plain: got %d, %v", got, err)
	}

	xw, x := gondola.NewStream[uint16]()
	_, y := gondola.NewFuture[*gondola.StreamReader[uint16]]()
	go func() { xw.Write([]uint16{7, 8, 65535}); xw.Close() }()
	v, err = inst.Func(iface("pipes"), "paired").Call(ctx, x.Value(), y.Value())
	if err != nil {
		t.Fatal("paired:", err)
	}
	back, err := gondola.StreamOf[uint16](v)
	if err != nil {
		t.Fatal(err)
	}
	var got []uint16
	for n, err := range back.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if fmt.Sprint(got) != "[7 8 65535]" {
		t.Errorf("paired: got %v", got)
	}

	local := val.Record(val.Field{Name: "at", Value: val.Record(val.Field{Name: "x", Value: val.S32(-1)}, val.Field{Name: "y", Value: val.S32(2)})}, val.Field{Name: "text", Value: val.String("t")})
	lw, l := gondola.NewStream[val.Value]()
	go func() { lw.Write([]val.Value{local}); lw.Close() }()
	v, err = inst.Func("", "pipe").Call(ctx, l.Value())
	if err != nil {
		t.Fatal("pipe:", err)
	}
	first, err := gondola.FutureOf[val.Value](v)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := first.Await(ctx); err != nil || !val.Equal(got, local) {
		t.Errorf("pipe: got %v, %v", got, err)
	}
}
