package corewasm

import "slices"

// kitchenSink has at least one of everything that a module can have.
func kitchenSink() *Module {
	m := runnableSink()
	m.Functions[0].Body = sinkBody(func(Opcode) bool { return true })
	m.Types = append(m.Types,
		Type{Kind: TypeStruct, Open: true, Fields: []FieldType{{Type: I8}, {Type: I16, Mutable: true}, {Type: I31Ref}}},
		Type{Kind: TypeStruct, Supers: []uint32{4}, Fields: []FieldType{{Type: I8}, {Type: I16, Mutable: true}, {Type: I31Ref}, {Type: F64}}},
		Type{Kind: TypeArray, Shared: true, Group: 2, Fields: []FieldType{{Type: RefType(HeapEq.Shared(), true), Mutable: true}}},
		Type{Kind: TypeCont, Cont: 2, Group: -1},
	)
	m.Imports = append(m.Imports,
		Import{Kind: KindTable, Table: TableType{Elem: RefType(HeapNone, false), Limits: Limits{Min: 1 << 40, Is64: true}, Shared: true}},
		Import{Kind: KindMemory, Memory: MemoryType{Limits: Limits{Max: 1 << 48, HasMax: true, Is64: true}, PageSize: 1}},
		Import{Kind: KindGlobal, Global: GlobalType{Type: RefType(HeapNoExn, false), Shared: true}},
	)
	m.Customs[0].Before = SectionType
	m.Customs = slices.Insert(m.Customs, 1, Custom{Name: "between", Before: SectionDataCount})
	return m
}

// runnableSink is what the engine understands of it.
func runnableSink() *Module {
	b := NewBuilder()
	ft := b.AddType([]ValType{I32, I64}, []ValType{F32, F64})
	rt := b.AddType([]ValType{RefType(0, true), RefType(0, false), ExternRef, RefType(HeapFunc, false), V128, ExnRef}, nil)
	void := b.AddType(nil, nil)
	b.ImportFunc("", "", ft)
	b.ImportTable("a", "table", TableType{Elem: ExternRef, Limits: Limits{Min: 1, Max: 2, HasMax: true}})
	b.ImportMemory("a", "memory", MemoryType{Limits: Limits{Min: 1, Max: 2, HasMax: true}, Shared: true})
	b.ImportGlobal("a", "global", GlobalType{Type: I32, Mutable: false})
	b.ImportTag("a", "tag", void)
	b.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 3}})
	b.AddTable(TableType{Elem: RefType(0, true), Limits: Limits{Min: 1, Max: 1, HasMax: true}})
	b.AddMemory(MemoryType{})
	b.AddTag(void)
	b.AddGlobal(GlobalType{Type: I32, Mutable: true}, ConstGlobal(0))
	b.AddGlobal(GlobalType{Type: RefType(HeapFunc, false)}, ConstFunc(1))
	b.AddGlobal(GlobalType{Type: I32, Mutable: false}, ConstExpr(append(NewCode().I32(4).I32(5).Op(OpI32Add).b, byte(OpEnd))))
	f := b.DeclareFunc(void)
	b.AddFunc(rt, nil, NewCode())
	b.AddExport("f", KindFunc, f)
	b.AddExport("", KindGlobal, 1)
	b.SetStart(f)
	b.AddElement(Element{Mode: Active, Table: 1, Offset: ConstI32(0), Type: FuncRef, Funcs: []uint32{0, 1}})
	b.AddElement(Element{Mode: Passive, Type: FuncRef, Funcs: []uint32{1}})
	b.AddElement(Element{Mode: Declarative, Type: FuncRef, Funcs: []uint32{1, 2}})
	b.AddElement(Element{Mode: Active, Table: 0, Offset: ConstI32(1), Type: ExternRef, Exprs: []ConstExpr{ConstNull(HeapExtern)}})
	b.AddElement(Element{Mode: Passive, Type: RefType(0, true), Exprs: []ConstExpr{ConstNull(0)}})
	b.AddData(Data{Mode: Active, Offset: ConstI32(-1), Init: []byte("abc")})
	b.AddData(Data{Mode: Active, Memory: 1, Offset: ConstI32(0), Init: []byte{}})
	b.AddData(Data{Mode: Passive, Init: []byte("xyz")})
	b.SetDataCount()
	b.AddCustom("name", []byte{0, 2, 1, 'm', 1, 7, 2, 1, 1, 'f', 2, 1, 'g'})
	b.AddCustom("other", []byte("data"))
	m := b.Module()
	m.Functions[0].Body = sinkBody(func(op Opcode) bool { return op.info().feature == "" })
	m.Tables[1].Init = ConstNull(0)
	m.Types[2].Group, m.Types = 2, append(m.Types, Type{Group: -1})
	return m
}

