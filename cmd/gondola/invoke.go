package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// invoke is the call that --invoke has.
func (g *guestRun) invoke(comp *gondola.Component) (action, error) {
	call, err := val.ParseWAVECall("--invoke", g.flags.invoke)
	if err != nil {
		return nil, err
	}
	item, err := findFunc(comp.Exports(), call)
	if err != nil {
		return nil, err
	}
	if err := canInvoke(item, call); err != nil {
		return nil, err
	}
	args, err := call.Args(item.Type)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, inst *gondola.Instance) (func() error, error) {
		result, err := inst.Func(item.Instance, item.Name).Call(ctx, args...)
		return func() error { return printResult(g, result) }, err
	}, nil
}

// printResult prints what a function returned.
func printResult(g *guestRun, result val.Value) error {
	text := "()"
	if result.IsValid() {
		text = result.String()
	}
	_, err := fmt.Fprintln(g.cfg.Stdout, text)
	return err
}

// findFunc finds the only export that a call can mean.
func findFunc(exports []gondola.Item, call *val.WAVECall) (gondola.Item, error) {
	for _, fits := range []func(gondola.Item) bool{
		func(i gondola.Item) bool { return i.Instance == call.Instance },
		func(i gondola.Item) bool { return isMeant(i.Instance, call.Instance) },
	} {
		var found []gondola.Item
		for _, item := range exports {
			if item.Name == call.Func && fits(item) {
				found = append(found, item)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			var candidates []string
			for _, item := range found {
				name, _ := callName(item)
				candidates = append(candidates, "`"+name+"`")
			}
			return gondola.Item{}, call.Errorf("`%s` is exported several times", call.Func).
				WithHint("write %s", syntax.Alternatives(candidates))
		}
	}
	return gondola.Item{}, notExported(exports, call)
}

// isMeant reports whether what a call says of an instance, which may be nothing, an
// interface, or a name with another version of the same track, can mean it.
func isMeant(instance, said string) bool {
	id, err := names.ParseInterface(instance, names.AllGates)
	if err != nil {
		return said == ""
	}
	if want, err := names.ParseInterface(said, names.AllGates); err == nil && strings.Contains(said, "@") {
		return id.TrackKey() == want.TrackKey()
	}
	return said == "" || said == id.Unversioned() || strings.HasSuffix(id.Unversioned(), "/"+said)
}

// callName is how a call names an export; ok is false where it can't.
func callName(item gondola.Item) (name string, ok bool) {
	if strings.HasPrefix(item.Name, "[") {
		return item.Name, false
	}
	if item.Instance == "" {
		return item.Name, true
	}
	instance, version, versioned := strings.Cut(item.Instance, "@")
	name = instance + "." + item.Name
	if versioned {
		name += "@" + version
	}
	return name, true
}

// notExported is the error that there is nothing that a call could mean.
func notExported(exports []gondola.Item, call *val.WAVECall) error {
	e := call.Errorf("the component exports no function `%s`", call.Func)
	if call.Instance != "" {
		e = call.Errorf("the component exports no function `%s` of `%s`", call.Func, call.Instance)
	}
	var known []string
	for _, item := range exports {
		if _, ok := callName(item); ok {
			known = append(known, item.Name)
		}
	}
	if hint := syntax.Suggest(call.Func, known); hint != "" && !slices.Contains(known, call.Func) {
		return e.WithHint("%s", hint)
	}
	if list := callable(exports); list != "" {
		return e.WithHint("it exports %s", list)
	}
	return e.WithHint("it exports no function that can be called from here")
}

// callable lists exports as calls name them, though not all where there are many.
func callable(exports []gondola.Item) string {
	var list []string
	for _, item := range exports {
		if name, ok := callName(item); ok {
			list = append(list, "`"+name+"`")
		}
	}
	const most = 10
	if n := len(list) - most; n > 0 {
		list = append(list[:most], fmt.Sprintf("%d more", n))
		return strings.Join(list[:most], ", ") + " and " + list[most]
	}
	return strings.Join(list, ", ")
}

// canInvoke says why a function can't be called from here: its types have values that
// have no text.
func canInvoke(item gondola.Item, call *val.WAVECall) error {
	for _, p := range item.Type.Params {
		if what := withoutText(p.Type); what != "" {
			return call.Errorf("`%s` can't be called from here: its parameter `%s` takes %s, which can't be written in WAVE", call.Func, p.Name, what).
				WithHint("`%s` is %s", call.Func, item.Type)
		}
	}
	if what := withoutText(item.Type.Result); what != "" {
		return call.Errorf("`%s` can't be called from here: it returns %s, which can't be written in WAVE", call.Func, what).
			WithHint("`%s` is %s", call.Func, item.Type)
	}
	return nil
}

// withoutText is what in a type has no text in WAVE, or "".
func withoutText(t *types.Type) string {
	switch {
	case t.ContainsResource():
		return "a resource"
	case t.ContainsAsync():
		return "a stream or future"
	case t.ContainsErrorContext():
		return "an error context"
	}
	return ""
}
