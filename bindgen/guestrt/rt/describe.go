package rt

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Describe is what v is for people, in the text of an error: as fmt has it, but for options, which are pointers, and show what
// they point to.
func Describe(v any) string { return describe(reflect.ValueOf(v)) }

func describe(v reflect.Value) string {
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "none"
	}
	if v.CanInterface() {
		switch v.Interface().(type) {
		case error, fmt.Stringer:
			return fmt.Sprint(v)
		case io.Closer: // a resource, a stream, a future
			return v.Type().String()
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return describe(v.Elem())
	case reflect.Struct:
		fields := make([]string, v.NumField())
		for i := range fields {
			fields[i] = v.Type().Field(i).Name + ":" + describe(v.Field(i))
		}
		return "{" + strings.Join(fields, " ") + "}"
	}
	return fmt.Sprint(v)
}
