package wat

import (
	"math/bits"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// moduleTypeUse parses `(type $t)`, or the declarators of a module type and defines
// it.
func (c *componentParser) moduleTypeUse() ref {
	if c.atTypeUse() {
		return c.coreExternRef()
	}
	def := c.moduleType("")
	return defined(component.SortCoreType, c.define(component.SortCoreType, &component.CoreType{Def: def}, defName{}))
}

// moduleType parses what stands behind `(module` in a type, up to the closing
// parenthesis.
//
// Spec: Explainer.md#type-definitions, production `core:moduletype`.
func (c *componentParser) moduleType(id string) component.CoreDefType {
	var list component.CoreModuleType
	s := &componentScope{what: inModuleType, id: id, add: func(d any) { list = append(list, d.(component.CoreDeclarator)) }}
	c.inScope(s, func() {
		funcs := moduleFuncTypes{}
		for !c.at(tokRight) {
			c.moduleDeclarator(funcs)
			c.close()
		}
	})
	return list
}

// moduleFuncTypes finds the function types that the text of a module type defines,
// by their encoding.
type moduleFuncTypes map[string]uint32

func funcKey(f corewasm.FuncType) string {
	return string(corewasm.AppendGroup(nil, []corewasm.Type{{FuncType: f}}))
}

// moduleDeclarator parses a part of a module type, up to its closing parenthesis.
//
// Spec: Explainer.md#type-definitions, production `core:moduledecl`.
func (c *componentParser) moduleDeclarator(funcs moduleFuncTypes) {
	c.begin()
	switch {
	case c.gotOpen("type"):
		i := c.scope.counts[component.SortCoreType]
		if f := c.coreTypeDefinition(); f != nil {
			funcs[funcKey(*f)] = i
		}
	case c.gotOpen("rec"):
		c.coreRecDefinition()
	case c.gotOpen("alias"):
		c.moduleAlias()
	case c.gotOpen("import"):
		d := &component.CoreImport{Module: c.name(), Name: c.name()}
		c.expect(tokLeft)
		d.Type = c.coreExternType(funcs)
		c.add(d)
		c.close()
	case c.gotOpen("export"):
		d := &component.CoreExportDecl{Name: c.name()}
		c.expect(tokLeft)
		d.Type = c.coreExternType(funcs)
		c.add(d)
		c.close()
	default:
		c.unexpected("`(type`", "`(import`", "`(export`", "`(alias`", "`(rec`", "`)`")
	}
}

// moduleAlias parses what stands behind `(alias` in a module type.
//
// Spec: Explainer.md#type-definitions, production `core:alias`.
func (c *componentParser) moduleAlias() {
	target := c.aliasTarget()
	if target.kind != "outer" {
		c.failWith(syntax.Errorf(target.at, "a module type has no `%s` aliases", target.kind).WithHint("it can alias types: `(alias outer $C $t (type $t))`"))
	}
	c.expectOpen("type")
	l := c.label()
	c.close()
	c.aliasOf(component.SortCoreType, l, target)
}

// coreExternType parses the type of a core import or export behind its parenthesis.
// It may have an identifier, to which nothing can refer.
func (c *componentParser) coreExternType(funcs moduleFuncTypes) component.CoreExternType {
	at := c.span()
	t := component.CoreExternType{Sort: c.coreSort()}
	c.id()
	switch t.Sort {
	case component.SortCoreFunc, component.SortCoreTag:
		t.Type = c.coreTypeUse(funcs)
	case component.SortCoreTable:
		t.Table = componentTable(c.coreTableType(c.coreIndex))
	case component.SortCoreMemory:
		t.Memory = componentMemory(c.coreMemoryType())
	case component.SortCoreGlobal:
		t.Global = componentGlobal(c.coreGlobalType(c.coreIndex))
	default:
		c.fail(at, "core modules import and export no %ss", t.Sort)
	}
	return t
}

// coreTypeUse parses the type of a function: `(type $t)`, parameters and results, or
// both. Where there is no index, an equal type that the text defines serves, or a new
// one is defined.
func (c *componentParser) coreTypeUse(funcs moduleFuncTypes) uint32 {
	var use *ref
	if c.atOpen("type") {
		r := c.coreExternRef()
		use = &r
	}
	f := c.coreFuncType(c.coreIndex)
	if use != nil {
		return c.resolve(*use)
	}
	if i, ok := funcs[funcKey(f)]; ok {
		return i
	}
	return c.define(component.SortCoreType, &component.CoreType{Def: c.coreDefType(corewasm.Type{FuncType: f})}, defName{})
}

func componentTable(t corewasm.TableType) component.CoreTableType {
	l := componentLimits(t.Limits)
	l.Shared = t.Shared
	return component.CoreTableType{Elem: componentCoreValType(t.Elem), Limits: l}
}

func componentLimits(l corewasm.Limits) component.CoreLimits {
	return component.CoreLimits{Min: l.Min, Max: l.Max, HasMax: l.HasMax, Is64: l.Is64}
}

func componentMemory(t corewasm.MemoryType) component.CoreLimits {
	l := componentLimits(t.Limits)
	l.Shared = t.Shared
	if t.PageSize != 0 {
		log := uint32(bits.TrailingZeros32(t.PageSize))
		l.PageSize = &log
	}
	return l
}

func componentGlobal(t corewasm.GlobalType) component.CoreGlobalType {
	return component.CoreGlobalType{Type: componentCoreValType(t.Type), Mutable: t.Mutable, Shared: t.Shared}
}
