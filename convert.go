package gondola

import (
	"reflect"
	"sync"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// This file and its neighbours convert between plain Go values and component
// values by reflection. A Go type is matched once against a component type,
// which gives a codec or an error that says what would fit; from then on the
// codec converts values and looks at no type again.
//
//	component type       Go type
//	bool, integers       the type of the same width, or one defined on it
//	f32, f64             float32, float64
//	char                 rune
//	string               string
//	list<T>              []T; nil is the empty list. list<u8> is shared, not copied
//	list<T, n>           [n]T, or []T of that length
//	map<K, V>            map[K]V
//	option<T>            *T
//	record, tuple        struct: see matchFields
//	variant              an interface that lists its cases: see Variant
//	enum                 a defined integer type that counts the cases, or a string type
//	flags                an unsigned integer, bit i for label i
//	result<T, E>         Result[T, E]; struct{} for what has no type
//	error-context        *ErrorContext
//	handles              what handleMatcher says
//	anything             val.Value

// codec converts between the values of one Go type and of one component type. A
// codec is safe for use from several goroutines.
type codec struct {
	// toVal converts a Go value. What it returns has the component type, so that
	// val.Check has nothing left to do; a Go value for which that can't be (a
	// string that is not UTF-8, an enum out of range) is an error with the path
	// to it. The result shares byte slices and strings with src.
	toVal func(src reflect.Value) (val.Value, error)

	// set stores v, which must have the component type, in dst, which must be
	// settable. dst shares byte slices and strings with v.
	set func(dst reflect.Value, v val.Value) error
}

// handleMatcher matches Go types against the component types whose values are
// handles. Each method is asked for component types of its own kind and returns
// an error that says what Go type would fit.
type handleMatcher interface {
	own(gt reflect.Type, t *types.Type) (*codec, error)
	borrow(gt reflect.Type, t *types.Type) (*codec, error)
	stream(gt reflect.Type, t *types.Type) (*codec, error)
	future(gt reflect.Type, t *types.Type) (*codec, error)
	errorContext(gt reflect.Type, t *types.Type) (*codec, error)
}

// newCodec matches gt against t. The error names the place inside t that does
// not fit, both types there, and a Go type that would fit. ext may be nil where
// t contains no handle.
func newCodec(gt reflect.Type, t *types.Type, ext handleMatcher) (*codec, error) {
	return newMatcher(ext).codec(gt, t)
}

// matcher makes codecs and keeps those that it has made, so that a part which
// occurs often in a type is matched once. It is safe for use from several
// goroutines.
type matcher struct {
	ext   handleMatcher
	mu    sync.RWMutex
	cache map[typePair]*codec
}

type typePair struct {
	gt  reflect.Type
	t   *types.Type
	arg bool // only toVal is needed, and gt may be the type of one case of a variant
}

// newMatcher makes a matcher. Everything that is converted for one component with
// handles shares one.
func newMatcher(ext handleMatcher) *matcher {
	if h, ok := ext.(*handleTypes); ok {
		return h.codecs
	}
	return &matcher{ext: ext, cache: map[typePair]*codec{}}
}

// codec matches gt against t, which ends because component types are finite
// trees even where the Go type is recursive.
func (m *matcher) codec(gt reflect.Type, t *types.Type) (*codec, error) {
	return m.cached(typePair{gt: gt, t: t})
}

// arg is like codec for values that only ever come from Go: the codec may lack
// set, and gt may be the type of one case of a variant.
func (m *matcher) arg(gt reflect.Type, t *types.Type) (*codec, error) {
	return m.cached(typePair{gt: gt, t: t, arg: t.Kind() == types.KindVariant})
}

func (m *matcher) cached(p typePair) (*codec, error) {
	m.mu.RLock()
	c := m.cache[p]
	m.mu.RUnlock()
	if c != nil {
		return c, nil
	}
	c, err := m.match(p)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.cache[p] = c
	m.mu.Unlock()
	return c, nil
}

func (m *matcher) match(p typePair) (*codec, error) {
	gt, t := p.gt, p.t
	if gt == valueType {
		return dynamicCodec(t), nil
	}
	switch t.Kind() {
	case types.KindList:
		return m.list(gt, t)
	case types.KindMap:
		return m.mapping(gt, t)
	case types.KindRecord:
		return m.record(gt, t)
	case types.KindTuple:
		return m.tuple(gt, t)
	case types.KindVariant:
		return m.variant(p)
	case types.KindEnum:
		return enumCodec(gt, t)
	case types.KindFlags:
		return flagsCodec(gt, t)
	case types.KindOption:
		return m.option(gt, t)
	case types.KindResult:
		return m.result(gt, t)
	case types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture, types.KindErrorContext:
		return m.handle(gt, t)
	}
	return scalarCodec(gt, t)
}

func (m *matcher) handle(gt reflect.Type, t *types.Type) (*codec, error) {
	if m.ext == nil {
		return nil, &matchError{t: t, gt: gt, reason: "a handle needs a runtime"}
	}
	switch t.Kind() {
	case types.KindOwn:
		return m.ext.own(gt, t)
	case types.KindBorrow:
		return m.ext.borrow(gt, t)
	case types.KindStream:
		return m.ext.stream(gt, t)
	case types.KindFuture:
		return m.ext.future(gt, t)
	}
	return m.ext.errorContext(gt, t)
}

var valueType = reflect.TypeFor[val.Value]()

// dynamicCodec passes values through and checks those that come from Go.
func dynamicCodec(t *types.Type) *codec {
	return &codec{
		toVal: func(src reflect.Value) (val.Value, error) {
			v := valueOf(src)
			return v, val.Check(v, t, "")
		},
		set: setValue,
	}
}

// valueOf is src, a val.Value, without a copy on the heap.
func valueOf(src reflect.Value) val.Value {
	if src.CanAddr() {
		return *src.Addr().Interface().(*val.Value)
	}
	return src.Interface().(val.Value)
}

func setValue(dst reflect.Value, v val.Value) error {
	*dst.Addr().Interface().(*val.Value) = v
	return nil
}

// payload is like codec, for the place of a payload that a result may lack: t is
// nil there, and struct{} the Go type.
func (m *matcher) payload(gt reflect.Type, t *types.Type) (*codec, error) {
	switch {
	case t != nil:
		return m.codec(gt, t)
	case gt == valueType:
		return noValueCodec, nil
	case gt.Kind() == reflect.Struct && gt.NumField() == 0:
		return unitCodec, nil
	}
	return nil, &matchError{gt: gt}
}

var unitCodec = &codec{
	toVal: func(reflect.Value) (val.Value, error) { return val.Value{}, nil },
	set:   func(reflect.Value, val.Value) error { return nil },
}

var noValueCodec = &codec{
	toVal: func(src reflect.Value) (val.Value, error) {
		v := valueOf(src)
		if v.IsValid() {
			return val.Value{}, &pathError{err: errNoPayload}
		}
		return v, nil
	},
	set: setValue,
}
