package wazero

import (
	"errors"
	"testing"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// TestTableOfFunctions looks functions up in a table that a second instance exports
// under another name, and changes it in between.
func TestTableOfFunctions(t *testing.T) {
	b := corewasm.NewBuilder()
	g := b.AddGlobal(corewasm.GlobalType{Type: i32, Mutable: true}, corewasm.ConstI32(0))
	start := b.AddFunc(b.AddType(types{i32}, nil), nil, corewasm.NewCode().Get(0).Idx(corewasm.OpGlobalSet, g))
	other := b.AddFunc(b.AddType(nil, nil), nil, corewasm.NewCode())
	get := b.AddFunc(b.AddType(nil, types{i32}), nil, corewasm.NewCode().Idx(corewasm.OpGlobalGet, g))
	b.AddExport("get", corewasm.KindFunc, get)
	tbl := corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 4, Max: 4, HasMax: true}}
	b.AddTable(corewasm.TableType{Elem: corewasm.FuncRef})
	b.AddExport("t", corewasm.KindTable, b.AddTable(tbl))
	b.AddElement(corewasm.Element{Table: 1, Offset: corewasm.ConstI32(0), Type: corewasm.FuncRef, Funcs: []uint32{start, other}})

	c := corewasm.NewBuilder()
	c.AddExport("again", corewasm.KindTable, c.ImportTable("", "t", tbl))
	c.AddExport("move", corewasm.KindFunc, c.AddFunc(c.AddType(nil, nil), nil, corewasm.NewCode().I32(2).I32(0).I32(2).Idx(corewasm.OpTableCopy, 0, 0)))

	eachEngine(t, func(t *testing.T, cfg Config) {
		in := run(t, cfg, engine.Module{Name: "first", Bytes: b.Encode()},
			engine.Module{Name: "second", Bytes: c.Encode(), Imports: []engine.Source{{Instance: 0, Name: "t"}}})
		table, ok := in[1].Table("again")
		if _, none := in[1].Table("t"); !ok || none {
			t.Fatal("tables have the wrong names")
		}
		ft := layout.CoreFuncType{Params: []layout.CoreType{layout.I32}}
		look := func(i uint64) (thrown error) {
			defer func() {
				if r := recover(); r != nil {
					thrown = r.(error)
				}
			}()
			table.Func(i, ft).Call([]uint64{i + 40})
			return nil
		}
		for _, want := range []struct {
			i    uint64
			code trap.Code
		}{{0, 0}, {1, trap.ThreadStartType}, {2, trap.TableOutOfBounds}, {4, trap.TableOutOfBounds}, {1 << 32, trap.TableOutOfBounds}} {
			err := look(want.i)
			var tr *trap.Trap
			if want.code == 0 && err != nil || want.code != 0 && (!errors.As(err, &tr) || tr.Code != want.code) {
				t.Errorf("function %d: %v", want.i, err)
			}
		}
		mustCall(t, in[1], "move")
		if err := look(2); err != nil {
			t.Errorf("after it moved: %v", err)
		}
		if got := mustCall(t, in[0], "get"); got != 42 {
			t.Errorf("it got %d", got)
		}
	})
}
