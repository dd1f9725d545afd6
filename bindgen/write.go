package bindgen

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/wit"
)

// StaleError says that generated code on disk isn't what would be generated now. Paths are slash-separated, inside Dir.
type StaleError struct {
	Dir     string
	Command string   // what brings the code up to date
	Missing []string // would be generated, but aren't there
	Changed []string // would be generated with another text
	Edited  []string // those of Changed that were edited since they were generated
	Extra   []string // were generated, but wouldn't be any more
}

// Error names the first files and the command.
func (e *StaleError) Error() string {
	var what []string
	for _, group := range []struct {
		verb  string
		names []string
	}{
		{"changed", e.Changed}, {"missing", e.Missing}, {"not needed any more", e.Extra}, {"edited by hand", e.Edited},
	} {
		if n := len(group.names); n > 0 {
			what = append(what, fmt.Sprintf("%s: %s%s", group.verb, group.names[0], andMore(n-1)))
		}
	}
	return fmt.Sprintf("the generated code in %s is out of date (%s); run `%s`", e.Dir, strings.Join(what, "; "), e.Command)
}

func andMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// ForeignError says that files which weren't generated lie where generated ones belong.
type ForeignError struct {
	Dir   string
	Files []string // slash-separated, inside Dir
}

// Error names the first file.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s%s in %s was not generated, and generated code would replace it: move it away or delete it", e.Files[0], andMore(len(e.Files)-1), e.Dir)
}

// Mode says what [WriteGuest] may do.
type Mode uint8

const (
	// IfAbsent writes files that aren't there. Generated code that is out of date is a [*StaleError], and nothing is written.
	IfAbsent Mode = iota
	// Update brings everything up to date: it rewrites files that were generated before, and removes those that wouldn't be
	// generated any more.
	Update
)

// WriteGuest makes dir, the folder gen, hold what [Guest] generates for w. It never changes a file that doesn't have the header
// of generated code: where one is in the way it writes nothing and returns a [*ForeignError].
func WriteGuest(dir string, w *wit.World, opt Options, mode Mode) error {
	files, err := Guest(w, opt)
	if err != nil {
		return err
	}
	command := opt.Command
	if command == "" {
		command = "gondola bindgen guest " + filepath.Dir(dir)
	}
	return writeFiles(dir, files, command, mode)
}

func writeFiles(dir string, files map[string][]byte, command string, mode Mode) error {
	d, err := compare(dir, files)
	switch {
	case err != nil:
		return err
	case len(d.foreign) > 0:
		return &ForeignError{dir, d.foreign}
	case mode == IfAbsent && len(d.changed)+len(d.extra) > 0:
		return &StaleError{dir, command, d.missing, d.changed, d.edited, d.extra}
	}
	for _, name := range slices.Concat(d.missing, d.changed) {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(name)), files[name]); err != nil {
			return err
		}
	}
	for _, name := range d.extra {
		if err := removeFile(dir, name); err != nil {
			return err
		}
	}
	return nil
}

// diff is how a folder differs from what would be generated. All lists are sorted.
type diff struct {
	missing, changed, edited, extra, foreign []string
}

func compare(dir string, files map[string][]byte) (diff, error) {
	var d diff
	have, err := generated(dir)
	if err != nil {
		return d, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		old, ok := have[name]
		switch {
		case !ok && exists(filepath.Join(dir, filepath.FromSlash(name))):
			d.foreign = append(d.foreign, name)
		case !ok:
			d.missing = append(d.missing, name)
		case !bytes.Equal(old, files[name]):
			d.changed = append(d.changed, name)
			if isEdited(old) {
				d.edited = append(d.edited, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, ok := files[name]; !ok {
			d.extra = append(d.extra, name)
		}
	}
	return d, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// generated returns the files below dir that have our header.
func generated(dir string) (map[string][]byte, error) {
	have := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || filepath.Ext(path) != ".go" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(source, []byte(headerStart)) {
			return nil
		}
		name, err := filepath.Rel(dir, path)
		have[filepath.ToSlash(name)] = source
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return have, nil
	}
	return have, err
}

// isEdited reports whether a generated file's checksum is not that of its text.
func isEdited(source []byte) bool {
	head, rest, _ := bytes.Cut(source, []byte("\n\n"))
	_, sum, ok := bytes.Cut(head, []byte("\n"+checksumMark))
	return !ok || string(sum) != checksum(rest)
}

// writeFile replaces a file at once, so that nobody reads half of it.
func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".gondola-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// removeFile removes a file below dir, and the folders that it leaves empty.
func removeFile(dir, name string) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.Remove(path); err != nil {
		return err
	}
	for parent := filepath.Dir(path); parent != dir && os.Remove(parent) == nil; parent = filepath.Dir(parent) {
	}
	return nil
}
