package gosource

import (
	"strings"
	"testing"
)

func TestScope(t *testing.T) {
	outer := NewScope(nil)
	for _, c := range [][2]string{{"a", "a"}, {"a", "a_"}, {"a", "a__"}, {"type", "type_"}, {"string", "string_"}, {"init", "init_"}, {"a_", "a___"}} {
		if got := outer.Name(c[0]); got != c[1] {
			t.Errorf("Name(%q) = %s, want %s", c[0], got, c[1])
		}
	}
	inner := NewScope(outer)
	if got := inner.Name("a"); got != "a____" {
		t.Errorf("an inner name hides an outer one: %s", got)
	}
	inner.Reserve("b")
	if outer.Taken("b") || !inner.Taken("b") {
		t.Error("a name is taken in the wrong scope")
	}
}

func TestFile(t *testing.T) {
	p := NewPackage("demo")
	p.Declare("fmt", "fmt")
	p.Declare("example.com/a/fmt", "fmt")
	p.Declare("example.com/b/other", "other")
	f := p.NewFile()
	f.Header, f.Build, f.Doc = "Made by hand.", "wasip1", "Package demo shows.\n\nMore."
	f.Comment("X is y.\n\n  indented\r\n")
	f.P("var X,Y=%s.Sprint(1), %s.Z", f.Import("fmt"), f.Import("example.com/a/fmt"))
	got, err := f.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	const want = `// Made by hand.

//go:build wasip1

// Package demo shows.
//
// More.
package demo

import (
	"fmt"

	fmt_ "example.com/a/fmt"
)

// X is y.
//
//	indented
var X, Y = fmt.Sprint(1), fmt_.Z
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFileThatIsNoGo(t *testing.T) {
	f := NewPackage("demo").NewFile()
	f.P("func {")
	if _, err := f.Bytes(); err == nil || !strings.Contains(err.Error(), "func {") {
		t.Errorf("got %v", err)
	}
}
