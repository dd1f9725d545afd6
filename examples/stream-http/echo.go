package main

import (
	"context"
	"io"

	"github.com/gondola-wasm/gondola/examples/stream-http/gen/http/types"
	"github.com/gondola-wasm/gondola/examples/stream-http/gen/rt"
)

// echo answers with the request's own body and trailers. What has come is on its way back before more has: nothing here
// holds more than one piece of it.
func echo(request *types.Request) (*types.Response, error) {
	headers := types.NewFields()
	given := request.GetHeaders()
	defer given.Close()
	if err := headers.Set("content-type", given.Get("content-type")); err != nil {
		request.Close()
		return nil, internalError(err)
	}
	read, result := types.NewFutureResultUnitErrorCode()
	consumed := types.RequestConsumeBody(request, result)
	contents, trailers := consumed.F0, consumed.F1
	return respond(200, headers, func(body io.Writer) (*types.Fields, error) {
		_, err := io.Copy(body, contents)
		contents.Close()
		defer trailers.Close()
		if err != nil {
			read.CloseWith(rt.Fail[rt.Unit](internalError(err)))
			return nil, err
		}
		read.CloseWith(rt.Ok[rt.Unit, types.ErrorCode](rt.Unit{}))
		fields, err := trailers.Await(context.Background())
		if err != nil {
			return nil, err
		}
		return fields.Get()
	})
}
