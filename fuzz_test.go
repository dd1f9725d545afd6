package gondola

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wat"
)

// FuzzInstantiate takes its input for a component, as a binary or a text. What is
// valid must compile and link, but for what is refused by name; its functions may
// trap, return or be interrupted, and closing it must leave nothing behind.
func FuzzInstantiate(f *testing.F) {
	for _, src := range fuzzSeeds(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		ctx := t.Context()
		rt := NewRuntime(ctx, WithFeatures(component.AllFeatures), WithMaxMemory(16<<20), WithMaxHandles(1000), WithMaxTasks(1000))
		defer rt.Close(ctx)
		_, invalid := rt.typedComponent(src)
		c, err := rt.Compile(ctx, src)
		switch {
		case err == nil && invalid == nil:
			useAll(t, rt, c)
		case err == nil:
			t.Fatalf("it compiles but is invalid: %v", invalid)
		case invalid == nil && !isRefusal(err):
			t.Fatalf("it is valid but does not compile: %v", err)
		default:
			checkNoBug(t, err)
		}
	})
}

// fuzzSeeds are the components of our own scripts, as text and as binaries.
func fuzzSeeds(f *testing.F) (seeds [][]byte) {
	wasm, err := buildGuest(tourWIT, leaveAtOnce)
	if err != nil {
		f.Fatal(err)
	}
	seeds = append(seeds, wasm)
	err = filepath.WalkDir("testdata/wast", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		script, err := wat.ParseScript(path, string(src))
		if err != nil {
			return err
		}
		for _, d := range script.Directives {
			if d.Source == nil || !d.Source.Component {
				continue
			}
			if d.Source.Form == wat.SourceText && d.Kind == wat.DirectiveModule {
				seeds = append(seeds, []byte(d.Source.At.Text()))
			}
			if wasm, err := d.Source.Encode(); err == nil {
				seeds = append(seeds, wasm)
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	return seeds
}

// isRefusal reports whether err refuses something by name, or for its size.
func isRefusal(err error) bool {
	if _, ok := errors.AsType[*corewasm.UnsupportedError](err); ok {
		return true
	}
	if e, ok := errors.AsType[*component.Error](err); ok && e.Feature != 0 {
		return true
	}
	return slices.ContainsFunc([]string{"more than", "one memory can have"}, func(s string) bool { return strings.Contains(err.Error(), s) })
}

// checkNoBug fails for errors that say that the fault is ours.
func checkNoBug(t *testing.T, err error) {
	if err == nil {
		return
	}
	if b, ok := errors.AsType[*cabi.Bug](err); ok {
		t.Fatal(b)
	}
	for _, s := range []string{"runtime error", "panic", "coro:"} {
		if strings.Contains(err.Error(), s) {
			t.Fatal(err)
		}
	}
}

// useAll instantiates a component and calls its functions.
func useAll(t *testing.T, rt *Runtime, c *Component) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	l := rt.NewLinker()
	for _, im := range c.Imports() {
		l.Func(im.Instance, im.Name, func(context.Context, []val.Value) (val.Value, error) { return zero(im.Type.Result), nil })
	}
	in, err := l.Instantiate(ctx, c)
	checkNoBug(t, err)
	if err != nil {
		return
	}
	for _, ex := range c.Exports() {
		args := make([]val.Value, len(ex.Type.Params))
		for i, p := range ex.Type.Params {
			args[i] = zero(p.Type)
		}
		_, err := in.Func(ex.Instance, ex.Name).Call(ctx, args...)
		checkNoBug(t, err)
	}
	if err := in.Close(t.Context()); err != nil {
		t.Fatalf("closing: %v", err)
	}
}

// zero is a value of a type that is made of as little as can be, or no value where
// the type has handles.
func zero(t *types.Type) val.Value {
	if t == nil || t.ContainsHandle() {
		return val.Value{}
	}
	switch t.Kind() {
	case types.KindString:
		return val.String("zero")
	case types.KindList:
		n, fixed := t.Len()
		if !fixed {
			return val.List()
		}
		if n > 1000 {
			return val.Value{}
		}
		return val.List(slices.Repeat([]val.Value{zero(t.Elem())}, n)...)
	case types.KindMap:
		return val.Map()
	case types.KindFlags:
		return val.Flags()
	case types.KindRecord:
		var fields []val.Field
		for _, f := range t.Fields() {
			fields = append(fields, val.Field{Name: f.Name, Value: zero(f.Type)})
		}
		return val.Record(fields...)
	case types.KindTuple:
		var elems []val.Value
		for _, f := range t.Fields() {
			elems = append(elems, zero(f.Type))
		}
		return val.Tuple(elems...)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		return val.OfCase(t, 0, zero(t.Cases()[0].Type))
	}
	return val.OfBits(t.Kind(), 0)
}
