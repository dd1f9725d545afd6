package preview1_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/preview1"
)

// testsuiteFailures are the tests of wasi-testsuite that fail, and why. All are wazero's
// own, and fail with its own file system as well.
var testsuiteFailures = map[string]string{
	"dir_fd_op_failures":     "fd_prestat_dir_name wants a buffer of the exact length",
	"fd_fdstat_set_rights":   "rights are not kept",
	"overwrite_preopen":      "fd_renumber takes no preopened directory",
	"path_filestat":          "fd_fdstat_get knows no FDFLAGS_SYNC",
	"path_link":              "path_link follows a link although it should not be able to",
	"path_open_read_write":   "rights are not kept",
	"poll_oneoff_stdio":      "poll_oneoff can wait for time and the standard input only",
	"readlink":               "path_readlink does not cut what is longer than the buffer",
	"renumber":               "fd_renumber takes a number that is not open",
	"sock_shutdown-not_sock": "sock_shutdown says EBADF of what is no socket",
	"stdio":                  "fd_renumber takes no standard stream",
	"symlink_filestat":       "path_filestat_set_times follows links",
	"truncation_rights":      "rights are not kept",
}

// TestWASITestsuite runs the tests for preview 1 that stand beside those for 0.3.
func TestWASITestsuite(t *testing.T) {
	root := filepath.Join(testenv.Path(t, testenv.WASITestsuite), "../../..")
	files, err := filepath.Glob(filepath.Join(root, "*/testsuite/wasm32-wasip1/*.wasm"))
	if err != nil || len(files) != 72 {
		t.Fatalf("%d tests in %s, want 72: %v", len(files), root, err)
	}
	for _, file := range files {
		name := filepath.Base(file[:len(file)-len(".wasm")])
		t.Run(name, func(t *testing.T) {
			err := runTestsuite(t, file)
			switch why, fails := testsuiteFailures[name]; {
			case fails && err == nil:
				t.Errorf("it is said to fail (%s), and passes", why)
			case !fails && err != nil:
				t.Error(err)
			}
		})
	}
}

// testsuiteSpec is what a test is run with and must do.
type testsuiteSpec struct {
	Args   []string
	Env    map[string]string
	Root   string
	Exit   int `json:"exit_code"`
	Stdout *string
}

func runTestsuite(t *testing.T, file string) error {
	var spec testsuiteSpec
	if text, err := os.ReadFile(file[:len(file)-len(".wasm")] + ".json"); err == nil {
		if err := json.Unmarshal(text, &spec); err != nil {
			t.Fatal(err)
		}
	}
	wasm, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cfg := preview1.Config{Args: append([]string{filepath.Base(file)}, spec.Args...), Stdout: &stdout, Stderr: &stderr}
	for name, value := range spec.Env {
		cfg.Env = append(cfg.Env, name+"="+value)
	}
	if spec.Root != "" {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(filepath.Dir(file), spec.Root))); err != nil {
			t.Fatal(err)
		}
		cfg.Dirs = []preview1.Dir{{Guest: "/", Root: openRoot(t, dir)}}
	}
	m, err := preview1.Compile(t.Context(), wasm, preview1.Options{})
	if err != nil {
		return err
	}
	defer m.Close(context.Background())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = m.Run(ctx, cfg)
	var exit *preview1.ExitError
	switch {
	case errors.As(err, &exit) && int(exit.Code) == spec.Exit, err == nil && spec.Exit == 0:
	default:
		return errors.Join(err, errors.New(stderr.String()))
	}
	if spec.Stdout != nil && stdout.String() != *spec.Stdout {
		return errors.New("it printed " + stdout.String())
	}
	return nil
}
