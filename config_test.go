package gondola

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
