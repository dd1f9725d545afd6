package gondola

import (
	"context"
	"fmt"
	"reflect"

	"github.com/gondola-wasm/gondola/val"
)

// TrapUnknown lets components import functions and resources that the linker does not
// give, for programs that import more than they use. A guest that calls such a function
// traps, with its name; nobody makes such a resource. What the linker gives has to fit
// all the same, and core modules and components that are imported have to be there.
func (l *Linker) TrapUnknown() {
	l.trapUnknown = true
	l.changed()
}

// unknownFunc stands for a function that the linker does not give.
func unknownFunc(item Item) *hostFunc {
	fn := func(context.Context, []val.Value) (val.Value, error) {
		return val.Value{}, fmt.Errorf("the guest called %s, which the host does not give", item)
	}
	return &hostFunc{fn: reflect.ValueOf(fn), ready: true}
}

// unknownResource stands for a resource that the linker does not give.
type unknownResource struct{}

func newUnknownResource() *hostResource {
	return &hostResource{goType: reflect.TypeFor[unknownResource](), drop: reflect.ValueOf(func(unknownResource) {})}
}
