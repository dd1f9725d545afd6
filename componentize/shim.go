package componentize

import (
	"strconv"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// A core module can be instantiated only when its imports are there, and a lowered
// function that refers to the module's memory only after that. So a small module
// comes first, the shim, whose functions jump through a table, and another last, the
// fixup, which fills that table. Destructors of resources go the same way, because
// resource types come before the module too.

// shimTable is the name of the shim's exported table.
const shimTable = "$table"

// shimEntry is one function of the shim and one slot of its table.
type shimEntry struct {
	name string // for people
	sig  corewasm.FuncType
	im   *coreImport // what the slot gets; nil for a destructor
	dtor string      // the destructor's core name
}

// planShims lists what has to wait for the core module.
func planShims(p *plan) []shimEntry {
	var shims []shimEntry
	for _, im := range p.imports {
		if im.late() {
			shims = append(shims, shimEntry{name: im.module + " " + im.name, sig: im.sig, im: im})
		}
	}
	for _, d := range exportedResources(p.world) {
		if dtor := p.dtors[d]; dtor != "" {
			shims = append(shims, shimEntry{name: dtor, sig: coreFunc("i32 ->"), dtor: dtor})
		}
	}
	return shims
}

// shimFunc is the core function of the shim for a destructor.
func (e *encoder) shimFunc(dtor string) uint32 {
	for i := range e.shims {
		if e.shims[i].dtor == dtor {
			return e.shimEntry(i)
		}
	}
	panic("componentize: no shim for " + dtor)
}

func (e *encoder) shimEntry(i int) uint32 {
	return e.aliasCore(e.shim, component.SortCoreFunc, strconv.Itoa(i))
}

// encodeShim instantiates the shim.
func (e *encoder) encodeShim() {
	e.shims = planShims(e.p)
	if len(e.shims) > 0 {
		e.shim = e.instantiateModule(shimModule(e.shims), nil)
	}
}

// instantiateModule adds a core module of ours and an instance of it.
func (e *encoder) instantiateModule(bytes []byte, args []component.CoreInstantiateArg) uint32 {
	module := e.b.Add(&component.CoreModule{Bytes: bytes})
	return e.b.Add(&component.CoreInstance{Expr: &component.CoreInstantiate{Module: module, Args: args}})
}

func tableOf(n int) corewasm.TableType {
	size := uint64(n)
	return corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: size, Max: size, HasMax: true}}
}

// shimModule exports a function per entry, named by its number, that calls what
// stands at that number in the table.
func shimModule(shims []shimEntry) []byte {
	b := corewasm.NewBuilder()
	table := b.AddTable(tableOf(len(shims)))
	names := make([]string, len(shims))
	for i, s := range shims {
		t := b.AddType(s.sig.Params, s.sig.Results)
		code := corewasm.NewCode()
		for p := range s.sig.Params {
			code.Get(uint32(p))
		}
		code.I32(int32(i)).Idx(corewasm.OpCallIndirect, t, table)
		b.AddExport(strconv.Itoa(i), corewasm.KindFunc, b.AddFunc(t, nil, code))
		names[i] = s.name
	}
	b.AddExport(shimTable, corewasm.KindTable, table)
	addNames(b, "shim", names)
	return b.Encode()
}

// fixupModule fills the shim's table with what it imports, and then initializes the
// main module.
func fixupModule(shims []shimEntry, initialize string) []byte {
	b := corewasm.NewBuilder()
	funcs := make([]uint32, len(shims))
	names := make([]string, len(shims))
	for i, s := range shims {
		funcs[i] = b.ImportFunc("lowered", strconv.Itoa(i), b.AddType(s.sig.Params, s.sig.Results))
		names[i] = s.name
	}
	if initialize != "" {
		b.SetStart(b.ImportFunc("main", initialize, b.AddType(nil, nil)))
		names = append(names, initialize)
	}
	if len(shims) > 0 {
		table := b.ImportTable("shim", shimTable, tableOf(len(shims)))
		b.AddElement(corewasm.Element{Table: table, Offset: corewasm.ConstI32(0), Type: corewasm.FuncRef, Funcs: funcs})
	}
	addNames(b, "fixup", names)
	return b.Encode()
}

// encodeFixup makes the late definitions and instantiates the fixup, if there is
// anything for it to do.
func (e *encoder) encodeFixup() {
	if len(e.shims) == 0 && e.p.initialize == "" {
		return
	}
	var args []component.CoreInstantiateArg
	if len(e.shims) > 0 {
		lowered := e.inlineCore(e.lateFunctions())
		args = append(args, component.CoreInstantiateArg{Name: "lowered", Instance: lowered},
			component.CoreInstantiateArg{Name: "shim", Instance: e.shim})
	}
	if e.p.initialize != "" {
		args = append(args, component.CoreInstantiateArg{Name: "main", Instance: e.main})
	}
	e.instantiateModule(fixupModule(e.shims, e.p.initialize), args)
}

