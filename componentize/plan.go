package componentize

import (
	"errors"
	"fmt"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit"
)

// plan is a core module with all its imports and exports understood.
type plan struct {
	world   *wit.World
	imports []*coreImport // in the module's order
	exports []*coreExport // in the world's order
	dtors   map[*wit.TypeDef]string

	// Names of core exports, empty where there is none.
	memory, table, initialize    string
	importRealloc, exportRealloc string
}

// newPlan matches m, whose imports have different names, with the world.
func newPlan(m *corewasm.Module, w *wit.World) (*plan, error) {
	problems := &Error{World: w.IDString()}
	p := &plan{world: w, dtors: map[*wit.TypeDef]string{}}
	x := newWorldIndex(w)
	p.readImports(m, x, problems)
	p.readExports(newExportReader(m, x.sigs, problems))
	p.checkWorld(problems)
	p.checkNeeds(problems)
	if !problems.empty() {
		return nil, problems
	}
	return p, nil
}

func (p *plan) readImports(m *corewasm.Module, x *worldIndex, problems *Error) {
	for _, im := range m.Imports {
		if im.Kind != corewasm.KindFunc {
			problems.Unknown = append(problems.Unknown, UnknownImport{im.Module, im.Name,
				fmt.Sprintf("this is a %s, and a module may import only functions here", im.Kind)})
			continue
		}
		c, err := classifyImport(x, im.Module, im.Name, m.Types[im.Type].FuncType)
		if wrong := (*mismatch)(nil); errors.As(err, &wrong) {
			item := fmt.Sprintf("import `%s` `%s`", im.Module, im.Name)
			problems.Mistyped = append(problems.Mistyped, MistypedItem{item, coreText(wrong.want), coreText(wrong.found)})
		} else if err != nil {
			problems.Unknown = append(problems.Unknown, UnknownImport{im.Module, im.Name, err.Error()})
		} else {
			p.imports = append(p.imports, c)
		}
	}
}

func (p *plan) readExports(r *exportReader) {
	p.memory = r.first(corewasm.KindMemory, "memory")
	p.table = r.first(corewasm.KindTable, "__indirect_function_table")
	p.initialize = r.function("_initialize", coreFunc("->"))
	realloc := coreFunc("i32 i32 i32 i32 -> i32")
	p.importRealloc = r.function(r.first(corewasm.KindFunc, "cabi_import_realloc", "cabi_realloc", "canonical_abi_realloc"), realloc)
	p.exportRealloc = r.function(r.first(corewasm.KindFunc, "cabi_export_realloc", "cabi_realloc", "canonical_abi_realloc"), realloc)
	p.exports = r.worldFunctions(p.world)
	for key, item := range p.world.Exports.All() {
		i, ok := item.(*wit.InterfaceItem)
		if !ok {
			continue
		}
		at := container{world: p.world, exported: true, key: key, iface: i.Interface}
		for _, d := range resourcesOf(i.Interface) {
			p.dtors[d] = r.destructor(at, d)
		}
	}
	if r.has(taskHook, corewasm.KindFunc) {
		r.err.otherf("export `%s`: hooks for tasks, as C toolchains with threads use them, are not supported", taskHook)
	}
}

// taskHook is what C libraries export that want to be called whenever a task begins.
const taskHook = "__wasm_task_hook"

// checkNeeds settles the canonical options of imports and exports, and reports what
// they would have to refer to but can't.
func (p *plan) checkNeeds(problems *Error) {
	lacks := map[string]string{} // what is lacking, and for whom
	lack := func(what, forWhom string) {
		if lacks[what] == "" {
			lacks[what] = forWhom
		}
	}
	check := func(n *needs, realloc, item string) {
		*n = n.settle(p.memory, realloc)
		if n.memory && p.memory == "" {
			lack("memory named `memory`", item)
		}
		if n.realloc && realloc == "" {
			lack("function named `cabi_realloc`", item)
		}
	}
	for _, im := range p.imports {
		check(&im.needs, p.importRealloc, fmt.Sprintf("import `%s` `%s`", im.module, im.name))
	}
	for _, e := range p.exports {
		check(&e.needs, p.exportRealloc, "export `"+e.core+"`")
	}
	for _, what := range []string{"memory named `memory`", "function named `cabi_realloc`"} {
		if item := lacks[what]; item != "" {
			problems.otherf("the module exports no %s, which %s needs", what, item)
		}
	}
	p.checkTable(problems)
}

// checkWorld reports what can't be encoded.
func (p *plan) checkWorld(problems *Error) {
	seen := map[*wit.Interface]bool{}
	for item := range p.world.Exports.Values() {
		i, ok := item.(*wit.InterfaceItem)
		if !ok {
			continue
		}
		if seen[i.Interface] && len(resourcesOf(i.Interface)) > 0 {
			problems.otherf("interface `%s`, which has resources, is exported under several names: that is not supported", i.Interface.IDString())
		}
		seen[i.Interface] = true
	}
}

func resourcesOf(i *wit.Interface) []*wit.TypeDef {
	var all []*wit.TypeDef
	for d := range i.Types.Values() {
		if _, ok := d.Kind.(*wit.Resource); ok {
			all = append(all, d)
		}
	}
	return all
}

func (p *plan) checkTable(problems *Error) {
	for _, im := range p.imports {
		if im.late() && !im.needs.memory && p.table == "" {
			problems.otherf("the module exports no table named `__indirect_function_table`, which import `%s` `%s` needs", im.module, im.name)
		}
	}
}
