package gondola

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
)

func TestInterpreter(t *testing.T) {
	for _, core := range []string{leaveAtOnce, cancelFirst} {
		in := tourOf(t, core, nil, WithInterpreter())
		testCalls(t, in)
		_, err := in.Func("", "crash").Call(t.Context())
		if err == nil || !strings.Contains(err.Error(), "\n    at deeper\n    at crash") {
			t.Errorf("got %v", err)
		}
	}
}

func TestCacheDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	for range 2 {
		testCalls(t, tour(t, nil, WithCacheDir(dir)))
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	rt := testRuntime(t, WithCacheDir(file))
	if _, err := rt.Compile(t.Context(), mustBuild(t, tourWIT, leaveAtOnce)); err == nil || !strings.Contains(err.Error(), "cache of compiled code") {
		t.Errorf("a cache folder that is a file: %v", err)
	}
}

// Whatever happened to the files in the folder, they are made again.
func TestDamagedCache(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"empty":         func([]byte) []byte { return nil },
		"cut off":       func(b []byte) []byte { return b[:len(b)/2] },
		"another start": func(b []byte) []byte { b[0] ^= 1; return b },
		"changed":       func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"longer":        func(b []byte) []byte { return append(b, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			testCalls(t, tour(t, nil, WithCacheDir(dir)))
			files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
			if err != nil || len(files) < 4 {
				t.Fatalf("the folder holds %v, %v", files, err)
			}
			for _, f := range files {
				b, err := os.ReadFile(f)
				if err == nil {
					err = os.WriteFile(f, damage(b), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			testCalls(t, tour(t, nil, WithCacheDir(dir)))
		})
	}
}

func TestValidModulesAreRemembered(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "valid")
	large, small := make([]byte, minRemembered), make([]byte, minRemembered-1)
	v := validModules{dir: dir}
	if v.Has(large) {
		t.Error("known before it was noted")
	}
	v.Add(large)
	v.Add(small)
	other := append([]byte{1}, large...)
	switch {
	case !v.Has(large):
		t.Error("not known")
	case v.Has(small):
		t.Error("a small one is remembered")
	case v.Has(other):
		t.Error("another one is known")
	case (validModules{dir, component.FeatureSharedThreads}).Has(large):
		t.Error("known under other features")
	}
	nowhere := validModules{dir: filepath.Join(v.file(large), "below a file")}
	if nowhere.Add(large); nowhere.Has(large) {
		t.Error("known without a folder")
	}
}
