package gondola

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// fieldNames are the names of the Go fields for the fields of a record or tuple.
func fieldNames(t *types.Type) []string {
	ids := make([]string, len(t.Fields()))
	for i, f := range t.Fields() {
		ids[i] = f.Name
	}
	if t.Kind() == types.KindRecord {
		return names.GoAll(ids)
	}
	for i := range ids {
		ids[i] = "F" + strconv.Itoa(i)
	}
	return ids
}

// matchFields finds the Go struct's field for each label: the one with the tag
// `wit:"label"`, or the one whose name is the label's in Go, in any order. It
// leaves unexported fields and those with the tag `wit:"-"` alone. The reason,
// if there is one, says what does not fit.
func matchFields(gt reflect.Type, labels, ids []string) (fields []int, reason string) {
	fields = slices.Repeat([]int{-1}, len(labels))
	var besides []string
	for i := range gt.NumField() {
		f := gt.Field(i)
		tag := f.Tag.Get("wit")
		if tag == "-" || !f.IsExported() && tag == "" {
			continue
		}
		at := slices.Index(ids, f.Name)
		if tag != "" {
			at = slices.Index(labels, tag)
		}
		switch {
		case !f.IsExported():
			return nil, fmt.Sprintf("the field %s has a tag but is not exported", f.Name)
		case at < 0:
			besides = append(besides, f.Name)
		case fields[at] >= 0:
			return nil, fmt.Sprintf("the fields %s and %s are both %s", gt.Field(fields[at]).Name, f.Name, labels[at])
		default:
			fields[at] = i
		}
	}
	return fields, mismatchReason(fields, labels, ids, besides)
}

func mismatchReason(fields []int, labels, ids, besides []string) string {
	var lacks, reasons []string
	for i, f := range fields {
		if f < 0 {
			lacks = append(lacks, fmt.Sprintf("%s for %s", ids[i], labels[i]))
		}
	}
	if lacks != nil {
		reasons = append(reasons, "it lacks "+strings.Join(lacks, ", "))
	}
	if besides != nil {
		reasons = append(reasons, "it has "+strings.Join(besides, ", ")+", which nothing stands for")
	}
	return strings.Join(reasons, "; ")
}

// recordField is how one field of a record or tuple crosses.
type recordField struct {
	name  string
	index int // of the Go struct's field
	codec *codec
}

func (m *matcher) fields(gt reflect.Type, t *types.Type) ([]recordField, error) {
	if gt.Kind() != reflect.Struct {
		return nil, &matchError{t: t, gt: gt}
	}
	labels := make([]string, len(t.Fields()))
	for i, f := range t.Fields() {
		labels[i] = f.Name
	}
	indices, reason := matchFields(gt, labels, fieldNames(t))
	if reason != "" {
		return nil, &matchError{t: t, gt: gt, reason: reason}
	}
	fields := make([]recordField, len(labels))
	for i, f := range t.Fields() {
		c, err := m.codec(gt.Field(indices[i]).Type, f.Type)
		if err != nil {
			return nil, within("."+f.Name, err)
		}
		fields[i] = recordField{f.Name, indices[i], c}
	}
	return fields, nil
}

func (m *matcher) record(gt reflect.Type, t *types.Type) (*codec, error) {
	fields, err := m.fields(gt, t)
	if err != nil {
		return nil, err
	}
	c := recordCodec(fields)
	return &codec{c.toVal, c.set}, nil
}

// recordCodec holds the fields in the component type's order.
type recordCodec []recordField

func (c recordCodec) toVal(src reflect.Value) (val.Value, error) {
	fields := make([]val.Field, len(c))
	for i, f := range c {
		v, err := f.codec.toVal(src.Field(f.index))
		if err != nil {
			return val.Value{}, within("."+f.name, err)
		}
		fields[i] = val.Field{Name: f.name, Value: v}
	}
	return val.Record(fields...), nil
}

func (c recordCodec) set(dst reflect.Value, v val.Value) error {
	values := v.Fields()
	for i, f := range c {
		fv := values[i].Value
		if values[i].Name != f.name {
			fv, _ = v.Field(f.name)
		}
		if err := f.codec.set(dst.Field(f.index), fv); err != nil {
			return within("."+f.name, err)
		}
	}
	return nil
}

func (m *matcher) tuple(gt reflect.Type, t *types.Type) (*codec, error) {
	fields, err := m.fields(gt, t)
	if err != nil {
		return nil, err
	}
	c := tupleCodec(fields)
	return &codec{c.toVal, c.set}, nil
}

type tupleCodec []recordField

func (c tupleCodec) toVal(src reflect.Value) (val.Value, error) {
	elems := make([]val.Value, len(c))
	for i, f := range c {
		v, err := f.codec.toVal(src.Field(f.index))
		if err != nil {
			return val.Value{}, within("."+f.name, err)
		}
		elems[i] = v
	}
	return val.Tuple(elems...), nil
}

func (c tupleCodec) set(dst reflect.Value, v val.Value) error {
	for i, e := range v.Elems() {
		if err := c[i].codec.set(dst.Field(c[i].index), e); err != nil {
			return within("."+c[i].name, err)
		}
	}
	return nil
}
