package cabi

import (
	"fmt"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// CheckArgs reports whether args are what f takes, down to resources, streams
// and futures. The error has a path: "args[0].headers[3]".
func CheckArgs(f FuncInst, args []val.Value) error {
	ft := f.Type()
	if len(args) != len(ft.Params) {
		return fmt.Errorf("%d arguments for a function that takes %d", len(args), len(ft.Params))
	}
	for i, p := range ft.Params {
		if isPlain(args[i], p.Type) {
			continue
		}
		if err := checkValue(args[i], p.Type, scopeOf(f), fmt.Sprintf("args[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

func isScalar(t typ) bool { return t.Kind() <= types.KindChar }

// isPlain reports whether v is a bool or number of type t, which needs no look
// inside.
func isPlain(v val.Value, t typ) bool { return t.Kind() < types.KindChar && v.Kind() == t.Kind() }

// scopeOf is an instance that means by f's resource types what f's type does.
func scopeOf(f FuncInst) *ComponentInstance {
	switch f := f.(type) {
	case *lifted:
		return f.inst
	case *hostFunc:
		return f.f.Scope
	}
	return nil
}

func checkResult(v val.Value, ft *types.Func, scope *ComponentInstance, path string) error {
	switch {
	case ft.Result != nil:
		return checkValue(v, ft.Result, scope, path)
	case v.IsValid():
		return fmt.Errorf("%s: got a %v, but the function returns nothing", path, v.Kind())
	}
	return nil
}

// checkValue checks a value of the host's against a type.
func checkValue(v val.Value, t typ, scope *ComponentInstance, path string) error {
	if err := val.Check(v, t, path); err != nil {
		return err
	}
	if t.ContainsHandle() {
		return checkHandles(v, t, scope, path)
	}
	return nil
}

// checkHandles compares the types of what a value refers to. The value has type
// t as far as [val.Check] can tell.
func checkHandles(v val.Value, t typ, scope *ComponentInstance, path string) error {
	switch t.Kind() {
	case types.KindOwn, types.KindBorrow:
		r, ok := v.Resource().(*Resource)
		if !ok || scope == nil || r.Type != scope.resource(t.Resource()) {
			return fmt.Errorf("%s: got another resource, want %v", path, t)
		}
	case types.KindStream:
		s, ok := v.Stream().(*Stream)
		return checkEnd(ok, path, t, scope, func() *shared { return &s.shared })
	case types.KindFuture:
		f, ok := v.Future().(*Future)
		return checkEnd(ok, path, t, scope, func() *shared { return &f.shared })
	case types.KindErrorContext:
		if _, ok := v.ErrorContext().(*ErrorContext); !ok {
			return fmt.Errorf("%s: got a foreign error context", path)
		}
	default:
		return checkParts(v, t, scope, path)
	}
	return nil
}

func checkEnd(ok bool, path string, t typ, scope *ComponentInstance, of func() *shared) error {
	if !ok {
		return fmt.Errorf("%s: got a foreign value, want %v", path, t)
	}
	s := of()
	switch {
	case !sameElem(s.scope, s.elem, scope, t.Elem()):
		return fmt.Errorf("%s: got one of %v, want %v", path, elemName(s.elem), t)
	}
	if err := s.reader.idle(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func checkParts(v val.Value, t typ, scope *ComponentInstance, path string) error {
	check := func(v val.Value, t typ, step string) error {
		if !t.ContainsHandle() {
			return nil
		}
		return checkHandles(v, t, scope, path+step)
	}
	switch t.Kind() {
	case types.KindList:
		return checkAll(v.Elems(), func(int) typ { return t.Elem() }, "[%d]", check)
	case types.KindTuple:
		return checkAll(v.Elems(), func(i int) typ { return t.Fields()[i].Type }, ".%d", check)
	case types.KindRecord:
		for i, f := range t.Fields() {
			if err := check(fieldOf(v, i, f.Name), f.Type, "."+f.Name); err != nil {
				return err
			}
		}
	case types.KindMap:
		for i, e := range v.Entries() {
			if err := check(e.Key, t.Key(), fmt.Sprintf("[%d].key", i)); err != nil {
				return err
			}
			if err := check(e.Value, t.Value(), fmt.Sprintf("[%d].value", i)); err != nil {
				return err
			}
		}
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		i, payload := matchCase(v, t)
		if c := t.Cases()[i]; c.Type != nil {
			return check(payload, c.Type, "."+c.Name)
		}
	}
	return nil
}

func checkAll(vs []val.Value, of func(int) typ, step string, check func(val.Value, typ, string) error) error {
	for i, v := range vs {
		if err := check(v, of(i), fmt.Sprintf(step, i)); err != nil {
			return err
		}
	}
	return nil
}
