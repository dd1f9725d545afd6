package p2

import (
	"context"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// datetime is wasi:clocks/wall-clock.datetime.
type datetime struct {
	Seconds     uint64
	Nanoseconds uint32
}

func addClocks(l *gondola.Linker, h *host.Host) {
	const monotonic = "wasi:clocks/monotonic-clock" + version
	// On dynamic values, which costs a quarter.
	l.Func(monotonic, "now", func(context.Context, []val.Value) (val.Value, error) { return val.U64(h.Clock.Now()), nil })
	l.Func(monotonic, "resolution", func(context.Context) uint64 { return host.Resolution })
	l.Func(monotonic, "subscribe-instant", func(_ context.Context, when uint64) *pollio.Pollable {
		return pollio.NewPollable(pollio.Deadline(h.Clock.At(when)))
	})
	l.Func(monotonic, "subscribe-duration", func(_ context.Context, when uint64) *pollio.Pollable {
		return pollio.NewPollable(pollio.Deadline(host.After(when)))
	})

	const wall = "wasi:clocks/wall-clock" + version
	l.Func(wall, "now", func(context.Context) datetime {
		now := time.Now()
		return datetime{uint64(max(now.Unix(), 0)), uint32(now.Nanosecond())}
	})
	l.Func(wall, "resolution", func(context.Context) datetime { return datetime{Nanoseconds: host.Resolution} })
	addTimezone(l, h)
}

// timezoneDisplay is wasi:clocks/timezone.timezone-display.
type timezoneDisplay struct {
	UTCOffset            int32 `wit:"utc-offset"`
	Name                 string
	InDaylightSavingTime bool
}

func addTimezone(l *gondola.Linker, h *host.Host) {
	const id = "wasi:clocks/timezone" + version
	l.Func(id, "display", func(_ context.Context, when datetime) timezoneDisplay {
		t := h.Timezone.At(int64(when.Seconds))
		name, offset := t.Zone()
		return timezoneDisplay{int32(offset), name, t.IsDST()}
	})
	l.Func(id, "utc-offset", func(_ context.Context, when datetime) int32 {
		return int32(h.Timezone.Offset(int64(when.Seconds)))
	})
}
