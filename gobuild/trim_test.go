package gobuild

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTrim(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	const day = 24 * time.Hour
	entries := map[string]struct {
		age  time.Duration
		kept bool
	}{
		"overlay/old/runtime/x.go":     {31 * day, false},
		"overlay/new/runtime/x.go":     {29 * day, true},
		"core/old/core.wasm":           {31 * day, false},
		"core/new/core.wasm":           {day, true},
		"compiled/wazero-v1/old":       {31 * day, false},
		"compiled/wazero-v1/new":       {29 * day, true},
		"compiled/rewritten/old":       {31 * day, false},
		"goroot/toolchain/bin/go":      {365 * day, true},
		"something of somebody's/else": {365 * day, true},
	}
	for name, e := range entries {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := writeFile(file, []byte("x")); err != nil {
			t.Fatal(err)
		}
		for up := file; up != dir; up = filepath.Dir(up) {
			if err := os.Chtimes(up, now.Add(-e.age), now.Add(-e.age)); err != nil {
				t.Fatal(err)
			}
		}
	}
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		return err == nil
	}
	trim(dir, now)
	for name, e := range entries {
		if there(name) != e.kept {
			t.Errorf("%s is there: %v", name, there(name))
		}
	}
	// For a day nobody looks again.
	trim(dir, now.Add(23*time.Hour))
	trim(dir, now.Add(23*time.Hour))
	if !there("overlay/new") {
		t.Error("it was trimmed again")
	}
	use(filepath.Join(dir, "core/new"))
	trim(dir, now.Add(29*day+time.Hour))
	for name, kept := range map[string]bool{"overlay/new": false, "compiled/wazero-v1/new": false, "core/new": true} {
		if there(name) != kept {
			t.Errorf("later, %s is there: %v", name, there(name))
		}
	}
}

// What a build uses is not trimmed for a while.
func TestUsedIsKept(t *testing.T) {
	cache := t.TempDir()
	files := map[string]string{"runtime/x.go": "package runtime\n"}
	long := time.Now().Add(-100 * 24 * time.Hour)
	for range 2 {
		replace, err := storeOverlay(cache, "/go", files)
		if err != nil {
			t.Fatal(err)
		}
		trim(cache, time.Now())
		file := replace[filepath.Join("/go", "src", "runtime", "x.go")]
		if _, err := os.Stat(file); err != nil {
			t.Fatal(err)
		}
		for _, old := range []string{filepath.Join(cache, "trimmed"), filepath.Dir(filepath.Dir(file))} {
			if err := os.Chtimes(old, long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
}
