package gondola

import (
	"fmt"
	"reflect"

	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Variant is embedded in a Go interface that stands for a WIT variant. Its
// parameter is a struct type that lists the variant's cases: each field has the
// case's name in Go (or a tag `wit:"case"`) and the type of the case, which is a
// struct that implements the interface and has one exported field, the payload,
// or none. For
//
//	variant shape { circle(f64), at-origin }
//
// that is
//
//	type Shape interface{ gondola.Variant[shapeCases] }
//
//	type shapeCases struct {
//		Circle   Circle
//		AtOrigin AtOrigin
//	}
//
//	type Circle struct{ Radius float64 }
//	type AtOrigin struct{}
//
//	func (Circle) WITCases(shapeCases)   {}
//	func (AtOrigin) WITCases(shapeCases) {}
//
// Nothing ever calls WITCases: its signature says what is to be known. Since no
// other package can name shapeCases, none can add a case. An interface that
// declares the method itself does as well. Where a case is expected, a pointer
// to it is accepted.
type Variant[Cases any] interface{ WITCases(Cases) }

// casesOf is the struct that lists the cases of a variant's interface type or of
// the type of one of its cases.
func casesOf(gt reflect.Type) (cases reflect.Type, ok bool) {
	// The name must be a constant here: then the linker keeps this method of
	// each type and not, for want of knowing better, all methods of all types.
	method, ok := gt.MethodByName("WITCases")
	if !ok {
		return nil, false
	}
	receiver := 1
	if gt.Kind() == reflect.Interface {
		receiver = 0
	}
	f := method.Type
	if f.NumOut() != 0 || f.NumIn() != receiver+1 || f.In(receiver).Kind() != reflect.Struct {
		return nil, false
	}
	return f.In(receiver), true
}

func (m *matcher) variant(p typePair) (*codec, error) {
	c, err := m.cases(p.gt, p.t)
	switch {
	case err != nil:
		return nil, err
	case p.arg:
		return &codec{toVal: c.toVal}, nil
	case p.gt.Kind() != reflect.Interface:
		return nil, &matchError{t: p.t, gt: p.gt, reason: "it is one case; the interface of all cases is needed"}
	}
	return &codec{c.toVal, c.set}, nil
}

type variantCodec struct {
	t      *types.Type
	cases  []variantCase
	byName map[string]*variantCase
	byType map[reflect.Type]*variantCase
}

type variantCase struct {
	name    string
	gt      reflect.Type // a struct type
	field   int          // the payload's, where there is one
	payload *codec       // nil where there is none
}

func (m *matcher) cases(gt reflect.Type, t *types.Type) (*variantCodec, error) {
	cases, ok := casesOf(gt)
	if !ok {
		return nil, &matchError{t: t, gt: gt, reason: "it lists no cases as gondola.Variant says"}
	}
	labels := make([]string, len(t.Cases()))
	for i, c := range t.Cases() {
		labels[i] = c.Name
	}
	indices, reason := matchFields(cases, labels, names.GoAll(labels))
	if reason != "" {
		return nil, &matchError{t: t, gt: gt, reason: "of " + cases.String() + ": " + reason}
	}
	c := &variantCodec{
		t:      t,
		cases:  make([]variantCase, len(labels)),
		byName: make(map[string]*variantCase, len(labels)),
		byType: make(map[reflect.Type]*variantCase, len(labels)),
	}
	for i := range c.cases {
		if err := m.addCase(c, i, gt, cases.Field(indices[i]).Type); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (m *matcher) addCase(c *variantCodec, i int, gt, caseType reflect.Type) error {
	label, t := c.t.Cases()[i].Name, c.t.Cases()[i].Type
	fail := func(reason string) error {
		return &matchError{t: c.t, gt: gt, reason: fmt.Sprintf("%v, its type for %s, %s", caseType, label, reason)}
	}
	switch {
	case gt.Kind() == reflect.Interface && !caseType.Implements(gt):
		return fail("does not implement it")
	case caseType.Kind() != reflect.Struct:
		return fail("is no struct")
	case c.byType[caseType] != nil:
		return fail("is the type of " + c.byType[caseType].name + " too")
	}
	vc := &c.cases[i]
	vc.name, vc.gt = label, caseType
	c.byName[label], c.byType[caseType] = vc, vc
	fields := exportedFields(caseType)
	switch {
	case t == nil && len(fields) > 0:
		return fail("has a field, but the case has no payload")
	case t == nil:
		return nil
	case len(fields) != 1:
		return fail(fmt.Sprintf("has %d exported fields and should have one, for the payload, which is %s in Go", len(fields), goText(t)))
	}
	vc.field = fields[0]
	var err error
	vc.payload, err = m.codec(caseType.Field(vc.field).Type, t)
	return within("."+label, err)
}

func exportedFields(gt reflect.Type) (fields []int) {
	for i := range gt.NumField() {
		if f := gt.Field(i); f.IsExported() && f.Tag.Get("wit") != "-" {
			fields = append(fields, i)
		}
	}
	return fields
}

func (c *variantCodec) toVal(src reflect.Value) (val.Value, error) {
	for src.Kind() == reflect.Interface || src.Kind() == reflect.Pointer {
		src = src.Elem()
	}
	if !src.IsValid() {
		return val.Value{}, &val.TypeError{Want: c.t, Got: "nil"}
	}
	vc := c.byType[src.Type()]
	switch {
	case vc == nil:
		return val.Value{}, &val.TypeError{Want: c.t, Got: fmt.Sprintf("a %v, which is none of the cases", src.Type())}
	case vc.payload == nil:
		return val.Variant(vc.name, val.Value{}), nil
	}
	v, err := vc.payload.toVal(src.Field(vc.field))
	if err != nil {
		return val.Value{}, within("."+vc.name, err)
	}
	return val.Variant(vc.name, v), nil
}

func (c *variantCodec) set(dst reflect.Value, v val.Value) error {
	name, payload := v.Case()
	vc := c.byName[name]
	p := reflect.New(vc.gt).Elem()
	if vc.payload != nil {
		if err := vc.payload.set(p.Field(vc.field), payload); err != nil {
			return within("."+name, err)
		}
	}
	dst.Set(p)
	return nil
}
