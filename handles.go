package gondola

import (
	"fmt"
	"io"
	"slices"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// This file turns values as the canonical ABI has them into values as embedders
// have them, and back. They differ only in handles, so a value whose type has
// none is passed on as it is.

// wrap turns a value that comes from a guest into one for the embedder, while the
// store is held. Who gets it owns what is in it.
func (s *store) wrap(v val.Value, t *types.Type) val.Value {
	switch t.Kind() {
	case types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture:
		w, _ := s.wrapHandle(v, t) // it never fails
		return w
	}
	if !t.ContainsHandle() {
		return v
	}
	w, _ := walk(v, t, s.wrapHandle)
	return w
}

func (s *store) wrapHandle(v val.Value, t *types.Type) (val.Value, error) {
	switch t.Kind() {
	case types.KindOwn:
		return val.Own(s.wrapResource(v.Resource().(*cabi.Resource), ownedResource)), nil
	case types.KindBorrow:
		return val.Borrow(s.wrapResource(v.Resource().(*cabi.Resource), borrowedResource)), nil
	case types.KindStream:
		return val.OfStream(newBoundStream(s, v.Stream().(*cabi.Stream))), nil
	case types.KindFuture:
		return val.OfFuture(newBoundFuture(s, v.Future().(*cabi.Future))), nil
	}
	return v, nil
}

// unwrap turns a value of the embedder's into one for a guest, while the store is
// held. What the value gives away is gone for the embedder; if it fails, nobody
// has it.
func (s *store) unwrap(v val.Value, t *types.Type) (val.Value, error) {
	switch t.Kind() {
	case types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture:
		w, err := s.unwrapHandle(v, t)
		if err != nil {
			s.closeHandle(v, t)
			return val.Value{}, err
		}
		return w, nil
	case types.KindOption, types.KindResult:
		return s.unwrapCase(v, t)
	}
	if !t.ContainsHandle() {
		return v, nil
	}
	var room [4]passedHandle
	passed := room[:0]
	w, err := walk(v, t, func(v val.Value, t *types.Type) (val.Value, error) {
		w, err := s.unwrapHandle(v, t)
		if err == nil {
			passed = append(passed, passedHandle{w, t})
		}
		return w, err
	})
	if err != nil {
		for _, h := range passed {
			s.release(h.v, h.t)
		}
		s.closeHandlesFrom(len(passed), v, t)
		return val.Value{}, err
	}
	return w, nil
}

// unwrapCase is unwrap for options and results.
func (s *store) unwrapCase(v val.Value, t *types.Type) (val.Value, error) {
	_, payload := v.Case()
	c := t.Cases()[v.CaseIndex(t.Cases())]
	if c.Type == nil || !c.Type.ContainsHandle() {
		return v, nil
	}
	w, err := s.unwrap(payload, c.Type)
	if err != nil {
		return val.Value{}, err
	}
	return remakeCase(t.Kind(), c.Name, w), nil
}

type passedHandle struct {
	v val.Value
	t *types.Type
}

func (s *store) unwrapHandle(v val.Value, t *types.Type) (val.Value, error) {
	switch t.Kind() {
	case types.KindOwn:
		r, err := s.unwrapResource(v.Resource(), t.Resource(), ownedResource)
		return val.Own(r), err
	case types.KindBorrow:
		r, err := s.unwrapResource(v.Resource(), t.Resource(), borrowedResource)
		return val.Borrow(r), err
	case types.KindStream:
		st, err := s.unwrapStream(v.Stream(), t)
		return val.OfStream(st), err
	case types.KindFuture:
		f, err := s.unwrapFuture(v.Future(), t)
		return val.OfFuture(f), err
	}
	return v, nil
}

// unwrapArgs is unwrap for the arguments of a call, in place.
func (s *store) unwrapArgs(args []val.Value, ft *types.Func) error {
	for i, a := range args {
		w, err := s.unwrap(a, ft.Params[i].Type)
		if err != nil {
			s.releaseAll(args[:i], ft)
			s.closeArgs(args[i+1:], &types.Func{Params: ft.Params[i+1:]})
			return within("args"+indexStep(i), err)
		}
		args[i] = w
	}
	return nil
}

// release gives up what a value as the canonical ABI has it holds, which no guest
// has received.
func (s *store) release(v val.Value, t *types.Type) {
	if !v.IsValid() || t == nil || !t.ContainsHandle() {
		return
	}
	_, _ = walk(v, t, func(v val.Value, t *types.Type) (val.Value, error) {
		s.releaseHandle(v, t)
		return v, nil
	})
}

func (s *store) releaseHandle(v val.Value, t *types.Type) {
	switch t.Kind() {
	case types.KindOwn:
		s.releaseResource(v.Resource().(*cabi.Resource), t.Resource())
	case types.KindBorrow:
		s.endLoan(v.Resource())
	case types.KindStream:
		_ = v.Stream().(*cabi.Stream).DropReadable() // nothing goes on that it could disturb
	case types.KindFuture:
		_ = v.Future().(*cabi.Future).DropReadable()
	}
}

func (s *store) releaseAll(args []val.Value, ft *types.Func) {
	for i, a := range args {
		s.release(a, ft.Params[i].Type)
	}
}

// endLoans frees what the host lent to a guest for the time of a call.
func (s *store) endLoans(args []val.Value, ft *types.Func) {
	for i, p := range ft.Params {
		if !p.Type.ContainsBorrow() {
			continue
		}
		_, _ = walk(args[i], p.Type, func(v val.Value, t *types.Type) (val.Value, error) {
			if t.Kind() == types.KindBorrow {
				s.endLoan(v.Resource())
			}
			return v, nil
		})
	}
}

func (s *store) wrapArgs(args []val.Value, ft *types.Func) []val.Value {
	if !hasHandles(ft) {
		return args
	}
	return s.wrapArgsInPlace(slices.Clone(args), ft)
}

// wrapArgsInPlace is wrapArgs where nobody needs args as they are.
func (s *store) wrapArgsInPlace(args []val.Value, ft *types.Func) []val.Value {
	for i, a := range args {
		args[i] = s.wrap(a, ft.Params[i].Type)
	}
	return args
}

func (s *store) unwrapResult(v val.Value, ft *types.Func) (val.Value, error) {
	if ft.Result == nil || !ft.Result.ContainsHandle() {
		return v, nil
	}
	return s.unwrap(v, ft.Result)
}

// wrapAll wraps the elements of a stream in place.
func (s *store) wrapAll(vs []val.Value, elem *types.Type) {
	for i, v := range vs {
		vs[i] = s.wrap(v, elem)
	}
}

// closeHandles closes what a value of the embedder's holds that nobody will
// receive.
func (s *store) closeHandles(v val.Value, t *types.Type) { s.closeHandlesFrom(0, v, t) }

// closeHandlesFrom leaves the first n handles alone.
func (s *store) closeHandlesFrom(n int, v val.Value, t *types.Type) {
	if !v.IsValid() || t == nil || !t.ContainsHandle() {
		return
	}
	_, _ = walk(v, t, func(v val.Value, t *types.Type) (val.Value, error) {
		if n--; n < 0 {
			s.closeHandle(v, t)
		}
		return v, nil
	})
}

func (s *store) closeHandle(v val.Value, t *types.Type) {
	switch t.Kind() {
	case types.KindOwn:
		switch r := v.Resource().(type) {
		case *Resource:
			_ = r.Close()
		case *HostResource:
			s.post(func() { s.dropHost(r.value, t.Resource()) })
		}
	case types.KindStream:
		if end, ok := v.Stream().(io.Closer); ok {
			_ = end.Close()
		}
	case types.KindFuture:
		if end, ok := v.Future().(io.Closer); ok {
			_ = end.Close()
		}
	}
}

func (s *store) closeArgs(args []val.Value, ft *types.Func) {
	for i, a := range args {
		s.closeHandles(a, ft.Params[i].Type)
	}
}

// walk rebuilds v, a value of type t, with each handle in it replaced by what f
// makes of it.
func walk(v val.Value, t *types.Type, f func(val.Value, *types.Type) (val.Value, error)) (val.Value, error) {
	if t == nil || !t.ContainsHandle() {
		return v, nil
	}
	switch t.Kind() {
	case types.KindList:
		vs, err := walkElems(v.Elems(), func(int) *types.Type { return t.Elem() }, f)
		return val.List(vs...), err
	case types.KindTuple:
		vs, err := walkElems(v.Elems(), func(i int) *types.Type { return t.Fields()[i].Type }, f)
		return val.Tuple(vs...), err
	case types.KindRecord:
		return walkRecord(v, t, f)
	case types.KindMap:
		return walkMap(v, t, f)
	case types.KindVariant, types.KindOption, types.KindResult:
		return walkCase(v, t, f)
	}
	return f(v, t)
}

type handleFunc = func(val.Value, *types.Type) (val.Value, error)

func walkElems(vs []val.Value, elem func(i int) *types.Type, f handleFunc) ([]val.Value, error) {
	out := make([]val.Value, len(vs))
	for i, v := range vs {
		var err error
		if out[i], err = walk(v, elem(i), f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func walkRecord(v val.Value, t *types.Type, f handleFunc) (val.Value, error) {
	fields := make([]val.Field, len(t.Fields()))
	for i, ft := range t.Fields() {
		field, _ := v.Field(ft.Name)
		w, err := walk(field, ft.Type, f)
		if err != nil {
			return val.Value{}, err
		}
		fields[i] = val.Field{Name: ft.Name, Value: w}
	}
	return val.Record(fields...), nil
}

func walkMap(v val.Value, t *types.Type, f handleFunc) (val.Value, error) {
	entries := make([]val.Entry, v.Len())
	for i, e := range v.Entries() {
		w, err := walk(e.Value, t.Value(), f)
		if err != nil {
			return val.Value{}, err
		}
		entries[i] = val.Entry{Key: e.Key, Value: w}
	}
	return val.Map(entries...), nil
}

func walkCase(v val.Value, t *types.Type, f handleFunc) (val.Value, error) {
	name, payload := v.Case()
	for _, c := range t.Cases() {
		if c.Name != name || c.Type == nil {
			continue
		}
		w, err := walk(payload, c.Type, f)
		if err != nil {
			return val.Value{}, err
		}
		return remakeCase(t.Kind(), name, w), nil
	}
	return v, nil
}

func remakeCase(k types.Kind, name string, payload val.Value) val.Value {
	switch {
	case k == types.KindOption:
		return val.Some(payload)
	case k == types.KindResult && name == "ok":
		return val.Ok(payload)
	case k == types.KindResult:
		return val.Err(payload)
	}
	return val.Variant(name, payload)
}

// errForeign says that a value of the embedder's is not one that this runtime
// made.
func errForeign(v any, want string) error {
	return fmt.Errorf("got a %T, want %s", v, want)
}
