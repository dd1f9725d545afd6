package binary

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/leb128"
)

// Spec: Binary.md#type-definitions, productions below `core:type`, and the core
// specification's binary format of types.

func (d *decoder) coreType() *component.CoreType {
	t := &component.CoreType{At: d.at()}
	switch d.peek() {
	case 0x50:
		d.pos++
		t.Def = d.coreModuleType()
	case 0x60:
		t.Def = d.coreFuncType()
	default:
		t.Def = d.coreOtherType()
	}
	return t
}

func (w *writer) coreType(t component.CoreDefType) {
	switch t := t.(type) {
	case *component.CoreFuncType:
		w.coreFuncType(t)
	case *component.CoreOtherType:
		w.b = append(w.b, t.Bytes...)
	case component.CoreModuleType:
		w.byte(0x50)
		list(w, t, w.coreDeclarator)
	default:
		panic("binary: a core type definition without a type")
	}
}

func (d *decoder) coreFuncType() *component.CoreFuncType {
	d.expect(0x60, "a core function type")
	return &component.CoreFuncType{
		Params:  vec(&d.reader, "parameters", d.coreValType),
		Results: vec(&d.reader, "results", d.coreValType),
	}
}

func (w *writer) coreFuncType(t *component.CoreFuncType) {
	write := func(v *component.CoreValType) { w.coreValType(*v) }
	w.byte(0x60)
	list(w, t.Params, write)
	list(w, t.Results, write)
}

// coreOtherType reads a type of the garbage collection proposal and keeps its
// bytes.
func (d *decoder) coreOtherType() *component.CoreOtherType {
	start, keyword, types := d.pos, "rec", 1
	switch d.peek() {
	case 0x4e:
		d.pos++
		types = len(vec(&d.reader, "types", d.coreSubType))
	case 0x00:
		d.pos++
		if d.peek() != 0x50 {
			fail(d.at(), "expected a core subtype (0x50) after 0x00, found %#02x", d.peek())
		}
		keyword = d.coreSubType()
	default:
		keyword = d.coreSubType()
	}
	return &component.CoreOtherType{Keyword: keyword, Types: uint32(types), Bytes: d.b[start:d.pos:d.pos]}
}

// coreSubType reads a subtype and says what it is.
func (d *decoder) coreSubType() string {
	if c := d.peek(); c != 0x50 && c != 0x4f {
		return d.coreCompType()
	}
	d.pos++
	vec(&d.reader, "supertypes", func() uint32 { return d.u32("a core type index") })
	d.coreCompType()
	return "sub"
}

// codeShared comes before what is shared: a composite type, or an abstract heap
// type.
const codeShared = 0x65

func (d *decoder) coreCompType() string {
	if d.peek() == codeShared {
		d.pos++
	}
	at := d.at()
	switch d.peek() {
	case 0x60:
		d.coreFuncType()
		return "func"
	case 0x5f:
		d.pos++
		vec(&d.reader, "fields", d.coreField)
		return "struct"
	case 0x5e:
		d.pos++
		d.coreField()
		return "array"
	case 0x5d:
		d.pos++
		d.coreHeapType()
		return "cont"
	}
	fail(at, "there is no core type %#02x", d.byte("a core type"))
	return ""
}

func (d *decoder) coreField() bool {
	if c := d.peek(); c == 0x78 || c == 0x77 { // i8, i16
		d.pos++
	} else {
		d.coreValType()
	}
	return d.flag("whether the field is mutable")
}

func (d *decoder) coreValType() component.CoreValType {
	at := d.at()
	c := d.byte("a core value type")
	switch code := component.CoreTypeCode(c); code {
	case component.CoreI32, component.CoreI64, component.CoreF32, component.CoreF64, component.CoreV128:
		return component.CoreValType{Code: code}
	case component.CoreRef, component.CoreRefNull:
		return component.CoreValType{Code: code, Heap: d.coreHeapType()}
	}
	shared := c == codeShared
	if shared {
		c = d.byte("a shared heap type")
	}
	if !component.IsAbstractHeap(c) {
		fail(at, "there is no core value type %#02x", c)
	}
	return component.CoreValType{Code: component.CoreRefNull, Heap: component.CoreHeapType{Abstract: c, Shared: shared, Short: true}}
}

func (d *decoder) coreHeapType() component.CoreHeapType {
	at := d.at()
	if d.peek() == codeShared {
		d.pos++
		c := d.byte("a shared heap type")
		if !component.IsAbstractHeap(c) {
			fail(at, "there is no shared heap type %#02x", c)
		}
		return component.CoreHeapType{Abstract: c, Shared: true}
	}
	if c := d.peek(); component.IsAbstractHeap(c) {
		d.pos++
		return component.CoreHeapType{Abstract: c}
	}
	i := d.s33("a heap type")
	if i < 0 {
		fail(at, "there is no heap type %#02x", d.b[at])
	}
	return component.CoreHeapType{Index: uint32(i)}
}

func (w *writer) coreValType(t component.CoreValType) {
	if !t.Heap.Short {
		w.byte(byte(t.Code))
		if t.Code != component.CoreRef && t.Code != component.CoreRefNull {
			return
		}
	}
	if t.Heap.Shared {
		w.byte(codeShared)
	}
	if t.Heap.Abstract != 0 {
		w.byte(t.Heap.Abstract)
		return
	}
	w.typeIndex(t.Heap.Index)
}

// typeIndex writes an index that shares the signed integers with the codes of
// types.
func (w *writer) typeIndex(i uint32) { w.b = leb128.AppendS64(w.b, int64(i)) }
