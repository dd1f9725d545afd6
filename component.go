package gondola

import (
	"context"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/plan"
	"github.com/gondola-wasm/gondola/types"
)

// Component is a compiled component, which can be instantiated any number of
// times. It is safe for use from several goroutines.
type Component struct {
	rt      *Runtime
	exports []Item
	modules []ExportedModule

	tmpl *engine.Template // nil where open is set
	refs []plan.FuncRef   // of exports

	// open is what takes the place of tmpl in a component that imports core modules
	// or components.
	open *openComponent

	closed bool // nothing new is made of it; guarded by rt.mu
}

// Item is a function that a component imports or exports.
type Item struct {
	// Instance is the instance that the function is in, such as
	// "wasi:cli/run@0.3.0", or "" where it stands in the world itself. Instances
	// inside instances are joined by "/".
	Instance string
	// Name is the function's own name, such as "run" or "[method]file.read".
	Name string
	Type *types.Func
}

// String is the item as errors call it: "run of wasi:cli/run@0.3.0".
func (i Item) String() string {
	if i.Instance == "" {
		return i.Name
	}
	return i.Name + " of " + i.Instance
}

func newComponent(rt *Runtime, tmpl *engine.Template) *Component {
	c := &Component{rt: rt, tmpl: tmpl}
	c.collect("", tmpl.Plan.Exports)
	return c
}

// collect lists the functions among exports and in instances inside them.
func (c *Component) collect(instance string, exports []plan.Export) {
	for _, e := range exports {
		switch item := e.Item.(type) {
		case *plan.FuncItem:
			c.exports = append(c.exports, Item{instance, e.Name, item.Type})
			c.refs = append(c.refs, item.Func)
		case *plan.ModuleItem:
			c.modules = append(c.modules, ExportedModule{instance, e.Name, c.tmpl.Plan.Modules[item.Module.Index].Bytes})
		case *plan.InstanceItem:
			c.collect(joinPath(instance, e.Name), item.Exports)
		}
	}
}

func joinPath(instance, name string) string {
	if instance == "" {
		return name
	}
	return instance + "/" + name
}

// Exports are the functions that the component exports, in its own order.
func (c *Component) Exports() []Item { return slices.Clone(c.exports) }

// Imports are the functions that the component imports, in its own order.
func (c *Component) Imports() []Item {
	if c.open != nil {
		return funcItems(nil, "", c.open.typed.Type.Imports)
	}
	var items []Item
	for _, im := range c.tmpl.Plan.Imports {
		if im.Func != nil {
			items = append(items, importItem(&im))
		}
	}
	return items
}

// ExportedModule is a core module that a component exports.
type ExportedModule struct {
	Instance, Name string // as of an [Item]
	Wasm           []byte // its binary, which must not be changed
}

func importItem(im *plan.Import) Item {
	instance, name := splitPath(im.Path)
	return Item{instance, name, im.Func}
}

func splitPath(path []string) (instance, name string) {
	n := len(path) - 1
	return strings.Join(path[:n], "/"), path[n]
}

// Close closes every instance of the component that has not been closed, and frees
// the compiled code. It can't be instantiated any more. It must not be called by a
// host function. When ctx ends first, not everything is freed; it can be called again.
// Closing a component again does nothing.
func (c *Component) Close(ctx context.Context) error {
	c.rt.mu.Lock()
	c.closed = true
	c.rt.mu.Unlock()
	err := c.rt.closeInstances(ctx, func(in *Instance) bool { return in.component == c })
	if err != nil {
		return err
	}
	if c.open != nil {
		return c.open.close(ctx)
	}
	return c.tmpl.Close(ctx)
}
