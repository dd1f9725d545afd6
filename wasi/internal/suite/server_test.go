package suite

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http/httputil"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// endpoints is an HTTP/1.1 server of a specification. It is written out, since
// net/http hides from a handler what exactly a client sent.
type endpoints struct {
	listener net.Listener
	routes   map[[2]string]*endpoint // by method and path with query
	mirror   bool                    // all requests come back
	serving  sync.WaitGroup
}

// startServers returns the variables that tell the guest about the servers.
func startServers(servers []server) (env map[string]string, stop func(), err error) {
	env = map[string]string{}
	var running []*endpoints
	stop = func() {
		for _, e := range running {
			e.close()
		}
	}
	for _, s := range servers {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			stop()
			return nil, nil, err
		}
		env["HTTP_SERVER_"+strings.ToUpper(s.Name)] = l.Addr().String()
		if s.Kind == "closed" {
			l.Close()
			continue
		}
		running = append(running, serveEndpoints(l, s.Endpoints))
	}
	return env, stop, nil
}

func serveEndpoints(l net.Listener, list []endpoint) *endpoints {
	e := &endpoints{listener: l, routes: map[[2]string]*endpoint{}}
	for i := range list {
		e.routes[[2]string{list[i].Method, list[i].Path}] = &list[i]
	}
	e.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			e.serving.Go(func() {
				defer c.Close()
				// A client that breaks off is the test's business.
				_ = e.serve(c)
			})
		}
	})
	return e
}

func (e *endpoints) close() {
	e.listener.Close()
	e.serving.Wait()
}

// received is a request as it came over the wire.
type received struct {
	method, path      string
	headers, trailers textproto.MIMEHeader
	body              []byte
}

// serve answers one request; the connection closes then.
func (e *endpoints) serve(c net.Conn) error {
	req, err := readRequest(bufio.NewReader(c))
	if err != nil {
		return err
	}
	answer := response{Status: 404}
	if e.mirror {
		answer = mirrored(req)
	} else if ep := e.routes[[2]string{req.method, req.path}]; ep != nil {
		answer = ep.answer(req)
	}
	_, err = io.WriteString(c, answer.wire(req))
	return err
}

func readRequest(r *bufio.Reader) (*received, error) {
	text := textproto.NewReader(r)
	line, err := text.ReadLine()
	if err != nil {
		return nil, err
	}
	req := &received{}
	req.method, line, _ = strings.Cut(line, " ")
	req.path, _, _ = strings.Cut(line, " ")
	if req.headers, err = text.ReadMIMEHeader(); err != nil {
		return nil, err
	}
	return req, req.readBody(r, text)
}

func (req *received) readBody(r *bufio.Reader, text *textproto.Reader) (err error) {
	if strings.Contains(strings.ToLower(req.headers.Get("Transfer-Encoding")), "chunked") {
		if req.body, err = io.ReadAll(httputil.NewChunkedReader(r)); err != nil {
			return err
		}
		req.trailers, err = text.ReadMIMEHeader()
		return err
	}
	length, _ := strconv.Atoi(req.headers.Get("Content-Length"))
	req.body = make([]byte, length)
	_, err = io.ReadFull(r, req.body)
	return err
}

// mirrored is how Wasmtime's own tests have a server answer.
func mirrored(req *received) response {
	return response{Status: 200, Body: string(req.body), Headers: map[string]string{
		"x-wasmtime-test-method": req.method,
		"x-wasmtime-test-uri":    req.path,
	}}
}

func (ep *endpoint) answer(req *received) response {
	switch ep.Mode {
	case "echo-body":
		return response{Status: 200, Body: string(req.body)}
	case "echo-headers":
		return response{Status: 200, echo: true}
	}
	return ep.Response
}

// wire is the response in HTTP/1.1.
func (r response) wire(req *received) string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d It is so\r\nConnection: close\r\n", r.Status)
	writeHeaders(&b, r.Headers)
	if r.echo {
		fmt.Fprintf(&b, "x-request-method: %s\r\nx-request-path: %s\r\n", req.method, req.path)
		writeValues(&b, "x-echo-", req.headers)
		writeValues(&b, "x-trailer-", req.trailers)
	}
	if r.Chunks == nil {
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(r.Body))
		if req.method != "HEAD" {
			b.WriteString(r.Body)
		}
		return b.String()
	}
	b.WriteString("Transfer-Encoding: chunked\r\n")
	if len(r.Trailers) > 0 {
		fmt.Fprintf(&b, "Trailer: %s\r\n", strings.Join(slices.Sorted(maps.Keys(r.Trailers)), ", "))
	}
	b.WriteString("\r\n")
	for _, chunk := range r.Chunks {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(chunk), chunk)
	}
	b.WriteString("0\r\n")
	writeHeaders(&b, r.Trailers)
	b.WriteString("\r\n")
	return b.String()
}

func writeHeaders(b *strings.Builder, headers map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		fmt.Fprintf(b, "%s: %s\r\n", name, headers[name])
	}
}

func writeValues(b *strings.Builder, prefix string, headers textproto.MIMEHeader) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			fmt.Fprintf(b, "%s%s: %s\r\n", prefix, strings.ToLower(name), value)
		}
	}
}
