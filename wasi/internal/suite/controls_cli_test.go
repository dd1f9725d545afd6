package suite

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

var cliControls = []control{
	{
		name:  "arguments: one more",
		fails: []string{"cli-env"},
		damage: functions(lies(environmentID, "get-arguments", func(v val.Value) val.Value {
			return val.List(append(slices.Clone(v.Elems()), val.String("more"))...)
		})),
	},
	{
		name:   "environment: empty",
		fails:  []string{"cli-env"},
		damage: functions(says(environmentID, "get-environment", val.List())),
	},
	{
		name:  "exit: always well",
		fails: []string{"cli-exit"},
		damage: functions(func(l *gondola.Linker) {
			l.Func(exitID, "exit", func(context.Context, gondola.Result[struct{}, struct{}]) error { return &wasi.ExitError{} })
		}),
	},
	{
		name:   "run: its result does not matter",
		fails:  []string{"cli-exit", "run-with-err"},
		damage: damage{exit: func(error) error { return nil }},
	},
	{
		name:   "stdin: at its end",
		fails:  []string{"cli-stdio-roundtrip", "cli-stdout-flush"},
		damage: damage{config: func(c *wasi.Config) { c.Stdin = strings.NewReader("") }},
	},
	{
		name:  "stdin: an error where nobody reads it to the end",
		fails: []string{"cli-stdio"},
		damage: functions(func(l *gondola.Linker) {
			l.Func(stdinID, "read-via-stream", func(context.Context, []val.Value) (val.Value, error) {
				_, data := gondola.NewStream[byte]()
				return val.Tuple(data.Value(), future(val.Err(val.Enum("io")))), nil
			})
		}),
	},
	{
		name:   "stdout: every second byte is lost",
		fails:  []string{"cli-stdio-roundtrip"},
		damage: damage{config: func(c *wasi.Config) { c.Stdout = &everySecond{w: c.Stdout} }},
	},
	{
		name:   "stdout: written when the guest has ended",
		fails:  []string{"cli-stdio-roundtrip"},
		hangs:  []string{"cli-stdout-flush"},
		damage: damage{config: func(c *wasi.Config) { c.Stdout = new(bytes.Buffer) }},
	},
	{
		name:   "stdout and stderr: exchanged",
		fails:  []string{"cli-stdio-roundtrip"},
		damage: damage{config: func(c *wasi.Config) { c.Stdout, c.Stderr = c.Stderr, io.Discard }},
	},
	{
		name:   "stdout: an error at the end",
		fails:  []string{"cli-stdio-roundtrip", "cli-stdio", "cli-stdout-flush"},
		damage: functions(lies(stdoutID, "write-via-stream", func(val.Value) val.Value { return future(val.Err(val.Enum("io"))) })),
	},
}

// everySecond loses what its name does not say.
type everySecond struct {
	w io.Writer
	n int
}

func (e *everySecond) Write(b []byte) (int, error) {
	for _, c := range b {
		if e.n++; e.n%2 == 0 {
			if _, err := e.w.Write([]byte{c}); err != nil {
				return 0, err
			}
		}
	}
	return len(b), nil
}

var clockControls = []control{
	{
		name:  "monotonic clock: goes back",
		fails: []string{"monotonic-clock"},
		damage: functions(lies(monotonicID, "now", func(v val.Value) val.Value {
			return val.U64(1<<62 - v.Uint())
		})),
	},
	{
		name:   "monotonic clock: nobody waits",
		fails:  []string{"monotonic-clock", "multi-clock-wait"},
		damage: functions(says(monotonicID, "wait-for", val.Value{}), says(monotonicID, "wait-until", val.Value{})),
	},
	{
		name:  "monotonic clock: the past is waited for",
		fails: []string{"multi-clock-wait"},
		damage: functions(calls(monotonicID, "wait-until", func(ctx context.Context, args []val.Value, next gondola.HostFunc) (val.Value, error) {
			return next(ctx, args)
		})),
	},
	{
		name:   "monotonic clock: no resolution",
		fails:  []string{"monotonic-clock"},
		damage: functions(says(monotonicID, "get-resolution", val.U64(0))),
	},
	{
		name:   "system clock: no resolution",
		fails:  []string{"wall-clock"},
		damage: functions(says(systemID, "get-resolution", val.U64(0))),
	},
	{
		name:   "system clock: a second of nanoseconds",
		fails:  []string{"wall-clock"},
		damage: functions(lies(systemID, "now", field("nanoseconds", constant(val.U32(1_000_000_000))))),
	},
	{
		name:   "system clock: another century",
		own:    "the system clock",
		damage: functions(lies(systemID, "now", field("seconds", constant(val.S64(-1))))),
	},
}

var randomControls = []control{
	{
		name:   "random bytes: zeros",
		fails:  []string{"random"},
		damage: functions(lies(randomID, "get-random-bytes", func(v val.Value) val.Value { return val.Bytes(make([]byte, v.Len())) })),
	},
	{
		name:   "random bytes: too few",
		fails:  []string{"random"},
		damage: functions(mishears(randomID, "get-random-bytes", 0, func(v val.Value) val.Value { return val.U64(v.Uint() / 2) })),
	},
	{
		name:   "random numbers: always 4",
		fails:  []string{"random"},
		damage: functions(says(randomID, "get-random-u64", val.U64(4))),
	},
	{
		name:   "insecure random bytes: zeros",
		fails:  []string{"random"},
		damage: functions(lies(insecureID, "get-insecure-random-bytes", func(v val.Value) val.Value { return val.Bytes(make([]byte, v.Len())) })),
	},
	{
		name:   "insecure random numbers: always 4",
		fails:  []string{"random"},
		damage: functions(says(insecureID, "get-insecure-random-u64", val.U64(4))),
	},
	{
		name:  "insecure seed: another each time",
		fails: []string{"random"},
		damage: functions(func(l *gondola.Linker) {
			n := uint64(0)
			l.Func(seedID, "get-insecure-seed", func(context.Context) struct{ F0, F1 uint64 } {
				n++
				return struct{ F0, F1 uint64 }{n, n}
			})
		}),
	},
}
