package wast

import (
	"errors"
	"fmt"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/val"
)

// outcome is what came of a directive's action or source.
type outcome struct {
	end     end
	err     error // why it is not done
	results []result
}

// end is how far a directive got.
type end uint8

const (
	done        end = iota + 1
	malformed       // the source is no text or binary of its kind
	invalid         // it is, but not valid
	unsupported     // we can't run it
	unlinkable      // its imports are not given
	trapped
	failed // anything else: what scripts can't expect
)

// result is a value that an action gave.
type result interface {
	match(*literal) bool
	String() string
}

// componentResult is a value of a component's function.
type componentResult struct{ val.Value }

func (r componentResult) match(l *literal) bool { return matchValue(l, r.Value) }
func (r componentResult) String() string        { return text(r.Value) }

func failure(format string, args ...any) outcome {
	return outcome{end: failed, err: fmt.Errorf(format, args...)}
}

// refusal is the outcome of a source that is not what it should be. features are the
// gates that are open.
func refusal(how end, err error, features component.Feature) outcome {
	if isUnsupported(err, features) {
		how = unsupported
	}
	return outcome{end: how, err: err}
}

// isUnsupported tells what we can't do from what is wrong. That a gate is closed is
// wrong, where the file's header closed it.
func isUnsupported(err error, features component.Feature) bool {
	if _, ok := errors.AsType[*corewasm.UnsupportedError](err); ok {
		return true
	}
	ce, ok := errors.AsType[*component.Error](err)
	return ok && ce.Feature != 0 && features.Has(ce.Feature)
}

// ran is the outcome of running something.
func ran(err error, results ...result) outcome {
	if err == nil {
		return outcome{end: done, results: results}
	}
	if t, ok := errors.AsType[*gondola.Trap](err); ok && t.Code != trap.Interrupted {
		return outcome{end: trapped, err: t}
	}
	return outcome{end: failed, err: err}
}
