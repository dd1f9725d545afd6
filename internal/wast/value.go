package wast

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wat"
)

// scalarKinds are the types of components that literals are made of one number for.
var scalarKinds = map[string]types.Kind{
	"bool": types.KindBool, "char": types.KindChar, "f32": types.KindF32, "f64": types.KindF64,
	"u8": types.KindU8, "u16": types.KindU16, "u32": types.KindU32, "u64": types.KindU64,
	"s8": types.KindS8, "s16": types.KindS16, "s32": types.KindS32, "s64": types.KindS64,
}

type literal = wat.Literal

// componentValue is the value that a literal stands for.
func componentValue(l *literal) (val.Value, error) {
	if k, ok := scalarKinds[l.Kind]; ok && l.NaN == wat.NaNNone {
		return val.OfBits(k, l.Bits), nil
	}
	elems := make([]val.Value, len(l.Elems))
	for i, e := range l.Elems {
		var err error
		if elems[i], err = componentValue(e); err != nil {
			return val.Value{}, err
		}
	}
	payload := val.Value{}
	if len(elems) > 0 {
		payload = elems[0]
	}
	switch l.Kind {
	case "str":
		return val.String(l.Text), nil
	case "list":
		return val.List(elems...), nil
	case "tuple":
		return val.Tuple(elems...), nil
	case "record":
		return val.Record(fields(l, elems)...), nil
	case "map":
		return val.Map(entries(elems)...), nil
	case "variant":
		return val.Variant(l.Text, payload), nil
	case "enum":
		return val.Enum(l.Text), nil
	case "flags":
		return val.Flags(l.Labels...), nil
	case "option":
		if l.Text == "none" {
			return val.None(), nil
		}
		return val.Some(payload), nil
	case "result":
		if l.Text == "ok" {
			return val.Ok(payload), nil
		}
		return val.Err(payload), nil
	}
	return val.Value{}, fmt.Errorf("%s is no value of a component", l.At.Text())
}

func fields(l *literal, values []val.Value) []val.Field {
	fs := make([]val.Field, len(values))
	for i, v := range values {
		fs[i] = val.Field{Name: l.Elems[i].Field, Value: v}
	}
	return fs
}

// entries are keys and values in turn.
func entries(values []val.Value) []val.Entry {
	var es []val.Entry
	for i := 0; i+1 < len(values); i += 2 {
		es = append(es, val.Entry{Key: values[i], Value: values[i+1]})
	}
	return es
}

// text writes a value as scripts do.
func text(v val.Value) string {
	if !v.IsValid() {
		return "nothing"
	}
	switch k := v.Kind(); k {
	case types.KindBool:
		return form("bool.const", strconv.FormatBool(v.Bool()))
	case types.KindChar:
		return form("char.const", strconv.Quote(string(v.Char())))
	case types.KindF32, types.KindF64:
		return form(k.String()+".const", fmt.Sprintf("%v (;%#x;)", v.Float(), v.Bits()))
	case types.KindU8, types.KindU16, types.KindU32, types.KindU64:
		return form(k.String()+".const", strconv.FormatUint(v.Uint(), 10))
	case types.KindS8, types.KindS16, types.KindS32, types.KindS64:
		return form(k.String()+".const", strconv.FormatInt(v.Int(), 10))
	case types.KindString:
		return form("str.const", strconv.Quote(v.Str()))
	case types.KindList, types.KindTuple:
		return form(k.String()+".const", texts(v.Elems())...)
	case types.KindRecord:
		var parts []string
		for _, f := range v.Fields() {
			inner := text(f.Value)
			parts = append(parts, form("field", strconv.Quote(f.Name), inner[1:len(inner)-1]))
		}
		return form("record.const", parts...)
	case types.KindFlags:
		var parts []string
		for _, l := range v.Labels() {
			parts = append(parts, strconv.Quote(l))
		}
		return form("flags.const", parts...)
	case types.KindEnum, types.KindVariant:
		name, payload := v.Case()
		return form(k.String()+".const", append([]string{strconv.Quote(name)}, optional(payload)...)...)
	case types.KindOption, types.KindResult:
		name, payload := v.Case()
		if name == "error" {
			name = "err"
		}
		return form(k.String()+"."+name, optional(payload)...)
	case types.KindMap:
		var parts []string
		for _, e := range v.Entries() {
			parts = append(parts, form("entry", text(e.Key), text(e.Value)))
		}
		return form("map.const", parts...)
	}
	return "a " + v.Kind().String()
}

func form(word string, parts ...string) string {
	return "(" + strings.Join(append([]string{word}, parts...), " ") + ")"
}

func texts(vs []val.Value) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = text(v)
	}
	return out
}

func optional(v val.Value) []string {
	if !v.IsValid() {
		return nil
	}
	return []string{text(v)}
}
