package main

import (
	"path/filepath"
	"testing"

	"github.com/spf13/pflag"
)

func TestPathsFromFolder(t *testing.T) {
	conf := filepath.Join("etc", "conf")
	at := func(path string) string { return conf + string(filepath.Separator) + path }
	abs, err := filepath.Abs("x")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ flag, folder, value, want string }{
		{"profile", conf, "p.out", at("p.out")},
		{"profile", conf, "../p.out", at("../p.out")},
		{"profile", conf, "", ""},
		{"profile", conf, abs, abs},
		{"profile", ".", "p.out", "p.out"},
		{"dir", conf, "data", at("data") + "::data"},
		{"dir", conf, "data:ro", at("data") + "::data:ro"},
		{"dir", conf, "data::/d", at("data") + "::/d"},
		{"dir", conf, "data::/d:ro", at("data") + "::/d:ro"},
		{"dir", conf, ".", at(".") + "::."},
		{"dir", conf, abs + "::/d:ro", abs + "::/d:ro"},
		{"dir", conf, "::/d", "::/d"},
		{"dir", ".", "data:ro", "data:ro"},
		{"header", conf, "x: @y", "x: @y"},
		{"header", conf, "@h", "@" + at("h")},
		{"cwd", conf, "data", "data"},
	} {
		if got := fromFolder(test.flag, test.folder, test.value); got != test.want {
			t.Errorf("--%s %q in a file in %q is %q, want %q", test.flag, test.value, test.folder, got, test.want)
		}
	}
}

// TestPathFlags keeps pathFlags complete: what takes a file says so.
func TestPathFlags(t *testing.T) {
	known := map[string]bool{}
	for _, cmd := range configurable() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			known[f.Name] = true
			what, _ := pflag.UnquoteUsage(f)
			if _, ok := pathFlags[f.Name]; what == "file" && fromFile(f.Name) && !ok {
				t.Errorf("--%s of %s takes a file, and pathFlags does not have it", f.Name, cmd.Name())
			}
		})
	}
	for name := range pathFlags {
		if !known[name] {
			t.Errorf("pathFlags has --%s, which no command has", name)
		}
	}
}
