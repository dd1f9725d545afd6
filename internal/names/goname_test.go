package names

import (
	"go/token"
	"slices"
	"testing"
)

func TestGo(t *testing.T) {
	for label, want := range map[string]string{
		"foo":                  "Foo",
		"foo-bar":              "FooBar",
		"url":                  "URL",
		"http-status":          "HTTPStatus",
		"get-JSON":             "GetJSON",
		"XML-is":               "XMLIs",
		"user-id":              "UserID",
		"ideal":                "Ideal",
		"ipv4-socket-address":  "IPv4SocketAddress",
		"a1-2-3":               "A123",
		"m1x3d-4CR0NYMS":       "M1x3d4CR0NYMS",
		"to-utf8":              "ToUTF8",
		"DNS-error":            "DNSError",
		"ABBREVIATION-of-this": "ABBREVIATIONOfThis",
	} {
		if got := Go(label); got != want {
			t.Errorf("Go(%q) = %s, want %s", label, got, want)
		}
		if !token.IsIdentifier(want) || !token.IsExported(want) {
			t.Errorf("%s is no exported identifier", want)
		}
	}
}

func TestGoLocal(t *testing.T) {
	for label, want := range map[string]string{
		"s": "s", "http-status": "httpStatus", "user-id": "userID", "ID": "id", "type": "type_", "type-id": "typeID", "go-to": "goTo",
	} {
		if got := GoLocal(label); got != want {
			t.Errorf("GoLocal(%q) = %s, want %s", label, got, want)
		}
		if !token.IsIdentifier(want) {
			t.Errorf("%s is no identifier", want)
		}
	}
}

func TestGoAll(t *testing.T) {
	got := GoAll([]string{"a-1-1", "b", "a11", "a1-1", "foo-id", "foo-i-d"})
	want := []string{"A11", "B", "A11_", "A11__", "FooID", "FooID_"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
