package main

import (
	"io"

	"github.com/gondola-wasm/gondola/examples/stream-http/gen/http/types"
	"github.com/gondola-wasm/gondola/examples/stream-http/gen/rt"
)

// respond makes a response whose body and trailers write makes, in a goroutine of its own that goes on after the response
// has been returned. An error of write breaks the response off, so that nobody takes it for complete.
func respond(status uint16, headers *types.Fields, write func(body io.Writer) (trailers *types.Fields, err error)) (*types.Response, error) {
	body, contents := types.NewStreamU8()
	end, trailers := types.NewFutureResultOptionFieldsErrorCode()
	made := types.ResponseNew(headers, contents, trailers)
	response, sent := made.F0, made.F1
	sent.Close() // it would tell whether the response arrived
	if err := response.SetStatusCode(status); err != nil {
		return nil, internalError(err)
	}
	go func() {
		fields, err := write(body)
		body.Close()
		if err != nil {
			end.CloseWith(rt.Fail[*types.Fields](internalError(err)))
			return
		}
		end.CloseWith(rt.Ok[*types.Fields, types.ErrorCode](fields))
	}()
	return response, nil
}

func respondText(status uint16, text string) (*types.Response, error) {
	headers := types.NewFields()
	if err := headers.Append("content-type", []byte("text/plain; charset=utf-8")); err != nil {
		return nil, internalError(err)
	}
	return respond(status, headers, func(body io.Writer) (*types.Fields, error) {
		_, err := io.WriteString(body, text)
		return nil, err
	})
}

// internalError is an error as HTTP has it.
func internalError(err error) types.ErrorCode {
	if code, ok := rt.FindErr[types.ErrorCode](err); ok {
		return code
	}
	return types.ErrorCodeInternalError{Value: new(err.Error())}
}
