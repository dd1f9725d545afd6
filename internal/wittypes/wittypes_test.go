package wittypes

import (
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

func def(k wit.TypeKind) *wit.TypeDef { return &wit.TypeDef{Kind: k} }

func TestType(t *testing.T) {
	r := &wit.TypeDef{Name: "r", Kind: &wit.Resource{}}
	alias := &wit.TypeDef{Name: "s", Kind: &wit.Alias{Target: r}}
	for want, in := range map[string]wit.Type{
		"bool":                     wit.Bool,
		"u8":                       wit.U8,
		"s64":                      wit.S64,
		"f32":                      wit.F32,
		"string":                   wit.String,
		"char":                     def(&wit.Alias{Target: wit.Char}),
		"error-context":            wit.ErrorContext,
		"list<u8>":                 def(&wit.List{Elem: wit.U8}),
		"list<u8, 4>":              def(&wit.FixedList{Elem: wit.U8, Len: 4}),
		"map<string, u8>":          def(&wit.Map{Key: wit.String, Value: wit.U8}),
		"record { a: u8 }":         def(&wit.Record{Fields: []wit.Field{{Name: "a", Type: wit.U8}}}),
		"tuple<u8, bool>":          def(&wit.Tuple{Types: []wit.Type{wit.U8, wit.Bool}}),
		"variant { a(u8), b }":     def(&wit.Variant{Cases: []wit.Case{{Name: "a", Type: wit.U8}, {Name: "b"}}}),
		"enum { a, b }":            def(&wit.Enum{Cases: []wit.Label{{Name: "a"}, {Name: "b"}}}),
		"flags { a }":              def(&wit.Flags{Flags: []wit.Label{{Name: "a"}}}),
		"option<u16>":              def(&wit.Option{Type: wit.U16}),
		"result<_, f64>":           def(&wit.Result{Err: wit.F64}),
		"stream":                   def(&wit.Stream{}),
		"future<s8>":               def(&wit.Future{Elem: wit.S8}),
		"tuple<own<r>, borrow<r>>": def(&wit.Tuple{Types: []wit.Type{def(&wit.Own{Resource: r}), def(&wit.Borrow{Resource: alias})}}),
	} {
		if got := New().Type(in); got.String() != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if New().Type(nil) != nil {
		t.Error("nil is not nil")
	}
}

func TestIdentity(t *testing.T) {
	r := &wit.TypeDef{Name: "r", Kind: &wit.Resource{}}
	alias := &wit.TypeDef{Name: "s", Kind: &wit.Alias{Target: r}}
	x := New()
	if x.Type(def(&wit.Own{Resource: r})) != x.Type(def(&wit.Own{Resource: alias})) {
		t.Error("an alias makes another resource")
	}
	if x.Type(def(&wit.Own{Resource: r})) == New().Type(def(&wit.Own{Resource: r})) {
		t.Error("two translations share a resource")
	}
}

func TestFunc(t *testing.T) {
	f := &wit.Function{Name: "f", Async: true, Params: []wit.Param{{Name: "s", Type: wit.String}}, Result: wit.U8}
	if got, want := New().Func(f).String(), "async func(s: string) -> u8"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if New().Func(&wit.Function{}).Result != (*types.Type)(nil) {
		t.Error("a function without result has one")
	}
}
