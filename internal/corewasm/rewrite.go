package corewasm

import (
	"fmt"
	"slices"
	"strings"
)

// RewriteOptions say what [Rewrite] does besides what it always does: keep away
// code that the engine compiles wrongly, and drop custom sections other than the
// name section, whose offsets into code would be wrong afterwards.
type RewriteOptions struct {
	// RenameImport chooses the names under which import i is imported. Every pair must
	// be unique and neither name empty. Nil keeps the names of the module, which must
	// then be so already.
	RenameImport func(i int, im *Import) (module, name string)

	// ExportGlobals exports every defined global that can change under a reserved name.
	ExportGlobals bool

	// ExportStart exports the start function under a reserved name, for the host to call
	// when it has instantiated the module, which does not call it any more.
	ExportStart bool

	// ExtractData moves active data segments into [Rewritten.Image].
	ExtractData bool

	// Fuel, if not nil, plants fuel checks.
	Fuel *FuelOptions

	// MaxTable, if not 0, is the number of entries to which tables can grow that the
	// module defines, unless they begin with more.
	MaxTable uint32

	// Valid says that Validate accepted the module, so that it need not be checked again.
	// Of a module that isn't valid Rewrite may make anything then, or panic.
	Valid bool

	// Reserved begins the names of exports that Rewrite adds; "gondola:" if empty. It is
	// lengthened where the module uses it itself.
	Reserved string
}

// FuelOptions say how planted checks find the host.
type FuelOptions struct {
	// TickModule and TickName name the function, of type [] -> [i32], that is called when
	// the fuel is used up. It returns the new fuel, at least 1 (with less it is called
	// again at once), or panics to end the call.
	TickModule, TickName string

	// Initial is the fuel at instantiation: what the start function may use before the
	// first tick. At least 1; 0 means 10,000.
	Initial int32

	// HostImport reports whether import i, a function, is the host's own, which lets the Go
	// runtime in whenever it is called, can look at deadlines itself, and throws no
	// exceptions of wasm; or a side part's, which does little. Other imports are taken for
	// functions of other instances that may come back here without ever passing a check. Nil:
	// none is the host's.
	HostImport func(i int, im *Import) bool
}

// Rewritten is what [Rewrite] made. Indices of imports are those of the original
// module; if Ticks, the tick is one more, imported last.
type Rewritten struct {
	Wasm []byte

	// Globals are the exported globals, by ascending index, if that was asked for.
	Globals []GlobalExport

	// Ticks tells whether the tick is imported; Fuel is then the export name of the
	// mutable i32 global that holds the fuel, and is not among Globals.
	Ticks bool
	Fuel  string

	// Start is the export name of the start function, if there is one and that was asked
	// for.
	Start string

	// Image is what active data segments put into memory 0 before the start function
	// runs, in this order, later ones over earlier ones. All of it is within the minimum
	// size of that memory, which the module defines. Segments that would not fit stay in
	// the module, so that instantiation fails as it must. The bytes are the module's.
	Image []ImageSegment

	Facts Facts
	Stats RewriteStats
}

// GlobalExport is a global that can be reached from outside under a reserved name.
type GlobalExport struct {
	Name  string
	Index uint32 // in the original module
	Type  GlobalType
}

// ImageSegment is a piece of a memory image.
type ImageSegment struct {
	Offset uint32
	Data   []byte
}

// Facts are what the module may do that stands in the way of resetting an instance.
type Facts struct {
	WritesTables bool // has table.set, table.grow, table.fill, table.copy or table.init
	DropsData    bool // has data.drop
	DropsElems   bool // has elem.drop
	GrowsMemory  bool // has memory.grow
	MakesRefs    bool // has ref.func in a body, for which the engine takes memory each time
	FillsImports bool // puts functions into a table that it imports, when it is instantiated
	AppliesData  bool // puts data into a memory when it is instantiated, beside the image
}

// RewriteStats count what was done.
type RewriteStats struct {
	Functions, Loops                      int
	LoopChecks, EntryChecks, InlineChecks int
	Unrolled                              int
	Fences                                int // comparisons kept from fusing wrongly
	Late                                  int // comparisons kept from loading too late
	PushedDown                            int // try_tables moved down to their calls
	Selects                               int // selects of floats and vectors turned into branches
	Bulk                                  int // bulk operations sent through a helper
	CodeBefore, CodeAfter                 int // bytes of function bodies
}

// Rewrite turns a module into one that the engine can load, link, interrupt and
// reset, and that behaves the same. It checks m with [Module.Validate], unless o.Valid,
// and leaves it as it is; errors are those of Validate, an
// [*UnsupportedError] about what the engine can't run, or say that an import name is
// empty or there twice.
//
// What remains uninterruptible: memory.init, and table operations, which the sizes of
// the module and of its tables bound; memory.fill and memory.copy run in pieces
// of 1 MiB.
func Rewrite(m *Module, o RewriteOptions) (*Rewritten, error) {
	m = m.withSpaces()
	if !o.Valid {
		if err := m.Validate(); err != nil {
			return nil, err
		}
	}
	if err := m.refuseSections(); err != nil {
		return nil, err
	}
	w := newRewriter(m, o)
	if err := w.analyse(); err != nil {
		return nil, err
	}
	if err := w.imports(); err != nil {
		return nil, err
	}
	if w.emitBodies(); w.err != nil {
		return nil, w.err
	}
	w.definitions()
	w.data()
	w.segmentFacts()
	w.exports()
	w.customs()
	w.res.Wasm = w.out.Encode()
	return w.res, nil
}