func (e *encoder) lateFunctions() component.CoreInlineExports {
	var exports component.CoreInlineExports
	for i, s := range e.shims {
		var f uint32
		if s.im != nil {
			f = e.canon(s.im)
		} else {
			f = e.aliasCore(e.main, component.SortCoreFunc, s.dtor)
		}
		exports = append(exports, coreExportOf(strconv.Itoa(i), f))
	}
	return exports
}

func coreExportOf(name string, f uint32) component.CoreInlineExport {
	return component.CoreInlineExport{Name: name, Def: component.SortIndex{Sort: component.SortCoreFunc, Index: f}}
}

func (e *encoder) inlineCore(exports component.CoreInlineExports) uint32 {
	return e.b.Add(&component.CoreInstance{Expr: exports})
}

// encodeMain instantiates the core module itself.
func (e *encoder) encodeMain(core []byte) {
	module := e.b.Add(&component.CoreModule{Bytes: core})
	var order []string
	byModule := map[string]component.CoreInlineExports{}
	late := 0
	e.encodeShim()
	e.declareExportTypes()
	for _, im := range e.p.imports {
		if byModule[im.module] == nil {
			order = append(order, im.module)
		}
		var f uint32
		if im.late() {
			f = e.shimEntry(late)
			late++
		} else {
			f = e.canon(im)
		}
		byModule[im.module] = append(byModule[im.module], coreExportOf(im.name, f))
	}
	var args []component.CoreInstantiateArg
	for _, name := range order {
		args = append(args, component.CoreInstantiateArg{Name: name, Instance: e.inlineCore(byModule[name])})
	}
	e.main = e.b.Add(&component.CoreInstance{Expr: &component.CoreInstantiate{Module: module, Args: args}})
	if e.p.memory != "" {
		e.memory = e.aliasCore(e.main, component.SortCoreMemory, e.p.memory)
	}
}

// canon adds the canonical definition that an import becomes.
func (e *encoder) canon(im *coreImport) uint32 {
	c := im.canon
	c.Options = append(e.options(im.needs, e.p.importRealloc), c.Options...)
	if im.async() {
		c.Options = append(c.Options, component.CanonOption{Kind: component.OptionAsync})
	}
	types := e.typesAt(im.at)
	switch c.Op {
	case component.CanonLower:
		c.Func = e.importedFunc(im)
	case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
		c.Type = e.resourceType(im)
	case component.CanonTaskReturn:
		c.Result = types.optional(im.fn.Result)
	case component.CanonThreadNewIndirect:
		c.CoreType = e.b.Add(&component.CoreType{Def: &component.CoreFuncType{Params: []component.CoreValType{component.I32}}})
		c.Table = e.aliasCore(e.main, component.SortCoreTable, e.p.table)
	case component.CanonWaitableSetWait, component.CanonWaitableSetPoll:
		c.Memory = e.memory
		c.Options = nil
	default:
		if kind, ok := transferKind(c.Op); ok {
			c.Type = types.transfer(im.typ, kind == "future")
		}
	}
	return e.b.Add(&c)
}

// resourceType is the resource of a built-in. Where a world imports an interface
// under several names, each has its own.
func (e *encoder) resourceType(im *coreImport) uint32 {
	if im.imported() && im.at.iface != nil {
		return e.aliasExport(e.instances[im.at.key], component.SortType, im.typ.Name)
	}
	return e.typesAt(im.at).def(im.typ)
}

func transferKind(op component.CanonOp) (kind string, ok bool) {
	for _, b := range transferBuiltins {
		switch op {
		case b.stream:
			return "stream", true
		case b.future:
			return "future", true
		}
	}
	return "", false
}

// options are the canonical options that give what a definition needs.
func (e *encoder) options(n needs, realloc string) []component.CanonOption {
	var opts []component.CanonOption
	if n.memory {
		opts = append(opts, component.CanonOption{Kind: component.OptionMemory, Index: e.memory})
	}
	if n.realloc {
		f := e.aliasCore(e.main, component.SortCoreFunc, realloc)
		opts = append(opts, component.CanonOption{Kind: component.OptionRealloc, Index: f})
	}
	if n.encoding {
		opts = append(opts, component.CanonOption{Kind: component.OptionUTF8})
	}
	return opts
}
