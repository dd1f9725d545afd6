package gondola

import (
	"fmt"
	"math/bits"
	"reflect"
	"slices"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

func enumCodec(gt reflect.Type, t *types.Type) (*codec, error) {
	last := len(t.Labels()) - 1
	c := newLabelCodec(t)
	switch {
	case gt.Kind() == reflect.String:
		return &codec{c.nameToVal, setName}, nil
	case gt.PkgPath() == "" || !isInteger(gt):
		return nil, &matchError{t: t, gt: gt}
	case isSigned(gt) && gt.OverflowInt(int64(last)), !isSigned(gt) && gt.OverflowUint(uint64(last)):
		return nil, &matchError{t: t, gt: gt, reason: fmt.Sprintf("it has no room for %d cases", last+1)}
	case isSigned(gt):
		return &codec{c.intToVal, c.setInt}, nil
	}
	return &codec{c.uintToVal, c.setUint}, nil
}

func isInteger(gt reflect.Type) bool { return isSigned(gt) || isUnsigned(gt) }

func isSigned(gt reflect.Type) bool {
	return gt.Kind() >= reflect.Int && gt.Kind() <= reflect.Int64
}

func isUnsigned(gt reflect.Type) bool {
	return gt.Kind() >= reflect.Uint && gt.Kind() <= reflect.Uint64
}

// labelCodec knows the positions of an enum's or flags' labels.
type labelCodec struct {
	t      *types.Type
	labels []string
	index  map[string]int
}

func newLabelCodec(t *types.Type) *labelCodec {
	c := &labelCodec{t: t, labels: t.Labels(), index: make(map[string]int, len(t.Labels()))}
	for i, l := range c.labels {
		c.index[l] = i
	}
	return c
}

func (c *labelCodec) nameToVal(src reflect.Value) (val.Value, error) {
	i, ok := c.index[src.String()]
	if !ok {
		return val.Value{}, &val.TypeError{Want: c.t, Got: fmt.Sprintf("the case %q", src.String())}
	}
	return val.Enum(c.labels[i]), nil
}

func setName(dst reflect.Value, v val.Value) error {
	name, _ := v.Case()
	dst.SetString(name)
	return nil
}

func (c *labelCodec) intToVal(src reflect.Value) (val.Value, error) {
	i := src.Int()
	if i < 0 || i >= int64(len(c.labels)) {
		return val.Value{}, c.noCase(src.Type(), i)
	}
	return val.Enum(c.labels[i]), nil
}

func (c *labelCodec) uintToVal(src reflect.Value) (val.Value, error) {
	i := src.Uint()
	if i >= uint64(len(c.labels)) {
		return val.Value{}, c.noCase(src.Type(), i)
	}
	return val.Enum(c.labels[i]), nil
}

func (c *labelCodec) noCase(gt reflect.Type, i any) error {
	return &val.TypeError{Want: c.t, Got: fmt.Sprintf("%v(%d)", gt, i)}
}

func (c *labelCodec) setInt(dst reflect.Value, v val.Value) error {
	name, _ := v.Case()
	dst.SetInt(int64(c.index[name]))
	return nil
}

func (c *labelCodec) setUint(dst reflect.Value, v val.Value) error {
	name, _ := v.Case()
	dst.SetUint(uint64(c.index[name]))
	return nil
}

func flagsCodec(gt reflect.Type, t *types.Type) (*codec, error) {
	switch {
	case !isUnsigned(gt):
		return nil, &matchError{t: t, gt: gt}
	case gt.Bits() < len(t.Labels()):
		return nil, &matchError{t: t, gt: gt, reason: fmt.Sprintf("it has no room for %d flags", len(t.Labels()))}
	}
	c := newLabelCodec(t)
	return &codec{c.bitsToVal, c.setBits}, nil
}

func (c *labelCodec) bitsToVal(src reflect.Value) (val.Value, error) {
	set := src.Uint()
	if set>>len(c.labels) != 0 {
		return val.Value{}, &val.TypeError{Want: c.t, Got: fmt.Sprintf("the flags %#b", set)}
	}
	labels := make([]string, 0, bits.OnesCount64(set))
	for ; set != 0; set &= set - 1 {
		labels = append(labels, c.labels[bits.TrailingZeros64(set)])
	}
	return val.Flags(labels...), nil
}

func (c *labelCodec) setBits(dst reflect.Value, v val.Value) error {
	var set uint64
	for _, l := range v.Labels() {
		set |= 1 << c.index[l]
	}
	dst.SetUint(set)
	return nil
}

// enumName is the case that an error stands for: its text if it is a string,
// what its String method returns if it is an integer. An integer error that has
// none does not say that it means this enum; many packages define one for
// purposes of their own.
func enumName(err error, t *types.Type) (name string, ok bool) {
	rv := reflect.ValueOf(err)
	if rv.Kind() == reflect.String {
		name = rv.String()
	} else if s, stringer := err.(fmt.Stringer); stringer && isInteger(rv.Type()) {
		name = s.String()
	}
	return name, slices.Contains(t.Labels(), name)
}
