package gondola

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

func (m *matcher) list(gt reflect.Type, t *types.Type) (*codec, error) {
	n, fixed := t.Len()
	array := gt.Kind() == reflect.Array && fixed && gt.Len() == n
	if gt.Kind() != reflect.Slice && !array {
		return nil, &matchError{t: t, gt: gt}
	}
	if t.Elem() == types.U8 && gt.Elem().Kind() == reflect.Uint8 {
		return bytesCodec(t, array), nil
	}
	elem, err := m.codec(gt.Elem(), t.Elem())
	if err != nil {
		return nil, within("[]", err)
	}
	l := &listCodec{t: t, elem: elem}
	if array {
		return &codec{l.toVal, l.setElems}, nil
	}
	return &codec{l.toVal, l.setSlice}, nil
}

type listCodec struct {
	t    *types.Type
	elem *codec
}

func (c *listCodec) toVal(src reflect.Value) (val.Value, error) {
	if err := checkLen(c.t, src.Len()); err != nil {
		return val.Value{}, err
	}
	elems := make([]val.Value, src.Len())
	for i := range elems {
		v, err := c.elem.toVal(src.Index(i))
		if err != nil {
			return val.Value{}, within(indexStep(i), err)
		}
		elems[i] = v
	}
	return val.List(elems...), nil
}

func (c *listCodec) setSlice(dst reflect.Value, v val.Value) error {
	n := v.Len()
	if n == 0 {
		dst.SetZero()
		return nil
	}
	dst.Set(reflect.MakeSlice(dst.Type(), n, n))
	return c.setElems(dst, v)
}

func (c *listCodec) setElems(dst reflect.Value, v val.Value) error {
	for i, e := range v.Elems() {
		if err := c.elem.set(dst.Index(i), e); err != nil {
			return within(indexStep(i), err)
		}
	}
	return nil
}

func indexStep(i int) string { return "[" + strconv.Itoa(i) + "]" }

func checkLen(t *types.Type, n int) error {
	if want, fixed := t.Len(); fixed && n != want {
		return &val.TypeError{Want: t, Got: fmt.Sprintf("a list of %d", n)}
	}
	return nil
}

// bytesCodec converts lists of u8. Slices are shared with the value, never
// copied.
func bytesCodec(t *types.Type, array bool) *codec {
	if array {
		return &codec{arrayToVal, setArray}
	}
	return &codec{
		func(src reflect.Value) (val.Value, error) {
			return val.Bytes(src.Bytes()), checkLen(t, src.Len())
		},
		setBytes,
	}
}

func setBytes(dst reflect.Value, v val.Value) error {
	if v.Len() == 0 {
		dst.SetZero()
	} else {
		dst.SetBytes(v.Bytes())
	}
	return nil
}

func arrayToVal(src reflect.Value) (val.Value, error) {
	b := make([]byte, src.Len())
	for i := range b {
		b[i] = byte(src.Index(i).Uint())
	}
	return val.Bytes(b), nil
}

func setArray(dst reflect.Value, v val.Value) error {
	copy(dst.Slice(0, dst.Len()).Bytes(), v.Bytes())
	return nil
}

func (m *matcher) mapping(gt reflect.Type, t *types.Type) (*codec, error) {
	if gt.Kind() != reflect.Map {
		return nil, &matchError{t: t, gt: gt}
	}
	if _, scalar := scalarKinds[t.Key().Kind()]; !scalar || gt.Key() == valueType {
		return nil, &matchError{t: t, gt: gt, reason: "values of the key's type can't be compared with =="}
	}
	key, err := m.codec(gt.Key(), t.Key())
	if err != nil {
		return nil, within("[key]", err)
	}
	value, err := m.codec(gt.Elem(), t.Value())
	if err != nil {
		return nil, within("[value]", err)
	}
	c := &mapCodec{key: key, value: value}
	return &codec{c.toVal, c.set}, nil
}

// keyStep is the step of a path to the entry of a map.
func keyStep(key reflect.Value) string {
	if key.Kind() == reflect.String {
		return "[" + strconv.Quote(key.String()) + "]"
	}
	return fmt.Sprintf("[%v]", key)
}

type mapCodec struct{ key, value *codec }

// toVal lists the entries in the order in which Go ranges over the map.
func (c *mapCodec) toVal(src reflect.Value) (val.Value, error) {
	gt := src.Type()
	key, value := reflect.New(gt.Key()).Elem(), reflect.New(gt.Elem()).Elem()
	entries := make([]val.Entry, 0, src.Len())
	for iter := src.MapRange(); iter.Next(); {
		key.SetIterKey(iter)
		value.SetIterValue(iter)
		e, err := c.entry(key, value)
		if err != nil {
			return val.Value{}, within(keyStep(key), err)
		}
		entries = append(entries, e)
	}
	return val.Map(entries...), nil
}

func (c *mapCodec) entry(key, value reflect.Value) (e val.Entry, err error) {
	if e.Key, err = c.key.toVal(key); err != nil {
		return e, within(".key", err)
	}
	e.Value, err = c.value.toVal(value)
	return e, within(".value", err)
}

func (c *mapCodec) set(dst reflect.Value, v val.Value) error {
	gt := dst.Type()
	key, value := reflect.New(gt.Key()).Elem(), reflect.New(gt.Elem()).Elem()
	dst.Set(reflect.MakeMapWithSize(gt, v.Len()))
	for _, e := range v.Entries() {
		if err := c.key.set(key, e.Key); err != nil {
			return within(".key", err)
		}
		if err := c.value.set(value, e.Value); err != nil {
			return within(keyStep(key)+".value", err)
		}
		dst.SetMapIndex(key, value)
	}
	return nil
}
