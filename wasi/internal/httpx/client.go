package httpx

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// Client sends the requests of guests. It is safe for use from several goroutines.
type Client struct {
	transport http.RoundTripper
	timeouts  Timeouts
	fields    *FieldRules
	requests  *inFlight
}

// ClientConfig says how requests are sent.
type ClientConfig struct {
	// Dial connects. It is asked for every new connection, with "tcp" and a host
	// and port.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// TLS is for connections with TLS; nil is the default.
	TLS *tls.Config

	// Transport sends requests instead; neither Dial nor TLS nor a limit on headers
	// counts then.
	Transport http.RoundTripper

	// Timeouts are for what requests don't set; 0 is [DefaultConnectTimeout] and [DefaultTimeout].
	Timeouts Timeouts

	// MaxHeader caps the header of a response, in bytes; 0 is [DefaultMaxHeader].
	MaxHeader int64

	// Fields are the rules for what guests see of responses' fields.
	Fields *FieldRules

	// MaxRequests is how many requests may be under way at a time; 0 is
	// [DefaultMaxRequests].
	MaxRequests int
}

// Timeouts are how long the parts of a request may take. 0 stands for whatever is
// the default.
type Timeouts struct {
	Connect      time.Duration // until there is a connection, TLS included
	FirstByte    time.Duration // from there until the response begins
	BetweenBytes time.Duration // for each wait for more of the response's body
}

// What each of [Timeouts] is where nobody says anything.
const (
	DefaultConnectTimeout = 10 * time.Second
	DefaultTimeout        = 10 * time.Minute
)

// DefaultMaxHeader is how large the header of a response may be.
const DefaultMaxHeader = 256 << 10

// or fills in what is not set.
func (t Timeouts) or(defaults Timeouts) Timeouts {
	pick := func(d, or time.Duration) time.Duration {
		if d > 0 {
			return d
		}
		return or
	}
	return Timeouts{
		Connect:      pick(t.Connect, defaults.Connect),
		FirstByte:    pick(t.FirstByte, defaults.FirstByte),
		BetweenBytes: pick(t.BetweenBytes, defaults.BetweenBytes),
	}
}

// NewClient makes a client.
func NewClient(cfg ClientConfig) *Client {
	c := &Client{
		transport: cfg.Transport,
		timeouts:  cfg.Timeouts.or(Timeouts{DefaultConnectTimeout, DefaultTimeout, DefaultTimeout}),
		fields:    cfg.Fields,
		requests:  newInFlight(cfg.MaxRequests),
	}
	if c.transport == nil {
		c.transport = newTransport(cfg)
	}
	return c
}

