package main

import (
	"context"
	_ "embed" // for the source of the guest
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
)

// A kernel is an export (i32) -> i64 of a core module that computes as often as it is told.
type kernel struct {
	module, name string
}

var kernels = []kernel{
	{"hand", "loop"}, {"hand", "sum"}, {"hand", "fib"},
	{"go", "sha256"}, {"go", "matmul"}, {"go", "sort"}, {"go", "json"}, {"go", "maps"}, {"go", "fib"}, {"go", "strings"},
}

// realistic reports whether the kernel counts for the median that the design sets a limit to.
func (k kernel) realistic() bool { return k.module == "go" }

// handKernels is a core module whose kernels are little but loops and calls: the worst that checks can do.
func handKernels() []byte {
	a := newAssembler()
	a.memory(2)
	// loop counts to 1,000.
	a.define("loop", valTypes{i32}, valTypes{i64}, valTypes{i32, i64}, a.body().loop().
		i32(0).set(1).loop().
		get(2).i64(3).op("i64.mul").get(1).op("i64.extend_i32_u", "i64.xor").set(2).
		get(1).i32(1).op("i32.add").set(1).get(1).i32(1000).op("i32.lt_u").brIf(0).end().
		get(0).i32(1).op("i32.sub").set(0).get(0).brIf(0).end().
		get(2).Code)
	// sum adds up 64 KiB.
	a.define("sum", valTypes{i32}, valTypes{i64}, valTypes{i32, i64}, a.body().loop().
		i32(0).set(1).
		i32(0).get(0).mem("i32.store", 0).loop().
		get(2).get(1).mem("i64.load", 0).op("i64.add").set(2).
		get(1).i32(8).op("i32.add").set(1).get(1).i32(64<<10).op("i32.lt_u").brIf(0).end().
		get(0).i32(1).op("i32.sub").set(0).get(0).brIf(0).end().
		get(2).Code)
	unary := a.AddType(valTypes{i64}, valTypes{i64})
	fib := a.DeclareFunc(unary)
	a.funcs["fib-of"] = fib
	a.SetBody(fib, nil, a.body().
		get(0).i64(2).op("i64.lt_u").when().get(0).op("return").end().
		get(0).i64(1).op("i64.sub").call("fib-of").
		get(0).i64(2).op("i64.sub").call("fib-of").op("i64.add").Code)
	a.define("fib", valTypes{i32}, valTypes{i64}, valTypes{i64}, a.body().loop().
		get(1).i64(20).call("fib-of").op("i64.add").set(1).
		get(0).i32(1).op("i32.sub").set(0).get(0).brIf(0).end().
		get(1).Code)
	return a.Encode()
}

//go:embed testdata/kernels/main.go
var kernelSource []byte

// goKernels builds the guest in testdata/kernels.
func (l *lab) goKernels() ([]byte, error) {
	dir, err := l.dir()
	if err != nil {
		return nil, err
	}
	dir = filepath.Join(dir, "kernels")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	files := map[string][]byte{"main.go": kernelSource, "go.mod": []byte("module kernels\n\ngo 1.26\n")}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return nil, err
		}
	}
	out := filepath.Join(dir, "kernels.wasm")
	cmd := exec.CommandContext(l.ctx, "go", "build", "-buildmode=c-shared", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=", "GOWORK=off")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the kernels: %w\n%s", err, msg)
	}
	return os.ReadFile(out)
}

// treatment is what is done to a module before it runs.
type treatment int

const (
	asItCame treatment = iota
	again              // the same once more: what two runs of one thing differ by
	checked            // with fuel checks, as the engine plants them
)

// The engine's choice: see fuel in internal/engine/wazero.
const kernelFuel = 10_000

// kernelHost runs kernels on wazero alone.
type kernelHost struct {
	ticks  int
	breath engine.Breath
}

func (h *kernelHost) tick(_ context.Context, stack []uint64) {
	h.ticks++
	h.breath.Take()
	stack[0] = kernelFuel
}

// load compiles and instantiates a module after a treatment.
func (h *kernelHost) load(l *lab, wasm []byte, t treatment) (api.Module, error) {
	if t == checked {
		m, err := corewasm.Decode(wasm)
		if err != nil {
			return nil, err
		}
		rw, err := corewasm.Rewrite(m, corewasm.RewriteOptions{
			Fuel: &corewasm.FuelOptions{TickModule: "host", TickName: "tick", Initial: kernelFuel},
		})
		if err != nil {
			return nil, err
		}
		wasm = rw.Wasm
	}
	rt := wazero.NewRuntime(l.ctx)
	l.atEnd(func() error { return rt.Close(l.ctx) })
	b := rt.NewHostModuleBuilder("host")
	b.NewFunctionBuilder().WithGoFunction(api.GoFunc(h.tick), nil, []api.ValueType{api.ValueTypeI32}).Export("tick")
	if _, err := b.Instantiate(l.ctx); err != nil {
		return nil, err
	}
	wasi_snapshot_preview1.MustInstantiate(l.ctx, rt)
	config := wazero.NewModuleConfig().WithStartFunctions("_initialize").WithSysWalltime().WithSysNanotime()
	return rt.InstantiateWithConfig(l.ctx, wasm, config)
}

// kernelWorks is a kernel after each treatment, checked against one another.
func (l *lab) kernelWorks(k kernel, modules map[treatment]*kernelModule) []work {
	var works []work
	want := map[int]uint64{} // by n
	for _, t := range []treatment{asItCame, again, checked} {
		call := modules[t].ExportedFunction(k.name)
		works = append(works, func(n int) error {
			stack := []uint64{uint64(n)}
			if err := call.CallWithStack(l.ctx, stack); err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
			w, known := want[n]
			if want[n] = stack[0]; known && w != stack[0] {
				return wrong(k.name, stack[0], w)
			}
			return nil
		})
	}
	return works
}

// kernelSet has the modules by name, after each treatment.
type kernelSet map[string]map[treatment]*kernelModule

// kernelModule is an instance, with the host that counts its ticks.
type kernelModule struct {
	api.Module
	host *kernelHost
}

// kernelModules loads the modules that kernels are in, after each treatment.
func (l *lab) kernelModules() (kernelSet, error) {
	guest, err := l.goKernels()
	if err != nil {
		return nil, err
	}
	modules := kernelSet{}
	for name, wasm := range map[string][]byte{"hand": handKernels(), "go": guest} {
		modules[name] = map[treatment]*kernelModule{}
		for _, t := range []treatment{asItCame, again, checked} {
			host := new(kernelHost)
			mod, err := host.load(l, wasm, t)
			if err != nil {
				return nil, err
			}
			modules[name][t] = &kernelModule{mod, host}
		}
	}
	return modules, nil
}

// tickGap is the mean time between two ticks of a kernel, ns: how long a collection waits for it.
func (m *kernelModule) tickGap(w work, n int) (float64, error) {
	before := m.host.ticks
	s, err := measure(w, n)
	if err != nil {
		return 0, err
	}
	if ticks := m.host.ticks - before; ticks > 0 {
		return s.cost() * float64(n) / float64(ticks), nil
	}
	return 0, fmt.Errorf("no tick in %d rounds", n)
}
