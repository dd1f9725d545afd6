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
			if err := runTestsuite(t, file); err != nil {
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
