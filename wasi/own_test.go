package wasi_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/wasi"
)

// Instances of one linker may each have something of their own.
func TestOwn(t *testing.T) {
	comp, err := guest()
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{Env: []string{"A=all", "B=all", "BB=all"}, Stdout: &all})
	runWith := func(own *wasi.Own) {
		t.Helper()
		ctx := t.Context()
		if own != nil {
			ctx = wasi.WithOwn(ctx, own)
		}
		inst, err := linker.Instantiate(ctx, comp)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inst.Func("wasi:cli/run@0.3.0", "run").Call(ctx); err != nil {
			t.Error(err)
		}
		if err := inst.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := host.Flush(ctx); err != nil {
			t.Error(err)
		}
	}
	var one bytes.Buffer
	runWith(&wasi.Own{Env: []string{"B=one", "C=one"}, Stdout: &one})
	if want := "environment: [{A all} {BB all} {B one} {C one}]\n"; !strings.Contains(one.String(), want) {
		t.Errorf("got\n%s\nwithout %s", one.String(), want)
	}
	if all.Len() > 0 {
		t.Errorf("what is its own went to all: %s", all.String())
	}
	runWith(nil)
	if want := "environment: [{A all} {B all} {BB all}]\n"; !strings.Contains(all.String(), want) {
		t.Errorf("got\n%s\nwithout %s", all.String(), want)
	}
}
