package wat

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// coreType writes a core type. core is "core ", or "" in a module type.
func (c *componentPrinter) coreType(core string, d *component.CoreType) {
	s := component.SortCoreType
	if other, ok := d.Def.(*component.CoreOtherType); ok {
		c.coreOtherType(core, other)
		return
	}
	c.open(core + "type")
	id := c.bind(s)
	switch t := d.Def.(type) {
	case *component.CoreFuncType:
		c.word(t.String())
	case component.CoreModuleType:
		c.moduleType(t, id)
	}
	c.close()
	c.defined(s)
}

// coreOtherType writes the types that package component keeps as bytes.
func (c *componentPrinter) coreOtherType(core string, t *component.CoreOtherType) {
	s := component.SortCoreType
	b := t.Bytes
	if b[0] == 0 { // in front of a subtype, which could be taken for a module type
		b = b[1:]
	}
	group, err := corewasm.DecodeGroup(b)
	if err != nil {
		c.fail(fmt.Errorf("core type %d: %w", c.scope.counts[s], err))
		return
	}
	rec := b[0] == 0x4e
	mp := newModulePrinter(c.printer, &corewasm.Module{Types: group})
	if rec {
		c.open(core + "rec")
		core = ""
	}
	for i := range group {
		c.open(core + "type")
		c.bindNth(s, uint32(i))
		mp.typeDef(uint32(i), &group[i])
		c.close()
	}
	if rec {
		c.close()
	}
	c.scope.counts[s] += t.Types
}

func (c *componentPrinter) moduleType(list component.CoreModuleType, id string) {
	c.open("module")
	c.inScope(&componentPrintScope{id: id}, func() {
		for _, d := range list {
			c.moduleDeclarator(d)
		}
	})
	c.close()
}

func (c *componentPrinter) moduleDeclarator(d component.CoreDeclarator) {
	s := component.SortCoreType
	switch d := d.(type) {
	case *component.CoreType:
		c.coreType("", d)
	case *component.CoreAlias:
		c.open("alias outer")
		c.word(c.outer(s, d.Count, d.Index))
		c.inline("type")
		c.bind(s)
		c.close()
		c.close()
		c.defined(s)
	case *component.CoreImport:
		c.open("import")
		c.word(quote(d.Module), quote(d.Name))
		c.coreExternType(&d.Type)
		c.close()
	case *component.CoreExportDecl:
		c.open("export")
		c.str(d.Name)
		c.coreExternType(&d.Type)
		c.close()
	}
}

func (c *componentPrinter) coreExternType(t *component.CoreExternType) {
	word := coreWord(t.Sort)
	switch t.Sort {
	case component.SortCoreFunc, component.SortCoreTag:
		c.form(word, fmt.Sprintf("(type %s)", c.index(component.SortCoreType, t.Type)))
	case component.SortCoreTable:
		c.form(word, limitsText(t.Table.Limits, t.Table.Elem.String()))
	case component.SortCoreMemory:
		c.form(word, limitsText(t.Memory, ""))
	case component.SortCoreGlobal:
		c.form(word, globalText(t.Global))
	}
}

func globalText(t component.CoreGlobalType) string {
	text := t.Type.String()
	if t.Mutable {
		text = "mut " + text
	}
	if t.Shared {
		text = "shared " + text
	}
	if t.Mutable || t.Shared {
		text = "(" + text + ")"
	}
	return text
}

// limitsText is the text of a memory type, or with the type of its elements that
// of a table.
func limitsText(l component.CoreLimits, elem string) string {
	var words []string
	if elem != "" && l.Shared {
		words = append(words, "shared")
	}
	if l.Is64 {
		words = append(words, "i64")
	}
	words = append(words, fmt.Sprint(l.Min))
	if l.HasMax {
		words = append(words, fmt.Sprint(l.Max))
	}
	if elem == "" && l.Shared {
		words = append(words, "shared")
	}
	if l.PageSize != nil {
		words = append(words, fmt.Sprintf("(pagesize %d)", uint64(1)<<(*l.PageSize%bits.UintSize)))
	}
	if elem != "" {
		words = append(words, elem)
	}
	return strings.Join(words, " ")
}
