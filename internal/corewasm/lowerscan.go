package corewasm

// memoryUse is what the code does with a memory.
type memoryUse struct {
	typ      MemoryType
	imported int // the import that it is, or -1
	weight   int // accesses, those in loops counted more
	accesses accessSet
	exported bool
	filled   bool // by an active data segment
	copied   bool // to or from another one
}

// used reports whether it would be noticed if the memory were not there: that of an
// import must fit.
func (u *memoryUse) used() bool {
	return len(u.accesses.list) > 0 || u.filled || u.copied || u.exported || u.imported >= 0
}

// accessSet keeps accesses in the order in which they were met.
type accessSet struct {
	list  []access
	known map[access]bool
}

func (s *accessSet) add(a access) {
	if s.known[a] {
		return
	}
	if s.known == nil {
		s.known = map[access]bool{}
	}
	s.known[a] = true
	s.list = append(s.list, a)
}

// maxNear is how many accesses to one memory may have their offsets built in.
// Code beyond it gives them as an operand, so that a side part stays small.
const maxNear = 256

// addNear adds an access, or its far form if there are many.
func (s *accessSet) addNear(a access) {
	if len(s.list) >= maxNear && a.offset != 0 && !s.known[a] && a.canBeFar() {
		a = a.asFar()
	}
	s.add(a)
}

func (a access) canBeFar() bool { return !isWait(a.op) }

// find gives the access that stands for a.
func (s *accessSet) find(a access) access {
	if !s.known[a] {
		return a.asFar()
	}
	return a
}

// scan looks through all code.
func (l *lowerer) scan() error {
	l.memories = make([]memoryUse, l.m.Count(KindMemory))
	for i := range l.memories {
		l.memories[i].typ, _ = l.m.MemoryType(uint32(i))
		l.memories[i].imported = -1
	}
	n := 0
	for i := range l.m.Imports {
		if l.m.Imports[i].Kind == KindMemory {
			l.memories[n].imported = i
			n++
		}
	}
	for _, e := range l.m.Exports {
		if e.Kind == KindMemory {
			l.memories[e.Index].exported = true
		}
	}
	for i := range l.m.Data {
		if d := &l.m.Data[i]; d.Mode == Active {
			l.memories[d.Memory].filled = true
		}
	}
	l.inits, l.dropped = map[access]bool{}, map[uint32]bool{}
	if !l.bodies {
		return nil
	}
	var b Body
	for i := range l.m.Functions {
		if err := b.reset(l.m, i); err != nil {
			return describe(err, nameFunction(l.m, i))
		}
		s := scanner{l: l}
		for in := b.Next(); in != nil; in = b.Next() {
			s.visit(in)
		}
		if err := b.Err(); err != nil {
			return describe(err, nameFunction(l.m, i))
		}
	}
	return nil
}

// scanner is the visitor of one body.
type scanner struct {
	l     *lowerer
	loops int
	open  []Opcode
}

func (s *scanner) visit(in *Instr) {
	switch in.Op {
	case OpBlock, OpLoop, OpIf, OpTryTable:
		s.open = append(s.open, in.Op)
		if in.Op == OpLoop {
			s.loops++
		}
	case OpEnd:
		s.end()
	case OpDataDrop:
		s.l.dropped[in.Index] = true
	case OpMemoryCopy:
		s.use(in.Index2, 1)
		s.access(in)
	case OpMemoryInit:
		s.l.inits[access{op: OpMemoryInit, index: in.Index, index2: in.Index2}] = true
		s.access(in)
	case OpMemorySize, OpMemoryGrow, OpMemoryFill:
		s.access(in)
	default:
		if imm := in.Op.Imm(); imm == ImmMemArg || imm == ImmMemArgLane {
			s.access(in)
		}
	}
}

func (s *scanner) end() {
	n := len(s.open) - 1
	if n < 0 {
		return // the function's own end
	}
	if s.open[n] == OpLoop {
		s.loops--
	}
	s.open = s.open[:n]
}

// access counts an access by the loops that it is in.
func (s *scanner) access(in *Instr) {
	a := accessOf(in)
	memory := a.memory()
	s.use(memory, 1<<(3*min(s.loops, 5)))
	u := &s.l.memories[memory]
	if in.Op == OpMemoryCopy && in.Index != in.Index2 {
		u.copied, s.l.memories[in.Index2].copied = true, true // by the host
		return
	}
	u.accesses.addNear(a)
}

func (s *scanner) use(memory uint32, weight int) { s.l.memories[memory].weight += weight }