// sinkBody has every instruction once that is wanted, each in a block of its own
// and where it can't be reached, so that it finds all operands that it asks for.
func sinkBody(wanted func(Opcode) bool) []byte {
	c := NewCode()
	each := func(op Opcode) {
		if op.Imm() == ImmInvalid || op == OpEnd || op == OpElse || !wanted(op) {
			return
		}
		for _, in := range sinkInstrs(op) {
			typ := BlockVoid
			if op == OpBrOnNonNull {
				typ = BlockOf(ExternRef)
			}
			c.Block(OpBlock, typ).Op(OpUnreachable).Instr(&in).Op(OpUnreachable)
			if imm := op.Imm(); imm == ImmBlock || imm == ImmTryTable {
				c.End().Op(OpUnreachable)
			}
			if c.End(); typ != BlockVoid {
				c.Op(OpDrop)
			}
		}
	}
	for op := Opcode(0); op < firstPrefix; op++ {
		each(op)
	}
	for prefix := firstPrefix; prefix < lastPrefix; prefix++ {
		for op := range Opcode(0x120) {
			each(prefix<<16 | op)
		}
	}
	return append(appendLocals(nil, []LocalGroup{{1, I32}, {1, RefType(0, true)}}), c.End().b...)
}

// sinkInstrs are instructions with an opcode, whose immediates fit runnableSink.
func sinkInstrs(op Opcode) []Instr {
	in := Instr{
		Op: op, Align: uint32(op.info().width), Heap: HeapFunc, From: AnyRef, To: RefType(0, false), Order: AcqRel,
		Types: []ValType{I32}, Labels: []uint32{0, 0, 0}, Handlers: []Handler{{Tag: 1}, {Switch: true, Tag: 0}},
	}
	switch op.Imm() {
	case ImmBlock:
		a, b := in, in
		in.Block, a.Block, b.Block = BlockVoid, BlockOf(RefType(0, false)), BlockType(1)
		if op == OpIf { // which has no else
			return []Instr{in}
		}
		return []Instr{in, a, b}
	case ImmTryTable:
		in.Block = BlockOf(I32)
		in.Catches = []Catch{{CatchTag, 0, 0}, {CatchAll, 0, 0}}
	case ImmBrTable:
		a := in
		a.Labels = []uint32{0}
		return []Instr{in, a}
	case ImmMemArg:
		a := in
		a.Index, a.Imm = 1, 1000
		return []Instr{in, a}
	case ImmShuffle, ImmV128:
		in.Bytes = []byte("0123456789abcdef")
		if op != OpV128Const {
			in.Bytes = make([]byte, 16)
		}
	case ImmI32:
		n := -12345
		in.Imm = uint64(n)
	case ImmI64:
		in.Imm = 1 << 60
	case ImmF32, ImmF64:
		in.Imm = 0x7fc01234
	case ImmType:
		in.Index = 2
	case ImmCallIndirect:
		in.Index, in.Index2 = 2, 1
	case ImmFunc:
		in.Index = 2
	case ImmGlobal:
		in.Index = 1
	case ImmTableInit:
		in.Index2 = 1
	case ImmCast:
		in.Heap = HeapNone.Shared()
	}
	return []Instr{in}
}
