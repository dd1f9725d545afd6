// Command driver calls every function that it imports with random values, and checks what comes back. Its package is completed
// by everything's values.go and async_values.go, whose types have a method for each import.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
)

func main() {
	seed, err := strconv.ParseUint(os.Args[1], 10, 64)
	if err != nil {
		panic(err)
	}
	r := random{rand.New(rand.NewPCG(seed, 0))}
	calls, failures := 0, 0
	for _, v := range []any{valuesEcho{}, asyncEcho{}} {
		t := reflect.TypeOf(v)
		for i := range t.NumMethod() {
			for range 20 {
				calls++
				if err := r.call(reflect.ValueOf(v).Method(i), t.Method(i).Name); err != nil {
					fmt.Printf("%s.%s: %v\n", t.Name(), t.Method(i).Name, err)
					failures++
					break
				}
			}
		}
	}
	fmt.Println(calls, "calls,", failures, "failures")
	if failures > 0 {
		os.Exit(1)
	}
}

var contextType = reflect.TypeFor[context.Context]()

// call calls f with random arguments. What echoes must return the argument; what can fail must fail exactly if it is told to.
func (r random) call(f reflect.Value, name string) error {
	var args []reflect.Value
	for i := range f.Type().NumIn() {
		if f.Type().In(i) == contextType {
			args = append(args, reflect.ValueOf(context.Background()))
			continue
		}
		v := reflect.New(f.Type().In(i)).Elem()
		r.fill(v, 0)
		args = append(args, v)
	}
	results := f.Call(args)
	var err error
	if n := len(results); n > 0 && f.Type().Out(n-1) == reflect.TypeFor[error]() {
		err, _ = results[n-1].Interface().(error)
	}
	switch {
	case strings.HasPrefix(name, "Echo"):
		if arg, got := args[len(args)-1].Interface(), results[0].Interface(); err != nil || !reflect.DeepEqual(arg, got) {
			return fmt.Errorf("%#v came back as %#v, %v", arg, got, err)
		}
	case strings.HasPrefix(name, "Result"):
		fail := args[len(args)-1].Interface().(*string)
		if (err != nil) != (fail != nil) {
			return fmt.Errorf("told to fail: %v, got the error %v", fail != nil, err)
		}
		if fail != nil && carriesText[name] && !strings.Contains(fmt.Sprint(err), *fail) {
			return fmt.Errorf("the error %v lacks %q", err, *fail)
		}
	case err != nil:
		return err
	}
	return nil
}

// carriesText are the functions whose error holds the text that they are given.
var carriesText = map[string]bool{"ResultString": true, "ResultFailure": true, "ResultProblem": true, "ResultWithError": true}

type random struct{ *rand.Rand }

// fill sets v to a random value of its type.
func (r random) fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int8, reflect.Int16, reflect.Int64:
		v.SetInt(int64(r.Uint64()))
	case reflect.Int32: // a rune too, so a small one
		v.SetInt(int64(r.IntN(0xd800)))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		r.fillUint(v)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(float32(r.NormFloat64())))
	case reflect.String:
		v.SetString(r.text(depth))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.size(depth), 3000))
		for i := range v.Len() {
			r.fill(v.Index(i), depth+1)
		}
		v.Set(v.Slice3(0, v.Len(), v.Len()))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.size(depth) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			r.fill(key, depth+1)
			r.fill(value, depth+1)
			v.SetMapIndex(key, value)
		}
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem(), depth+1)
		}
	case reflect.Struct:
		r.fillStruct(v, depth)
	case reflect.Interface:
		r.fillVariant(v, depth)
	default:
		panic("no random " + v.Type().String())
	}
}

// fillUint knows enums and flags by their names, which only valid values have.
func (r random) fillUint(v reflect.Value) {
	v.SetUint(r.Uint64())
	if _, named := v.Interface().(fmt.Stringer); !named {
		return
	}
	if _, flags := v.Type().MethodByName("Has"); flags {
		set := uint64(0)
		for bit := range v.Type().Bits() {
			v.SetUint(1 << bit)
			if nameOf(v) != "" && r.IntN(2) == 0 {
				set |= 1 << bit
			}
		}
		v.SetUint(set)
		return
	}
	for v.SetUint(uint64(r.IntN(300))); strings.Contains(nameOf(v), "("); {
		v.SetUint(uint64(r.IntN(300)))
	}
}

func nameOf(v reflect.Value) string { return v.Interface().(fmt.Stringer).String() }

// fillStruct sets all fields, but of a rt.Result only the ones that count.
func (r random) fillStruct(v reflect.Value, depth int) {
	if v.Type().NumField() == 3 && v.Type().Field(0).Name == "IsErr" {
		failed := r.IntN(2)
		v.Field(0).SetBool(failed == 1)
		r.fill(v.Field(1+failed), depth+1)
		return
	}
	for i := range v.NumField() {
		r.fill(v.Field(i), depth+1)
	}
}

// fillVariant finds the cases of a variant in the type that seals it.
func (r random) fillVariant(v reflect.Value, depth int) {
	seal, _ := v.Type().MethodByName("WITCases")
	cases := seal.Type.In(0)
	c := reflect.New(cases.Field(r.IntN(cases.NumField())).Type).Elem()
	r.fillStruct(c, depth)
	v.Set(c)
}

func (r random) size(depth int) int {
	if depth == 0 && r.IntN(10) == 0 {
		return r.IntN(3000)
	}
	return r.IntN(5)
}

func (r random) text(depth int) string {
	s := make([]rune, r.size(depth))
	for i := range s {
		s[i] = rune(r.IntN(0xd7ff) + 1)
	}
	return string(s)
}
