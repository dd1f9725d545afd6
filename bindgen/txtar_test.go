package bindgen

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// archive is a txtar file: a comment, then files that each begin with a line `-- name --`.
type archive struct {
	comment string
	files   []archived
}

type archived struct{ name, data string }

func readArchive(t testing.TB, path string) archive {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var a archive
	text := &a.comment
	for line := range strings.Lines(string(data)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok && strings.HasSuffix(name, " --") {
			a.files = append(a.files, archived{name: strings.TrimSuffix(name, " --")})
			text = &a.files[len(a.files)-1].data
			continue
		}
		*text += line
	}
	return a
}

func (a archive) String() string {
	var b bytes.Buffer
	b.WriteString(a.comment)
	for _, f := range a.files {
		fmt.Fprintf(&b, "-- %s --\n%s", f.name, f.data)
	}
	return b.String()
}
