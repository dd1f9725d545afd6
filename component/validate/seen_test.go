package validate

import (
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

type seenModules map[string]bool

func (n seenModules) Has(module []byte) bool { return n[string(module)] }
func (n seenModules) Add(module []byte)      { n[string(module)] = true }

func TestSeen(t *testing.T) {
	module := func(result corewasm.ValType, imports bool) []byte {
		b := corewasm.NewBuilder()
		if imports {
			b.AddImport(corewasm.Import{Module: "m", Name: "f", Kind: corewasm.KindFunc, Type: 7})
		}
		b.AddFunc(b.AddType(nil, []corewasm.ValType{result}), nil, new(corewasm.Code).I32(1))
		return b.Encode()
	}
	valid, badBody, badOutline := module(corewasm.I32, false), module(corewasm.I64, false), module(corewasm.I32, true)
	check := func(seen Seen, binary []byte) bool {
		t.Helper()
		_, err := ValidateWith(through(defs{&component.CoreModule{Bytes: binary}}), Options{}, seen)
		return err == nil
	}
	n := seenModules{}
	for _, m := range []Seen{nil, n} {
		if !check(m, valid) || check(m, badBody) || check(m, badOutline) {
			t.Errorf("%v: a module was not judged as it is", m)
		}
	}
	if len(n) != 1 || !n[string(valid)] {
		t.Errorf("%d modules were seen", len(n))
	}
	// What was seen is believed to be valid, as far as bodies go.
	n[string(badBody)], n[string(badOutline)] = true, true
	if !check(n, valid) || !check(n, badBody) || check(n, badOutline) {
		t.Error("what was seen was not taken for valid")
	}
}
