package wat

import (
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

func TestLex(t *testing.T) {
	tests := []struct{ src, want string }{
		{"", ""},
		{"(module $m)", "( module:keyword $m:id )"},
		{`(a "x\"y" $"a b")`, `( a:keyword "x\"y":string $"a b":id )`},
		{"1 -0x1f +1_0 1__0 1_ 0x", "1:integer -0x1f:integer +1_0:integer 1__0:reserved 1_:reserved 0x:reserved"},
		{"1. 1.5e3 0x1.8p-3 inf -nan nan:0x7f +-1 +-1.5 1.e 0x.8", "1.:float 1.5e3:float 0x1.8p-3:float inf:float -nan:float nan:0x7f:float +-1:reserved +-1.5:reserved 1.e:reserved 0x.8:reserved"},
		{";; c\n(; (; ;) ;) x(@a b)", "x:keyword (@a:annotation b:keyword )"},
		{`(@"a b")`, `(@"a b":annotation )`},
		{`"a""b" "a"x x"a" a,b [`, `"a""b":reserved "a"x:reserved x"a":reserved a,b:reserved [:reserved`},
		{`$ $"" A`, `$:reserved $"":reserved A:reserved`},
		{"string-encoding=latin1+utf16", "string-encoding=latin1+utf16:keyword"},
		{"a;;b\nc", "a:keyword c:keyword"},
	}
	names := map[kind]string{tokKeyword: "keyword", tokID: "id", tokString: "string", tokInteger: "integer", tokFloat: "float", tokAnnotation: "annotation", tokReserved: "reserved"}
	for _, tt := range tests {
		tokens, err := lex(&syntax.File{Name: "t.wat", Src: tt.src})
		if err != nil {
			t.Errorf("%s: %v", tt.src, err)
			continue
		}
		var got []string
		for _, tok := range tokens[:len(tokens)-1] {
			word := tt.src[tok.start:tok.end]
			if n := names[tok.kind]; n != "" {
				word += ":" + n
			}
			got = append(got, word)
		}
		if g := strings.Join(got, " "); g != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.src, g, tt.want)
		}
	}
}

func TestLexErrors(t *testing.T) {
	tests := []struct{ src, want string }{
		{"(; a (; ;)", "t.wat:1:1: this comment has no end"},
		{`"a`, "t.wat:1:1: this string has no end"},
		{"\"a\nb\"", "t.wat:1:1: this string has no end on its line"},
		{`"\x"`, "t.wat:1:2: invalid escape in a string"},
		{`"\u{110000}"`, "t.wat:1:2: invalid escape in a string"},
		{`"\u{d800}"`, "t.wat:1:2: invalid escape in a string"},
		{"a é", "t.wat:1:3: unexpected character 'é'"},
		{"a \xff", "t.wat:1:3: malformed UTF-8 encoding: byte 0xff"},
		{"(@ a)", "t.wat:1:1: empty annotation id"},
	}
	for _, tt := range tests {
		_, err := lex(&syntax.File{Name: "t.wat", Src: tt.src})
		if err == nil {
			t.Errorf("%s: no error", tt.src)
			continue
		}
		if first, _, _ := strings.Cut(err.Error(), "\n"); first != tt.want {
			t.Errorf("%s: got %q, want %q", tt.src, first, tt.want)
		}
	}
}

func TestStrings(t *testing.T) {
	for _, s := range []string{"", "plain", "a\"b\\c\n\t\r", "\x00\xff\x80", "é😀\u200b", "\u007f"} {
		q := quote(s)
		tokens, err := lex(&syntax.File{Name: "t.wat", Src: q})
		if err != nil || len(tokens) != 2 || tokens[0].kind != tokString {
			t.Errorf("%q is quoted as %s: %v", s, q, err)
			continue
		}
		if got := unquote(q); got != s {
			t.Errorf("%q is quoted as %s, which is %q", s, q, got)
		}
	}
	if got := unquote(`"\u{1_f600}\41\t"`); got != "\U0001f600A\t" {
		t.Errorf("got %q", got)
	}
}
