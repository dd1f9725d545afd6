package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"

	"github.com/gondola-wasm/gondola/examples/stream-http/gen/http/client"
	"github.com/gondola-wasm/gondola/examples/stream-http/gen/http/types"
	"github.com/gondola-wasm/gondola/examples/stream-http/gen/rt"
)

// hash answers with a line for each URL, in the order in which their bodies end. All are fetched at once.
func hash(urls []string) (*types.Response, error) {
	if len(urls) == 0 {
		return respondText(400, "Name what to hash: /hash?url=http://…&url=http://…\n")
	}
	headers, err := types.FieldsFromList([]rt.Tuple2[string, []byte]{
		{F0: "content-type", F1: []byte("text/plain; charset=utf-8")},
	})
	if err != nil {
		return nil, internalError(err)
	}
	return respond(200, headers, func(body io.Writer) (*types.Fields, error) {
		// Who has gone away wants no more hashes.
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		lines := make(chan string, len(urls))
		for _, u := range urls {
			go func() { lines <- hashLine(ctx, u) }()
		}
		for range urls {
			if _, err := io.WriteString(body, <-lines); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

func hashLine(ctx context.Context, rawURL string) string {
	sum, err := hashOf(ctx, rawURL)
	if err != nil {
		return fmt.Sprintf("%s: %v\n", rawURL, err)
	}
	return fmt.Sprintf("%s: %x\n", rawURL, sum)
}

func hashOf(ctx context.Context, rawURL string) ([]byte, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	request, err := get(u)
	if err != nil {
		return nil, err
	}
	response, err := client.Send(ctx, request)
	if err != nil {
		return nil, err
	}
	if status := response.GetStatusCode(); status != 200 {
		response.Close()
		return nil, fmt.Errorf("status %d", status)
	}
	h := sha256.New()
	if err := drain(ctx, h, response); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// get makes a GET request without a body.
func get(u *url.URL) (*types.Request, error) {
	scheme := types.Scheme(types.SchemeOther{Value: u.Scheme})
	switch u.Scheme {
	case "http":
		scheme = types.SchemeHTTP{}
	case "https":
		scheme = types.SchemeHTTPS{}
	}
	end, trailers := types.NewFutureResultOptionFieldsErrorCode()
	end.CloseWith(rt.Ok[*types.Fields, types.ErrorCode](nil))
	made := types.RequestNew(types.NewFields(), nil, trailers, nil)
	request, sent := made.F0, made.F1
	sent.Close() // Send tells as much
	for _, err := range []error{
		request.SetScheme(&scheme),
		request.SetAuthority(&u.Host),
		request.SetPathWithQuery(new(u.RequestURI())),
	} {
		if err != nil {
			request.Close()
			return nil, fmt.Errorf("%s is no URL of HTTP", u)
		}
	}
	return request, nil
}

// drain copies the body of a response to w.
func drain(ctx context.Context, w io.Writer, response *types.Response) error {
	read, result := types.NewFutureResultUnitErrorCode()
	consumed := types.ResponseConsumeBody(response, result)
	body, trailers := consumed.F0, consumed.F1
	defer body.Close()
	defer trailers.Close()
	read.CloseWith(rt.Ok[rt.Unit, types.ErrorCode](rt.Unit{}))
	if _, err := io.Copy(w, reader{ctx, body}); err != nil {
		return err
	}
	// The body of a response that breaks off ends like any other; the future after it knows better.
	fields, err := trailers.Await(ctx)
	if err != nil {
		return err
	}
	if fields.Ok != nil {
		fields.Ok.Close()
	}
	_, err = fields.Get()
	return err
}

// reader reads from a stream until a context ends.
type reader struct {
	ctx    context.Context
	stream *rt.ByteReader
}

func (r reader) Read(p []byte) (int, error) { return r.stream.ReadContext(r.ctx, p) }
