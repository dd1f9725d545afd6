package binary

import "github.com/gondola-wasm/gondola/component"

var coreSorts = map[byte]component.Sort{
	0x00: component.SortCoreFunc,
	0x01: component.SortCoreTable,
	0x02: component.SortCoreMemory,
	0x03: component.SortCoreGlobal,
	0x04: component.SortCoreTag,
	0x10: component.SortCoreType,
	0x11: component.SortCoreModule,
	0x12: component.SortCoreInstance,
}

var sorts = map[byte]component.Sort{
	0x01: component.SortFunc,
	0x02: component.SortValue,
	0x03: component.SortType,
	0x04: component.SortComponent,
	0x05: component.SortInstance,
}

// sortCodes are the bytes of each sort.
var sortCodes = func() (codes [component.NumSorts][]byte) {
	for c, s := range coreSorts {
		codes[s] = []byte{0, c}
	}
	for c, s := range sorts {
		codes[s] = []byte{c}
	}
	return codes
}()

func (r *reader) coreSort() component.Sort {
	at := r.at()
	c := r.byte("a core sort")
	s, ok := coreSorts[c]
	if !ok {
		fail(at, "there is no core sort %#02x", c)
	}
	return s
}

func (r *reader) sort() component.Sort {
	at := r.at()
	c := r.byte("a sort")
	if c == 0 {
		return r.coreSort()
	}
	s, ok := sorts[c]
	if !ok {
		fail(at, "there is no sort %#02x", c)
	}
	return s
}

func (w *writer) coreSort(s component.Sort) {
	if !s.IsCore() {
		panic("binary: " + s.String() + " where a core sort is needed")
	}
	w.byte(sortCodes[s][1])
}

func (w *writer) sort(s component.Sort) { w.byte(sortCodes[s]...) }

func (r *reader) coreSortIndex() component.SortIndex {
	return component.SortIndex{At: r.at(), Sort: r.coreSort(), Index: r.u32("an index")}
}

func (r *reader) sortIndex() component.SortIndex {
	return component.SortIndex{At: r.at(), Sort: r.sort(), Index: r.u32("an index")}
}

func (w *writer) sortIndex(si component.SortIndex) {
	w.sort(si.Sort)
	w.u32(si.Index)
}
