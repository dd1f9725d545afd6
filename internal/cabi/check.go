package cabi

import (
	"errors"
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
		if err := checkValue(args[i], p.Type, scopeOf(f)); err != nil {
			return inPart(fmt.Sprintf("args[%d]", i), err)
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

func checkResult(v val.Value, ft *types.Func, scope *ComponentInstance) error {
	switch {
	case ft.Result != nil:
		return checkValue(v, ft.Result, scope)
	case v.IsValid():
		return &valueError{err: fmt.Errorf("got a %v, but the function returns nothing", v.Kind())}
	}
	return nil
}

// valueError is what is wrong with a part of a value. Paths are made from the inside out,
// only where there is an error, since every value of the host's is checked.
type valueError struct {
	path string
	err  error
}

func (e *valueError) Error() string { return e.path + ": " + e.err.Error() }
func (e *valueError) Unwrap() error { return e.err }

// inPart says that err, of a check, is one of a part that a step leads to.
func inPart(step string, err error) error {
	switch e := err.(type) {
	case *val.TypeError:
		e.Path = step + e.Path
	case *valueError:
		e.path = step + e.path
	}
	return err
}

// checkValue checks a value of the host's against a type.
func checkValue(v val.Value, t typ, scope *ComponentInstance) error {
	if err := val.Check(v, t, ""); err != nil {
		return err
	}
	if t.ContainsHandle() {
		return checkHandles(v, t, scope)
	}
	return nil
}

// checkHandles compares the types of what a value refers to. The value has type
// t as far as [val.Check] can tell.
func checkHandles(v val.Value, t typ, scope *ComponentInstance) error {
	switch t.Kind() {
	case types.KindOwn, types.KindBorrow:
		r, ok := v.Resource().(*Resource)
		if !ok || scope == nil || r.Type != scope.resource(t.Resource()) {
			return &valueError{err: fmt.Errorf("got another resource, want %v", t)}
		}
	case types.KindStream:
		s, ok := v.Stream().(*Stream)
		if !ok {
			return foreignError(t)
		}
		return s.checkReadable(t, scope)
	case types.KindFuture:
		f, ok := v.Future().(*Future)
		if !ok {
			return foreignError(t)
		}
		return f.checkReadable(t, scope)
	case types.KindErrorContext:
		if _, ok := v.ErrorContext().(*ErrorContext); !ok {
			return &valueError{err: errors.New("got a foreign error context")}
		}
	default:
		return checkParts(v, t, scope)
	}
	return nil
}

func foreignError(t typ) error {
	return &valueError{err: fmt.Errorf("got a foreign value, want %v", t)}
}

// checkReadable checks the readable end that a value stands for.
func (s *shared) checkReadable(t typ, scope *ComponentInstance) error {
	if !sameElem(s.scope, s.elem, scope, t.Elem()) {
		return &valueError{err: fmt.Errorf("got one of %v, want %v", elemName(s.elem), t)}
	}
	if err := s.reader.idle(); err != nil {
		return &valueError{err: err}
	}
	return nil
}

func checkParts(v val.Value, t typ, scope *ComponentInstance) error {
	switch t.Kind() {
	case types.KindList:
		for i, e := range v.Elems() {
			if err := checkPart(e, t.Elem(), scope); err != nil {
				return inPart(fmt.Sprintf("[%d]", i), err)
			}
		}
	case types.KindTuple:
		for i, e := range v.Elems() {
			if err := checkPart(e, t.Fields()[i].Type, scope); err != nil {
				return inPart(fmt.Sprintf(".%d", i), err)
			}
		}
	case types.KindRecord:
		for i, f := range t.Fields() {
			if err := checkPart(fieldOf(v, i, f.Name), f.Type, scope); err != nil {
				return inPart("."+f.Name, err)
			}
		}
	case types.KindMap:
		for i, e := range v.Entries() {
			if err := checkPart(e.Key, t.Key(), scope); err != nil {
				return inPart(fmt.Sprintf("[%d].key", i), err)
			}
			if err := checkPart(e.Value, t.Value(), scope); err != nil {
				return inPart(fmt.Sprintf("[%d].value", i), err)
			}
		}
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		i, payload := matchCase(v, t)
		if c := t.Cases()[i]; c.Type != nil {
			if err := checkPart(payload, c.Type, scope); err != nil {
				return inPart("."+c.Name, err)
			}
		}
	}
	return nil
}

func checkPart(v val.Value, t typ, scope *ComponentInstance) error {
	if !t.ContainsHandle() {
		return nil
	}
	return checkHandles(v, t, scope)
}
