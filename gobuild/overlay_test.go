package gobuild

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// goroot returns the GOROOT of the go command in PATH.
func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestOverlayFiles(t *testing.T) {
	for _, world := range []World{Command, Reactor} {
		files, err := overlayFiles(goroot(t), world)
		if err != nil {
			t.Fatal(err)
		}
		for file, source := range files {
			if strings.Contains(source, "//go:wasmimport wasi_snapshot_preview1") {
				t.Errorf("%s: %s still imports preview1", world, file)
			}
		}
		if _, ok := files["runtime/gondola_command_wasip1.go"]; ok != (world == Command) {
			t.Errorf("%s: the file for commands is there: %v", world, ok)
		}
	}
}

// fakeGoroot copies the files that are patched, so that a test can damage them.
func fakeGoroot(t *testing.T) string {
	t.Helper()
	from, to := goroot(t), t.TempDir()
	for _, file := range patchedFiles() {
		source, err := os.ReadFile(filepath.Join(from, "src", file))
		if err == nil {
			err = writeFile(filepath.Join(to, "src", file), source)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestAnchorsFailByName damages the standard library in each place that is patched.
func TestAnchorsFailByName(t *testing.T) {
	root := fakeGoroot(t)
	for _, a := range anchors {
		t.Run(a.name, func(t *testing.T) {
			name := filepath.Join(root, "src", a.file)
			whole, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			defer os.WriteFile(name, whole, 0o666)
			patched, err := a.apply(string(whole))
			if err != nil {
				t.Fatal(err)
			}
			place := regexp.MustCompile("(?m)" + a.pattern).Find(whole)
			os.WriteFile(name, append(whole[:len(whole):len(whole)], place...), 0o666)
			wantAnchorError(t, root, a, 2)
			if _, err := a.apply(patched); err == nil {
				return // the patch leaves the anchor as it was, so that it can't be used to damage the file
			}
			os.WriteFile(name, []byte(patched), 0o666)
			wantAnchorError(t, root, a, 0)
		})
	}
}

func wantAnchorError(t *testing.T, root string, a anchor, matches int) {
	t.Helper()
	_, err := overlayFiles(root, Command)
	want := fmt.Sprintf("%s: the anchor %q matches %d times instead of once", a.file, a.name, matches)
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestUnknownImportFailsByName(t *testing.T) {
	root := fakeGoroot(t)
	name := filepath.Join(root, "src/syscall/net_wasip1.go")
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	strange := strings.Replace(string(source), "//go:wasmimport wasi_snapshot_preview1 sock_accept\n", "//go:wasmimport wasi_snapshot_preview2 sock_accept\n", 1)
	os.WriteFile(name, []byte(strange), 0o666)
	_, err = overlayFiles(root, Command)
	if err == nil || !strings.HasPrefix(err.Error(), "syscall/net_wasip1.go: ") {
		t.Errorf("error %v", err)
	}
}

// TestStoreOverlay writes the same overlay from many goroutines: the paths must agree, and the files be whole.
func TestStoreOverlay(t *testing.T) {
	cache := t.TempDir()
	files := map[string]string{"runtime/a.go": strings.Repeat("a", 1<<16), "syscall/b.go": "b"}
	var group sync.WaitGroup
	paths := make([]string, 20)
	for i := range paths {
		group.Go(func() {
			replace, err := storeOverlay(cache, "/go", files)
			if err != nil {
				t.Error(err)
				return
			}
			got, err := os.ReadFile(replace[filepath.Join("/go", "src", "runtime", "a.go")])
			if err != nil || string(got) != files["runtime/a.go"] {
				t.Errorf("file is %d bytes, %v", len(got), err)
			}
			if paths[i], err = storeReplacements(cache, replace); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, path := range paths {
		if path != paths[0] {
			t.Errorf("%s and %s differ", path, paths[0])
		}
	}
}
