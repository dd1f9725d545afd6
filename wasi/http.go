package wasi

import (
	"crypto/tls"
	"net/http"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/host"
)

// HTTP says how guests' outgoing requests are sent, and how they and the messages
// that they receive are limited. Where they may go, [Network] says: the zero
// Network sends none. Redirects are not followed, nothing is added to a request, and
// no proxy of the process's environment is used.
type HTTP struct {
	// Transport sends requests instead of connections of wasi's own, and then Network
	// does not count: whoever sets it decides what guests may reach. It should report
	// to net/http/httptrace when it has written a request. Trailers of requests that
	// are not announced get lost where it uses HTTP/2.
	Transport http.RoundTripper

	// TLS is for connections with TLS; nil is the default.
	TLS *tls.Config

	// The time to connect, TLS included; from there until the response begins; and for
	// each wait for more of its body. They count where a guest sets none of its own. 0
	// is ten seconds for the first, and ten minutes for the others.
	ConnectTimeout, FirstByteTimeout, BetweenBytesTimeout time.Duration

	// MaxRequests is how many requests guests have under way at a time, in all instances
	// of the linker together, from when one is sent until the body of its response was
	// read or given up: each has a connection. More wait for as long as they may take to
	// connect, and fail with connection-limit-reached then, or at once where ten times as
	// many wait. 0 is 1000.
	MaxRequests int

	// MaxFields caps the fields that a guest makes, in bytes, where each name and value
	// counts for some more. 0 is 128 KiB.
	MaxFields int

	// MaxHeld caps what guests hold of fields and paths of requests, in bytes, in all
	// instances of the linker together; what has no more than 1 KiB is not counted. A
	// guest that would hold more finds its fields too large, or its path not well-formed.
	// 0 is 256 MiB.
	MaxHeld int64

	// ForbiddenFields are names of fields that guests can neither set nor see, beside
	// those that say how messages are framed and where they go: Connection, Host,
	// HTTP2-Settings, Keep-Alive, Proxy-Authenticate, Proxy-Authorization,
	// Proxy-Connection, Transfer-Encoding and Upgrade.
	ForbiddenFields []string

	// MaxResponseHeader caps the header of a response to a guest, in bytes. 0 is 256
	// KiB.
	MaxResponseHeader int64

	// MaxPiece caps how much of a body is taken from a guest at a time, and so what a
	// body in flight takes of the host's memory, twice; it is what a guest of WASI 0.2 may
	// write before anything of it was sent. 0 is 1 MiB. The other way pieces have 64 KiB
	// at most.
	MaxPiece int

	// MaxUnsent caps what is kept of bodies that guests have written and nobody has taken
	// yet, in bytes, in all instances of the linker together. The more there is of it,
	// the less each body may add, down to 4 KiB, which slows guests down and fails
	// nothing. 0 is 256 MiB.
	MaxUnsent int64
}

func (h HTTP) config() host.HTTPConfig {
	return host.HTTPConfig{
		Transport:         h.Transport,
		TLS:               h.TLS,
		ConnectTimeout:    h.ConnectTimeout,
		FirstByteTimeout:  h.FirstByteTimeout,
		BetweenBytes:      h.BetweenBytesTimeout,
		MaxRequests:       h.MaxRequests,
		MaxFields:         h.MaxFields,
		MaxResponseHeader: h.MaxResponseHeader,
		ForbiddenFields:   h.ForbiddenFields,
		MaxUnsent:         h.MaxUnsent,
		MaxHeld:           h.MaxHeld,
		MaxPiece:          h.MaxPiece,
	}
}
