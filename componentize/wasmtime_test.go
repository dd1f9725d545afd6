package componentize

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// TestWasmtime runs a component under Wasmtime, which GONDOLA_WASMTIME names. Its module
// calls an import that needs memory and realloc while it is being initialized,
// so that everything around it must have been linked in the right order.
func TestWasmtime(t *testing.T) {
	wasmtime := testenv.Path(t, testenv.Wasmtime)
	w := parseWorld(t, `package a:b;
		world w {
			import wasi:random/random@0.3.0;
			export sum: func(a: u32, b: string) -> string;
		}`, "")
	file := filepath.Join(t.TempDir(), "component.wasm")
	if err := os.WriteFile(file, encode(t, randomModule(), w), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(wasmtime, "run", "-W", "component-model-async=y", "-S", "p3=y", "--invoke", `sum(1, "a")`, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// four random bytes at 1024, then the argument behind them
	if got := strings.TrimSpace(string(out)); got != `"a"` {
		t.Errorf("%s", got)
	}
}

// randomModule gets four random bytes when it is initialized, and traps later if it
// got another number of them. It returns its string argument.
func randomModule() []byte {
	b := corewasm.NewBuilder()
	random := b.ImportFunc("wasi:random/random@0.3.0", "get-random-bytes", b.AddType(coreTypes("i64 i32"), nil))
	b.AddMemory(corewasm.MemoryType{Limits: corewasm.Limits{Min: 1}})
	next := b.AddGlobal(corewasm.GlobalType{Type: corewasm.I32, Mutable: true}, corewasm.ConstI32(1024))
	function := func(name, sig string, code *corewasm.Code) {
		f := coreFunc(sig)
		b.AddExport(name, corewasm.KindFunc, b.AddFunc(b.AddType(f.Params, f.Results), nil, code))
	}
	function("cabi_realloc", "i32 i32 i32 i32 -> i32", corewasm.NewCode().
		Idx(corewasm.OpGlobalGet, next).
		Idx(corewasm.OpGlobalGet, next).Get(3).Op(corewasm.OpI32Add).Idx(corewasm.OpGlobalSet, next))
	function("_initialize", "->", corewasm.NewCode().I64(4).I32(16).Call(random))
	function("sum", "i32 i32 i32 -> i32", corewasm.NewCode().
		I32(20).Mem(corewasm.OpI32Load, 2, 0).I32(4).Named("i32.ne").
		Block(corewasm.OpIf, corewasm.BlockVoid).Op(corewasm.OpUnreachable).End().
		I32(32).Get(1).Mem(corewasm.OpI32Store, 2, 0).
		I32(32).Get(2).Mem(corewasm.OpI32Store, 2, 4).
		I32(32))
	b.AddExport("memory", corewasm.KindMemory, 0)
	return b.Encode()
}
