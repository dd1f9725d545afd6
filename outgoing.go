package gondola

import (
	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// outgoing are elements of a stream with handles that may come back to the
// embedder, since nobody took them.
type outgoing struct {
	store  *store
	elem   *types.Type
	given  []val.Value // as the embedder had them
	passed []val.Value
}

// send unwraps the elements of a stream in place, while the store is held.
func (s *store) send(vs []val.Value, elem *types.Type) (outgoing, error) {
	if elem == nil || !elem.ContainsHandle() {
		return outgoing{}, nil
	}
	out := outgoing{store: s, elem: elem}
	for i, v := range vs {
		w, err := s.unwrap(v, elem)
		if err != nil {
			out.takeBack()
			return outgoing{}, within(indexStep(i), err)
		}
		out.given, out.passed = append(out.given, v), append(out.passed, w)
		vs[i] = w
	}
	return out, nil
}

// takeBack makes them the embedder's again, while the store is held.
func (o *outgoing) takeBack() {
	for i, v := range o.given {
		var passed []val.Value
		collect := func(v val.Value, _ *types.Type) (val.Value, error) {
			passed = append(passed, v)
			return v, nil
		}
		_, _ = walk(o.passed[i], o.elem, collect)
		_, _ = walk(v, o.elem, func(v val.Value, t *types.Type) (val.Value, error) {
			o.restore(v, passed[0], t)
			passed = passed[1:]
			return v, nil
		})
	}
	o.given, o.passed = nil, nil
}

// restore makes one handle the embedder's again.
func (o *outgoing) restore(given, passed val.Value, t *types.Type) {
	s := o.store
	switch t.Kind() {
	case types.KindOwn:
		if r, ok := given.Resource().(*Resource); ok {
			r.state = ownedResource
		} else {
			s.reps.take(uint32(passed.Resource().(*cabi.Resource).Rep))
		}
	case types.KindStream:
		s.restoreEnd(&given.Stream().(streamEnd).end().link, passed.Stream().(*cabi.Stream))
	case types.KindFuture:
		s.restoreEnd(&given.Future().(futureEnd).end().link, passed.Future().(*cabi.Future))
	}
}

// restoreEnd leaves an end of another store with its relay, which has begun to
// read from it.
func (s *store) restoreEnd(l *link, core wakeable) {
	if l.store == s {
		l.takeBack()
		s.ends.hold(core)
	}
}
