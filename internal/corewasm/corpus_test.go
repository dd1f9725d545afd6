package corewasm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/gondola-wasm/gondola/internal/testenv"
)

// The specification's own test suite, in the form in which wazero's module
// carries it. Nothing of it is kept here.

type script struct {
	Commands []command `json:"commands"`
}

type command struct {
	Type, Name, Filename, As, Text string
	Line                           int
	ModuleType                     string `json:"module_type"`
	Action                         action
}

type action struct {
	Type, Field, Module string
	Args                []constant
}

type constant struct {
	Type  string
	Value json.RawMessage
}

// quickScripts exercise what the rewriter touches. GONDOLA_SPEC=1 runs all.
var quickScripts = []string{
	"v2/block", "v2/loop", "v2/if", "v2/br", "v2/br_if", "v2/br_table", "v2/call", "v2/call_indirect", "v2/fac", "v2/labels",
	"v2/nop", "v2/return", "v2/stack", "v2/switch", "v2/unreachable", "v2/unwind", "v2/local_tee", "v2/start", "v2/elem", "v2/data",
	"v2/linking", "v2/imports", "v2/exports", "v2/global", "v2/ref_func", "v2/bulk", "v2/memory_fill", "v2/memory_copy", "v2/memory_init",
	"v2/table_init", "v2/i32", "v2/select", "v2/simd_lane", "v2/names", "tail-call/*", "extended-const/*", "exception-handling/*",
	"typed-function-references/*", "threads/*",
}

func corpusDir(t *testing.T) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	if err != nil {
		testenv.Missing(t, "the module cache: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest")
	if _, err := os.Stat(dir); err != nil {
		testenv.Missing(t, "wazero's copy of the specification's tests: %v", err)
	}
	return dir
}

