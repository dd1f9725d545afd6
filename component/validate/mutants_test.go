package validate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	componentbinary "github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// differences are messages, ours or those of the other validator, where the two may
// come to different verdicts, and why.
var differences = map[string]string{
	"value bound":                  "it knows values without their bounds",
	"there is no canonical option": "it has options for garbage-collected types",
	"constructor function":         "the specification lets constructors be async",
	"conflicts with previous name": "it takes `a1` and `a-1` for the same name",
	"more than one start function": "the specification permits several",
	"cancellable":                  "it follows a later specification",
	"shared":                       "it has one form of the built-ins of 🧵②",
	"spawn":                        "it has one form of the built-ins of 🧵②",
	"core table index":             "it has one form of the built-ins of 🧵②",
	"ascribed type of export":      "it has no second abstract export of one resource type",
	"invalid interface version":    "it truncates no pre-releases, and wants a suffix behind each canonical version",
}

// TestSecondOpinionOfMutants has another validator judge components whose sections
// are left out, repeated, in another order, from elsewhere or changed in a byte.
func TestSecondOpinionOfMutants(t *testing.T) {
	tool := testenv.Tool(t, testenv.WasmTools, "wasm-tools")
	m := &mutator{r: rand.New(rand.NewPCG(testenv.Seed(t), 0))}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		m.add(componentbinary.Encode(nest(cases[name].defs...)))
	}
	accepted, total := 0, testenv.Number(t, testenv.Mutants, 1000)
	for done := 0; done < total; done += batch {
		mutants := make([][]byte, min(batch, total-done))
		for i := range mutants {
			mutants[i] = m.mutant()
		}
		theirs := refusals(t, tool, mutants)
		for i, b := range mutants {
			c, err := componentbinary.Decode(b)
			if err == nil {
				_, err = Validate(c, Options{component.AllFeatures})
			}
			if err == nil {
				accepted++
			}
			other, refused := theirs[i]
			if (err != nil) != refused && !explained(fmt.Sprint(err)) && !explained(other) {
				t.Errorf("we say %v, wasm-tools says %q of\n%x", err, other, b)
			}
		}
	}
	if accepted < total/20 || accepted > total-total/20 {
		t.Errorf("%d of %d mutants are valid: they show little", accepted, total)
	}
}

// batch is how many mutants stand in one script: the time that wasm-tools takes for
// its messages grows with the square of that.
const batch = 250

func explained(message string) bool {
	for part := range differences {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}

var failedDirective = regexp.MustCompile(`failed directive on \S+:(\d+):\d+\n`)

// refusals are the messages about the mutants that wasm-tools refuses, by number.
func refusals(t *testing.T, tool string, mutants [][]byte) map[int]string {
	t.Helper()
	var script bytes.Buffer
	for _, m := range mutants {
		script.WriteString(`(component definition binary "`)
		for _, b := range m {
			fmt.Fprintf(&script, `\%02x`, b)
		}
		script.WriteString("\")\n")
	}
	path := filepath.Join(t.TempDir(), "mutants.wast")
	if err := os.WriteFile(path, script.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "wast", "--color=never", "--features=all", path).CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	said := map[int]string{}
	places := failedDirective.FindAllSubmatchIndex(out, -1)
	for i, p := range places {
		end := len(out)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		line, err := strconv.Atoi(string(out[p[2]:p[3]]))
		if err != nil {
			t.Fatal(err)
		}
		said[line-1] = string(out[p[1]:end])
	}
	if err != nil && len(said) == 0 {
		t.Fatalf("wasm-tools: %s", out)
	}
	return said
}

// A mutator damages components section by section.
type mutator struct {
	r        *rand.Rand
	whole    [][]section
	sections []section
}

type section struct {
	id      byte
	content []byte
}

const (
	preamble          = 8
	coreModuleID      = 1
	nestedComponentID = 4
)

func (m *mutator) add(b []byte) {
	s := split(b)
	m.whole = append(m.whole, s)
	m.sections = append(m.sections, s...)
}

// mutant is one of the components, changed once or twice.
func (m *mutator) mutant() []byte {
	s := slices.Clone(m.whole[m.r.IntN(len(m.whole))])
	for range 1 + m.r.IntN(2) {
		s = m.change(s)
	}
	return join(s)
}

func (m *mutator) change(s []section) []section {
	if len(s) == 0 {
		return s
	}
	i := m.r.IntN(len(s))
	switch m.r.IntN(6) {
	case 0:
		return slices.Insert(s, m.r.IntN(len(s)+1), s[i])
	case 1:
		return slices.Delete(s, i, i+1)
	case 2:
		j := m.r.IntN(len(s))
		s[i], s[j] = s[j], s[i]
	case 3:
		return slices.Insert(s, m.r.IntN(len(s)+1), m.sections[m.r.IntN(len(m.sections))])
	default:
		switch s[i].id {
		case coreModuleID:
		case nestedComponentID:
			s[i].content = join(m.change(split(s[i].content)))
		default:
			s[i].content = m.nudge(s[i].content)
		}
	}
	return s
}

// nudge changes a byte a little: most are indices, counts and codes that are near
// others.
func (m *mutator) nudge(b []byte) []byte {
	b = slices.Clone(b)
	i := m.r.IntN(len(b))
	b[i] = (b[i] + byte(m.r.IntN(4)) - 1) & 0x7f
	return b
}

func split(b []byte) (s []section) {
	for b = b[preamble:]; len(b) > 0; {
		size, n := binary.Uvarint(b[1:])
		end := 1 + n + int(size)
		s = append(s, section{b[0], b[1+n : end]})
		b = b[end:]
	}
	return s
}

func join(s []section) []byte {
	b := []byte("\x00asm\x0d\x00\x01\x00")
	for _, one := range s {
		b = append(b, one.id)
		b = binary.AppendUvarint(b, uint64(len(one.content)))
		b = append(b, one.content...)
	}
	return b
}