// rewriter carries one Rewrite.
type rewriter struct {
	m   *Module // the original, not to be modified
	out *Module // the result; shares slices with m until they are replaced
	o   RewriteOptions
	res *Rewritten

	funcShift        // how far defined functions move
	tick      uint32 // its function index, if res.Ticks
	fuel      uint32 // its global index, if res.Ticks

	funcs        []funcInfo
	usesData     bool   // a body names a data segment
	namesApplied bool   // one that is active, and so has been applied
	hostImports  []bool // by function index; see hostImport
	bulk         bulkHelpers
	types        typeTable
	unrollLeft   int // bytes
	clausesLeft  int // that pushing down may add
	err          error
}

func newRewriter(m *Module, o RewriteOptions) *rewriter {
	out := *m
	w := &rewriter{m: m, out: &out, o: o, res: &Rewritten{}, clausesLeft: maxClauses}
	w.first = uint32(m.NumImported(KindFunc))
	if o.Fuel != nil && len(m.Functions) > 0 {
		w.res.Ticks = true
		w.by = 1
		w.tick = w.first
		w.fuel = uint32(m.Count(KindGlobal))
	}
	out.Types = append([]Type(nil), m.Types...)
	groupSelfReferences(out.Types)
	w.types.m = w.out
	return w
}

// typeIndex finds or adds a function type.
func (w *rewriter) typeIndex(params, results []ValType) uint32 {
	return w.types.index(FuncType{params, results})
}

func (w *rewriter) imports() error {
	ims := make([]Import, len(w.m.Imports), len(w.m.Imports)+1)
	copy(ims, w.m.Imports)
	if rename := w.o.RenameImport; rename != nil {
		for i := range ims {
			ims[i].Module, ims[i].Name = rename(i, &w.m.Imports[i])
		}
	}
	if w.res.Ticks {
		ims = append(ims, Import{
			Module: w.o.Fuel.TickModule, Name: w.o.Fuel.TickName,
			Kind: KindFunc, Type: w.typeIndex(nil, []ValType{I32}),
		})
	}
	w.out.Imports = ims
	return checkImportNames(ims, w.o.RenameImport != nil)
}

// checkImportNames refuses what the engine can't link. Two imports of the same name
// are legal wasm, so only names that somebody chose must be unique.
func checkImportNames(ims []Import, chosen bool) error {
	type pair struct{ module, name string }
	seen := make(map[pair]int, len(ims))
	for i := range ims {
		p := pair{ims[i].Module, ims[i].Name}
		if p.module == "" {
			return fmt.Errorf("core module: import %d (%q) has an empty module name; rename it", i, p.name)
		}
		if j, dup := seen[p]; dup && chosen {
			return fmt.Errorf("core module: imports %d and %d are both named %q %q", j, i, p.module, p.name)
		}
		seen[p] = i
	}
	return nil
}

// definitions maps function indices outside of bodies and adds the fuel.
func (w *rewriter) definitions() {
	w.capTables()
	w.funcShift.definitions(w.out)
	if w.res.Ticks {
		initial := w.o.Fuel.Initial
		if initial < 1 {
			initial = 10_000
		}
		w.out.Globals = append(w.out.Globals[:len(w.out.Globals):len(w.out.Globals)],
			Global{GlobalType{Type: I32, Mutable: true}, ConstI32(initial)})
	}
}

func (w *rewriter) exports() {
	w.out.Exports = w.funcShift.exports(w.m)
	prefix := w.reservedPrefix()
	if w.o.ExportGlobals {
		w.exportGlobals(prefix)
	}
	if w.o.ExportStart && w.out.Start != nil {
		w.res.Start = prefix + "start"
		w.out.Exports = append(w.out.Exports, Export{w.res.Start, KindFunc, *w.out.Start})
		w.out.Start = nil
	}
	if w.res.Ticks {
		w.res.Fuel = prefix + "fuel"
		w.out.Exports = append(w.out.Exports, Export{w.res.Fuel, KindGlobal, w.fuel})
	}
}

func (w *rewriter) exportGlobals(prefix string) {
	first := w.m.NumImported(KindGlobal)
	for i := range w.m.Globals {
		if !w.m.Globals[i].Mutable {
			continue
		}
		g := GlobalExport{fmt.Sprint(prefix, "global", first+i), uint32(first + i), w.m.Globals[i].GlobalType}
		w.res.Globals = append(w.res.Globals, g)
		w.out.Exports = append(w.out.Exports, Export{g.Name, KindGlobal, g.Index})
	}
}

// reservedPrefix is a prefix that no export of the module has.
func (w *rewriter) reservedPrefix() string {
	prefix := w.o.Reserved
	if prefix == "" {
		prefix = "gondola:"
	}
	more := 0
	for _, e := range w.m.Exports {
		if rest, ok := strings.CutPrefix(e.Name, prefix); ok {
			more = max(more, 1+len(rest)-len(strings.TrimLeft(rest, "'")))
		}
	}
	return prefix + strings.Repeat("'", more)
}

func (w *rewriter) customs() {
	w.out.Customs = nil
	if names := w.m.mappedNames(w.index, w.bulk.names); len(names) > 0 {
		w.out.Customs = []Custom{{Name: "name", Data: names}}
	}
}

// capTables gives tables that could grow without bounds an end.
func (w *rewriter) capTables() {
	most := uint64(w.o.MaxTable)
	if most == 0 {
		return
	}
	w.out.Tables = slices.Clone(w.out.Tables)
	for i := range w.out.Tables {
		l := &w.out.Tables[i].Limits
		if !l.HasMax || l.Max > most {
			l.HasMax, l.Max = true, max(l.Min, most)
		}
	}
}
