package main

import (
	"testing"

	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola/wasi"
)

func TestLimitFlags(t *testing.T) {
	granted := func(args ...string) wasi.Config {
		var sandbox sandboxFlags
		var cfg wasi.Config
		f := pflag.NewFlagSet("test", pflag.ContinueOnError)
		sandbox.register(f)
		if err := f.Parse(args); err != nil {
			t.Fatal(err)
		}
		if err := sandbox.grant(&cfg); err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	for _, test := range []struct {
		args []string
		want wasi.Limits
		http wasi.HTTP
	}{
		{nil, wasi.Limits{RandomBytes: 64 << 20, Sockets: 256, OpenFiles: 1024}, wasi.HTTP{MaxFields: 128 << 10, MaxPiece: 1 << 20, MaxRequests: 1000}},
		{
			[]string{"--max-random-size", "5", "--max-sockets", "6", "--max-open-files", "7", "--max-http-fields-size", "8", "--http-outgoing-body-chunk-size", "9KiB", "--max-http-requests", "3"},
			wasi.Limits{RandomBytes: 5, Sockets: 6, OpenFiles: 7}, wasi.HTTP{MaxFields: 8, MaxPiece: 9 << 10, MaxRequests: 3},
		},
		{ // 0 is next to nothing, and not the default
			[]string{"--max-random-size", "0", "--max-http-fields-size", "0", "--http-outgoing-body-chunk-size", "0"},
			wasi.Limits{RandomBytes: 1, Sockets: 256, OpenFiles: 1024}, wasi.HTTP{MaxFields: 1, MaxPiece: 1, MaxRequests: 1000},
		},
	} {
		cfg := granted(test.args...)
		if cfg.Limits != test.want || cfg.HTTP.MaxFields != test.http.MaxFields || cfg.HTTP.MaxPiece != test.http.MaxPiece || cfg.HTTP.MaxRequests != test.http.MaxRequests {
			t.Errorf("%q: got %+v and %+v", test.args, cfg.Limits, cfg.HTTP)
		}
	}
}
