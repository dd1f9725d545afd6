package httpx_test

import (
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

func TestMethods(t *testing.T) {
	for _, name := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"} {
		m := httpx.MethodOf(name)
		if _, other := m.(httpx.MethodOther); other {
			t.Errorf("%s has no case", name)
		}
		for _, m := range []httpx.Method{m, httpx.MethodOther{Name: name}} {
			if got, ok := httpx.MethodName(m); got != name || !ok {
				t.Errorf("%#v is %q, %v", m, got, ok)
			}
		}
	}
	for c := range rune(1024) {
		_, ok := httpx.MethodName(httpx.MethodOther{Name: string(c)})
		if want := strings.ContainsRune(tchars, c); ok != want {
			t.Errorf("%q: %v", c, ok)
		}
	}
	for _, bad := range []string{"", "bad method", "bad\nmethod"} {
		if _, ok := httpx.MethodName(httpx.MethodOther{Name: bad}); ok {
			t.Errorf("%q is a method", bad)
		}
	}
	if _, ok := httpx.MethodOf("get").(httpx.MethodOther); !ok {
		t.Error("methods differ in case")
	}
}

const tchars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func TestFieldNames(t *testing.T) {
	for c := range rune(1024) {
		if want := strings.ContainsRune(tchars, c); httpx.ValidFieldName(string(c)) != want {
			t.Errorf("%q", c)
		}
	}
}

func TestFieldValues(t *testing.T) {
	for c := range 256 {
		want := c == '\t' || c >= ' ' && c != 0x7f
		if httpx.ValidFieldValue([]byte{byte(c)}) != want {
			t.Errorf("%#x", c)
		}
	}
}

func TestSchemes(t *testing.T) {
	for name, want := range map[string]string{"http": "http", "HTTP": "http", "hTTps": "https", "ws": "ws", "WS": "WS",
		"a+b-c.9": "a+b-c.9", "": "", "9a": "", "bad\nscheme": "", "a:b": "", "é": ""} {
		got, ok := httpx.SchemeName(httpx.SchemeOther{Name: name})
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", name, got, ok)
		}
	}
	if httpx.SchemeOf("HTTPS") != (httpx.SchemeHTTPS{}) || httpx.SchemeOf("ws") != (httpx.SchemeOther{Name: "ws"}) {
		t.Error("SchemeOf")
	}
}

func TestPathWithQuery(t *testing.T) {
	for _, s := range []string{"/", "/a/b/c", "/a/../../bar", "/?foo", "a/b/c", "../..", "?foo", "?", "/a%2Fb?c=%zz",
		"//evil.com/x", "*", "/é", `/a[0]{1}|^"\`, "/a?b`c?d", "/a;b=c,d:e@f"} {
		if got, ok := httpx.ParsePathWithQuery(s); got != s || !ok {
			t.Errorf("%q: %q, %v", s, got, ok)
		}
	}
	for _, s := range []string{"/bad\npath", "/ ", "/a b", "/\x00", "/\x7f", "/<", "/>", "/`", "/?a b", "/a#b", "/?a#b", "/?<", "/a\r\nX: y"} {
		if _, ok := httpx.ParsePathWithQuery(s); ok {
			t.Errorf("%q is valid", s)
		}
	}
	if got, ok := httpx.ParsePathWithQuery(""); got != "/" || !ok {
		t.Errorf("empty: %q, %v", got, ok)
	}
}

func TestAuthority(t *testing.T) {
	for s, want := range map[string]httpx.Authority{
		"1.2.3.4":                   {Host: "1.2.3.4"},
		"example.com:80":            {Host: "example.com", Port: "80"},
		"user@localhost":            {Host: "localhost", UserInfo: "user"},
		"user:pass%20@localhost:80": {Host: "localhost", UserInfo: "user:pass%20", Port: "80"},
		"[2001:db8::1]":             {Host: "2001:db8::1"},
		"[::]:443":                  {Host: "::", Port: "443"},
		"[::ffff:1.2.3.4]:443":      {Host: "::ffff:1.2.3.4", Port: "443"},
		"u@[::1]:65535":             {Host: "::1", Port: "65535", UserInfo: "u"},
		"a_b.c%41!$&'()*+,;=~":      {Host: "a_b.c%41!$&'()*+,;=~"},
	} {
		got, ok := httpx.ParseAuthority(s)
		if got != want || !ok {
			t.Errorf("%q: %+v, %v", s, got, ok)
		}
		_, hostPort, _ := strings.Cut("@"+s, "@")
		if _, h, ok := strings.Cut(s, "@"); ok {
			hostPort = h
		}
		if got.HostPort() != hostPort {
			t.Errorf("%q: host and port %q", s, got.HostPort())
		}
	}
	for _, s := range []string{"", " ", "::", ":@", "@@", "@:", "#", "[", "]", "[]", "[::1", "[::1]x", "[::1]:", "[::1]:abc", "[1.2.3.4]",
		"[fe80::1%eth0]", "[v1.x]", "::1", "a:80:80", "example.com:", "example.com:abc", "example.com:65536", "example.com:+80", "localhost:99999",
		"bad-\nhost", "a b", "a/b", "a?b", "a\\b", "é", "a%4", "a%zz", "@host", "u ser@host", "u@v@host", "u%@host", "user@"} {
		if got, ok := httpx.ParseAuthority(s); ok || got != (httpx.Authority{}) {
			t.Errorf("%q is valid: %+v", s, got)
		}
	}
}

func TestStatus(t *testing.T) {
	for s, want := range map[uint16]bool{0: false, 42: false, 99: false, 100: true, 101: true, 200: true, 599: true, 600: false, 1000: false, 65535: false} {
		if httpx.ValidStatus(s) != want {
			t.Error(s)
		}
	}
}

func TestContentLength(t *testing.T) {
	for _, c := range []struct {
		values []string
		n      uint64
		given  bool
		err    error
	}{
		{nil, 0, false, nil},
		{[]string{"11"}, 11, true, nil},
		{[]string{"11", "011"}, 11, true, nil},
		{[]string{"11", "12"}, 0, true, httpx.InvalidSyntax},
		{[]string{"x"}, 0, true, httpx.InvalidSyntax},
	} {
		n, given, err := httpx.NewFieldRules(0).Received(map[string][]string{"Content-Length": c.values}).ContentLength()
		if n != c.n || given != c.given || err != c.err {
			t.Errorf("%q: %d, %v, %v", c.values, n, given, err)
		}
	}
}
