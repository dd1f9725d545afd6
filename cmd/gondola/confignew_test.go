package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// The file that "config new" prints is one that --config takes, and what it says are the defaults.
func TestConfigNew(t *testing.T) {
	var text strings.Builder
	if err := writeConfig(&text, configurable()); err != nil {
		t.Fatal(err)
	}
	set := regexp.MustCompile(`(?m)^# ([a-z0-9-]+ = [^<\n]*)$`).ReplaceAllString(text.String(), "$1")
	path := filepath.Join(t.TempDir(), "gondola.toml")
	for what, data := range map[string]string{"as it is": text.String(), "with all defaults": set} {
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, cmd := range configurable() {
			before := map[string]string{}
			cmd.Flags().VisitAll(func(f *pflag.Flag) { before[f.Name] = f.Value.String() })
			if err := readConfigFile(cmd, path); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				if got := f.Value.String(); got != before[f.Name] {
					t.Errorf("%s: [%s] %s is %q, want %q", what, cmd.Name(), f.Name, got, before[f.Name])
				}
				if fromFile(f.Name) && !regexp.MustCompile(`(?m)^(# )?`+f.Name+` = .`).MatchString(data) {
					t.Errorf("%s: [%s] has no %s", what, cmd.Name(), f.Name)
				}
			})
		}
	}
}
