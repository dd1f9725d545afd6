package binary

import "github.com/gondola-wasm/gondola/component"

// Spec: Binary.md#name-section.

// DecodeNames reads the data of a custom section that is called
// [component.NameSection]. Subsections that it does not know are passed over. An
// error is a *[component.Error] whose offset counts from the start of data; since
// names mean nothing to validation, callers do well to go on without them.
func DecodeNames(data []byte) (n *component.Names, err error) {
	d := &decoder{reader: reader{b: data, end: len(data)}}
	defer d.recover(&err)
	n = &component.Names{}
	for d.left() > 0 {
		id := d.byte("a name subsection")
		size := d.u32("the size of a name subsection")
		d.within(size, "the name subsection", func() { d.nameSubsection(id, n) })
	}
	return n, nil
}

func (d *decoder) nameSubsection(id byte, n *component.Names) {
	switch id {
	case 0x00:
		n.Component = d.name("the name of the component")
	case 0x01:
		n.Sorts = append(n.Sorts, component.SortNames{Sort: d.sort(), Names: vec(&d.reader, "names", d.indexName)})
	default:
		d.pos = d.end
	}
}

func (d *decoder) indexName() component.IndexName {
	return component.IndexName{Index: d.u32("an index"), Name: d.name("a name")}
}

// EncodeNames writes the data of a custom section that is called
// [component.NameSection].
func EncodeNames(n *component.Names) []byte {
	var w writer
	if n.Component != "" {
		w.byte(0x00)
		w.sized(func() { w.name(n.Component) })
	}
	for _, sn := range n.Sorts {
		w.byte(0x01)
		w.sized(func() {
			w.sort(sn.Sort)
			list(&w, sn.Names, func(in *component.IndexName) {
				w.u32(in.Index)
				w.name(in.Name)
			})
		})
	}
	return w.b
}
