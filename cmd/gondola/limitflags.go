package main

import (
	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola/wasi"
)

// limitFlags are what a guest may make the host spend, besides what the runtime caps.
type limitFlags struct {
	random, fields, piece size
	requests              int
}

func (l *limitFlags) register(f *pflag.FlagSet) {
	l.random, l.fields, l.piece = 64<<20, 128<<10, 1<<20
	f.Var(&l.random, "max-random-size", "cap the random `bytes` that the guest gets at a time")
	f.Var(&l.fields, "max-http-fields-size", "cap what the fields of an HTTP message take that the guest makes, in `bytes`")
	countVar(f, &l.requests, "max-http-requests", 1000, "cap the `number` of HTTP requests that guests have under way at a time")
	f.Var(&l.piece, "http-outgoing-body-chunk-size", "cap what is taken of a body from the guest at a time, in `bytes`")
}

func (l *limitFlags) grant(cfg *wasi.Config) error {
	// 0 stands for the default there, and for next to nothing here.
	cfg.Limits.RandomBytes = max(uint64(l.random), 1)
	cfg.HTTP.MaxFields = int(max(min(l.fields, 1<<30), 1))
	cfg.HTTP.MaxRequests = l.requests
	cfg.HTTP.MaxPiece = int(max(min(l.piece, 1<<30), 1))
	return nil
}
