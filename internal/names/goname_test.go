package names

import (
	"go/token"
	"slices"
	"strings"
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

// TestGoAllAlike shows that labels which are alike in Go cost what their names are long.
func TestGoAllAlike(t *testing.T) {
	const bits = 12
	labels := make([]string, 1<<bits)
	for i := range labels {
		labels[i] = "a"
		for b := range bits {
			labels[i] += "-1"[i>>b&1:]
		}
	}
	ids := GoAll(labels)
	for i, id := range ids {
		if want := "A" + strings.Repeat("1", bits) + strings.Repeat("_", i); id != want {
			t.Fatalf("label %d, %s: got %s, want %s", i, labels[i], id, want)
		}
	}
}

func BenchmarkGoAllAlike(b *testing.B) {
	labels := slices.Repeat([]string{"a-1"}, 1<<12)
	for b.Loop() {
		GoAll(labels)
	}
}

func TestGoAll(t *testing.T) {
	got := GoAll([]string{"a-1-1", "b", "a11", "a1-1", "foo-id", "foo-i-d"})
	want := []string{"A11", "B", "A11_", "A11__", "FooID", "FooID_"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
