package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gondola": func() { os.Exit(run(context.Background(), os.Args[1:])) },
	})
}

// TestScripts runs the command as users do. The scripts share a cache, as one
// user's builds do, and Go's own caches with the machine.
func TestScripts(t *testing.T) {
	cache := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GONDOLA_CACHE", cache)
			env.Setenv("GOFLAGS", "")
			env.Setenv("ROOT", root)
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOTOOLCHAIN", "GOSUMDB"} {
				env.Setenv(name, goEnv(t, name))
			}
			return nil
		},
	})
}

// goEnv is a setting of the go command on this machine, which a script's own home
// directory would hide.
func goEnv(t *testing.T, name string) string {
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
