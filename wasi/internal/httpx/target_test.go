package httpx

import (
	"net/http"
	"net/url"
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
