package wast

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

// componentInstance is an instance of a component.
type componentInstance struct{ *gondola.Instance }

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
	settle(ctx, in.Instance)
	if err != nil || !v.IsValid() {
		return ran(err)
	}
	return ran(nil, componentResult{v})
}

func (in *componentInstance) get(context.Context, string) outcome {
	return failure("components export no globals")
}

// settle lets what a call has left behind come to rest, so that the next directive
// finds the same each time. What never rests goes on beside it.
func settle(ctx context.Context, in *gondola.Instance) {
	ctx, cancel := context.WithTimeout(ctx, restTime)
	defer cancel()
	_ = in.Settle(ctx)
}
