package suite

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

// control is a host that is broken on purpose, and who must notice.
type control struct {
	name string
	damage
	fails []string // tests of wasi-testsuite that must fail
	hangs []string // tests that must not come to an end

	own string // what testdata/noticer says, where the test-suite notices nothing
}

// A runtime that does nothing passes 36 of the 55 tests, so that a host that passes
// all shows little by itself. With each of these hosts those fail that are about
// what is broken.
func TestControls(t *testing.T) {
	specs := map[string]*spec{}
	for _, s := range testsuite(t) {
		specs[s.name] = s
	}
	whole := newInProcess(t)
	for _, c := range controls() {
		if c.own != "" {
			continue // TestNoticer
		}
		t.Run(c.name, func(t *testing.T) {
			if len(c.fails) == 0 {
				t.Error("nobody notices")
			}
			broken := whole.damagedBy(c.damage)
			for _, name := range c.fails {
				switch err := runSpec(t, broken, specOf(t, specs, name), patience); {
				case err == nil:
					t.Errorf("%s passes all the same", name)
				case errors.Is(err, errHangs):
					t.Errorf("%s says nothing: %v", name, err)
				case misfit.MatchString(err.Error()):
					t.Errorf("%s notices that the lie is none: %v", name, err)
				}
			}
			for _, name := range c.hangs {
				if err := runSpec(t, broken, specOf(t, specs, name), time.Second); !errors.Is(err, errHangs) {
					t.Errorf("%s ends: %v", name, err)
				}
			}
		})
	}
}

// misfit is in errors of lies that have the wrong type, which says nothing about
// who would notice them.
var misfit = regexp.MustCompile(`: got .*, want |does not fit`)

func specOf(t *testing.T, specs map[string]*spec, name string) *spec {
	t.Helper()
	s := specs[name]
	if s == nil {
		t.Fatalf("there is no test %q", name)
	}
	return s
}

func controls() []control {
	return slices.Concat(cliControls, clockControls, randomControls, filesystemControls, socketControls, httpControls, serviceControls)
}

// The identifiers of interfaces.
const (
	environmentID = "wasi:cli/environment@0.3.0"
	exitID        = "wasi:cli/exit@0.3.0"
	stdinID       = "wasi:cli/stdin@0.3.0"
	stdoutID      = "wasi:cli/stdout@0.3.0"
	monotonicID   = "wasi:clocks/monotonic-clock@0.3.0"
	systemID      = "wasi:clocks/system-clock@0.3.0"
	randomID      = "wasi:random/random@0.3.0"
	insecureID    = "wasi:random/insecure@0.3.0"
	seedID        = "wasi:random/insecure-seed@0.3.0"
	filesystemID  = "wasi:filesystem/types@0.3.0"
	socketsID     = "wasi:sockets/types@0.3.0"
	httpID        = "wasi:http/types@0.3.0"
)

// functions makes a damage of changes to functions.
func functions(changes ...func(*gondola.Linker)) damage {
	return damage{linker: func(l *gondola.Linker) {
		for _, change := range changes {
			change(l)
		}
	}}
}

// calls puts a function in front of another.
func calls(id, name string, f func(ctx context.Context, args []val.Value, next gondola.HostFunc) (val.Value, error)) func(*gondola.Linker) {
	return func(l *gondola.Linker) {
		l.Wrap(id, name, func(next gondola.HostFunc) gondola.HostFunc {
			return func(ctx context.Context, args []val.Value) (val.Value, error) { return f(ctx, args, next) }
		})
	}
}

// lies has a function return something else than it does.
func lies(id, name string, lie func(truth val.Value) val.Value) func(*gondola.Linker) {
	return calls(id, name, func(ctx context.Context, args []val.Value, next gondola.HostFunc) (val.Value, error) {
		truth, err := next(ctx, args)
		if err != nil {
			return truth, err
		}
		return lie(truth), nil
	})
}

// says has a function do nothing and return always the same.
func says(id, name string, v val.Value) func(*gondola.Linker) {
	return calls(id, name, func(context.Context, []val.Value, gondola.HostFunc) (val.Value, error) { return v, nil })
}

// mishears has a function get another argument than it is given.
func mishears(id, name string, i int, change func(val.Value) val.Value) func(*gondola.Linker) {
	return calls(id, name, func(ctx context.Context, args []val.Value, next gondola.HostFunc) (val.Value, error) {
		args = slices.Clone(args)
		args[i] = change(args[i])
		return next(ctx, args)
	})
}

// pretends has a function do what it does and say that it went well.
func pretends(id, name string) func(*gondola.Linker) {
	return lies(id, name, func(val.Value) val.Value { return done })
}

var done = val.Ok(val.Value{})

// okay applies a change to what is inside a result that went well.
func okay(change func(val.Value) val.Value) func(val.Value) val.Value {
	return func(v val.Value) val.Value {
		if payload, ok := v.Result(); ok {
			return val.Ok(change(payload))
		}
		return v
	}
}

// field changes a field of a record.
func field(name string, change func(val.Value) val.Value) func(val.Value) val.Value {
	return func(v val.Value) val.Value {
		fields := slices.Clone(v.Fields())
		for i := range fields {
			if fields[i].Name == name {
				fields[i].Value = change(fields[i].Value)
			}
		}
		return val.Record(fields...)
	}
}

// without takes a label out of flags.
func without(label string) func(val.Value) val.Value {
	return func(v val.Value) val.Value {
		return val.Flags(slices.DeleteFunc(slices.Clone(v.Labels()), func(l string) bool { return l == label })...)
	}
}

// code changes an error code into another.
func code(from, to string) func(val.Value) val.Value {
	return func(v val.Value) val.Value {
		payload, ok := v.Result()
		if ok {
			return v
		}
		if name, _ := payload.Case(); name != from {
			return v
		}
		return val.Err(val.Variant(to, val.Value{}))
	}
}

func constant(v val.Value) func(val.Value) val.Value { return func(val.Value) val.Value { return v } }

func plus(n uint64) func(val.Value) val.Value {
	return func(v val.Value) val.Value { return val.OfBits(v.Kind(), v.Bits()+n) }
}

// handlers puts one in front of a service.
func handlers(f func(w http.ResponseWriter, r *http.Request, next http.Handler)) damage {
	return damage{handler: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(w, r, next) })
	}}
}

// future is one that says always the same.
func future(v val.Value) val.Value {
	w, r := gondola.NewFuture[val.Value]()
	go func() {
		err := w.Set(v)
		if _, ok := errors.AsType[*val.TypeError](err); ok {
			panic(err)
		}
	}()
	return r.Value()
}
