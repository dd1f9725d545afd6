// Command hello-http is an HTTP service: a component with the world in the folder wit.
//
//	go run ./cmd/gondola serve ./examples/hello-http
//	curl http://127.0.0.1:8080/gondolier
//
// The packages in the folder gen are generated:
//
//	go generate ./examples/hello-http
package main

//go:generate go run ../../cmd/gondola bindgen guest .

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/examples/hello-http/gen/export/http/handler"
	"github.com/gondola-wasm/gondola/examples/hello-http/gen/hello"
	"github.com/gondola-wasm/gondola/examples/hello-http/gen/http/types"
	"github.com/gondola-wasm/gondola/examples/hello-http/gen/rt"
)

func init() { hello.Export(hello.Exports{Handler: service{}}) }

func main() {}

// service implements wasi:http/handler.
type service struct{}

// Handle greets whoever the path names.
func (service) Handle(_ context.Context, request *handler.Request) (*handler.Response, error) {
	defer request.Close()
	return respond(greeting(request.GetPathWithQuery()))
}

func greeting(pathWithQuery *string) string {
	name := "world"
	if pathWithQuery != nil {
		path, _, _ := strings.Cut(*pathWithQuery, "?")
		if path, err := url.PathUnescape(strings.Trim(path, "/")); err == nil && path != "" {
			name = path
		}
	}
	return "Hello, " + name + "!\n"
}

// respond makes a response of a text. It is returned before the text is written: a stream has no buffer, so that its
// writer waits for whoever reads.
func respond(text string) (*types.Response, error) {
	headers, err := types.FieldsFromList([]rt.Tuple2[string, []byte]{
		{F0: "content-type", F1: []byte("text/plain; charset=utf-8")},
		{F0: "content-length", F1: strconv.AppendInt(nil, int64(len(text)), 10)},
	})
	if err != nil {
		return nil, types.ErrorCodeInternalError{}
	}
	body, contents := types.NewStreamU8()
	end, trailers := types.NewFutureResultOptionFieldsErrorCode()
	response := types.ResponseNew(headers, contents, trailers)
	response.F1.Close() // it would tell whether the response arrived
	go func() {
		io.WriteString(body, text)
		body.Close()
		end.CloseWith(rt.Ok[*types.Fields, types.ErrorCode](nil))
	}()
	return response.F0, nil
}
