package httpx

import (
	"context"
	"io"
)

// SendRequest sends a request of a guest of WASI 0.3. See [Client.Send]; the request
// can't be used afterwards. keep says how much of its body is taken at a time.
func (c *Client) SendRequest(ctx context.Context, r *Request, keep Keep) (*Response, error) {
	length, given, err := r.Fields().ContentLength()
	if err != nil {
		r.Drop()
		return nil, HTTPProtocolError{}
	}
	content := r.body.content(ctx, make(news, 1), sizeRule{given, length, requestSize}, keep)
	req := &ClientRequest{
		Method:        r.Method,
		Scheme:        text(r.Scheme),
		Authority:     text(r.Authority),
		PathWithQuery: text(r.PathWithQuery),
		Fields:        r.Fields(),
		Trailer:       func() (*Fields, error) { return content.Trailers(), nil },
		Timeouts:      r.Options.Timeouts(),
		Sent:          content.Done,
	}
	switch {
	case !r.body.empty() || content.Ready() && content.Trailers() != nil:
		req.Body = newContentReader(content)
	case content.Ready():
		if _, err := content.Next(ctx); err != io.EOF {
			content.Done(err)
			return nil, networkError(err)
		}
	}
	resp, err := c.Send(ctx, req)
	if err != nil {
		return nil, err
	}
	return &Response{Status: uint16(resp.Status), header: header{fields: resp.Fields}, body: resp.hostBody()}, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// hostBody is the response's body for a guest.
func (r *ClientResponse) hostBody() *HostBody {
	return &HostBody{Reader: r.Body, Trailer: r.Trailer, Close: func() { r.Body.Close() }}
}
