package binary

import "github.com/gondola-wasm/gondola/component"

// Spec: Binary.md#-start-definitions and #-value-definitions.

func (d *decoder) start() *component.Start {
	return &component.Start{
		At:      d.at(),
		Func:    d.u32("a function index"),
		Args:    vec(&d.reader, "arguments", func() uint32 { return d.u32("a value index") }),
		Results: d.u32("the number of results"),
	}
}

func (w *writer) start(s *component.Start) {
	w.u32(s.Func)
	list(w, s.Args, func(i *uint32) { w.u32(*i) })
	w.u32(s.Results)
}

func (d *decoder) value() *component.Value {
	v := &component.Value{At: d.at(), Type: d.valType()}
	n := d.u32("the length of a value")
	v.DataAt = d.at()
	v.Data = d.bytes(n, "a value")
	return v
}

func (w *writer) value(v *component.Value) {
	w.valType(v.Type)
	w.blob(v.Data)
}
