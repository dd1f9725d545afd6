package wat

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// TestCoreGoldens has texts of core modules with their binaries, section by section,
// and with what those are printed as.
func TestCoreGoldens(t *testing.T) {
	goldens(t, "core-*.txtar", func(name, src string) string {
		wasm, err := Parse(name, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		checkPrint(t, wasm)
		return hexSections(wasm) + "\n" + printed(t, wasm)
	})
}

func printed(t *testing.T, wasm []byte) string {
	t.Helper()
	var text strings.Builder
	if err := Print(&text, wasm); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// checkPrint prints a canonical binary, which must be parsed to the same binary again.
func checkPrint(t *testing.T, wasm []byte) {
	t.Helper()
	text := printed(t, wasm)
	again, err := Parse("printed.wat", []byte(text))
	if err != nil {
		t.Fatalf("what is printed can't be parsed: %v\n%s", err, text)
	}
	if !bytes.Equal(again, wasm) {
		t.Fatalf("what is printed is another module:\ngot  %x\nwant %x\n%s", again, wasm, text)
	}
}

// hexSections writes a section per line, the name section as text.
func hexSections(b []byte) string {
	var out strings.Builder
	for b = b[8:]; len(b) > 0; {
		r := nameReader{b: b[1:]}
		body := r.bytes()
		if name, ok := bytes.CutPrefix(body, []byte("\x04name")); ok && b[0] == 0 {
			fmt.Fprintf(&out, "names %q\n", name)
		} else {
			fmt.Fprintf(&out, "%2d %s\n", b[0], hex.EncodeToString(body))
		}
		b = r.b
	}
	return out.String()
}

// TestCoreErrors has faulty texts with lines between them, and their errors.
func TestCoreErrors(t *testing.T) {
	goldens(t, "coreerror-*.txtar", func(name, src string) string {
		var out strings.Builder
		for text := range strings.SplitSeq(strings.TrimPrefix(src, "----\n"), "\n----\n") {
			_, err := Parse("t.wat", []byte(text))
			if err == nil {
				t.Errorf("no error: %s", text)
				continue
			}
			out.WriteString(err.Error() + "\n\n")
		}
		return out.String()
	})
}

// TestOpcodes takes every instruction through text and binary: parsed, decoded,
// printed, parsed again.
func TestOpcodes(t *testing.T) {
	names := corewasm.OpcodeNames()
	if len(names) < 500 {
		t.Fatalf("only %d instructions", len(names))
	}
	for _, name := range names {
		for _, operands := range operandsOf(t, name) {
			instr := instruction(name, operands)
			wasm, err := Parse(name+".wat", []byte(fmt.Sprintf(opcodeModule, opcodeFunc(instr))))
			if err != nil {
				t.Errorf("%s: %v", instr, err)
				continue
			}
			checkPrint(t, wasm)
			if !hasInstruction(t, wasm, name) {
				t.Errorf("%s: the binary has another instruction", instr)
			}
		}
	}
}

// TestOpcodesAgree compares the binary form of every instruction with what wasm-tools
// makes of it.
func TestOpcodesAgree(t *testing.T) {
	tool := testenv.Tool(t, testenv.WasmTools, "wasm-tools")
	var funcs strings.Builder
	for _, name := range corewasm.OpcodeNames() {
		for _, operands := range operandsOf(t, name) {
			funcs.WriteString(opcodeFunc(instruction(name, operands)) + "\n")
		}
	}
	text := fmt.Sprintf(opcodeModule, funcs.String())
	got, err := Parse("opcodes.wat", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "opcodes.wat")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	want, err := exec.Command(tool, "parse", path).Output()
	if err != nil {
		t.Fatalf("wasm-tools: %v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	gotLines, wantLines := strings.Split(printed(t, got), "\n"), strings.Split(printed(t, want), "\n")
	if d := cmp.Diff(wantLines, gotLines); d != "" || !bytes.Equal(got, want) {
		t.Errorf("other than wasm-tools: %s", d)
	}
}

// instruction is an instruction with its operands, in what has to be around it.
func instruction(name, operands string) string {
	instr := strings.TrimSpace(name + " " + operands)
	switch name {
	case "else":
		return "i32.const 0 if else end"
	case "catch", "catch_all":
		return "try " + instr + " end"
	case "delegate":
		return "try delegate 0"
	case "end":
		return "block end"
	case "block", "loop", "if", "try", "try_table":
		return instr + " end"
	}
	return instr
}

func opcodeFunc(instr string) string {
	return "(func (type $f) (local $l i64) block $b " + instr + " end)"
}

const opcodeModule = `(module
  (type $f (func (param i32) (result i32))) (type $s (struct (field $x (mut i32)) (field i64))) (type $a (array (mut i8)))
  (type $k (cont $f)) (type $v (func))
  (table $t0 1 funcref) (table $t1 1 funcref) (memory $m0 1) (memory $m1 i64 1) (tag $e (param i32)) (global $g (mut i32) (i32.const 0))
  (elem $el func) (data $d "")
  (func $fn) %s
)`

// operandsOf gives examples of operands, all that have a form of their own.
func operandsOf(t *testing.T, name string) []string {
	op, _ := corewasm.LookupOpcode(name)
	switch op.Imm() {
	case corewasm.ImmNone, corewasm.ImmZeroByte:
		if name == "select" {
			return []string{"", "(result i32)", "(result (ref null $s))"}
		}
		return []string{""}
	case corewasm.ImmBlock:
		return []string{"", "$x", "(result i64)", "(type $f)", "$x (type $f) (param i32) (result i32)", "(param i32 i32) (result i32 i64)"}
	case corewasm.ImmTryTable:
		return []string{"", "$x (result i32) (catch $e $b) (catch_ref 0 0) (catch_all 1) (catch_all_ref $b)"}
	case corewasm.ImmLabel:
		return []string{"0", "$b", "7"}
	case corewasm.ImmBrTable:
		return []string{"0", "$b 1 2 $b"}
	case corewasm.ImmFunc:
		return []string{"0", "$fn", "4294967295"}
	case corewasm.ImmCallIndirect:
		return []string{"", "(type $f)", "1 (type 1)", "$t1 (param i32) (result i32)", "0 (type $f) (param i32) (result i32)"}
	case corewasm.ImmType:
		return []string{"0", "$s"}
	case corewasm.ImmTag:
		return []string{"0", "$e"}
	case corewasm.ImmLocal:
		return []string{"0", "$l"}
	case corewasm.ImmGlobal:
		return []string{"0", "$g"}
	case corewasm.ImmTable:
		return []string{"", "0", "$t1"}
	case corewasm.ImmTableCopy:
		return []string{"", "0 1", "$t1 $t0"}
	case corewasm.ImmTableInit:
		return []string{"0", "1 0", "$t1 $el"}
	case corewasm.ImmElem:
		return []string{"0", "$el"}
	case corewasm.ImmMemory:
		return []string{"", "0", "$m1"}
	case corewasm.ImmMemoryCopy:
		return []string{"", "0 1", "$m1 $m0"}
	case corewasm.ImmMemoryInit:
		return []string{"0", "1 0", "$m1 $d"}
	case corewasm.ImmData:
		return []string{"0", "$d"}
	case corewasm.ImmMemArg:
		return []string{"", "offset=4", "align=1", "offset=0xffffffffffffffff align=0x4", "1 align=2", "$m1 offset=1_0"}
	case corewasm.ImmMemArgLane:
		return []string{"0", "offset=4 1", "align=1 0x1", "1 0", "1 offset=2 0", "$m1 align=1 1"}
	case corewasm.ImmLane:
		return []string{"0", "15", "255"}
	case corewasm.ImmShuffle:
		return []string{"0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31"}
	case corewasm.ImmI32:
		return []string{"0", "-1", "2147483647", "-0x8000_0000", "4294967295"}
	case corewasm.ImmI64:
		return []string{"0", "-1", "9223372036854775807", "-0x8000_0000_0000_0000", "18446744073709551615"}
	case corewasm.ImmF32, corewasm.ImmF64:
		return []string{"0", "-0", "1.5", "-inf", "nan", "-nan:0x1", "0x1.8p-3", "0.1", "1e10"}
	case corewasm.ImmV128:
		return []string{"i32x4 0 1 -2 3", "i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 255", "i16x8 0 1 2 3 4 5 6 -7", "i64x2 1 -1",
			"f32x4 0 1 nan inf", "f64x2 -0.0 1e300"}
	case corewasm.ImmHeapType:
		return []string{"func", "$s", "0", "none", "(shared any)"}
	case corewasm.ImmSelect:
		return []string{"(result i32)"}
	case corewasm.ImmField:
		return []string{"$s $x", "$s 1", "1 $x", "0 0"}
	case corewasm.ImmArrayFixed:
		return []string{"$a 3"}
	case corewasm.ImmArrayData:
		return []string{"$a $d", "0 0"}
	case corewasm.ImmArrayElem:
		return []string{"$a $el", "0 0"}
	case corewasm.ImmTypes:
		return []string{"$a $s", "0 1"}
	case corewasm.ImmCast:
		return []string{"(ref $s)", "(ref null $s)", "anyref", "(ref i31)", "(shared eqref)"}
	case corewasm.ImmBrOnCast:
		return []string{"0 anyref (ref $s)", "$b (ref any) (ref i31)", "$b (ref null (shared any)) (ref (shared i31))"}
	case corewasm.ImmOrderedGlobal:
		return []string{"seqcst $g", "acqrel 0"}
	case corewasm.ImmOrderedTable:
		return []string{"seqcst", "acqrel $t1"}
	case corewasm.ImmOrderedField:
		return []string{"seqcst $s $x", "acqrel 1 1"}
	case corewasm.ImmOrderedType:
		return []string{"seqcst $a", "acqrel 0"}
	case corewasm.ImmResume:
		return []string{"$k", "$k (on $e $b) (on 0 switch)"}
	case corewasm.ImmResumeThrow:
		return []string{"$k $e", "$k $e (on $e $b) (on 0 switch)"}
	case corewasm.ImmTypeTag:
		return []string{"$k $e", "0 0"}
	}
	t.Fatalf("%s: operands of kind %d have no example", name, op.Imm())
	return nil
}

// hasInstruction reports whether the last function of a module has an instruction of
// that name.
func hasInstruction(t *testing.T, wasm []byte, name string) bool {
	m, err := corewasm.Decode(wasm)
	if err != nil {
		t.Fatal(err)
	}
	body, err := m.Body(len(m.Functions) - 1)
	if err != nil {
		t.Fatal(err)
	}
	for in := body.Next(); in != nil; in = body.Next() {
		if in.Op.String() == name {
			return true
		}
	}
	return false
}
