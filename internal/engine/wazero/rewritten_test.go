package wazero

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// busyModule has a loop, which gets a check, an import, and data in two places.
func busyModule(t *testing.T) (from source, m *corewasm.Module) {
	b := corewasm.NewBuilder()
	none := b.AddType(nil, nil)
	b.ImportFunc("a", "f", none)
	code := new(corewasm.Code).Block(corewasm.OpLoop, corewasm.BlockVoid).Idx(corewasm.OpBr, 0).End()
	spin := b.AddFunc(none, nil, code)
	b.AddExport("spin", corewasm.KindFunc, spin)
	b.SetStart(b.AddFunc(none, nil, new(corewasm.Code).Idx(corewasm.OpRefFunc, spin).Op(corewasm.OpDrop)))
	b.AddGlobal(corewasm.GlobalType{Type: corewasm.I64, Mutable: true}, corewasm.ConstI64(7))
	b.AddMemory(corewasm.MemoryType{Limits: corewasm.Limits{Min: 10}})
	b.AddExport("memory", corewasm.KindMemory, 0)
	for _, at := range []int32{16, 600_000} {
		b.AddData(corewasm.Data{Offset: corewasm.ConstI32(at), Init: []byte("some data")})
	}
	from = source{binary: b.Encode(), numbers: -1}
	m, err := corewasm.Decode(from.binary)
	if err != nil {
		t.Fatal(err)
	}
	return from, m
}

func busyOptions() corewasm.RewriteOptions {
	return corewasm.RewriteOptions{
		RenameImport:  func(int, *corewasm.Import) (string, string) { return "b", "g" },
		ExtractData:   true,
		ExportGlobals: true,
		ExportStart:   true,
		Fuel: &corewasm.FuelOptions{
			TickModule: "host", TickName: "tick", Initial: 5,
			HostImport: func(int, *corewasm.Import) bool { return true },
		},
	}
}

func TestKeptRewrites(t *testing.T) {
	r := rewrites{filepath.Join(t.TempDir(), "not", "there", "yet")}
	from, m := busyModule(t)
	want, err := corewasm.Rewrite(m, busyOptions())
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string) {
		t.Helper()
		got, err := r.rewrite(from, m, busyOptions())
		want.Stats, got.Stats = corewasm.RewriteStats{}, corewasm.RewriteStats{} // of nobody's interest
		if err != nil || !cmp.Equal(got, want) || len(got.Image) != 2 || len(got.Globals) != 1 || got.Start == "" || !got.Facts.MakesRefs {
			t.Errorf("%s: got %v, %v, want %v", what, got, err, want)
		}
	}
	check("made")
	files, err := filepath.Glob(filepath.Join(r.dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder holds %v, %v", files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, kept := readRewritten(files[0]); !kept {
		t.Error("what was kept can't be read")
	}
	check("kept")

	// Damaged files are made again.
	for n := range len(whole) {
		for _, damaged := range [][]byte{whole[:n], slices.Concat(whole[:n], []byte{whole[n] ^ 0x10}, whole[n+1:])} {
			if err := os.WriteFile(files[0], damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, kept := readRewritten(files[0]); kept {
				t.Fatalf("damage at byte %d of %d was not noticed", n, len(whole))
			}
		}
	}
	check("damaged")
	if again, err := os.ReadFile(files[0]); err != nil || !slices.Equal(again, whole) {
		t.Errorf("the damaged file was not made again: %v", err)
	}

	// A folder that can't be made costs time only.
	r.dir = filepath.Join(files[0], "below a file")
	check("without a folder")
}

// Whatever changes what Rewrite makes has a file of its own.
func TestRewriteKey(t *testing.T) {
	from, m := busyModule(t)
	keys := map[string]string{"as it is": rewriteKey(from, m, busyOptions())}
	if again := rewriteKey(from, m, busyOptions()); again != keys["as it is"] {
		t.Error("the same module has two keys")
	}
	for what, change := range map[string]func(*corewasm.RewriteOptions){
		"globals":     func(o *corewasm.RewriteOptions) { o.ExportGlobals = false },
		"start":       func(o *corewasm.RewriteOptions) { o.ExportStart = false },
		"data":        func(o *corewasm.RewriteOptions) { o.ExtractData = false },
		"table":       func(o *corewasm.RewriteOptions) { o.MaxTable = 7 },
		"valid":       func(o *corewasm.RewriteOptions) { o.Valid = true },
		"reserved":    func(o *corewasm.RewriteOptions) { o.Reserved = "x" },
		"no fuel":     func(o *corewasm.RewriteOptions) { o.Fuel = nil },
		"tick module": func(o *corewasm.RewriteOptions) { o.Fuel.TickModule = "h" },
		"tick name":   func(o *corewasm.RewriteOptions) { o.Fuel.TickName = "t" },
		"initial":     func(o *corewasm.RewriteOptions) { o.Fuel.Initial = 6 },
		"host import": func(o *corewasm.RewriteOptions) {
			o.Fuel.HostImport = func(int, *corewasm.Import) bool { return false }
		},
		"no host import": func(o *corewasm.RewriteOptions) { o.Fuel.HostImport = nil },
		"no names":       func(o *corewasm.RewriteOptions) { o.RenameImport = nil },
		"module name": func(o *corewasm.RewriteOptions) {
			o.RenameImport = func(int, *corewasm.Import) (string, string) { return "c", "g" }
		},
		"import name": func(o *corewasm.RewriteOptions) {
			o.RenameImport = func(int, *corewasm.Import) (string, string) { return "b", "h" }
		},
	} {
		o := busyOptions()
		change(&o)
		keys[what] = rewriteKey(from, m, o)
	}
	for what, other := range map[string]source{
		"another module": {[]byte("another"), from.firstMemory, from.part, -1},
		"other memories": {from.binary, 1, from.part, -1},
		"another part":   {from.binary, from.firstMemory, 1, -1},
		"numbers":        {from.binary, from.firstMemory, from.part, 0},
		"other numbers":  {from.binary, from.firstMemory, from.part, 1},
	} {
		keys[what] = rewriteKey(other, m, busyOptions())
	}
	distinct := slices.Compact(slices.Sorted(maps.Values(keys)))
	if len(distinct) != len(keys) {
		t.Errorf("two have the same key: %v", keys)
	}
}
