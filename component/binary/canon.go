package binary

import "github.com/gondola-wasm/gondola/component"

// Spec: Binary.md#canonical-definitions.

func (d *decoder) canon() *component.Canon {
	c := &component.Canon{At: d.at()}
	c.Op = component.CanonOp(d.byte("a canonical definition"))
	imms, ok := c.Op.Immediates()
	if !ok {
		fail(c.At, "there is no canonical definition %#02x", byte(c.Op))
	}
	for _, imm := range imms {
		d.immediate(c, imm)
	}
	return c
}

func (d *decoder) immediate(c *component.Canon, imm component.Immediate) {
	switch imm {
	case component.ImmFunc:
		d.expect(0x00, "the func sort")
		c.Func = d.u32("a function index")
	case component.ImmType:
		c.Type = d.u32("a type index")
	case component.ImmOptions:
		c.Options = vec(&d.reader, "options", d.canonOption)
	case component.ImmResult:
		c.Result = d.resultList()
	case component.ImmAsync:
		c.Async = d.flag("whether it is async")
	case component.ImmCancellable:
		c.Cancellable = d.flag("whether it is cancellable")
	case component.ImmShared:
		c.Shared = d.flag("whether it is shared")
	case component.ImmMemory:
		c.Memory = d.u32("a core memory index")
	case component.ImmTable:
		c.Table = d.u32("a core table index")
	case component.ImmCoreType:
		c.CoreType = d.u32("a core type index")
	case component.ImmContext:
		c.Context = d.coreValType()
	case component.ImmSlot:
		c.Slot = d.u32("the number of a context slot")
	}
}

func (d *decoder) canonOption() component.CanonOption {
	o := component.CanonOption{At: d.at()}
	kind := d.byte("a canonical option")
	if kind > byte(component.OptionCallback) {
		fail(o.At, "there is no canonical option %#02x", kind)
	}
	o.Kind = component.OptionKind(kind)
	if o.Kind.HasIndex() {
		o.Index = d.u32("the index of the " + o.Kind.String())
	}
	return o
}

func (w *writer) canon(c *component.Canon) {
	imms, ok := c.Op.Immediates()
	if !ok {
		panic("binary: an unknown canonical definition")
	}
	w.byte(byte(c.Op))
	for _, imm := range imms {
		w.immediate(c, imm)
	}
}

func (w *writer) immediate(c *component.Canon, imm component.Immediate) {
	switch imm {
	case component.ImmFunc:
		w.byte(0x00)
		w.u32(c.Func)
	case component.ImmType:
		w.u32(c.Type)
	case component.ImmOptions:
		list(w, c.Options, w.canonOption)
	case component.ImmResult:
		w.resultList(c.Result)
	case component.ImmAsync:
		w.flag(c.Async)
	case component.ImmCancellable:
		w.flag(c.Cancellable)
	case component.ImmShared:
		w.flag(c.Shared)
	case component.ImmMemory:
		w.u32(c.Memory)
	case component.ImmTable:
		w.u32(c.Table)
	case component.ImmCoreType:
		w.u32(c.CoreType)
	case component.ImmContext:
		w.coreValType(c.Context)
	case component.ImmSlot:
		w.u32(c.Slot)
	}
}

func (w *writer) canonOption(o *component.CanonOption) {
	w.byte(byte(o.Kind))
	if o.Kind.HasIndex() {
		w.u32(o.Index)
	}
}
