package syntax

import (
	"strings"
	"testing"
)

func TestLex(t *testing.T) {
	src := "\ufeffpackage %list:b@1.0.0-a.{x}; // c\n/* /* n */ */ func()->u32 _ <>*+ \"a\\u{7fff}\" a-b1"
	tokens, err := Lex(&File{Name: "x", Src: src})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tok := range tokens {
		got = append(got, src[tok.Start:tok.End])
	}
	want := `package|%list|:|b|@|1|.|0|.|0|-|a|.|{|x|}|;|// c|/* /* n */ */|func|(|)|->|u32|_|<|>|*|+|"a\u{7fff}"|a-b1|`
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if tokens[0].Kind != KwPackage || tokens[1].Kind != Ident || tokens[len(tokens)-1].Kind != EOF {
		t.Errorf("wrong kinds: %v %v", tokens[0].Kind, tokens[1].Kind)
	}
}

func TestKeywords(t *testing.T) {
	// WIT.md#keywords.
	all := strings.Fields(`as async bool borrow char constructor enum export f32 f64 flags from func future import include
		interface list map option own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32
		u64 u8 use variant with world`)
	for _, k := range all {
		if !IsKeyword(k) {
			t.Errorf("%s is no keyword", k)
		}
	}
	if len(keywords) != len(all) || IsKeyword("foo") {
		t.Errorf("%d keywords, want %d", len(keywords), len(all))
	}
}

func TestQuote(t *testing.T) {
	for _, s := range []string{"", "a", `"\`, "\n\t\r\x00", "☃", "\u202e", "a'b"} {
		lit := Quote(s)
		f := &File{Src: lit}
		got, err := unquote(Span{f, 0, len(lit)})
		if err != nil || got != s {
			t.Errorf("%q comes back as %q (%v)", s, got, err)
		}
	}
	for lit, want := range map[string]string{`"\7f"`: "\x7f", `"\u{7fff}"`: "\u7fff", `"\u{1_f6_00}"`: "\U0001F600", `"\c3\a9"`: "é"} {
		if got, err := unquote(Span{&File{Src: lit}, 0, len(lit)}); err != nil || got != want {
			t.Errorf("%s is %q (%v)", lit, got, err)
		}
	}
	for _, lit := range []string{`"\u{}"`, `"\u{d800}"`, `"\u{110000}"`, `"\u{1__0}"`, `"\u{_1}"`, `"\x"`, `"\7"`, `"\ff"`, `"\u7fff"`} {
		if got, err := unquote(Span{&File{Src: lit}, 0, len(lit)}); err == nil {
			t.Errorf("%s is %q", lit, got)
		}
	}
}

func TestLocation(t *testing.T) {
	f := &File{Name: "x", Src: "one\r\ntwo ☃ three\nfour"}
	at := strings.Index(f.Src, "three")
	if got, want := (Span{f, at, at + 5}).Location(), (Location{"x", 2, 7, "two ☃ three", 5}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	end := len(f.Src)
	if got, want := (Span{f, end, end}).Location(), (Location{"x", 3, 5, "four", 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := (Span{}).Location(); got != (Location{}) {
		t.Errorf("no place is %+v", got)
	}
}

func TestErrorRendering(t *testing.T) {
	long := strings.Repeat("x", 500) + "here" + strings.Repeat("y", 500)
	f := &File{Name: "long.wit", Src: long}
	g := &File{Name: "other.wit", Src: "\tthere"}
	err := Errorf(Span{f, 500, 504}, "bad").WithNote(Span{g, 1, 6}, "see %s", "this").WithNote(Span{}, "nowhere").WithHint("").WithHint("mend it")
	err.Expected = []string{"a", "b", "c"}
	want := `long.wit:1:501: bad, expected a, b or c
   1 | ` + strings.Repeat("x", 80) + "here" + strings.Repeat("y", 76) + `
     | ` + strings.Repeat(" ", 80) + `^^^^
other.wit:1:2: note: see this
   1 | 	there
     | 	^^^^^
  hint: mend it`
	if got := err.Error(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	plain := &Error{At: Location{File: "dir"}, Msg: "empty"}
	if got := plain.Error(); got != "dir: empty" {
		t.Errorf("got %q", got)
	}
}

// Everything that the grammar lets stand in one file, as the syntax tree has it.
func TestParseShapes(t *testing.T) {
	doc, err := Parse(&File{Name: "x", Src: `package a:b@1.2.3;
use c:d/e@1.0.0-rc.1.2 as f;
world w {
  import p: q:r/s@0.1.0;
  import q:r/s;
  export x: interface { }
  export y: async func(a: u32) -> result<_, list<u8>>;
  include z with { a as b }
}
interface i { use f.{g as h,}; }`}, 0)
	if err != nil {
		t.Fatal(err)
	}
	use := doc.Items[0].(*TopUse)
	if use.LocalName().Text != "f" || use.Path.Package.Version.String() != "1.0.0-rc.1.2" || use.Path.Span.Text() != "c:d/e@1.0.0-rc.1.2" {
		t.Errorf("use: %+v", use.Path)
	}
	w := doc.Items[1].(*World)
	first, second, third, fourth := w.Items[0].(*Extern), w.Items[1].(*Extern), w.Items[2].(*Extern), w.Items[3].(*Extern)
	if first.Label.Text != "p" || first.Path.Span.Text() != "q:r/s@0.1.0" || second.Label != nil || second.Path.Name.Text != "s" {
		t.Errorf("imports: %+v %+v", first, second)
	}
	if third.Inline == nil || third.Direction != Export || !fourth.Func.Async || fourth.Func.Result.Args[0] != nil || fourth.Func.Result.Args[1].Kind != ListType {
		t.Errorf("exports: %+v %+v", third, fourth)
	}
	if inc := w.Items[4].(*Include); inc.With[0].As.Text != "b" {
		t.Errorf("include: %+v", inc)
	}
	if u := doc.Items[2].(*Interface).Items[0].(*Use); u.Names[0].LocalName().Text != "h" {
		t.Errorf("use: %+v", u)
	}
}

// Deep or endless nesting must neither exhaust the stack nor take more than linear time.
func TestHostileText(t *testing.T) {
	for name, src := range map[string]string{
		"lists":    "package a:b; interface i { type t = " + strings.Repeat("list<", 1<<18),
		"tuples":   "package a:b; interface i { type t = " + strings.Repeat("tuple<u8,", 1<<17),
		"braces":   "package a:b; interface i " + strings.Repeat("{", 1<<18),
		"packages": "package a:b; " + strings.Repeat("package a:c {", 1<<16),
		"comments": strings.Repeat("/*", 1<<18),
		"comment":  strings.Repeat("// x\n", 1<<17) + "?",
		"at":       "package a:b; " + strings.Repeat("@", 1<<18),
		"version":  "package a:b@" + strings.Repeat("1.", 1<<18),
		"string":   `package a:b; world w { @external-id("` + strings.Repeat(`\`, 1<<18),
		"name":     "package a:b; interface " + strings.Repeat("a-", 1<<18) + "a {}",
		"package":  "package " + strings.Repeat("a:", 1<<18) + "a;",
		"nested":   "package a:a" + strings.Repeat("/a", 1<<18) + ";",
		"path":     "package a:b; world w { import " + strings.Repeat("a:", 1<<18) + "a/b; }",
	} {
		if _, err := Parse(&File{Name: name, Src: src}, AllGates); err == nil {
			t.Errorf("%s is accepted", name)
		} else if n := len(err.Error()); n > 4<<20 {
			t.Errorf("%s: the message has %d bytes", name, n)
		}
	}
}
