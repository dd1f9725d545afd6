package corewasm

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/gondola-wasm/gondola/internal/testenv"
)

// verdict is what we say about a module.
func verdict(bin []byte) (m *Module, err error) {
	if m, err = Decode(bin); err == nil {
		err = m.Validate()
	}
	return m, err
}

// TestValidatorsAgree damages modules and compares what we say about them with what
// wazero says, whose validator was written apart.
func TestValidatorsAgree(t *testing.T) {
	if underRace {
		t.Skip("one goroutine: nothing to find for the race detector")
	}
	rnd := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	r := wazero.NewRuntimeWithConfig(context.Background(), wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(features))
	defer r.Close(context.Background())
	n := 10_000
	if v, err := strconv.Atoi(os.Getenv("GONDOLA_MUTANTS")); err == nil {
		n = v
	}
	bases := differentialBases(t, rnd)
	valid, invalid := 0, 0
	for range n {
		bin := mutate(rnd, bases[rnd.IntN(len(bases))])
		m, ours := verdict(bin)
		// What can't be decoded, or has too many locals, is not shown to wazero, which may
		// take all memory there is.
		if m == nil || tooManyLocals(m) {
			continue
		}
		if beyond(m) {
			continue
		}
		m.Customs = nil // which wazero refuses where they are malformed
		canonicalBodies(m)
		if err := m.Validate(); (err == nil) != (ours == nil) {
			t.Errorf("%v\nencoded anew: %v", ours, err)
		}
		bin = m.Encode()
		theirs := wazeroVerdict(r, bin)
		switch {
		case explained(ours, theirs):
		case (ours == nil) != (theirs == nil):
			t.Errorf("%x\nwe say: %v\nwazero says: %v", bin, ours, theirs)
		case ours == nil:
			valid++
		default:
			invalid++
		}
	}
	t.Logf("%d valid, %d not", valid, invalid)
}

func tooManyLocals(m *Module) bool {
	for i := range m.Functions {
		if _, err := m.Body(i); says(err, "too many locals") {
			return true
		}
	}
	return false
}

// canonicalBodies gives all instructions their shortest form, the only one of some
// that wazero reads.
func canonicalBodies(m *Module) {
	for i := range m.Functions {
		b, err := m.Body(i)
		if err != nil {
			continue
		}
		dst := appendLocals(nil, b.Locals)
		for in := b.Next(); in != nil; in = b.Next() {
			dst = in.Append(dst)
		}
		if b.Err() == nil {
			m.Functions[i].Body = dst
		}
	}
}

// beyond reports whether a module has something that wazero knows nothing of.
func beyond(m *Module) bool {
	if m.refuseSections() != nil {
		return true
	}
	for i := range uint32(m.Count(KindMemory)) {
		if t, _ := m.MemoryType(i); i > 0 || t.Limits.Is64 {
			return true
		}
	}
	for i := range uint32(m.Count(KindTable)) {
		if t, _ := m.TableType(i); t.Limits.Is64 {
			return true
		}
	}
	for i := range m.Functions {
		b, err := m.Body(i)
		if err != nil {
			continue
		}
		if b.refuseLocals() != nil {
			return true
		}
		for b.Next() != nil {
			if b.refuseInstr() != nil || longVector(b) {
				return true
			}
		}
		if longVector(b) {
			return true
		}
	}
	return false
}

// longVector reports whether a vector instruction's code is longer than the one byte
// that wazero reads: because it is a relaxed one, or without need.
func longVector(b *Body) bool {
	return b.r.Op>>16 == 0xfd && b.r.Pos+2 < len(b.r.b) && b.r.b[b.r.Pos+1] >= 0x80 && b.r.b[b.r.Pos+2] != 1
}

// explanations are known differences: what either of the two says, or "" for nothing.
var explanations = []struct{ ours, theirs string }{
	// wazero is behind: it knows no types that refer to themselves and no defined globals in
	// constant expressions.
	{"", "unknown type index"},
	{"", "global index out of range"},
	{"", "has an empty module name"}, // cannot be linked
	// wazero is lax: mutable globals in constant expressions, types that aren't there,
	// references in place of numbers where nothing is reached, references to types of the
	// same structure, the unused bits of 32-bit integers, vector instructions.
	{"constant expression required: global", ""},
	{"in ref.null: there are", ""},
	{"import", ""},
	{"found (ref bot)", ""},
	{": expected (ref ", ""},
	{"", "must be funcref but was (ref null"},
	{"which doesn't end with a reference", ""},
	{"integer too large in a 32-bit integer", ""},
	{"illegal opcode 0xfd", ""},
}

func explained(ours, theirs error) bool {
	if errors.Is(theirs, errCrashed) {
		return true
	}
	if (ours == nil) == (theirs == nil) {
		return false
	}
	for _, x := range explanations {
		if says(ours, x.ours) && says(theirs, x.theirs) {
			return true
		}
	}
	return false
}

func says(err error, text string) bool {
	if err == nil || text == "" {
		return err == nil && text == ""
	}
	return strings.Contains(err.Error(), text)
}

var errCrashed = errors.New("wazero crashed")

// wazeroVerdict compiles a module for the interpreter. wazero 1.12.0's validator crashes on
// some modules that aren't valid.
func wazeroVerdict(r wazero.Runtime, bin []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = errCrashed
		}
	}()
	compiled, err := r.CompileModule(context.Background(), bin)
	if err == nil {
		compiled.Close(context.Background())
	}
	return err
}

// differentialBases are small modules, random ones and those of the specification's
// scripts.
func differentialBases(t *testing.T, rnd *rand.Rand) (bases [][]byte) {
	for range 100 {
		g := newGenerator(rnd.Uint64(), true, false)
		bin := g.module()
		if _, err := verdict(bin); err != nil {
			t.Fatal(err)
		}
		bases = append(bases, bin)
	}
	files, err := filepath.Glob(filepath.Join(corpusDir(t), "*", "testdata", "*.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		bin, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(bin) < 2000 {
			bases = append(bases, bin)
		}
	}
	return bases
}

// mutate changes a few bytes behind the header.
func mutate(rnd *rand.Rand, bin []byte) []byte {
	bin = append([]byte(nil), bin...)
	for range rnd.IntN(3) {
		if at := 8 + rnd.IntN(max(len(bin)-8, 1)); at < len(bin) {
			bin[at] = byte(rnd.Uint32())
			if rnd.IntN(2) == 0 {
				bin[at] &= 0x7f
			}
		}
	}
	return bin
}
