package val

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/types"
)

// A TypeError says that a value does not have the type that it is used at.
type TypeError struct {
	Path string      // where in the whole value: "args[0].headers[3]"
	Want *types.Type // the type that was expected there
	Got  string      // what was found there, in words
}

func (e *TypeError) Error() string {
	return fmt.Sprintf("%s: got %s, want %s", e.Path, e.Got, e.Want)
}

// Check reports whether v has type t, and if not, where it does not. path names
// the whole value. The error is a [*TypeError].
//
// It does not look into resources, streams and futures: their payload types are
// for the runtime to compare.
func Check(v Value, t *types.Type, path string) error {
	if e := check(v, t); e != nil {
		e.Path = path + e.Path
		return e
	}
	return nil
}

// check returns an error whose path is relative to v.
func check(v Value, t *types.Type) *TypeError {
	if v.kind != t.Kind() {
		return mismatch(v, t)
	}
	switch t.Kind() {
	case types.KindChar:
		if !utf8.ValidRune(rune(v.num)) {
			return &TypeError{Want: t, Got: fmt.Sprintf("U+%04X, which is no Unicode scalar value", v.num)}
		}
	case types.KindString:
		if !utf8.ValidString(v.Str()) {
			return &TypeError{Want: t, Got: "a string that is not valid UTF-8"}
		}
	case types.KindList:
		return checkList(v, t)
	case types.KindMap:
		return checkMap(v, t)
	case types.KindRecord:
		return checkRecord(v, t)
	case types.KindTuple:
		return checkTuple(v, t)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		return checkCase(v, t)
	case types.KindFlags:
		return checkFlags(v, t)
	case types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture, types.KindErrorContext:
		if v.ref == nil {
			return &TypeError{Want: t, Got: "nil"}
		}
	}
	return nil
}

func mismatch(v Value, t *types.Type) *TypeError {
	if !v.IsValid() {
		return &TypeError{Want: t, Got: "no value"}
	}
	return &TypeError{Want: t, Got: "a " + v.kind.String()}
}

func (e *TypeError) in(step string) *TypeError {
	if e != nil {
		e.Path = step + e.Path
	}
	return e
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func checkList(v Value, t *types.Type) *TypeError {
	if n, fixed := t.Len(); fixed && v.Len() != n {
		return &TypeError{Want: t, Got: fmt.Sprintf("a list of %d", v.Len())}
	}
	if v.IsBytes() {
		if t.Elem() != types.U8 && v.Len() > 0 {
			return &TypeError{Want: t, Got: "a list of bytes"}
		}
		return nil
	}
	for i, e := range v.elems() {
		if err := check(e, t.Elem()); err != nil {
			return err.in(index(i))
		}
	}
	return nil
}

func checkMap(v Value, t *types.Type) *TypeError {
	for i, e := range v.Entries() {
		if err := check(e.Key, t.Key()); err != nil {
			return err.in(index(i) + ".key")
		}
		if err := check(e.Value, t.Value()); err != nil {
			return err.in(index(i) + ".value")
		}
	}
	return nil
}

func checkRecord(v Value, t *types.Type) *TypeError {
	for _, f := range t.Fields() {
		got, ok := v.Field(f.Name)
		if !ok {
			return &TypeError{Want: t, Got: "a record without the field " + f.Name}
		}
		if err := check(got, f.Type); err != nil {
			return err.in("." + f.Name)
		}
	}
	if v.Len() != len(t.Fields()) {
		return &TypeError{Want: t, Got: fmt.Sprintf("a record of %d fields", v.Len())}
	}
	return nil
}

func checkTuple(v Value, t *types.Type) *TypeError {
	if v.Len() != len(t.Fields()) {
		return &TypeError{Want: t, Got: fmt.Sprintf("a tuple of %d", v.Len())}
	}
	for i, e := range v.elems() {
		if err := check(e, t.Fields()[i].Type); err != nil {
			return err.in("." + strconv.Itoa(i))
		}
	}
	return nil
}

func checkCase(v Value, t *types.Type) *TypeError {
	name, payload := v.Case()
	for _, c := range t.Cases() {
		if c.Name != name {
			continue
		}
		switch {
		case c.Type != nil:
			return check(payload, c.Type).in("." + name)
		case payload.IsValid():
			return &TypeError{Path: "." + name, Want: t, Got: "a payload for a case that has none"}
		}
		return nil
	}
	return &TypeError{Want: t, Got: "the case " + strconv.Quote(name)}
}

func checkFlags(v Value, t *types.Type) *TypeError {
	for _, l := range v.Labels() {
		if !contains(t.Labels(), l) {
			return &TypeError{Want: t, Got: "the flag " + strconv.Quote(l)}
		}
	}
	return nil
}

func contains(labels []string, l string) bool {
	for _, m := range labels {
		if m == l {
			return true
		}
	}
	return false
}
