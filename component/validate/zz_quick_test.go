package validate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
)

func TestQuick(t *testing.T) {
	fs, _ := filepath.Glob("/tmp/component/conf/*/test.json")
	var ok, okBad, inv, invBad, mal, malBad int
	for _, f := range fs {
		b, _ := os.ReadFile(f)
		var js struct {
			Commands []struct {
				Type, Filename, Module_type, Text string
				Line                              int
			}
		}
		json.Unmarshal(b, &js)
		for _, c := range js.Commands {
			if c.Filename == "" || c.Module_type == "text" {
				continue
			}
			w, _ := os.ReadFile(filepath.Join(filepath.Dir(f), c.Filename))
			if !binary.IsComponent(w) && strings.HasPrefix(c.Type, "module") {
				t.Log("not comp", f, c.Filename)
				continue
			}
			m, err := binary.Decode(w)
			if err == nil {
				_, err = Validate(m, Options{Features: component.AllFeatures &^ component.FeatureNestedNames})
			}
			name := filepath.Base(filepath.Dir(f))
			switch c.Type {
			case "assert_invalid":
				inv++
				if err == nil {
					invBad++
					t.Logf("ACCEPTED %s:%d %s: %s", name, c.Line, c.Filename, c.Text)
				} else if os.Getenv("SHOW") != "" && !strings.Contains(err.Error(), c.Text) {
					t.Logf("TEXT %s:%d %s\n   %s", name, c.Line, c.Text, err)
				}
			case "assert_malformed":
				mal++
				if err == nil {
					malBad++
					t.Logf("ACCEPTED %s:%d %s: %s", name, c.Line, c.Filename, c.Text)
				}
			default:
				ok++
				if err != nil {
					okBad++
					t.Logf("REJECTED %s:%d %s: %v", name, c.Line, c.Filename, err)
				}
			}
		}
	}
	t.Logf("valid %d (-%d) invalid %d (-%d) malformed %d (-%d)", ok, okBad, inv, invBad, mal, malBad)
}
