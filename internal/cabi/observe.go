package cabi

import "github.com/gondola-wasm/gondola/val"

// Ask calls a function of the host that answers on the spot, with nothing but values, outside
// of guest code but on behalf of a start function. ok is false of any other function, which
// is not called.
func (s *Store) Ask(f FuncInst, args []val.Value) (v val.Value, err error, ok bool) {
	h, ok := answersValues(f)
	if !ok {
		return val.Value{}, nil, false
	}
	mine := append(s.takeArgs(), args...)
	v, err = h.callPlain(mine, nil)
	if err == nil {
		s.putArgs(mine)
	}
	return v, err, true
}

// Observed is f with something around it. around gets the arguments, which it must not
// keep, and what calls f. ok is false of functions that [Store.Ask] does not call.
func (s *Store) Observed(f FuncInst, around func(args []val.Value, call func() (val.Value, error)) (val.Value, error)) (observed FuncInst, ok bool) {
	h, ok := answersValues(f)
	if !ok {
		return nil, false
	}
	g := *h.f
	g.Plain = func(context any, args []val.Value) (val.Value, error) {
		return around(args, func() (val.Value, error) { return h.f.Plain(context, args) })
	}
	return s.NewHostFunc(&g), true
}

// answersValues reports whether f answers on the spot, with values that mean the same in
// every store.
func answersValues(f FuncInst) (*hostFunc, bool) {
	h, ok := f.(*hostFunc)
	if !ok || h.f.Plain == nil || h.f.Type.Async || h.f.Type.Result.ContainsHandle() {
		return nil, false
	}
	for _, p := range h.f.Type.Params {
		if p.Type.ContainsHandle() {
			return nil, false
		}
	}
	return h, true
}
