package main

import (
	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/preview1"
)

// engineFlags say how guests are compiled and what they may take. Every command
// that runs guests has them.
type engineFlags struct {
	features    component.Feature
	caps        capFlags
	fuel        int // negative is no cap
	trapUnknown bool
	profile     profileFlag
}

func (e *engineFlags) register(cmd *cobra.Command) {
	featuresFlag(cmd, &e.features)
	f := cmd.Flags()
	e.caps.register(f)
	limitVar(f, &e.fuel, "fuel", -1, "let a guest trap after this many `steps`, which are iterations of loops and calls, to the nearest 10,000, or none")
	f.StringVar(&e.profile.path, "profile", "", "write to this `file` where the guest spends its time, for go tool pprof")
	f.BoolVar(&e.trapUnknown, "unknown-imports-trap", false, "let the guest import functions that are not there; it traps when it calls one")
}

// options are what the flags say, and the cache of compiled code.
func (e *engineFlags) options() []gondola.Option {
	opts := append(e.caps.options(), gondola.WithFeatures(e.features), gondola.WithFuel(e.steps()))
	if e.profile.collected != nil {
		opts = append(opts, gondola.WithProfile(e.profile.collected))
	}
	if dir, err := cacheDir("compiled"); err == nil {
		opts = append(opts, gondola.WithCacheDir(dir))
	}
	return opts
}

// steps is --fuel as the runtime takes it: 0 is no cap.
func (e *engineFlags) steps() uint64 { return uint64(max(e.fuel, 0)) }

// linker is an empty one of rt.
func (e *engineFlags) linker(rt *gondola.Runtime) *gondola.Linker {
	l := rt.NewLinker()
	if e.trapUnknown {
		l.TrapUnknown()
	}
	return l
}

// coreOptions are the same for core modules, as far as they have to do with them.
func (e *engineFlags) coreOptions() preview1.Options {
	o := preview1.Options{Fuel: e.steps(), Profile: e.profile.collected, TrapUnknownImports: e.trapUnknown}
	e.caps.limit(&o)
	if dir, err := cacheDir("compiled"); err == nil {
		o.CacheDir = dir
	}
	return o
}
