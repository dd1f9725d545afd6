package wast

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/val"
)

// componentInstance is an instance of a component.
type componentInstance struct {
	*gondola.Instance
	source *source
	named  bool // a script can speak of it when another one is current
}

// publish makes what the instance exports importable under an identifier: core
// modules, resource types, and functions that have no resources in their types.
func (in *componentInstance) publish(l *gondola.Linker, id string) {
	l.Instance(id, in.Instance)
	for _, m := range in.CoreModules() {
		must(l.CoreModule(join(id, m.Instance), m.Name, m.Wasm))
	}
	publishResources(l, id, in.source.typed.Type.Exports)
}

func publishResources(l *gondola.Linker, instance string, exports []validate.Extern) {
	for i := range exports {
		switch typ := exports[i].Type.(type) {
		case *validate.TypeDef:
			if typ.Resource != nil {
				l.Resource(instance, exports[i].Name, foreignResource())
			}
		case *validate.InstanceType:
			publishResources(l, join(instance, exports[i].Name), typ.Exports)
		}
	}
}

func join(instance, name string) string {
	if name == "" {
		return instance
	}
	return instance + "/" + name
}

var foreign atomic.Int64

// foreignResource is the drop function of a resource type like no other: that of
// another store, of which no resource can come here. Linkers tell resource types
// apart by their Go types.
func foreignResource() any {
	handle := reflect.PointerTo(reflect.ArrayOf(int(foreign.Add(1)), reflect.TypeFor[struct{}]()))
	drop := reflect.FuncOf([]reflect.Type{handle}, nil, false)
	return reflect.MakeFunc(drop, func([]reflect.Value) []reflect.Value { return nil }).Interface()
}

func (in *componentInstance) invoke(ctx context.Context, name string, args []*literal) outcome {
	f := in.Func("", name)
	if err := f.Err(); err != nil {
		return outcome{end: failed, err: err}
	}
	values := make([]val.Value, len(args))
	for i, a := range args {
		var err error
		if values[i], err = componentValue(a); err != nil {
			return outcome{end: failed, err: err}
		}
	}
	v, err := f.Call(ctx, values...)
	if err != nil || !v.IsValid() {
		return ran(err)
	}
	return ran(nil, componentResult{v})
}
