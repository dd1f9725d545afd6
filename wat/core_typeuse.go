package wat

import (
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// typeUse is a reference to a function type: by index, by what it consists of, or
// both.
type typeUse struct {
	at       syntax.Span
	index    uint32
	explicit bool // by index
	spelled  bool // parameters and results are there
	typ      corewasm.FuncType
}

// typeUse parses `(type i)? (param …)* (result …)*`. param is as in signature.
//
// Spec: WebAssembly core 3.0, section 6.6.1 (type uses).
func (t *moduleText) typeUse(param func(binding)) (u typeUse) {
	u.at = t.span()
	if u.explicit = t.gotOpen("type"); u.explicit {
		u.at = t.span()
		u.index = t.types(t.parser)
		t.close()
	}
	u.spelled = t.atOpen("param") || t.atOpen("result")
	u.typ = t.signature(t.types, param)
	return u
}

// resolve is the type's index. A type that is not there yet is appended.
func (t *moduleText) resolve(u *typeUse) uint32 {
	if !u.explicit {
		return t.funcType(u.typ)
	}
	if u.spelled {
		t.checkSpelled(u)
	}
	return u.index
}

func (t *moduleText) checkSpelled(u *typeUse) {
	switch {
	case int(u.index) >= len(t.m.Types):
		t.fail(u.at, "unknown type: the module has %s", plural(len(t.m.Types), "type"))
	case t.m.Types[u.index].Kind != corewasm.TypeFunc:
		t.fail(u.at, "type `%s` is no function type but a %s", u.at.Text(), t.m.Types[u.index].Kind)
	}
	if is := t.m.Types[u.index].FuncType; !is.Equal(u.typ) {
		t.failWith(syntax.Errorf(u.at, "inline function type: it differs from type `%s`", u.at.Text()).
			WithHint("that type is `(func%s)`", spaced(is.String())))
	}
}

// spaced puts a space in front of what is not empty.
func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// funcType is the index of a function type, which is appended if it is missing.
func (t *moduleText) funcType(f corewasm.FuncType) uint32 {
	t.key = appendFuncKey(t.key[:0], f)
	if i, ok := t.byType[string(t.key)]; ok {
		return i
	}
	i := uint32(len(t.m.Types))
	t.m.Types = append(t.m.Types, corewasm.Type{FuncType: f})
	t.byType[string(t.key)] = i
	return i
}

// indexTypes makes the types that the text defines known to funcType: those that
// stand alone, are final, and extend nothing.
func (t *moduleText) indexTypes() {
	t.byType = map[string]uint32{}
	for i := range t.m.Types {
		typ := &t.m.Types[i]
		if typ.Kind != corewasm.TypeFunc || typ.Open || typ.Shared || len(typ.Supers) > 0 || typ.Group < 0 || typ.Group > 1 {
			continue
		}
		t.key = appendFuncKey(t.key[:0], typ.FuncType)
		if _, ok := t.byType[string(t.key)]; !ok {
			t.byType[string(t.key)] = uint32(i)
		}
	}
}

// appendFuncKey appends what function types can be told apart by.
func appendFuncKey(key []byte, f corewasm.FuncType) []byte {
	for _, p := range f.Params {
		key = p.Append(key)
	}
	key = append(key, 0)
	for _, r := range f.Results {
		key = r.Append(key)
	}
	return key
}
