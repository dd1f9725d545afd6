package main

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"example.com/everything/gen/asyncvalues"
	"example.com/everything/gen/everything"
	"example.com/everything/gen/export/pipes"
	exported "example.com/everything/gen/export/things"
	host "example.com/everything/gen/pipes"
	"example.com/everything/gen/rt"
	"example.com/everything/gen/things"
	"example.com/everything/gen/types"
	"example.com/everything/gen/values"
)

// The host of these tests is Go: nothing here needs a component.

func TestValues(t *testing.T) {
	values.SetHost(valuesHost{})
	asyncvalues.SetHost(asyncHost{})
	v := valuesEcho{}
	if got := v.EchoString("¡hola!"); got != "¡hola!" {
		t.Error(got)
	}
	if got := v.EchoShape(types.ShapeCircle{Value: 1.5}); got != (types.ShapeCircle{Value: 1.5}) {
		t.Error(got)
	}
	n := uint8(7)
	p := &n
	if got := v.EchoOptOpt(&p); got != &p {
		t.Error(got)
	}
	if got, err := (asyncEcho{}).EchoPerson(t.Context(), types.Person{Name: "Ada", Home: &types.Point{X: 1}}); err != nil || got.Home.X != 1 {
		t.Error(got, err)
	}
}

func TestErrors(t *testing.T) {
	values.SetHost(valuesHost{})
	v, text := valuesEcho{}, "no"
	var failure types.Failure
	if _, err := v.ResultFailure("x", &text); !errors.As(err, &failure) || failure != (types.FailureOther{Value: "no"}) || err.Error() != "failure: other: no" {
		t.Error(err)
	}
	var errno types.Errno
	if err := v.ResultErrno(true, &text); !errors.As(err, &errno) || errno != types.ErrnoIo || err.Error() != "errno: io" {
		t.Error(err)
	}
	var problem types.Problem
	if _, err := v.ResultProblem(types.Point{}, &text); !errors.As(err, &problem) || problem.Text != "no" || !strings.Contains(err.Error(), "no") {
		t.Error(err)
	}
	var wrapped *rt.Err[types.WithError]
	if _, err := v.ResultWithError(types.Big{}, &text); !errors.As(err, &wrapped) || wrapped.Value.Error != "no" {
		t.Error(err)
	}
	var str *rt.Err[string]
	if err := v.ResultString(true, &text); !errors.As(err, &str) || str.Value != "no" {
		t.Error(err)
	}
	if err := v.Result(true, &text); err == nil {
		t.Error("no error")
	}
	if got, err := v.ResultFailure("x", nil); err != nil || got != "x" {
		t.Error(got, err)
	}
}

func TestNames(t *testing.T) {
	if got := types.ColorLightBlue.String(); got != "light-blue" {
		t.Error(got)
	}
	if got := types.Color(9).String(); got != "Color(9)" {
		t.Error(got)
	}
	p := types.PermsRead | types.PermsExec
	if got := p.String(); got != "read|exec" || !p.Has(types.PermsRead) || p.Has(types.PermsWrite) {
		t.Error(got)
	}
	if types.WideC299 != 299 || reflect.TypeOf(types.WideC0).Kind() != reflect.Uint16 || reflect.TypeOf(types.Flags9F8).Kind() != reflect.Uint16 {
		t.Error("wrong sizes")
	}
}

// hostThing is a thing of the host's.
type hostThing struct {
	things.ThingMethods
	name   string
	closed bool
}

func (h *hostThing) Name() string { return h.name }
func (h *hostThing) Close() error { h.closed = true; return nil }

// thingsHost is the part of the host that the test calls.
type thingsHost struct{ things.Host }

func (thingsHost) NewThing(name string) *things.Thing {
	return things.FakeThing(&hostThing{name: name})
}
func (thingsHost) NameOf(t things.ThingBorrow) *string {
	if t == nil {
		return nil
	}
	name := t.Name()
	return &name
}

func TestThings(t *testing.T) {
	things.SetHost(thingsHost{})
	var e exported.Exports = thingsEcho{}
	a := e.NewThing("a")
	if got := e.NameOf(a); got == nil || *got != "a" {
		t.Error(got)
	}
	if got := e.NameOf(nil); got != nil {
		t.Error(*got)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

type pipesHost struct{ host.Host }

func (pipesHost) EchoU8(_ ctx, v *rt.ByteReader) (*rt.ByteReader, error) { return v, nil }
func (pipesHost) EchoThings(_ ctx, v *rt.StreamReader[*things.Thing]) (*rt.StreamReader[*things.Thing], error) {
	return v, nil
}

func TestPipes(t *testing.T) {
	host.SetHost(pipesHost{})
	var e pipes.Exports = pipesEcho{}
	w, r := pipes.NewStreamU8()
	go func() { io.WriteString(w, "bytes"); w.Close() }()
	back, err := e.EchoU8(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(back); string(got) != "bytes" || err != nil {
		t.Error(string(got), err)
	}

	tw, tr := pipes.NewStreamThing()
	fake := &hostThing{name: "through"}
	go func() { tw.Write(t.Context(), []exported.Thing{thing{things.FakeThing(fake)}}); tw.Close() }()
	out, err := e.EchoThings(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for v, err := range out.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, v.Name())
		v.Close()
	}
	if !reflect.DeepEqual(names, []string{"through"}) || !fake.closed {
		t.Error(names, fake.closed)
	}
}

func TestNothingSet(t *testing.T) {
	values.SetHost(nil)
	expectPanic(t, "values.Ping was called outside of a component: a test must call values.SetHost first", func() { valuesEcho{}.Ping() })
	expectPanic(t, "the field Sum of Exports is nil: it implements sum with a\n\tfunc(xs []uint32) uint64", func() { everything.Export(everything.Exports{}) })
	expectPanic(t, "EchoBool(v bool) bool", func() {
		everything.Export(everything.Exports{Sum: everything.HostSum, Locals: everything.HostLocal, Pipe: everything.HostStream})
	})
}

func expectPanic(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		if got, _ := recover().(string); !strings.Contains(got, text) {
			t.Errorf("got the panic %q, want %q", got, text)
		}
	}()
	f()
}
