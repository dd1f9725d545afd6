package everything_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

const gatedFeatures = component.FeatureFixedLengthLists | component.FeatureErrorContext

// buildGated builds ../testdata/gated, once.
var buildGated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "gated")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS("../testdata/gated")); err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	wasm, err := gobuild.Component(context.Background(), gobuild.ComponentOptions{
		Options:  gobuild.Options{Dir: dir, Stderr: &stderr, Flags: []string{"-trimpath"}},
		Features: gatedFeatures,
	})
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, stderr.Bytes())
	}
	return wasm, nil
})

// gated instantiates the guest. Its imports are what f gives.
func gated(t *testing.T, f func(gondola.Item) any) (*gondola.Component, *gondola.Instance) {
	t.Helper()
	wasm, err := buildGated()
	if err != nil {
		t.Fatal(err)
	}
	rt := gondola.NewRuntime(t.Context(), gondola.WithFeatures(gatedFeatures))
	t.Cleanup(func() { rt.Close(context.Background()) })
	comp, err := rt.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	linker := rt.NewLinker()
	wasi.AddTo(linker, wasi.Config{Stdout: os.Stdout, Stderr: os.Stderr})
	for _, im := range comp.Imports() {
		if im.Type != nil && strings.HasPrefix(im.Instance, "test:gated/") {
			linker.Func(im.Instance, im.Name, f(im))
		}
	}
	inst, err := linker.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { inst.Close(context.Background()) })
	return comp, inst
}

// passBack is a host function that returns its arguments.
func passBack(im gondola.Item) any {
	return gondola.HostFunc(func(_ context.Context, args []val.Value) (val.Value, error) {
		if len(args) == 1 {
			return args[0], nil
		}
		return val.Tuple(slices.Clone(args)...), nil
	})
}

// Lists of fixed length come through the guest and back.
func TestRandomArrays(t *testing.T) {
	r := random{rand.New(rand.NewPCG(testenv.Seed(t), 0))}
	hosts := map[string]*echo{}
	comp, inst := gated(t, func(im gondola.Item) any {
		e := &echo{}
		hosts[im.Instance+im.Name] = e
		return gondola.HostFunc(e.call)
	})
	tested := 0
	for _, export := range comp.Exports() {
		if export.Type == nil || export.Instance != "test:gated/arrays" {
			continue
		}
		tested++
		f := inst.Func(export.Instance, export.Name)
		for range 20 {
			if !checkEcho(t, export, f, hosts[export.Instance+export.Name], r) {
				break
			}
		}
	}
	if tested != 17 {
		t.Errorf("%d functions were tested", tested)
	}
}

// A guest reads and writes streams of lists of fixed length.
func TestStreamOfArrays(t *testing.T) {
	_, inst := gated(t, passBack)
	w, r := gondola.NewStream[[2]uint16]()
	go func() {
		defer w.Close()
		for i := range uint16(100) {
			w.WriteContext(t.Context(), [][2]uint16{{i, 1000 + i}})
		}
	}()
	got, err := inst.Func("", "swap").Call(t.Context(), r.Value())
	if err != nil {
		t.Fatal(err)
	}
	back, err := gondola.StreamOf[[2]uint16](got)
	if err != nil {
		t.Fatal(err)
	}
	i := uint16(0)
	for v, err := range back.All(t.Context()) {
		if err != nil || v != [2]uint16{1000 + i, i} {
			t.Fatalf("element %d is %v, %v", i, v, err)
		}
		i++
	}
	if i != 100 {
		t.Errorf("%d elements", i)
	}
}

// Error contexts keep their messages wherever they go.
func TestErrorContexts(t *testing.T) {
	_, inst := gated(t, passBack)
	call := func(instance, name string, args ...val.Value) val.Value {
		t.Helper()
		got, err := inst.Func(instance, name).Call(t.Context(), args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return got
	}
	make := func(message string) val.Value { return call("", "make", val.String(message)) }
	expect := func(v val.Value, message string) {
		t.Helper()
		if got := call("", "read", v).Str(); got != message+" "+message {
			t.Errorf("got %q, want %q twice", got, message)
		}
	}
	const errors = "test:gated/errors"
	e := make("disk on fire ☃")
	expect(e, "disk on fire ☃")
	expect(e, "disk on fire ☃") // it was shared, not given away
	expect(make(""), "")
	expect(call(errors, "echo", e), "disk on fire ☃")
	some, _ := call(errors, "echo-later", val.Some(e)).Option()
	expect(some, "disk on fire ☃")
	if _, ok := call(errors, "echo-later", val.None()).Option(); ok {
		t.Error("none became some")
	}
	all := call(errors, "echo-all", val.List(make("a"), make("b"), make("c")), val.List(make("d"), make("e"))).Elems()
	for i, want := range []string{"a", "b", "c", "d", "e"} {
		expect(slices.Concat(all[0].Elems(), all[1].Elems())[i], want)
	}
	result := call("", "fail", val.String("no luck"))
	if v, ok := result.Result(); ok {
		t.Errorf("fail did not fail: %v", result)
	} else {
		expect(v, "no luck")
	}
}

func TestStreamOfErrorContexts(t *testing.T) {
	_, inst := gated(t, passBack)
	got, err := inst.Func("", "fail-all").Call(t.Context(), val.List(val.String("x"), val.String("y"), val.String("z")))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := gondola.StreamOf[val.Value](got)
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	for v, err := range stream.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		m, err := inst.Func("", "read").Call(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m.Str())
	}
	if want := []string{"x x", "y y", "z z"}; !slices.Equal(messages, want) {
		t.Errorf("got %q, want %q", messages, want)
	}
}
