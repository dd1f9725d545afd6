package bindgen

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const oneWorld = "package a:b; world w { import f: func(); }"

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gen")
	files := guest(t, oneWorld)
	const command = "gondola bindgen guest ./x"
	if err := writeFiles(dir, files, command, IfAbsent); err != nil {
		t.Fatal("absent:", err)
	}
	if err := writeFiles(dir, files, command, IfAbsent); err != nil {
		t.Fatal("up to date:", err)
	}
	if got, err := generated(dir); err != nil || !maps.EqualFunc(got, files, slices.Equal) {
		t.Fatal("other files were written", err)
	}

	next := guest(t, "package a:b; interface i { f: func(); } world w { import i; import g: func(); }")
	var stale *StaleError
	if err := writeFiles(dir, next, command, IfAbsent); !errors.As(err, &stale) || !strings.Contains(err.Error(), "run `"+command+"`") {
		t.Fatal("stale:", err)
	}
	if !slices.Contains(stale.Missing, "i/i.go") || !slices.Contains(stale.Changed, "w/w.go") || len(stale.Edited)+len(stale.Extra) > 0 {
		t.Errorf("%+v", stale)
	}
	if got, _ := generated(dir); !maps.EqualFunc(got, files, slices.Equal) {
		t.Error("stale files were changed")
	}
	if err := writeFiles(dir, next, "", Update); err != nil {
		t.Fatal(err)
	}
	if err := writeFiles(dir, files, command, IfAbsent); !errors.As(err, &stale) || !slices.Contains(stale.Extra, "i/i.go") {
		t.Fatal(err)
	}
	if err := writeFiles(dir, files, "", Update); err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(dir, "i")) {
		t.Error("an empty folder stays")
	}
}

func TestMissingFileIsWritten(t *testing.T) {
	dir := t.TempDir()
	files := guest(t, oneWorld)
	if err := writeFiles(dir, files, "", IfAbsent); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "w", "w.go")); err != nil {
		t.Fatal(err)
	}
	if err := writeFiles(dir, files, "", IfAbsent); err != nil || !exists(filepath.Join(dir, "w", "w.go")) {
		t.Fatal(err)
	}
}

func TestEditedAndForeign(t *testing.T) {
	dir := t.TempDir()
	files := guest(t, oneWorld)
	if err := writeFiles(dir, files, "", Update); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "w", "mine.go")
	edit(t, mine, "package w\n")
	if err := writeFiles(dir, files, "", IfAbsent); err != nil {
		t.Fatal("a file of the user's disturbs:", err)
	}
	path := filepath.Join(dir, "w", "w.go")
	edit(t, path, string(files["w/w.go"])+"// more\n")
	var stale *StaleError
	if err := writeFiles(dir, files, "", IfAbsent); !errors.As(err, &stale) || !slices.Equal(stale.Edited, []string{"w/w.go"}) {
		t.Fatal(err)
	}
	edit(t, path, "package w // mine\n")
	var foreign *ForeignError
	if err := writeFiles(dir, files, "", IfAbsent); !errors.As(err, &foreign) || !slices.Equal(foreign.Files, []string{"w/w.go"}) {
		t.Fatal(err)
	}
	if err := writeFiles(dir, files, "", Update); !errors.As(err, &foreign) {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "package w // mine\n" {
		t.Error("a file without the header was replaced")
	}
	if got, _ := os.ReadFile(mine); string(got) != "package w\n" {
		t.Error("a file without the header was changed")
	}
}

func edit(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
