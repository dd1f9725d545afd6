// Command stream-http is an HTTP service that streams: a component with the world in the folder wit.
//
//	go run ./cmd/gondola serve --inherit-network ./examples/stream-http
//	curl -N -T - http://127.0.0.1:8080/echo
//	curl 'http://127.0.0.1:8080/hash?url=http://example.com/&url=http://example.org/'
//
// The packages in the folder gen are generated:
//
//	go generate ./examples/stream-http
package main

//go:generate go run ../../cmd/gondola bindgen guest .

import (
	"context"
	"net/url"

	"github.com/gondola-wasm/gondola/examples/stream-http/gen/export/http/handler"
	"github.com/gondola-wasm/gondola/examples/stream-http/gen/http/types"
	"github.com/gondola-wasm/gondola/examples/stream-http/gen/streaming"
)

func init() { streaming.Export(streaming.Exports{Handler: service{}}) }

func main() {}

// service implements wasi:http/handler.
type service struct{}

const usage = `POST /echo            answers with what it is sent, as it comes
GET  /hash?url=…&…    fetches all the URLs at once; a line with the SHA-256 of each as soon as it is known
`

// Handle answers one request. Any number of them may be under way in the component.
func (service) Handle(_ context.Context, request *handler.Request) (*handler.Response, error) {
	target := target(request)
	switch target.Path {
	case "/":
		request.Close()
		return respondText(200, usage)
	case "/echo":
		return echo(request)
	case "/hash":
		request.Close()
		return hash(target.Query()["url"])
	}
	request.Close()
	return respondText(404, "There is nothing at "+target.Path+".\n")
}

// target is the path and query of a request.
func target(request *types.Request) *url.URL {
	if p := request.GetPathWithQuery(); p != nil {
		if u, err := url.ParseRequestURI(*p); err == nil {
			return u
		}
	}
	return &url.URL{Path: "/"}
}
