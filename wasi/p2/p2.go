// Package p2 is the face of the WASI host for version 0.2.
//
// Each interface of WASI is a function that adds it to a linker; the Go types of
// the host functions say in Go what the WIT says.
package p2

import (
	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
)

const version = "@0.2.12"

// AddTo adds every interface to l.
func AddTo(l *gondola.Linker, h *host.Host) {
	addError(l)
	addPoll(l)
	addStreams(l)
	addEnvironment(l, h)
	addExit(l)
	addStdio(l, h)
	addTerminals(l, h)
	addClocks(l, h)
	addRandom(l, h)
	addFilesystem(l, h)
	addSockets(l, h)
	addHTTPTypes(l, h)
	addOutgoingHandler(l, h)
}
