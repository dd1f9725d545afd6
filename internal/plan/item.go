package plan

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/types"
)

// item is a component-level definition while a plan is made: FuncRef, module,
// typeItem, *instance or *closure.
type item any

// typeItem is a type: of the plan's resources, or any other, which needs no
// identity at run time.
type typeItem struct{ resource *types.Resource }

// instance is a component instance, or one that is made of exports.
type instance struct{ exports map[string]item }

// closure is a component with the scope that its outer aliases refer to.
type closure struct {
	c     *validate.Component
	outer *frame // nil for the root
	path  string // of its definition
}

// coreFunc is a core function and its type.
type coreFunc struct {
	def CoreDef
	typ corewasm.FuncType
}

// coreInstance is a core instance: a number, or a bundle of definitions.
type coreInstance struct {
	number  int
	bundle  map[string]CoreDef           // nil where number counts
	bundled map[string]corewasm.FuncType // the types of the functions in bundle
	types   *validate.ModuleType         // the type of the module, where number counts
}

// export finds an export, which validation found to exist.
func (i *coreInstance) export(sort component.Sort, name string) CoreDef {
	if i.bundle != nil {
		return i.bundle[name]
	}
	return CoreDef{Sort: sort, Trampoline: -1, Instance: i.number, Name: name}
}

// funcType is the type of an exported function.
func (i *coreInstance) funcType(name string) corewasm.FuncType {
	if i.bundle != nil {
		return i.bundled[name]
	}
	x, _ := i.types.Export(name)
	return x.Func
}
