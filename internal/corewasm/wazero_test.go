package corewasm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const features = api.CoreFeaturesV2 | experimental.CoreFeaturesThreads | experimental.CoreFeaturesTailCall |
	experimental.CoreFeaturesExtendedConst | experimental.CoreFeaturesExceptionHandling |
	experimental.CoreFeaturesTypedFunctionReferences

func newRuntime(t testing.TB, compiler bool) wazero.Runtime {
	c := wazero.NewRuntimeConfigInterpreter()
	if compiler {
		c = wazero.NewRuntimeConfigCompiler()
	}
	r := wazero.NewRuntimeWithConfig(context.Background(), c.WithCoreFeatures(features).WithMemoryLimitPages(1024))
	t.Cleanup(func() { r.Close(context.Background()) })
	return r
}

// host is the tick of tests: it counts, and gives the same small refill again and
// again.
type host struct {
	refill int32
	ticks  int
	stop   func() error // if not nil, asked at every tick
}

func (h *host) tick(_ context.Context, _ api.Module, stack []uint64) {
	h.ticks++
	if h.stop != nil {
		if err := h.stop(); err != nil {
			panic(err)
		}
	}
	stack[0] = api.EncodeI32(h.refill)
}

// define makes the tick available in r as module "host".
func (h *host) define(t testing.TB, r wazero.Runtime) {
	_, err := r.NewHostModuleBuilder("host").NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(h.tick), nil, []api.ValueType{api.ValueTypeI32}).
		Export("tick").Instantiate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
}

func fuelled(initial int32) RewriteOptions {
	return RewriteOptions{
		ExportGlobals: true, ExtractData: true,
		Fuel: &FuelOptions{TickModule: "host", TickName: "tick", Initial: initial},
	}
}

func rewrite(t testing.TB, bin []byte, o RewriteOptions) *Rewritten {
	t.Helper()
	m, err := Decode(bin)
	if err != nil {
		t.Fatal(err)
	}
	rw, err := Rewrite(m, o)
	if err != nil {
		t.Fatal(err)
	}
	return rw
}

// applyImage writes the image that the rewriter took out of the module.
func applyImage(t testing.TB, mod api.Module, rw *Rewritten) {
	for _, s := range rw.Image {
		if !mod.Memory().Write(s.Offset, s.Data) {
			t.Fatalf("image segment at %d is out of bounds", s.Offset)
		}
	}
}

// outcome is the result of a call or the wasm error without its backtrace.
func outcome(mod api.Module, fn string, args ...uint64) string {
	res, err := mod.ExportedFunction(fn).Call(context.Background(), args...)
	if err != nil {
		msg, _, _ := strings.Cut(err.Error(), "\nwasm stack trace")
		return "error: " + msg
	}
	return fmt.Sprint(canonical(mod.ExportedFunction(fn).Definition().ResultTypes(), res))
}

// canonical makes all NaNs the same, since their payload is not determined, and
// cuts what lies above 32-bit values, which the compiler leaves there.
func canonical(types []api.ValueType, vs []uint64) []uint64 {
	vs = slices.Clone(vs)
	for i, t := range types {
		switch t {
		case api.ValueTypeI32:
			vs[i] = uint64(uint32(vs[i]))
		case api.ValueTypeF32:
			vs[i] = uint64(uint32(vs[i]))
			if f := math.Float32frombits(uint32(vs[i])); f != f {
				vs[i] = 0x7fc00000
			}
		case api.ValueTypeF64:
			if f := math.Float64frombits(vs[i]); f != f {
				vs[i] = 0x7ff8 << 48
			}
		}
	}
	return vs
}

// instance is a module as it came or rewritten, in one of the engines.
type instance struct {
	api.Module
	*host
	rw *Rewritten
}

// instantiate compiles and instantiates bin; with o, rewritten.
func instantiate(t testing.TB, compiler bool, bin []byte, o *RewriteOptions) (*instance, error) {
	in := &instance{host: &host{refill: 3}}
	r := newRuntime(t, compiler)
	in.define(t, r)
	if o != nil {
		in.rw = rewrite(t, bin, *o)
		bin = in.rw.Wasm
	}
	mod, err := r.Instantiate(context.Background(), bin)
	if err != nil {
		return nil, err
	}
	in.Module = mod
	if in.rw != nil {
		applyImage(t, mod, in.rw)
	}
	return in, nil
}

func mustInstantiate(t testing.TB, compiler bool, bin []byte, o *RewriteOptions) *instance {
	t.Helper()
	in, err := instantiate(t, compiler, bin, o)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

var errStop = errors.New("stopped by the test")

func engineName(compiler bool) string {
	if compiler {
		return "compiler"
	}
	return "interpreter"
}

// eachEngine runs a subtest in both engines.
func eachEngine(t *testing.T, f func(t *testing.T, compiler bool)) {
	for _, compiler := range []bool{true, false} {
		t.Run(engineName(compiler), func(t *testing.T) { f(t, compiler) })
	}
}

func moduleName(name string) wazero.ModuleConfig { return wazero.NewModuleConfig().WithName(name) }

func setBudget(in *instance, n uint64) {
	in.ExportedGlobal("budget").(api.MutableGlobal).Set(n)
}
