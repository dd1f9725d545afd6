package httpx_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

// entries is what a guest sees of fields.
func entries(f *httpx.Fields) []string {
	var list []string
	for name, value := range f.All() {
		list = append(list, name+": "+string(value))
	}
	return list
}

func appendAll(t *testing.T, f *httpx.Fields, entries ...string) {
	t.Helper()
	for _, e := range entries {
		name, value, _ := strings.Cut(e, ": ")
		if err := f.Append(name, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFieldsKeepOrderAndCase(t *testing.T) {
	f := httpx.NewFieldRules(0).New()
	appendAll(t, f, "Foo: 1", "bar: 2", "FOO: 3")
	want := []string{"Foo: 1", "Foo: 3", "bar: 2"}
	if diff := cmp.Diff(want, entries(f)); diff != "" {
		t.Error(diff)
	}
	if !f.Has("fOO") || f.Has("baz") || f.Has("") || f.Has("not a name") {
		t.Error("Has")
	}
	if got := f.Get("foo"); len(got) != 2 || string(got[1]) != "3" {
		t.Errorf("Get: %q", got)
	}
	old, err := f.Delete("foo")
	if err != nil || len(old) != 2 || f.Has("Foo") {
		t.Errorf("Delete: %q, %v", old, err)
	}
	if err := f.Set("FOO", [][]byte{[]byte("x"), nil}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bar: 2", "FOO: x", "FOO: "}, entries(f)); diff != "" {
		t.Error(diff)
	}
	if err := f.Set("foo", nil); err != nil || f.Has("foo") || f.Get("foo") != nil {
		t.Errorf("setting no values leaves %q, %v", f.Get("foo"), err)
	}
	if diff := cmp.Diff(map[string][]string{"Bar": {"2"}}, f.Header()); diff != "" {
		t.Error(diff)
	}
}

func TestFieldsRefuse(t *testing.T) {
	f := httpx.NewFieldRules(0).New()
	for _, c := range []struct {
		name, value string
		want        error
	}{
		{"", "v", httpx.InvalidSyntax},
		{"hey ho", "v", httpx.InvalidSyntax},
		{"voilà", "v", httpx.InvalidSyntax},
		{`"foo"`, "v", httpx.InvalidSyntax},
		{"x:", "v", httpx.InvalidSyntax},
		{"a", "b\r\nset-cookie: c", httpx.InvalidSyntax}, // response splitting
		{"a\r\nb: c", "v", httpx.InvalidSyntax},
		{"a", "\n", httpx.InvalidSyntax},
		{"a", "\x00", httpx.InvalidSyntax},
		{"a", "\x7f", httpx.InvalidSyntax},
		{"content-length", "+5", httpx.InvalidSyntax},
		{"Content-Length", "-5", httpx.InvalidSyntax},
		{"content-length", " 5", httpx.InvalidSyntax},
		{"content-length", "", httpx.InvalidSyntax},
		{"content-length", "5,5", httpx.InvalidSyntax},
		{"content-length", "18446744073709551616", httpx.InvalidSyntax},
		{"content-length", "18446744073709551615", nil},
		{"a", "", nil},
		{"a", " \t \t", nil},
		{"a", "\x80\xff\t ~", nil},
		{strings.Repeat("f", 1024), "v", nil},
	} {
		if err := f.Append(c.name, []byte(c.value)); err != c.want {
			t.Errorf("Append(%q, %q): %v, want %v", c.name, c.value, err, c.want)
		}
		if err := f.Set(c.name, [][]byte{[]byte(c.value)}); err != c.want {
			t.Errorf("Set(%q, %q): %v, want %v", c.name, c.value, err, c.want)
		}
	}
	if _, err := f.Delete("not a name"); err != httpx.InvalidSyntax {
		t.Errorf("Delete: %v", err)
	}
}

func TestForbiddenFields(t *testing.T) {
	for _, name := range []string{"connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
		"proxy-connection", "transfer-encoding", "upgrade", "http2-settings", "host"} {
		for _, name := range []string{name, strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]} {
			f := httpx.NewFieldRules(0).New()
			if err := f.Append(name, []byte("x")); err != httpx.Forbidden {
				t.Errorf("Append(%q): %v", name, err)
			}
			if err := f.Set(name, [][]byte{[]byte("x")}); err != httpx.Forbidden {
				t.Errorf("Set(%q): %v", name, err)
			}
			if f.Has(name) {
				t.Errorf("%s is there", name)
			}
		}
	}
}

func TestFieldsThatAreForbiddenHere(t *testing.T) {
	rules := httpx.NewFieldRules(0, "X-Secret")
	f := rules.New()
	for _, f := range []*httpx.Fields{f, f.Clone()} {
		if err := f.Append("x-SECRET", nil); err != httpx.Forbidden {
			t.Errorf("Append: %v", err)
		}
		if err := f.Append("host", nil); err != httpx.Forbidden {
			t.Errorf("Append: %v", err)
		}
	}
	in := rules.Received(map[string][]string{"X-Secret": {"1"}, "X-Plain": {"2"}})
	if diff := cmp.Diff([]string{"x-plain: 2"}, entries(in)); diff != "" {
		t.Error(diff)
	}
	if err := in.Clone().Set("X-Secret", nil); err != httpx.Forbidden {
		t.Errorf("Set: %v", err)
	}
}

// However fields have come to be what they are, they count for the same, and are
// found, whether they are few or many.
func TestFieldsCountTheSame(t *testing.T) {
	for _, n := range []int{1, 15, 16, 17, 18, 100} {
		in := map[string][]string{}
		made := httpx.NewFieldRules(1 << 16).New()
		for i := range n {
			name := fmt.Sprintf("X-%03d", i)
			in[name] = []string{"a", "bc"}
			appendAll(t, made, strings.ToLower(name)+": a", strings.ToLower(name)+": bc")
		}
		in["x-000"] = []string{"twice"} // beside X-000
		appendAll(t, made, "x-000: twice")
		received := httpx.NewFieldRules(1 << 16).Received(in).Clone()
		if diff := cmp.Diff(entries(made), entries(received)); diff != "" {
			t.Fatal(diff)
		}
		room := func(f *httpx.Fields) int {
			for i := range n {
				if i%2 == 0 {
					continue
				}
				name := fmt.Sprintf("x-%03d", i)
				if _, err := f.Delete(name); err != nil || f.Has(name) {
					t.Fatal(name, err)
				}
			}
			return sort.Search(1<<16, func(n int) bool { return f.Set("last", [][]byte{bytes.Repeat([]byte("x"), n)}) != nil })
		}
		if a, b := room(made), room(received); a != b || a < 1000 {
			t.Errorf("%d fields: room for %d made and %d received", n, a, b)
		}
	}
}

func TestReceivedFields(t *testing.T) {
	f := httpx.NewFieldRules(0).Received(map[string][]string{
		"Url": {"b", "a"}, "Connection": {"close"}, "Keep-Alive": {"x"}, "Accept": {"*/*"}, "Bad Name": {"x"}, "Odd": {"x\r\ny", "z"},
	})
	if diff := cmp.Diff([]string{"accept: */*", "odd: z", "url: b", "url: a"}, entries(f)); diff != "" {
		t.Error(diff)
	}
	if err := f.Append("a", nil); err != httpx.Immutable {
		t.Errorf("Append: %v", err)
	}
	if err := f.Set("a", nil); err != httpx.Immutable {
		t.Errorf("Set: %v", err)
	}
	if _, err := f.Delete("a"); err != httpx.Immutable {
		t.Errorf("Delete: %v", err)
	}
	c := f.Clone()
	appendAll(t, c, "url: c", "new: d")
	if diff := cmp.Diff([]string{"accept: */*", "odd: z", "url: b", "url: a", "url: c", "new: d"}, entries(c)); diff != "" {
		t.Error(diff)
	}
	if got := len(entries(f)); got != 4 {
		t.Errorf("the original has %d entries after its clone changed", got)
	}
}

// Copies of copies, changed in turns, never see one another's changes.
func TestClonesAreApart(t *testing.T) {
	all := []*httpx.Fields{httpx.NewFieldRules(0).New()}
	want := [][]string{nil}
	for i := range 200 {
		k := i * 7 % len(all)
		switch i % 4 {
		case 0, 1:
			v := fmt.Sprint(i)
			appendAll(t, all[k], "a: "+v)
			want[k] = append(slices.Clone(want[k]), "a: "+v)
		case 2:
			all, want = append(all, all[k].Clone()), append(want, slices.Clone(want[k]))
		case 3:
			if i%20 == 3 {
				if _, err := all[k].Delete("A"); err != nil {
					t.Fatal(err)
				}
				want[k] = nil
			}
		}
		for j, f := range all {
			if diff := cmp.Diff(want[j], entries(f)); diff != "" {
				t.Fatalf("step %d, copy %d: %s", i, j, diff)
			}
		}
	}
}

// GHSA-243v-98vx-264h: neither many fields nor many empty values get past the limit,
// whatever it is.
func TestFieldsLimit(t *testing.T) {
	for _, limit := range []int{0, 100, 128 << 10, 1 << 20} {
		for name, entry := range map[string]func(i int) (string, []byte){
			"append":     func(i int) (string, []byte) { return fmt.Sprintf("a%d", i), []byte("a") },
			"empty":      func(i int) (string, []byte) { return fmt.Sprintf("a%d", i), nil },
			"same":       func(int) (string, []byte) { return "a", []byte("b") },
			"same-empty": func(int) (string, []byte) { return "a", nil },
		} {
			f := httpx.NewFieldRules(limit).New()
			n := 0
			var err error
			for ; err == nil; n++ {
				name, value := entry(n)
				err = f.Append(name, value)
			}
			most := max(limit, 128<<10) / 40
			if err != httpx.SizeExceeded || n > most {
				t.Errorf("%s, limit %d: %v after %d", name, limit, err, n)
			}
			if limit != 100 && n < 1000 {
				t.Errorf("%s, limit %d: full after %d", name, limit, n)
			}
		}
	}
}

func TestFieldsSizeIsGivenBack(t *testing.T) {
	f := httpx.NewFieldRules(1000).New()
	big := bytes.Repeat([]byte("x"), 800)
	for i := range 100 {
		name := fmt.Sprintf("n%d", i)
		if err := f.Append(name, big); err != nil {
			t.Fatal(i, err)
		}
		if err := f.Append("other", big); err != httpx.SizeExceeded {
			t.Fatal(i, err)
		}
		if err := f.Set(name, [][]byte{big, big}); err != httpx.SizeExceeded || len(f.Get(name)) != 1 {
			t.Fatal(i, err, len(f.Get(name)))
		}
		if err := f.Set(name, [][]byte{big[:400], big[:300]}); err != nil {
			t.Fatal(i, err)
		}
		if _, err := f.Delete(name); err != nil {
			t.Fatal(i, err)
		}
	}
	// What is received may be larger, but nothing can be added to a copy of it.
	c := httpx.NewFieldRules(100).Received(map[string][]string{"A": {string(big)}}).Clone()
	if err := c.Append("b", nil); err != httpx.SizeExceeded {
		t.Errorf("the copy takes %v", err)
	}
	if _, err := c.Delete("a"); err != nil {
		t.Error(err)
	}
	if err := c.Append("b", nil); err != nil {
		t.Error(err)
	}
}

func TestHeaderErrorsAreErrors(t *testing.T) {
	var e httpx.HeaderError
	if !errors.As(fmt.Errorf("in: %w", httpx.Forbidden), &e) || e != httpx.Forbidden || e.Error() == "" {
		t.Error(e)
	}
}

func BenchmarkReceived(b *testing.B) {
	h := map[string][]string{"User-Agent": {"Mozilla/5.0"}, "Accept": {"*/*"}, "Accept-Encoding": {"gzip, br"}, "Accept-Language": {"de"}, "Content-Length": {"5"}}
	b.ReportAllocs()
	for b.Loop() {
		httpx.NewFieldRules(0).Received(h)
	}
}
