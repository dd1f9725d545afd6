package engine

import (
	"strings"

	"github.com/gondola-wasm/gondola/internal/plan"
)

// liftNames are what traps call the functions of a plan that it lifts: as its
// exports do. A function that is not exported, or only inside, is called after the
// core function's export.
func liftNames(p *plan.Plan) []string {
	core := make([]string, p.Counts.Funcs)
	names := make([]string, p.Counts.Lifts)
	for _, s := range p.Steps {
		switch s := s.(type) {
		case *plan.ExtractFunc:
			if !s.From.IsTrampoline() {
				core[s.Number] = s.From.Name
			}
		case *plan.Lift:
			names[s.Number] = core[s.Callee]
		}
	}
	nameExports(p.Exports, "", names)
	return names
}

func nameExports(exports []plan.Export, suffix string, names []string) {
	for _, e := range exports {
		switch item := e.Item.(type) {
		case *plan.FuncItem:
			if !item.Func.Imported {
				names[item.Func.Index] = e.Name + suffix
			}
		case *plan.InstanceItem:
			nameExports(item.Exports, " of "+e.Name, names)
		}
	}
}

// importName is what backtraces call an imported function: as the host calls it.
func importName(im *plan.Import) string {
	n := len(im.Path) - 1
	if n == 0 {
		return im.Path[0]
	}
	return im.Path[n] + " of " + strings.Join(im.Path[:n], "/")
}

// trampolineName is what backtraces call a trampoline.
func trampolineName(p *plan.Plan, lifts []string, s plan.Step) string {
	switch s := s.(type) {
	case *plan.Lower:
		if s.Func.Imported {
			return importName(&p.Imports[s.Func.Index])
		}
		return lifts[s.Func.Index]
	case *plan.Builtin:
		return s.Op.String()
	}
	return ""
}
