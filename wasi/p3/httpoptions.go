package p3

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

// optionsError is the variant request-options-error.
type optionsError interface {
	gondola.Variant[optionsErrors]
}

type optionsErrors struct {
	NotSupported optionsNotSupported
	Immutable    optionsImmutable
	Other        optionsOther
}

type (
	optionsNotSupported struct{}
	optionsImmutable    struct{}
	optionsOther        struct{ Text *string }
)

func (optionsNotSupported) WITCases(optionsErrors) {}
func (optionsImmutable) WITCases(optionsErrors)    {}
func (optionsOther) WITCases(optionsErrors)        {}

func addRequestOptions(l *gondola.Linker) {
	l.Resource(httpTypes, "request-options", func(*httpx.RequestOptions) {})
	l.Func(httpTypes, "[constructor]request-options", func(context.Context) *httpx.RequestOptions { return new(httpx.RequestOptions) })
	l.Func(httpTypes, "[method]request-options.clone", func(_ context.Context, o *httpx.RequestOptions) *httpx.RequestOptions { return o.Clone() })
	for name, field := range map[string]func(*httpx.RequestOptions) **uint64{
		"connect-timeout":       func(o *httpx.RequestOptions) **uint64 { return &o.ConnectTimeout },
		"first-byte-timeout":    func(o *httpx.RequestOptions) **uint64 { return &o.FirstByteTimeout },
		"between-bytes-timeout": func(o *httpx.RequestOptions) **uint64 { return &o.BetweenBytesTimeout },
	} {
		l.Func(httpTypes, "[method]request-options.get-"+name, func(_ context.Context, o *httpx.RequestOptions) *uint64 { return *field(o) })
		l.Func(httpTypes, "[method]request-options.set-"+name, func(_ context.Context, o *httpx.RequestOptions, d *uint64) error {
			if o.Immutable {
				return &gondola.Err[optionsError]{Value: optionsImmutable{}}
			}
			*field(o) = d
			return nil
		})
	}
}
