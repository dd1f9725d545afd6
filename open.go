package gondola

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/plan"
	"github.com/gondola-wasm/gondola/wat"
)

// openComponent is a component that imports core modules or components. What they
// are is known when it is linked; only then it is planned and compiled.
type openComponent struct {
	typed *validate.Component

	mu     sync.Mutex
	closed []*Component // what linkers have made of it
}

func newOpenComponent(rt *Runtime, typed *validate.Component) *Component {
	return &Component{
		rt:      rt,
		exports: funcItems(nil, "", typed.Type.Exports),
		open:    &openComponent{typed: typed},
	}
}

// funcItems adds the functions among externs, and in instances inside them.
func funcItems(items []Item, instance string, externs []validate.Extern) []Item {
	for i := range externs {
		switch typ := externs[i].Type.(type) {
		case *validate.FuncType:
			items = append(items, Item{instance, externs[i].Name, typ.Func})
		case *validate.InstanceType:
			items = funcItems(items, joinPath(instance, externs[i].Name), typ.Exports)
		}
	}
	return items
}

// close frees what linkers have made of the component.
func (o *openComponent) close(ctx context.Context) error {
	o.mu.Lock()
	closed := o.closed
	o.closed = nil
	o.mu.Unlock()
	var errs []error
	for _, c := range closed {
		errs = append(errs, c.Close(ctx))
	}
	return errors.Join(errs...)
}

// hostDefinition is a core module or a component that a linker gives.
type hostDefinition struct {
	typ   validate.Entity
	given plan.Definition
}

// CoreModule gives a core module to components that import one, to instantiate it
// themselves. wasm is its binary, which must not be changed afterwards, or its text.
// instance is "" for a module that stands in the world itself. Whether it has the imports and
// exports that a component expects is found out when that is instantiated.
//
// The error is that it is no valid core module.
func (l *Linker) CoreModule(instance, name string, wasm []byte) error {
	wasm, err := wat.Binary(name+".wat", wasm)
	if err != nil {
		return err
	}
	m, err := corewasm.Decode(wasm)
	if err != nil {
		return err
	}
	typ, err := validate.CoreModule(m)
	if err != nil {
		return err
	}
	l.define(instance, name, &hostDefinition{typ, &plan.GivenModule{Bytes: wasm, Decoded: m, Type: typ}})
	return nil
}

// Component gives a component to components that import one, to instantiate it
// themselves, with imports of their choice. wasm is its binary, which must not be
// changed afterwards, or its text. instance is "" for a component that stands in the
// world itself. Whether it has the imports and exports that a component expects is
// found out when that is instantiated.
//
// The error is that it is no valid component.
func (l *Linker) Component(instance, name string, wasm []byte) error {
	typed, err := l.rt.typedComponent(wasm)
	if err != nil {
		return err
	}
	l.define(instance, name, &hostDefinition{typed.Type, &plan.GivenComponent{Component: typed}})
	return nil
}

func (l *Linker) define(instance, name string, d *hostDefinition) {
	l.definitions[linkKey(instance, name)] = d
	l.changed()
}

// close plans and compiles an open component with the definitions that the linker
// gives to it. Any other component is returned as it is.
func (l *Linker) close(ctx context.Context, c *Component) (*Component, error) {
	if c.open == nil {
		return c, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if closed := l.closed[c]; closed != nil {
		return closed, nil
	}
	if err := l.checkOpenings(c.open.typed); err != nil {
		return nil, err
	}
	closed, err := l.compileOpen(ctx, c)
	if err != nil {
		return nil, err
	}
	if l.closed == nil {
		l.closed = map[*Component]*Component{}
	}
	l.closed[c] = closed
	return closed, nil
}

func (l *Linker) compileOpen(ctx context.Context, c *Component) (*Component, error) {
	eng, end, err := c.rt.use(ctx, c)
	if err != nil {
		return nil, err
	}
	defer end()
	p, err := plan.Link(c.open.typed, c.rt.cfg.maxInstances, func(path []string) plan.Definition {
		return l.definitions[linkKey(splitPath(path))].given
	})
	if err != nil {
		return nil, err
	}
	closed, err := c.rt.compile(ctx, eng, p)
	if err != nil {
		return nil, err
	}
	c.open.mu.Lock()
	defer c.open.mu.Unlock()
	c.open.closed = append(c.open.closed, closed)
	return closed, nil
}

// checkOpenings says which core modules and components are missing or don't fit.
func (l *Linker) checkOpenings(c *validate.Component) error {
	e := &LinkError{}
	plan.Openings(c, func(path []string, want validate.Entity) {
		d := l.definitions[linkKey(splitPath(path))]
		if d == nil {
			e.Missing = append(e.Missing, fmt.Sprintf("%s: %s", strings.Join(path, " "), want.Sort()))
			return
		}
		if err := validate.Match(d.typ, want, nil); err != nil {
			e.Misfits = append(e.Misfits, fmt.Errorf("%s: %w", strings.Join(path, " "), err))
		}
	})
	if len(e.Missing)+len(e.Misfits) == 0 {
		return nil
	}
	return e
}
