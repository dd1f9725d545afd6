package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// scriptFeatures are the gates under which the reference tests run: all but nested
// names.
const scriptFeatures = component.AllFeatures &^ component.FeatureNestedNames

// TestFolder runs over the components of the folder that GONDOLA_COMPONENTS names.
// Each must decode, encode to the same bytes, be valid and have a plan, unless
// it belongs to a script that was converted to JSON (`wasm-tools json-from-wast
// --wasm-dir DIR -o DIR/x.json`) and the script says otherwise.
func TestFolder(t *testing.T) {
	root := testenv.Path(t, testenv.Components)
	expected := scripts(t, root)
	var n tally
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".wasm") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want := expected[path]
		if want.kind == "" && !binary.IsComponent(b) {
			return nil
		}
		n.check(t, strings.TrimPrefix(path, root), b, want)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("valid: %d accepted, %d refused; invalid: %d refused, %d accepted; malformed: %d refused, %d accepted; %d of the valid ones don't encode to the same bytes",
		n.accepted, n.refused, n.invalid, n.invalidAccepted, n.malformed, n.malformedAccepted, n.changed)
}

type expectation struct{ kind, text string }

// scripts reads what converted scripts expect of their files.
func scripts(t *testing.T, root string) map[string]expectation {
	out := map[string]expectation{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var script struct {
			Commands []struct{ Type, Filename, Text string }
		}
		if err := json.Unmarshal(b, &script); err != nil {
			return err
		}
		for _, c := range script.Commands {
			if strings.HasSuffix(c.Filename, ".wasm") {
				out[filepath.Join(filepath.Dir(path), c.Filename)] = expectation{c.Type, c.Text}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type tally struct {
	accepted, refused, invalid, invalidAccepted, malformed, malformedAccepted, changed int
}

func (n *tally) check(t *testing.T, name string, b []byte, want expectation) {
	err := process(b)
	switch want.kind {
	case "assert_invalid":
		n.mustFail(t, name, err, want, &n.invalid, &n.invalidAccepted)
	case "assert_malformed":
		n.mustFail(t, name, err, want, &n.malformed, &n.malformedAccepted)
	default:
		n.mustPass(t, name, err)
	}
}

func (n *tally) mustFail(t *testing.T, name string, err error, want expectation, refused, accepted *int) {
	if err == nil {
		*accepted++
		t.Errorf("%s: accepted, but: %s", name, want.text)
		return
	}
	*refused++
}

func (n *tally) mustPass(t *testing.T, name string, err error) {
	switch {
	case errors.Is(err, errChanged):
		n.accepted++
		n.changed++
		t.Logf("%s: %v", name, err)
	case err != nil:
		n.refused++
		t.Errorf("%s: %v", name, err)
	default:
		n.accepted++
	}
}

// errChanged is not counted as a failure, since bytes may hold integers that are
// longer than needed. Files that tools wrote don't.
var errChanged = errors.New("encoding gives other bytes")

func process(b []byte) error {
	c, err := binary.Decode(b)
	if err != nil {
		return err
	}
	typed, err := validate.Validate(c, validate.Options{Features: scriptFeatures})
	if err != nil {
		return err
	}
	if _, err := New(typed, DefaultMaxInstances); err != nil {
		return err
	}
	if !bytes.Equal(binary.Encode(c), b) {
		return errChanged
	}
	return nil
}
