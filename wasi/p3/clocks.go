package p3

import (
	"context"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
)

// instant is wasi:clocks/system-clock.instant.
type instant struct {
	Seconds     int64
	Nanoseconds uint32
}

func addClocks(l *gondola.Linker, h *host.Host) {
	const monotonic = "wasi:clocks/monotonic-clock" + version
	// On dynamic values, which costs a quarter: guests written in Go look at the clock at
	// every turn of their scheduler.
	l.Func(monotonic, "now", func(context.Context, []val.Value) (val.Value, error) { return val.U64(h.Clock.Now()), nil })
	l.Func(monotonic, "get-resolution", func(context.Context) uint64 { return host.Resolution })
	// A time that is past must be over at once: guests poll for that.
	l.Func(monotonic, "wait-until", func(_ context.Context, when uint64) error {
		if when <= h.Clock.Now() {
			return nil
		}
		return gondola.Later(func(ctx context.Context) error { return h.Clock.WaitUntil(ctx, when) })
	}, gondola.Ready())
	l.Func(monotonic, "wait-for", func(_ context.Context, howLong uint64) error {
		if howLong == 0 {
			return nil
		}
		return gondola.Later(func(ctx context.Context) error { return host.WaitFor(ctx, howLong) })
	}, gondola.Ready())

	const system = "wasi:clocks/system-clock" + version
	l.Func(system, "now", func(context.Context) instant {
		now := time.Now()
		return instant{now.Unix(), uint32(now.Nanosecond())}
	})
	l.Func(system, "get-resolution", func(context.Context) uint64 { return host.Resolution })

	const timezone = "wasi:clocks/timezone" + version
	l.Func(timezone, "iana-id", func(context.Context) *string {
		if name := h.Timezone.Name(); name != "" {
			return &name
		}
		return nil
	})
	l.Func(timezone, "utc-offset", func(_ context.Context, when instant) *int64 {
		nanoseconds := int64(h.Timezone.Offset(when.Seconds)) * int64(time.Second)
		return &nanoseconds
	})
	l.Func(timezone, "to-debug-string", func(context.Context) string { return h.Timezone.String() })
}
