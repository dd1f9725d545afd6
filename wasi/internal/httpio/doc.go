// Package httpio is what wasi:http of WASI 0.2 has beside the rest of package httpx:
// requests and responses whose bodies are streams of package pollio, what comes
// later as something to poll, and the way from a request of Go's server to the
// exported handler and back.
//
// The types stand for resources. Their methods are called while the instance is
// held, unless they say otherwise; what is shared with Go's client and server
// (content, incoming) has locks of its own.
package httpio
