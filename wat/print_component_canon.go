package wat

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
)

func (c *componentPrinter) canon(d *component.Canon) {
	s, _ := d.Defines()
	c.open(s.String())
	c.bind(s)
	if d.Op == component.CanonLift {
		c.form("type", c.index(component.SortType, d.Type))
	}
	c.inline("canon")
	c.word(d.Op.String())
	imms, _ := d.Op.Immediates()
	for _, imm := range imms {
		c.immediate(d, imm)
	}
	c.close()
	c.close()
	c.defined(s)
}

func (c *componentPrinter) immediate(d *component.Canon, imm component.Immediate) {
	flag := func(set bool, word string) {
		if set {
			c.word(word)
		}
	}
	switch imm {
	case component.ImmFunc:
		s := component.SortFunc
		if d.Op == component.CanonLift {
			s = component.SortCoreFunc
		}
		c.word(c.ref(s, d.Func))
	case component.ImmType:
		if d.Op != component.CanonLift {
			c.word(c.index(component.SortType, d.Type))
		}
	case component.ImmOptions:
		for _, o := range d.Options {
			c.word(c.canonOption(o))
		}
	case component.ImmResult:
		if d.Result != nil {
			c.form("result", c.valType(*d.Result))
		}
	case component.ImmAsync:
		flag(d.Async, "async")
	case component.ImmCancellable:
		flag(d.Cancellable, "cancellable")
	case component.ImmShared:
		flag(d.Shared, "shared")
	case component.ImmMemory:
		c.form("memory", c.index(component.SortCoreMemory, d.Memory))
	case component.ImmTable:
		c.word(c.ref(component.SortCoreTable, d.Table))
	case component.ImmCoreType:
		c.word(c.ref(component.SortCoreType, d.CoreType))
	case component.ImmContext:
		c.word(d.Context.String())
	case component.ImmSlot:
		c.word(number(d.Slot))
	}
}

func (c *componentPrinter) canonOption(o component.CanonOption) string {
	if !o.Kind.HasIndex() {
		return o.Kind.String()
	}
	s := component.SortCoreFunc
	if o.Kind == component.OptionMemory {
		s = component.SortCoreMemory
	}
	return fmt.Sprintf("(%s %s)", o.Kind, c.index(s, o.Index))
}

func (c *componentPrinter) start(d *component.Start) {
	s := component.SortValue
	c.open("start")
	c.word(c.index(component.SortFunc, d.Func))
	for _, a := range d.Args {
		c.word(c.ref(s, a))
	}
	const most = 1000 // functions have one result
	if d.Results > most {
		c.fail(fmt.Errorf("a start definition has %d results", d.Results))
	}
	for i := range min(d.Results, most) {
		c.inline("result")
		c.inline("value")
		c.bindNth(s, i)
		c.close()
		c.close()
	}
	c.close()
	c.scope.counts[s] += d.Results
}
