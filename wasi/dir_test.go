package wasi_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/wasi"
)

func TestParseDir(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, err := range []error{os.Mkdir("data", 0o755), os.Mkdir("a::b", 0o755), os.WriteFile("file", nil, 0o644)} {
		if err != nil {
			t.Skip("no such names here:", err)
		}
	}
	for _, c := range []struct {
		text  string
		want  wasi.Dir
		error string
	}{
		{text: ".", want: wasi.Dir{Guest: ".", Host: "."}},
		{text: "data", want: wasi.Dir{Guest: "data", Host: "data"}},
		{text: "./data/", want: wasi.Dir{Guest: "./data/", Host: "./data/"}},
		{text: "data::/", want: wasi.Dir{Guest: "/", Host: "data"}},
		{text: "data::/x:ro", want: wasi.Dir{Guest: "/x", Host: "data", ReadOnly: true}},
		{text: "data:ro", want: wasi.Dir{Guest: "data", Host: "data", ReadOnly: true}},
		{text: ".::a:b", want: wasi.Dir{Guest: "a:b", Host: "."}},

		{text: "", error: `"" names no directory of the host; want HOST, HOST::GUEST, or either with :ro behind it`},
		{text: "::/data", error: `"::/data" names no directory of the host; want`},
		{text: ":ro", error: `":ro" names no directory of the host; want`},
		{text: "data::", error: `"data::" gives the guest no name for the directory; write something after the "::", or leave that out`},
		{text: "data::/a::/b", error: `"data::/a::/b" has more than one "::"; want HOST::GUEST`},
		{text: "nothing", error: `there is no directory "nothing"`},
		{text: "nothing::/x:ro", error: `there is no directory "nothing"`},
		{text: "data:/x", error: `there is no directory "data:/x"; to give the guest "data" as "/x", write data::/x`},
		{text: "file", error: `"file" is a file; a guest can be given only directories`},
		{text: "file/x", error: `the directory "file/x" can't be opened: not a directory`},
	} {
		got, err := wasi.ParseDir(c.text)
		switch {
		case c.error != "" && (err == nil || !strings.HasPrefix(err.Error(), c.error)):
			t.Errorf("%q: got %v, want %s", c.text, err, c.error)
		case c.error == "" && (err != nil || got != c.want):
			t.Errorf("%q: got %+v, %v", c.text, got, err)
		}
	}
}
