package gondola

import (
	"reflect"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

func (m *matcher) option(gt reflect.Type, t *types.Type) (*codec, error) {
	if gt.Kind() != reflect.Pointer {
		return nil, &matchError{t: t, gt: gt}
	}
	elem, err := m.codec(gt.Elem(), t.Elem())
	if err != nil {
		return nil, within(".some", err)
	}
	c := optionCodec{elem}
	return &codec{c.toVal, c.set}, nil
}

type optionCodec struct{ elem *codec }

func (c optionCodec) toVal(src reflect.Value) (val.Value, error) {
	if src.IsNil() {
		return val.None(), nil
	}
	v, err := c.elem.toVal(src.Elem())
	if err != nil {
		return val.Value{}, within(".some", err)
	}
	return val.Some(v), nil
}

func (c optionCodec) set(dst reflect.Value, v val.Value) error {
	payload, ok := v.Option()
	if !ok {
		dst.SetZero()
		return nil
	}
	p := reflect.New(dst.Type().Elem())
	dst.Set(p)
	return within(".some", c.elem.set(p.Elem(), payload))
}