func corpusFiles(t *testing.T) (files []string) {
	patterns := quickScripts
	if underRace {
		patterns = []string{"v2/linking", "v2/imports", "v2/br_table", "v2/call_indirect", "v2/i32", "exception-handling/*"}
	}
	if os.Getenv("GONDOLA_SPEC") == "1" {
		patterns = []string{"*/*"}
	}
	dir := corpusDir(t)
	for _, p := range patterns {
		sub, name := filepath.Split(p)
		found, err := filepath.Glob(filepath.Join(dir, sub, "testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// TestSpecificationScripts runs scripts twice, as they came and rewritten with
// almost no fuel, and compares what every action does.
func TestSpecificationScripts(t *testing.T) {
	modules, actions := 0, 0
	for _, file := range corpusFiles(t) {
		name := strings.TrimSuffix(filepath.Base(filepath.Dir(filepath.Dir(file)))+"/"+filepath.Base(file), ".json")
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s script
		if err := json.Unmarshal(src, &s); err != nil {
			t.Fatal(err)
		}
		// The compiler, as it came, gets try_table wrong; the interpreter doesn't.
		plain := newWorld(t, !strings.Contains(name, "exception"), false).run(filepath.Dir(file), s)
		rewritten := newWorld(t, true, true)
		log := rewritten.run(filepath.Dir(file), s)
		for i := range plain {
			if plain[i] != log[i] {
				t.Errorf("%s:%d: rewritten: %s; as it came: %s", name, s.Commands[i].Line, log[i], plain[i])
			}
		}
		modules += rewritten.modules
		actions += rewritten.actions
	}
	t.Logf("%d modules, %d actions", modules, actions)
	if modules < 50 || actions < 500 {
		t.Errorf("only %d modules and %d actions: the corpus is not what it was", modules, actions)
	}
}

// world runs one script.
type world struct {
	t                *testing.T
	r                wazero.Runtime
	rewrite          bool
	named            map[string]api.Module // by script name and by registered name
	last             api.Module
	modules, actions int
}

func newWorld(t *testing.T, compiler, rewrite bool) *world {
	w := &world{t: t, r: newRuntime(t, compiler), rewrite: rewrite, named: map[string]api.Module{}}
	(&host{refill: 3}).define(t, w.r)
	if _, err := w.r.InstantiateWithConfig(context.Background(), spectest(), moduleName("spectest")); err != nil {
		t.Fatal(err)
	}
	return w
}

// spectest is the module that scripts import.
func spectest() []byte {
	b := NewBuilder()
	for _, p := range [][]ValType{nil, {I32}, {I64}, {F32}, {F64}, {I32, F32}, {F64, F64}} {
		name := "print"
		for _, t := range p {
			name += "_" + t.String()
		}
		b.AddExport(name, KindFunc, b.AddFunc(b.AddType(p, nil), nil, NewCode()))
	}
	b.AddExport("global_i32", KindGlobal, b.AddGlobal(GlobalType{Type: I32, Mutable: false}, ConstI32(666)))
	b.AddExport("global_i64", KindGlobal, b.AddGlobal(GlobalType{Type: I64, Mutable: false}, ConstI64(666)))
	f32, f64 := math.Float32bits(666.6), math.Float64bits(666.6)
	c32 := NewCode().Op(OpF32Const).Raw(byte(f32), byte(f32>>8), byte(f32>>16), byte(f32>>24)).End()
	c64 := NewCode().Op(OpF64Const)
	for i := range 8 {
		c64.Raw(byte(f64 >> (8 * i)))
	}
	b.AddExport("global_f32", KindGlobal, b.AddGlobal(GlobalType{Type: F32, Mutable: false}, c32.Bytes()))
	b.AddExport("global_f64", KindGlobal, b.AddGlobal(GlobalType{Type: F64, Mutable: false}, c64.End().Bytes()))
	b.AddExport("table", KindTable, b.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 10, Max: 20, HasMax: true}}))
	b.AddExport("memory", KindMemory, b.AddMemory(MemoryType{Limits: Limits{Min: 1, Max: 2, HasMax: true}}))
	return b.Encode()
}

func (w *world) run(dir string, s script) (log []string) {
	defer w.r.Close(context.Background())
	for _, c := range s.Commands {
		log = append(log, w.command(dir, c))
	}
	return log
}

func (w *world) command(dir string, c command) string {
	switch c.Type {
	case "module":
		w.modules++
		mod, msg := w.instantiate(filepath.Join(dir, c.Filename))
		w.last = mod
		w.named[c.Name] = mod
		return msg
	case "register":
		w.named[c.As] = w.last
		if c.Name != "" {
			w.named[c.As] = w.named[c.Name]
		}
	case "assert_uninstantiable", "assert_trap", "assert_unlinkable", "assert_return", "assert_exception", "assert_exhaustion", "action":
		if c.Filename != "" {
			_, msg := w.instantiate(filepath.Join(dir, c.Filename))
			return msg
		}
		return w.act(c)
	}
	return ""
}

func (w *world) instantiate(path string) (api.Module, string) {
	bin, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.rewrite {
		if bin, err = rewriteForCorpus(bin); err != nil {
			w.t.Errorf("%s: %v", filepath.Base(path), err)
			return nil, "refused"
		}
	}
	ctx := experimental.WithImportResolver(context.Background(), func(name string) api.Module {
		if m := w.named[name]; m != nil {
			return m
		}
		return nil
	})
	mod, err := w.r.InstantiateWithConfig(ctx, bin, moduleName("").WithStartFunctions())
	if err != nil {
		return nil, "error: " + kindOfError(err.Error())
	}
	return mod, "ok"
}

// rewriteForCorpus leaves data where it is: there is nobody to write the image
// before a start function runs. Modules that need an empty import name renamed are
// the engine's to refuse.
func rewriteForCorpus(bin []byte) ([]byte, error) {
	m, err := Decode(bin)
	if err != nil {
		return nil, err
	}
	for i := range m.Imports {
		if m.Imports[i].Module == "" {
			return bin, nil
		}
	}
	o := fuelled(3)
	o.ExtractData = false
	rw, err := Rewrite(m, o)
	if err != nil {
		return nil, err
	}
	again, err := Decode(m.Encode())
	if err != nil || again.Validate() != nil {
		return nil, errors.Join(err, errors.New("what was encoded does not validate"))
	}
	return rw.Wasm, nil
}

// kindOfError cuts details that name indices or addresses.
func kindOfError(msg string) string {
	msg, _, _ = strings.Cut(msg, "\nwasm stack trace")
	for _, k := range []string{"out of bounds", "unreachable", "import", "integer", "indirect call", "stack overflow", "exception", "null"} {
		if strings.Contains(msg, k) {
			return k
		}
	}
	return msg
}

func (w *world) act(c command) string {
	mod := w.last
	if c.Action.Module != "" {
		mod = w.named[c.Action.Module]
	}
	if mod == nil {
		return "no module"
	}
	if c.Action.Type == "get" {
		return fmt.Sprint(mod.ExportedGlobal(c.Action.Field).Get())
	}
	args, ok := parseArgs(c.Action.Args)
	fn := mod.ExportedFunction(c.Action.Field)
	if !ok || fn == nil {
		return "not run"
	}
	w.actions++
	res, err := fn.Call(context.Background(), args...)
	if err != nil {
		return "error: " + kindOfError(err.Error())
	}
	return fmt.Sprint(comparable64(fn.Definition().ResultTypes(), res))
}

// comparable64 drops references, which are addresses.
func comparable64(types []api.ValueType, vs []uint64) []uint64 {
	if len(types) != len(vs) {
		return vs // vectors take two places
	}
	vs = canonical(types, vs)
	for i, t := range types {
		if t == api.ValueTypeExternref || t < api.ValueTypeF64-1 {
			vs[i] = min(vs[i], 1)
		}
	}
	return vs
}

// parseArgs gives false for vectors and references other than null.
func parseArgs(cs []constant) (args []uint64, ok bool) {
	for _, c := range cs {
		var s string
		if json.Unmarshal(c.Value, &s) != nil {
			return nil, false
		}
		switch c.Type {
		case "i32", "i64", "f32", "f64":
			v, err := strconv.ParseUint(s, 10, 64)
			if err != nil {
				return nil, false
			}
			args = append(args, v)
		default:
			if s != "null" {
				return nil, false
			}
			args = append(args, 0)
		}
	}
	return args, true
}
