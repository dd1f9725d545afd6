package gondola

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/val"
)

// relayText hands an error context from its caller to the host and back.
const relayText = `(component
	(import "log" (func $log (param "e" error-context) (result error-context)))
	(canon lower (func $log) (core func $log'))
	(core module $m
		(import "" "log" (func $log (param i32) (result i32)))
		(func (export "relay") (param i32) (result i32) (call $log (local.get 0))))
	(core instance $i (instantiate $m (with "" (instance (export "log" (func $log'))))))
	(func (export "relay") (param "e" error-context) (result error-context) (canon lift (core func $i "relay"))))`

func TestErrorContext(t *testing.T) {
	rt := NewRuntime(t.Context(), WithFeatures(component.FeatureErrorContext))
	defer rt.Close(t.Context())
	linker := rt.NewLinker()
	linker.Func("", "log", func(_ context.Context, e *ErrorContext) *ErrorContext {
		return NewErrorContext(e.Message() + ", seen by the host")
	})
	in, err := linker.Instantiate(t.Context(), compileText(t, rt, relayText))
	if err != nil {
		t.Fatal(err)
	}
	sent := NewErrorContext("no such file")
	var got *ErrorContext
	if err := in.Func("", "relay").CallInto(t.Context(), &got, sent); err != nil {
		t.Fatal(err)
	}
	if got.Error() != "no such file, seen by the host" {
		t.Errorf("got %q", got.Message())
	}
	v, err := in.Func("", "relay").Call(t.Context(), val.OfErrorContext(sent))
	if err != nil {
		t.Fatal(err)
	}
	if e := v.ErrorContext().(error); !errors.As(e, &got) || got.Message() != "no such file, seen by the host" {
		t.Errorf("got %v", e)
	}
}

func TestErrorContextErrors(t *testing.T) {
	rt := NewRuntime(t.Context(), WithFeatures(component.FeatureErrorContext))
	defer rt.Close(t.Context())
	linker := rt.NewLinker()
	linker.Func("", "log", func(_ context.Context, e *ErrorContext) *ErrorContext { return nil })
	in, err := linker.Instantiate(t.Context(), compileText(t, rt, relayText))
	if err != nil {
		t.Fatal(err)
	}
	var got *ErrorContext
	relay := in.Func("", "relay")
	if err := relay.CallInto(t.Context(), &got, (*ErrorContext)(nil)); err == nil || !strings.Contains(err.Error(), "got a <nil>, want a *gondola.ErrorContext") {
		t.Errorf("nil as an argument: %v", err)
	}
	if err := relay.CallInto(t.Context(), &got, "text"); err == nil || !strings.Contains(err.Error(), "use *gondola.ErrorContext") {
		t.Errorf("a string as an argument: %v", err)
	}
	var trap *Trap
	if err := relay.CallInto(t.Context(), &got, NewErrorContext("")); !errors.As(err, &trap) {
		t.Errorf("nil from the host: %v", err)
	}
}
