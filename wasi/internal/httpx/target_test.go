package httpx

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// What a guest asks for is what is sent, and never to another host; a transport of
// the embedder's sees a path where the URL can have one.
func TestTargets(t *testing.T) {
	for target, want := range map[string]struct{ sent, path string }{
		"/":               {"/", "/"},
		"/a/b?c=d":        {"/a/b?c=d", "/a/b"},
		"/p%2Fq":          {"/p%2Fq", "/p/q"},
		"/a/../b?":        {"/a/../b?", "/a/../b"},
		"/?a?b=%zz&c=é\"": {"/?a?b=%zz&c=é\"", "/"},
		"?a":              {"/?a", "/"},
		"/é":              {"/é", ""},
		"/%zz":            {"/%zz", ""},
		"/a[0]|\"":        {"/a[0]|\"", ""},
		"/%zz?//x":        {"/%zz?//x", ""},
		"//evil.example/": {"//evil.example/", "//evil.example/"},
		"//é":             {"//%C3%A9", "//é"},
	} {
		u := &url.URL{Scheme: "http", Host: "example.com"}
		if !setTarget(u, target, "GET") || u.RequestURI() != want.sent || u.Path != want.path {
			t.Errorf("%q: %q, path %q", target, u.RequestURI(), u.Path)
		}
	}
	for _, target := range []string{"a/b", "../x", "*", "//%zz"} {
		if setTarget(&url.URL{}, target, "GET") {
			t.Errorf("%q is sent", target)
		}
	}
	if u := (&url.URL{}); !setTarget(u, "*", http.MethodOptions) || u.RequestURI() != "*" {
		t.Errorf("OPTIONS * is %q", u.RequestURI())
	}
}

// What was sent to a server reaches guests as it was, and what a handler in front of them has
// made of it as that is.
func TestTargetOf(t *testing.T) {
	received := func(uri string) *http.Request {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + uri + " HTTP/1.1\r\nHost: h\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	stripped := func(prefix, uri string) (stripped *http.Request) {
		h := http.StripPrefix(prefix, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stripped = r }))
		h.ServeHTTP(httptest.NewRecorder(), received(uri))
		return stripped
	}
	for _, uri := range []string{
		"/", "/a", "/a?", "/a?b", "/a?b?c", "/a%2Fb?c=%2F", "/%61", "//a", "/a/../b", "/a?b=%zz", "/a'b", "/a;b?c;d", "*",
	} {
		if got, err := TargetOf(received(uri)); got.PathWithQuery != uri || err != nil {
			t.Errorf("%s: got %+v, %v", uri, got, err)
		}
	}
	for want, r := range map[string]*http.Request{
		"/?x":        received("http://h?x"),
		"/a?y":       received("http://h/a?y"),
		"/b?c":       stripped("/a", "/a/b?c"),
		"/c%2Fd?e=%": stripped("/a", "/a/c%2Fd?e=%"),
		"/":          stripped("/a", "/a"),
		"/n?o":       httptest.NewRequest("GET", "/n?o", nil),
		"/p?q":       {Method: "GET", Host: "h", URL: &url.URL{Path: "/p", RawQuery: "q"}},
	} {
		if got, err := TargetOf(r); got.PathWithQuery != want || got.Scheme != "http" || err != nil {
			t.Errorf("%s: got %+v, %v", want, got, err)
		}
	}
	other := received("/a?b")
	other.URL = &url.URL{Path: "/a", RawQuery: "c d"}
	if got, err := TargetOf(other); err == nil {
		t.Errorf("a query that can't be sent: got %+v", got)
	}
}

func BenchmarkTargetOf(b *testing.B) {
	r := httptest.NewRequest("GET", "/path/to?a=query", nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := TargetOf(r); err != nil {
			b.Fatal(err)
		}
	}
}
