package wat

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// coreInstanceDef parses what stands behind `(core instance`.
//
// Spec: Explainer.md#instance-definitions, production `core:instance`.
func (c *componentParser) coreInstanceDef() {
	l := c.label()
	d := &component.CoreInstance{}
	if c.gotOpen("instantiate") {
		d.Expr = c.coreInstantiate()
		c.close()
	} else {
		d.Expr = c.coreInlineExports()
	}
	c.define(component.SortCoreInstance, d, l)
}

func (c *componentParser) coreInstantiate() *component.CoreInstantiate {
	module := c.coreIndexOrRef(component.SortCoreModule)
	e := &component.CoreInstantiate{}
	var args []ref
	for c.gotPart("with") {
		e.Args = append(e.Args, component.CoreInstantiateArg{Name: c.name()})
		args = append(args, c.coreInstanceArg())
		c.close()
	}
	c.expectEnd("`(with`")
	e.Module = c.resolve(module)
	for i := range args {
		e.Args[i].Instance = c.resolve(args[i])
	}
	return e
}

// coreIndexOrRef parses `$x` or `(module $x "name"*)`.
func (c *componentParser) coreIndexOrRef(s component.Sort) ref {
	if c.atIndex() {
		return c.index(s)
	}
	r := c.coreExternRef()
	c.checkSort(r, s)
	return r
}

// coreInstanceArg parses `(instance $i)`, or `(instance (export …)*)` and defines
// that instance.
func (c *componentParser) coreInstanceArg() ref {
	place, s := c.place, component.SortCoreInstance
	c.begin()
	if !c.gotOpen("instance") {
		c.unexpected("`(instance …)`")
	}
	var r ref
	if c.atIndex() {
		r = c.path(s)
		c.close()
	} else {
		d := &component.CoreInstance{Expr: c.coreInlineExports()}
		c.close()
		r = defined(s, c.define(s, d, defName{}))
	}
	c.place = place
	return r
}

func (c *componentParser) coreInlineExports() component.CoreInlineExports {
	var list component.CoreInlineExports
	var refs []ref
	for c.gotPart("export") {
		list = append(list, component.CoreInlineExport{Name: c.name()})
		refs = append(refs, c.coreExternRef())
		c.close()
	}
	c.expectEnd("`(instantiate`", "`(export`")
	for i := range refs {
		list[i].Def = c.sortIndex(refs[i])
	}
	return list
}

// expectEnd fails where the form goes on. what are the things that could have come.
func (c *componentParser) expectEnd(what ...string) {
	if !c.at(tokRight) {
		c.unexpected(append(what, "`)`")...)
	}
}

// instanceDef parses what stands behind `(instance`.
//
// Spec: Explainer.md#instance-definitions, production `instance`.
func (c *componentParser) instanceDef() {
	l := c.label()
	exports := c.inlineExports()
	s := component.SortInstance
	if c.inverted(s, l, exports) {
		return
	}
	d := &component.Instance{}
	if c.gotOpen("instantiate") {
		d.Expr = c.instantiate()
		c.close()
	} else {
		d.Expr = c.bundledExports()
	}
	c.export(exports, s, c.define(s, d, l))
}

func (c *componentParser) instantiate() *component.Instantiate {
	of := c.ref(component.SortComponent)
	e := &component.Instantiate{}
	var args []ref
	for c.gotPart("with") {
		e.Args = append(e.Args, component.InstantiateArg{Name: c.name()})
		args = append(args, c.instanceArg())
		c.close()
	}
	c.expectEnd("`(with`")
	e.Component = c.resolve(of)
	for i := range args {
		e.Args[i].Def = c.sortIndex(args[i])
	}
	return e
}

// instanceArg parses `(func $f)`, or `(instance (export …)*)` and defines that
// instance.
func (c *componentParser) instanceArg() ref {
	q := *c.parser
	s := component.SortInstance
	if !q.gotOpen("instance") || q.at(tokID) || q.at(tokInteger) {
		return c.externRef()
	}
	place := c.place
	c.begin()
	c.gotOpen("instance")
	d := &component.Instance{Expr: c.bundledExports()}
	c.close()
	i := c.define(s, d, defName{})
	c.place = place
	return defined(s, i)
}

// bundledExports parses the exports that an instance is made of.
func (c *componentParser) bundledExports() component.InlineExports {
	var list component.InlineExports
	var refs []ref
	for c.gotPart("export") {
		x := component.InlineExport{Name: c.externName()}
		if c.at(tokRight) {
			c.failWith(syntax.Errorf(c.span(), "the export `%s` doesn't say what is exported", x.Name.Name).
				WithHint("exports of the instance itself, `(export \"name\")`, stand in front of the exports that it is made of"))
		}
		list = append(list, x)
		refs = append(refs, c.externRef())
		c.close()
	}
	c.expectEnd("`(instantiate`", "`(export`")
	for i := range refs {
		list[i].Def = c.sortIndex(refs[i])
	}
	return list
}
