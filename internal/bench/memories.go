package main

import (
	"fmt"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// memoryWorld is the world of the guests whose memories differ.
const memoryWorld = `package bench:memories;

world guest {
  // These go over 64 KiB n times.
  export load: func(n: u32) -> u64;
  export store: func(n: u32) -> u64;
  export copy: func(n: u32) -> u64;

  export other: func(n: u32) -> u64;
}
`

const (
	memoryBytes = 64 << 10 // what they go over; as many follow
	memoryWord  = 3        // what is in each of their words
)

// memoryKernels are the exports, and what they answer to n.
var memoryKernels = []struct {
	name string
	want func(n int) uint64
}{
	{"load", func(n int) uint64 { return uint64(n) * memoryBytes / 8 * memoryWord }},
	{"store", func(int) uint64 { return 1 }},
	{"copy", func(int) uint64 { return memoryWord }},
}

// memoryKind is what memory a guest has its bytes in.
type memoryKind struct {
	name   string
	second bool // beside another memory, which its code uses more
	wide   bool // addresses have 64 bits
}

// The others are compared with the first one.
var memoryKinds = []memoryKind{{"one memory", false, false}, {"second memory", true, false}, {"64-bit", false, true}, {"64-bit second", true, true}}

// component is a guest with such a memory.
func (k memoryKind) component() ([]byte, error) {
	a := memoryAssembler{newAssembler(), k}
	limits := corewasm.Limits{Min: 2, Max: 2, HasMax: true, Is64: k.wide}
	a.AddMemory(corewasm.MemoryType{Limits: limits})
	bytes := uint32(0)
	if k.second {
		bytes = a.AddMemory(corewasm.MemoryType{Limits: limits})
	}
	for name, body := range map[string]*corewasm.Code{"load": a.load(bytes), "store": a.store(bytes), "copy": a.copy(0, bytes), "other": a.other()} {
		a.define(name, valTypes{i32}, valTypes{i64}, valTypes{limits.Address(), i64}, body)
	}
	offset := corewasm.ConstI32(0)
	if k.wide {
		offset = corewasm.ConstI64(0)
	}
	data := make([]byte, memoryBytes)
	for i := 0; i < len(data); i += 8 {
		data[i] = memoryWord
	}
	a.AddData(corewasm.Data{Memory: bytes, Offset: offset, Init: data})
	return component(a.Encode(), memoryWorld)
}

// memoryAssembler writes functions whose parameter is how often, and whose local 1 is an
// address.
type memoryAssembler struct {
	*assembler
	kind memoryKind
}

// address appends a constant address or length.
func (m memoryAssembler) address(b body, v int64) body {
	if m.kind.wide {
		return b.i64(v)
	}
	return b.i32(int32(v))
}

// onAddresses appends an instruction.
func (m memoryAssembler) onAddresses(b body, name string) body {
	if m.kind.wide {
		return b.op("i64." + name)
	}
	return b.op("i32." + name)
}

func (m memoryAssembler) access(b body, name string, memory uint32, offset uint64) body {
	op, _ := corewasm.LookupOpcode(name)
	in := corewasm.Instr{Op: op, Index: memory, Imm: offset}
	b.Raw(in.Append(nil)...)
	return b
}

// times does something as often as the parameter says.
func (m memoryAssembler) times(each func(body) body) body {
	return each(m.body().loop()).get(0).i32(1).op("i32.sub").set(0).get(0).brIf(0).end()
}

// words does something with each word's address.
func (m memoryAssembler) words(each func(body) body) body {
	return m.times(func(b body) body {
		b = each(m.address(b, 0).set(1).loop())
		b = m.onAddresses(m.address(b.get(1), 8), "add").set(1)
		return m.onAddresses(m.address(b.get(1), memoryBytes), "lt_u").brIf(0).end()
	})
}

func (m memoryAssembler) load(memory uint32) *corewasm.Code {
	return m.words(func(b body) body {
		return m.access(b.get(2).get(1), "i64.load", memory, 0).op("i64.add").set(2)
	}).get(2).Code
}

// store writes behind the bytes how many rounds are left, which is 1 in the end.
func (m memoryAssembler) store(memory uint32) *corewasm.Code {
	b := m.words(func(b body) body {
		return m.access(b.get(1).get(0).op("i64.extend_i32_u"), "i64.store", memory, memoryBytes)
	})
	return m.access(m.address(b, 0), "i64.load", memory, memoryBytes).Code
}

// copy copies the bytes behind where they are, or would be in the other memory.
func (m memoryAssembler) copy(to, from uint32) *corewasm.Code {
	b := m.times(func(b body) body {
		b = m.address(m.address(m.address(b, memoryBytes), 0), memoryBytes)
		b.Idx(corewasm.OpMemoryCopy, to, from)
		return b
	})
	return m.access(m.address(b, memoryBytes-8), "i64.load", to, memoryBytes).Code
}

// other uses memory 0 more than anything else does.
func (m memoryAssembler) other() *corewasm.Code {
	return m.words(func(b body) body {
		for range 8 {
			b = m.access(b.get(2).get(1), "i64.load", 0, 0).op("i64.add").set(2)
		}
		return b
	}).get(2).Code
}

// memoryWorks is a kernel in each kind of memory.
func (l *lab) memoryWorks(name string, want func(n int) uint64) (works []work, err error) {
	for _, k := range memoryKinds {
		comp, err := l.compile(k.component())
		if err != nil {
			return nil, err
		}
		rt, err := l.rt()
		if err != nil {
			return nil, err
		}
		in, err := rt.NewLinker().Instantiate(l.ctx, comp)
		if err != nil {
			return nil, err
		}
		l.atEnd(func() error { return in.Close(l.ctx) })
		f := in.Func("", name)
		works = append(works, func(n int) error {
			var got uint64
			if err := f.CallInto(l.ctx, &got, uint32(n)); err != nil {
				return fmt.Errorf("%s, %s: %w", k.name, name, err)
			}
			if got != want(n) {
				return wrong(k.name+", "+name, got, want(n))
			}
			return nil
		})
	}
	return works, nil
}

// memories compares what code in other memories costs.
func (r *report) memories() error {
	columns := []string{"64 KiB, processor time"}
	for i, k := range memoryKinds {
		if columns = append(columns, k.name); i > 0 {
			columns = append(columns, "ratio")
		}
	}
	r.head(columns...)
	for _, k := range memoryKernels {
		works, err := r.lab.memoryWorks(k.name, k.want)
		if err != nil {
			return err
		}
		s, err := r.pace.compare(works...)
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		cells := []string{k.name, ns(s[0].cost())}
		for _, other := range s[1:] {
			cells = append(cells, ns(other.cost()), times(other.cost()/s[0].cost()))
		}
		r.line(cells...)
	}
	return nil
}