// newTransport is Go's own, made so that it adds nothing to what a guest sends and
// takes nothing from the environment: no proxy, no compression, no HTTP/2, in which
// trailers that are not announced would get lost.
func newTransport(cfg ClientConfig) *http.Transport {
	d := dialer{cfg.Dial, cfg.TLS}
	limit := cfg.MaxHeader
	if limit <= 0 {
		limit = DefaultMaxHeader
	}
	return &http.Transport{
		DialContext:            d.dial,
		DialTLSContext:         d.dialTLS,
		DisableCompression:     true,
		MaxResponseHeaderBytes: limit,
		MaxIdleConnsPerHost:    16,
		MaxIdleConns:           256,
		IdleConnTimeout:        30 * time.Second,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}

// CloseIdleConnections closes connections that wait for another request.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// ClientRequest is a request on its way out. Nothing of it must have been checked.
type ClientRequest struct {
	Method        string
	Scheme        string // "" is https
	Authority     string
	PathWithQuery string // "" is /
	Fields        *Fields

	// Body is nil for none. It is closed when it isn't needed any more, if it can be.
	Body io.Reader

	// Trailer is called at the end of Body. Nil fields are no trailers; an error lets
	// the request break off. Trailer may be nil.
	Trailer func() (*Fields, error)

	Timeouts Timeouts

	// Sent, unless it is nil, is called once: with nil when the request is out with
	// all that belongs to it, else with the reason.
	Sent func(error)
}

// ClientResponse is the response to a [ClientRequest].
type ClientResponse struct {
	Status int
	Fields *Fields

	// Body must be closed. Its errors are [ErrorCode]s.
	Body io.ReadCloser

	// Trailer is what came after the body, once that is at its end; nil for nothing.
	Trailer func() *Fields
}

// Send sends a request and returns when the header of its response is there, which
// may be before the request's body is out. ctx is about that time only; what it has
// started ends with the response's body. The error is an [ErrorCode], or that of
// ctx.
func (c *Client) Send(ctx context.Context, r *ClientRequest) (*ClientResponse, error) {
	s := &sending{sent: r.Sent}
	req, err := r.goRequest(s)
	if err != nil {
		r.close()
		s.ended(err)
		return nil, err
	}
	timeouts := r.Timeouts.or(c.timeouts)
	leave, err := c.requests.enter(ctx, timeouts.Connect)
	if err != nil {
		r.close()
		s.ended(err)
		return nil, err
	}
	resp, err := c.roundTrip(ctx, req, timeouts, s, leave)
	if err != nil {
		leave()
		s.ended(err)
		return nil, err
	}
	s.answered()
	return resp, nil
}

func (r *ClientRequest) close() {
	if b, ok := r.Body.(io.Closer); ok {
		_ = b.Close()
	}
}

// errFirstByte and errBetweenBytes are why the context of a request ends when it
// takes too long.
var (
	errFirstByte    = errors.New("the response did not begin in time")
	errBetweenBytes = errors.New("the response's body paused for too long")
)

func (c *Client) roundTrip(call context.Context, req *http.Request, t Timeouts, s *sending, leave func()) (*ClientResponse, error) {
	// What has been started outlives the call.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(call))
	stop := context.AfterFunc(call, func() { cancel(context.Cause(call)) })
	firstByte := &deadline{after: t.FirstByte, cancel: func() { cancel(errFirstByte) }}
	ctx = context.WithValue(ctx, connectTimeout{}, t.Connect)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { firstByte.start() },
		WroteRequest: func(i httptrace.WroteRequestInfo) { s.wrote(i.Err) },
	})
	resp, err := whole(c.transport.RoundTrip(req.WithContext(ctx)))
	firstByte.stop()
	if !stop() && err == nil { // the call ended in the same moment
		resp.Body.Close()
		err = call.Err()
	}
	if err == nil && (resp.StatusCode < 200 || resp.StatusCode > 999) {
		resp.Body.Close() // no upgrade was asked for
		err = HTTPProtocolError{}
	}
	if err != nil {
		cancel(nil)
		return nil, sendError(call, ctx, err)
	}
	fields := c.fields.Received(resp.Header)
	if !c.fields.hold(fields.fieldSet, fields.size) {
		resp.Body.Close()
		cancel(nil)
		return nil, HTTPResponseHeaderSectionSize{}
	}
	body := &responseBody{ctx: ctx, cancel: cancel, body: resp.Body, timeout: t.BetweenBytes, over: leave}
	if resp.Body == http.NoBody {
		leave()
	}
	return &ClientResponse{
		Status:  resp.StatusCode,
		Fields:  fields,
		Body:    body,
		Trailer: func() *Fields { return c.fields.ReceivedTrailers(resp.Trailer) },
	}, nil
}

// whole makes of what a transport returns what [http.Client] makes of it: those of
// tests like to have no body.
func whole(resp *http.Response, err error) (*http.Response, error) {
	switch {
	case err != nil:
		return nil, err
	case resp == nil:
		return nil, errors.New("the transport returned no response and no error")
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, nil
}

// sendError is what the sender is told.
func sendError(call, ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case cause == errFirstByte || cause == errBetweenBytes:
		return ConnectionReadTimeout{}
	case call.Err() != nil:
		return call.Err()
	}
	return networkError(err)
}

// networkError is [CodeOf] for what may come of a network policy too.
func networkError(err error) ErrorCode {
	var denied *netpolicy.DeniedError
	switch {
	case errors.As(err, &denied) && denied.Private:
		return DestinationIPProhibited{}
	case denied != nil, errors.Is(err, netpolicy.ErrLookupDisabled):
		return HTTPRequestDenied{}
	case errors.Is(err, netpolicy.ErrInvalidName):
		return DestinationNotFound{}
	}
	return CodeOf(err)
}

// deadline ends something that takes too long. It can be started again.
type deadline struct {
	after  time.Duration
	cancel func()

	mu    sync.Mutex
	timer *time.Timer
	over  bool
}

func (d *deadline) start() {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.over:
	case d.timer == nil:
		d.timer = time.AfterFunc(d.after, d.cancel)
	default:
		d.timer.Reset(d.after)
	}
}

func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	if d.timer != nil {
		d.timer.Stop()
	}
}

// ReceivedTrailers are nil where none came, announced or not.
func (r *FieldRules) ReceivedTrailers(h http.Header) *Fields {
	for _, values := range h {
		if len(values) > 0 {
			return r.Received(h)
		}
	}
	return nil
}

// responseBody is the body of a response whose pauses have a limit.
type responseBody struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	body    io.ReadCloser
	timeout time.Duration
	timer   *time.Timer
	over    func() // called when it has ended, again when it is closed
}

func (b *responseBody) Read(p []byte) (int, error) {
	if b.timer == nil {
		b.timer = time.AfterFunc(b.timeout, func() { b.cancel(errBetweenBytes) })
	} else {
		b.timer.Reset(b.timeout)
	}
	n, err := b.body.Read(p)
	b.timer.Stop()
	if err != nil {
		b.over()
	}
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case context.Cause(b.ctx) == errBetweenBytes:
		return n, ConnectionReadTimeout{}
	}
	return n, networkError(err)
}

func (b *responseBody) Close() error {
	err := b.body.Close()
	b.cancel(nil)
	b.over()
	return err
}
