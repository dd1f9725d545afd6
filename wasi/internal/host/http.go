package host

import (
	"crypto/tls"
	"net/http"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// HTTPConfig is about HTTP. See wasi.HTTP.
type HTTPConfig struct {
	Transport                                      http.RoundTripper
	TLS                                            *tls.Config
	ConnectTimeout, FirstByteTimeout, BetweenBytes time.Duration
	MaxFields, MaxPiece, MaxRequests               int
	MaxResponseHeader, MaxUnsent, MaxHeld          int64
	ForbiddenFields                                []string
}

func (c HTTPConfig) client(network *netpolicy.Policy, fields *httpx.FieldRules) *httpx.Client {
	return httpx.NewClient(httpx.ClientConfig{
		Dial:      network.DialContext,
		TLS:       c.TLS,
		Transport: c.Transport,
		Timeouts:  httpx.Timeouts{Connect: c.ConnectTimeout, FirstByte: c.FirstByteTimeout, BetweenBytes: c.BetweenBytes},
		MaxHeader: c.MaxResponseHeader,
		Fields:    fields,

		MaxRequests: c.MaxRequests,
	})
}

func (c HTTPConfig) fieldRules() *httpx.FieldRules {
	r := httpx.NewFieldRules(c.MaxFields, c.ForbiddenFields...)
	r.LimitHeld(c.MaxHeld)
	return r
}

// maxPiece is how much of a body is taken from a guest at a time.
func (c HTTPConfig) maxPiece() int {
	if c.MaxPiece > 0 {
		return c.MaxPiece
	}
	return httpx.DefaultMaxPiece
}
