package httpx

import (
	"net/http"
	"net/url"
	"strings"
)

// goRequest is the request as Go's transport takes it.
func (r *ClientRequest) goRequest(s *sending) (*http.Request, error) {
	u, err := r.url()
	switch {
	case err != nil:
		return nil, err
	case !isToken(r.Method):
		return nil, HTTPRequestMethodInvalid{}
	case r.Method == http.MethodConnect:
		return nil, HTTPProtocolError{} // what follows would be no HTTP
	}
	req := &http.Request{
		Method:     r.Method,
		URL:        u,
		Host:       u.Host,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     r.Fields.Header(),
	}
	if _, there := req.Header["User-Agent"]; !there {
		req.Header["User-Agent"] = nil // Go would name itself
	}
	return req, r.addBody(req, s)
}

// url is where the request goes.
func (r *ClientRequest) url() (*url.URL, error) {
	u := &url.URL{Scheme: strings.ToLower(r.Scheme)}
	switch u.Scheme {
	case "":
		u.Scheme = "https"
	case "http", "https":
	default:
		return nil, HTTPProtocolError{}
	}
	a, ok := ParseAuthority(r.Authority)
	if !ok {
		return nil, HTTPRequestURIInvalid{}
	}
	// The user is not sent: nobody has asked for a field Authorization.
	u.Host = a.HostPort()
	path, ok := ParsePathWithQuery(r.PathWithQuery)
	if !ok || !setTarget(u, path, r.Method) {
		return nil, HTTPRequestURIInvalid{}
	}
	return u, nil
}

// setTarget has a path and query sent as it is. In a URL's Path it may be encoded
// anew; then its Opaque takes it, where it is left alone. But one that begins with two
// slashes would be taken for another host's there.
func setTarget(u *url.URL, target, method string) bool {
	switch {
	case target == "*":
		u.Opaque = target
		return method == http.MethodOptions
	case strings.HasPrefix(target, "?"):
		target = "/" + target
	case !strings.HasPrefix(target, "/"):
		return false
	}
	path, query, hasQuery := strings.Cut(target, "?")
	plain, err := url.PathUnescape(path)
	if err != nil || (&url.URL{Path: plain, RawPath: path}).EscapedPath() != path {
		if !strings.HasPrefix(target, "//") {
			u.Opaque = target
			return true
		}
	}
	u.Path, u.RawPath = plain, path
	u.RawQuery, u.ForceQuery = query, hasQuery
	return err == nil
}
